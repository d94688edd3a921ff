-- While a cell runs: its output streams, it can be stopped, the session can be restarted.
local t = require("harness")

local SCRIPT = [[
PYTHON {
    import time
    for step in range(40):
        print("step", step)
        until = time.monotonic() + 0.1
        while time.monotonic() < until:
            pass
    kept = "all steps done"
}

PYTHON {
    print("here we go")
    while True:
        pass
}

PYTHON {
    40 + 2
}

PYTHON {
    kept
}

JAVASCRIPT {
    for (;;) {}
}
]]

local function title()
  local row = t.screen_row("● ")
  return row and t.screen()[row] or ""
end

t.run(function()
  t.open_attached(SCRIPT)

  -- Streaming.
  t.cursor_on("step in range")
  vim.cmd("Metascript run")
  t.eventually(function()
    return t.screen_row("│ step 1") and t.screen_text():find("· running · ", 1, true)
  end, "output is seen while the cell runs", t.screen_text)
  t.contains(
    require("metascript").statusline(),
    "running python",
    "the status line tells what runs"
  )
  local before = title()
  t.eventually(function()
    return title() ~= before
  end, "the running time goes on", title)

  -- Edits while it runs.
  vim.api.nvim_buf_set_lines(0, 0, 0, false, { "// a comment", "// and another", "" })
  t.eventually(function()
    return t.screen_row("│ step 20") ~= nil
  end, "an edit above does not stop the stream", t.screen_text)
  t.check(
    (t.screen_row("kept = ") or 99) < (t.screen_row("│ step 20") or 0),
    "and the output stays under its cell",
    t.screen_text
  )
  t.sees("earlier lines", "while it runs, the latest lines are shown")
  t.settled()
  t.sees("│ step 0", "afterwards the first ones")
  t.sees("more lines (:Metascript outputs)", "and how many more there are")
  t.lacks(t.screen_text(), "stale", "an edit above a cell does not make its output stale")

  -- Interrupting.
  t.cursor_on("here we go")
  vim.cmd("Metascript run")
  t.sees("│ here we go", "an endless loop starts")
  t.sees("· running · ", "and runs")
  vim.cmd("Metascript interrupt")
  t.sees("· interrupted", "interrupt stops it")
  t.settled()
  t.cursor_on("40 + 2")
  vim.cmd("Metascript run")
  t.sees("│ 42", "and cells run again")
  t.settled()

  t.cursor_on("for (;;)")
  vim.cmd("Metascript run")
  t.sees("● javascript", "an endless loop in JavaScript runs")
  vim.cmd("Metascript interrupt")
  t.sees("✗ javascript", "and is stopped as well")
  t.settled()
  t.notifications = {}
  vim.cmd("Metascript interrupt")
  t.eventually(function()
    return t.notified():find("nothing is running", 1, true) ~= nil
  end, "with nothing to stop, interrupt says so", t.notified)

  -- Restarting.
  t.cursor_on("step in range")
  vim.cmd("Metascript run")
  t.settled()
  t.cursor_on("    kept")
  vim.api.nvim_win_set_cursor(0, { vim.fn.search("^    kept$", "wn"), 4 })
  vim.cmd("Metascript run")
  t.sees("all steps done", "a variable lives in the session")
  t.settled()
  t.notifications = {}
  vim.cmd("Metascript restart")
  t.eventually(function()
    return t.notified():find("the session was restarted", 1, true) ~= nil
  end, "restart says that it is done", t.notified)
  t.sees("stale: from an earlier session", "outputs of the old session are marked")
  vim.cmd("Metascript run")
  t.sees("NameError", "and its variables are gone")
  t.settled()
end)
