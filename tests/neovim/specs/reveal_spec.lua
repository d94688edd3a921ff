-- Output is brought into view: below the last line of a window it would not be seen.
local t = require("harness")

t.run(function()
  local lines = {}
  for number = 1, 100 do
    lines[number] = "// line " .. number
  end
  vim.list_extend(lines, { "PYTHON {", "    for n in range(5):", "        print('row', n)", "}" })
  t.open_attached(table.concat(lines, "\n"))
  t.cursor_on("print('row'")
  vim.cmd("normal! zb")
  t.equal(t.screen_row("print('row'"), vim.o.lines - 2, "the cell is at the end of the window")
  vim.cmd("Metascript run")
  t.sees("│ row 4", "its output is scrolled into view")
  t.settled()
  t.contains(vim.api.nvim_get_current_line(), "print('row'", "and the cursor stays")

  -- Elsewhere nothing moves.
  vim.cmd("normal! gg")
  local view = vim.fn.winsaveview()
  local client = t.client()
  require("metascript.client").execute(
    client,
    0,
    "metascript.runAll",
    { uri = vim.uri_from_bufnr(0) }
  )
  vim.wait(t.PATIENCE, function()
    local run = require("metascript.output").at(0, 101)
    return run and run.run == 2 and run.duration_us ~= nil
  end, 20)
  vim.wait(60)
  t.equal(vim.fn.winsaveview(), view, "with the cursor elsewhere the window stays")
end)
