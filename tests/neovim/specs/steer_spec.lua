-- While a cell runs: its output streams, it can be stopped, the session can be restarted.
local t = require("harness")

local SCRIPT = [[
PYTHON {
    import time
    step = 0
    while True:
        print("step", step)
        step += 1
        until = time.monotonic() + 0.1
        while time.monotonic() < until:
            pass
}

PYTHON {
    kept = "kept for later"
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
  local row = t.screen_row("● python")
  return row and t.screen()[row] or ""
end

t.run(function()
  t.open_attached(SCRIPT)

  -- Streaming.
  t.cursor_on('print("step"')
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
  t.sees("earlier lines", "an edit above does not stop the stream; the latest lines are shown")
  local brace = vim.fn.search("^}", "wn")
  t.equal(
    vim.trim(vim.api.nvim_buf_get_lines(0, brace - 2, brace - 1, false)[1]),
    "pass",
    "the first cell ends where it should"
  )
  t.equal(
    (t.screen_row("● python") or 0) - (t.screen_row("            pass") or 0),
    2,
    "and the output is still right under it"
  )

  -- Interrupting.
  vim.cmd("Metascript interrupt")
  t.sees("· interrupted", "interrupt stops an endless loop")
  t.settled()
  t.sees("│ step 0", "afterwards the first lines are shown")
  t.sees("more lines (:Metascript outputs)", "and how many more there are")
  t.lacks(t.screen_text(), "stale", "an edit above a cell does not make its output stale")
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
  t.cursor_on("kept for later")
  vim.cmd("Metascript run")
  t.settled()
  vim.api.nvim_win_set_cursor(0, { vim.fn.search("^    kept$", "wn"), 4 })
  vim.cmd("Metascript run")
  t.sees("│ 'kept for later'", "a variable lives in the session")
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
