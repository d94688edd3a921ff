-- Results that no longer hold: marked across languages, and run again alone.
local t = require("harness")

local SCRIPT = [[
PYTHON {
    total = 20 + 1
    print("made", total)
}

JAVASCRIPT {
    console.log("twice", total * 2);
}

PYTHON {
    print("alone")
}
]]

t.run(function()
  t.open_attached(SCRIPT)
  vim.cmd("Metascript run_all")
  t.sees("│ alone", "all cells ran")
  t.sees("│ twice 42", "and passed a variable on")
  t.settled()
  t.lacks(t.screen_text(), "stale", "all of it holds")

  t.cursor_on("total = 20")
  vim.cmd("substitute/+ 1/+ 2/")
  t.sees("stale: edited since", "the edited cell is marked")
  t.sees("stale: `total` comes from cell 0, which is stale", "and the one of another language that reads it")

  vim.cmd("Metascript run_stale")
  t.sees("│ made 22", "run_stale runs the edited cell")
  t.sees("│ twice 44", "and what reads it")
  t.settled()
  t.eventually(function()
    return not t.screen_row("stale")
  end, "then everything holds again", t.screen_text)
  t.check(t.screen_text():find("python %[3%]") ~= nil, "the cell that reads nothing of it did not run again", t.screen_text)

  t.cursor_on("total = 20")
  vim.cmd("Metascript run")
  t.sees("which has run since", "a run of a cell marks what read the one before")
end)
