-- Limits and trust, as the options set them.
local t = require("harness")

local function setup(run)
  for _, client in ipairs(vim.lsp.get_clients()) do
    client:stop()
  end
  vim.wait(5000, function()
    return #vim.lsp.get_clients() == 0
  end, 20)
  require("metascript").setup({ server = require("real_server"), run = run })
end

t.run(function()
  setup({ time_limit_ms = 1500 })
  t.open_attached("PYTHON {\n    while True:\n        pass\n}\n\nPYTHON {\n    6 * 7\n}")
  t.cursor_on("while True")
  vim.cmd("Metascript run")
  t.sees("stopped at its time limit", "an endless loop ends at the time limit of the options")
  t.settled()
  t.cursor_on("6 * 7")
  vim.cmd("Metascript run")
  t.sees("│ 42", "and the session is usable afterwards")
  t.settled()

  local asked
  setup({
    enabled = function(root)
      asked = { root = root }
      return false
    end,
  })
  t.open_attached("PYTHON {\n    1 + 1\n}")
  t.check(asked ~= nil, "the workspace is asked about")
  t.equal(#require("metascript").cells(), 1, "a workspace without trust shows its cells")
  t.cursor_on("1 + 1")
  t.notifications = {}
  vim.cmd("Metascript run")
  t.eventually(function()
    return t.notified() ~= ""
  end, "but running one is refused with a message")
  t.equal(#require("metascript.output").all(0), 0, "and nothing ran")
end)
