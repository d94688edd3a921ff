-- Running cells: what stands on the screen under them.
local t = require("harness")

local SCRIPT = [[
DESCRIBE {
    name: "Shared numbers"
}

PYTHON {
    numbers = [1, 2, 3]
    print("the sum is", sum(numbers))
    max(numbers) * 100
}

JAVASCRIPT {
    console.log("from", "JavaScript");
    [1, 2, 3].map(n => n * 2).join("-")
}

PYTHON {
    numbers.append(39)
    sum(numbers)
}

PYTHON {
    import sys
    sys.stderr.write("careful\n")
    1 / 0
}

PYTHON {
    "never reached"
}
]]

--- The text between two lines of the screen, by what they hold.
local function below(needle, count)
  local lines = t.screen()
  for row, line in ipairs(lines) do
    if line:find(needle, 1, true) then
      return vim.list_slice(lines, row + 1, row + count)
    end
  end
  return {}
end

local function sign_of(needle)
  local row = t.screen_row(needle)
  return row and t.screen()[row]:match("^[^ ]+") or nil
end

t.run(function()
  local bufnr = t.open_attached(SCRIPT)
  local finished = {}
  vim.api.nvim_create_autocmd("User", {
    pattern = "MetascriptCellFinished",
    callback = function(event)
      finished[#finished + 1] = event.data.status
    end,
  })

  -- Python.
  t.cursor_on("max(numbers)")
  vim.cmd("Metascript run")
  t.sees("│ the sum is 6", "what a Python cell prints is under it")
  t.sees("│ 300", "so is the value of its last expression")
  t.settled()
  t.sees("✓ python [1] · ", "the line above says that it went well")
  local shown = below("max(numbers)", 4)
  t.contains(shown[2] or "", "✓ python", "the output begins right under the closing brace")
  t.contains(shown[3] or "", "the sum is 6", "in the order in which it came")
  t.contains(shown[4] or "", "300", "with the value at the end")
  t.check(shown[2] and shown[2]:match("· [%d.]+ [µm]?s"), "the running time is shown", shown[2])
  t.equal(sign_of("PYTHON {"), "✓", "a sign beside the header says it too")
  t.equal(finished, { "ok" }, "an event tells other plugins")

  -- JavaScript.
  t.cursor_on("console.log")
  vim.cmd("Metascript run")
  t.sees("│ from JavaScript", "what a JavaScript cell prints is under it")
  t.sees("2-4-6", "with its value")
  t.settled()
  t.sees("✓ javascript [2]", "and its title")
  t.check(t.screen_row("the sum is 6") ~= nil, "the other output stays")

  -- The session.
  t.cursor_on("numbers.append")
  vim.cmd("Metascript run_and_next")
  t.sees("│ 45", "a cell sees the variables of one that ran before")
  t.contains(vim.api.nvim_get_current_line(), "import sys", "run_and_next moves to the next cell")
  t.settled()

  -- A failure.
  vim.cmd("Metascript run")
  t.sees("│ careful", "standard error is shown")
  t.sees("ZeroDivisionError", "the error is shown")
  t.settled()
  t.sees("· failed", "the title says that the cell failed")
  local failing = vim.fn.search("1 / 0", "wn")
  t.sees("◀ ZeroDivisionError", "the line that failed is marked")
  t.sees("line " .. failing, "the traceback names the line of the script")
  t.equal(finished[#finished], "failed", "the event says so")

  -- All, up to the first failure.
  t.notifications = {}
  vim.cmd("Metascript! clear")
  t.equal(t.screen_row("│"), nil, "clear takes all outputs away")
  vim.cmd("Metascript run_all")
  t.sees("ZeroDivisionError", "run_all runs the cells")
  t.settled()
  local statuses = vim.tbl_map(function(run)
    return run.status
  end, require("metascript.output").all(bufnr))
  t.equal(
    { statuses[4], statuses[5] },
    { "failed", "skipped" },
    "and stops at the first that fails"
  )
  t.sees("· not run", "the cell after it says that it was not run")
  t.lacks(t.screen_text(), "│ 'never reached'", "so the one after it did not run")

  vim.cmd("Metascript! clear")
  t.cursor_on("numbers.append")
  vim.cmd("Metascript run_above")
  t.sees("2-4-6", "run_above runs the cells above")
  t.settled()
  t.equal(#require("metascript.output").all(bufnr), 2, "and only those")

  -- A code lens.
  vim.cmd("Metascript! clear")
  vim.api.nvim_win_set_cursor(0, { vim.fn.search("^JAVASCRIPT", "wn"), 0 })
  vim.ui.select = function(items, _, choose)
    choose(vim.iter(items):find(function(item)
      return item.lens.command.title:find("Run cell", 1, true) ~= nil
    end))
  end
  vim.lsp.codelens.run()
  t.sees("│ from JavaScript", "choosing the lens runs its cell")
  t.settled()

  -- Requests that make no sense.
  t.notifications = {}
  t.cursor_on("Shared numbers")
  vim.cmd("Metascript run")
  t.eventually(function()
    return t.notified():find("cell", 1, true) ~= nil
  end, "outside a cell, run says that there is none", t.notified)
end)
