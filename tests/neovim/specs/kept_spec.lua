-- Results that outlive the session, and cells that run when the script is saved.
local t = require("harness")

local SCRIPT = "PYTHON {\n    print('first')\n}\n\nPYTHON {\n    40 + 2\n}"

local function restart()
  for _, client in ipairs(vim.lsp.get_clients()) do
    client:stop()
  end
  vim.wait(10000, function()
    return #vim.lsp.get_clients() == 0
  end, 20)
end

t.run(function()
  require("metascript").setup({
    server = require("real_server"),
    run = { on_save = true },
    output = { keep = true },
  })
  t.open_attached(SCRIPT)
  local path = vim.api.nvim_buf_get_name(0)
  vim.cmd.write()
  t.sees("│ first", "saving runs the cells that have not run")
  t.sees("│ 42", "all of them")
  t.settled()
  vim.cmd.bdelete()
  restart()

  -- A cell above the others, and an edit in the last one.
  local edited = "PYTHON {\n    0\n}\n\n" .. SCRIPT:gsub("40 %+ 2", "40 + 3")
  vim.fn.writefile(vim.split(edited, "\n", { plain = true }), path)
  vim.cmd.edit(vim.fn.fnameescape(path))
  t.sees("│ first", "what was kept is shown when the script is opened again")
  t.sees("│ 42", "also where the cell was edited since")
  local runs = require("metascript.output").all(0)
  t.equal(#runs, 2, "the cell that never ran has no result")
  t.equal(runs[1].stale, "session", "a result of another session says so")
  t.equal(runs[2].stale, "edited", "and so does one of other code")

  vim.cmd("Metascript! clear")
  local kept = vim.fs.joinpath(vim.fs.dirname(path), ".metascript/outputs/script.tars.json")
  t.eventually(function()
    return not vim.uv.fs_stat(kept)
  end, "clearing forgets them for good")
end)
