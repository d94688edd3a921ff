-- The output under a cell: bounded, colored, following edits, stale, folded, yanked.
local t = require("harness")
local output = require("metascript.output")
local render = require("metascript.output.render")

local SCRIPT = [[
DESCRIBE {
    name: "Output"
}

PYTHON {
    print("alpha")
    "omega"
}

PYTHON {
    for n in range(100):
        print("row", n)
    "the end"
}

PYTHON {
    print("\x1b[31mred\x1b[0m plain \x1b]0;title\x07\x1b[2Jdone")
    print("10%\r20%\r100%")
    print("a\tb")
    print("x" * 1000)
}
]]

--- Begins a new undo step, as typing the next command does.
local function step()
  vim.o.undolevels = vim.o.undolevels
end

local function set_lines(first, last, lines)
  step()
  vim.api.nvim_buf_set_lines(0, first, last, false, lines)
end

--- The title that is drawn for a run, without the colors.
local function drawn_title(run)
  local namespace = require("metascript.output.view").namespaces.lines
  local mark = vim.api.nvim_buf_get_extmark_by_id(0, namespace, run.mark, { details = true })
  local lines = mark[3] and mark[3].virt_lines
  return lines and require("metascript.ansi").text(lines[1]) or ""
end

--- Runs the cell that holds a text, and waits until what came of it is drawn.
local function run_on(needle)
  t.cursor_on(needle)
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  local before = output.at(0, row)
  vim.cmd("Metascript run")
  vim.wait(t.PATIENCE, function()
    local run = output.at(0, row)
    if not run or run == before or not run.duration_us then
      return false
    end
    local shown = require("metascript.config").options.output.enabled
    return not shown or drawn_title(run):find(render.duration(run.duration_us), 1, true) ~= nil
  end, 20)
end

--- The row of the screen below a text that holds another, as a distance.
local function distance(from, to)
  local first, second = t.screen_row(from), t.screen_row(to)
  return first and second and second - first
end

--- The highlight groups of the chunks of a virtual line that holds a text.
local function chunks_with(text)
  local marks = vim.api.nvim_buf_get_extmarks(
    0,
    require("metascript.output.view").namespaces.lines,
    0,
    -1,
    { details = true }
  )
  for _, mark in ipairs(marks) do
    for _, line in ipairs(mark[4].virt_lines or {}) do
      for _, chunk in ipairs(line) do
        if chunk[1]:find(text, 1, true) then
          return chunk
        end
      end
    end
  end
end

--- A result with a rich form is opened in another program, where it can do nothing.
local function rich_output()
  t.open_attached(table.concat({
    "PYTHON {",
    "    class Table:",
    "        def __repr__(self): return 'a table'",
    "        def _repr_html_(self): return '<b>bold</b><script>evil()</script>'",
    "    Table()",
    "}",
  }, "\n"))
  run_on("    Table()")
  t.sees("│ a table", "a rich result is shown by its plain form")
  t.sees("[text/html: `:Metascript outputs`, then `o`, opens it]", "and its other forms are named")
  local opened
  local open = vim.ui.open
  vim.ui.open = function(path)
    opened = path
  end
  vim.cmd("Metascript outputs")
  vim.api.nvim_feedkeys("o", "xm", false)
  vim.ui.open = open
  t.check(opened and opened:find("%.html$"), "o opens it in another program", opened)
  local page = table.concat(vim.fn.readfile(opened), "\n")
  t.contains(page, "<b>bold</b>", "as it is")
  t.contains(page, "default-src 'none'", "but with every script forbidden")
  vim.api.nvim_feedkeys("q", "xm", false)
end

t.run(function()
  t.open_attached(SCRIPT)
  run_on('print("alpha")')
  t.equal(distance('"omega"', "│ alpha"), 3, "output stands under its cell")

  -- Following edits.
  set_lines(0, 0, { "// one", "// two", "// three" })
  t.equal(distance('"omega"', "│ alpha"), 3, "lines added above move it along")
  t.cursor_on('"omega"')
  step()
  vim.cmd("normal! jO    # new last line")
  t.equal(
    distance("# new last line", "│ alpha"),
    3,
    "a line added before the brace does not split them"
  )
  t.sees("stale: edited since", "an edited cell has a stale output")
  t.check(
    (t.screen()[t.screen_row("PYTHON {")] or ""):find("^○") ~= nil,
    "and a stale sign",
    t.screen_text
  )
  vim.cmd("normal! u")
  t.eventually(function()
    return not t.screen_row("stale")
  end, "undoing the edit makes it fresh", t.screen_text)
  t.cursor_on('"omega"')
  step()
  vim.cmd("normal! jo// after the cell")
  t.eventually(function()
    return distance("│ alpha", "// after the cell") == 2
  end, "a line added after the brace comes after the output", t.screen_text)
  t.lacks(t.screen_text(), "stale", "and does not touch the cell")

  -- A cell that goes, and comes back.
  step()
  t.cursor_on('print("alpha")')
  vim.cmd("normal! kd3j")
  t.eventually(function()
    return not t.screen_row("│ alpha")
  end, "deleting a cell takes its output along", t.screen_text)
  vim.cmd("normal! u")
  t.sees("│ alpha", "undo brings both back")

  -- Running again.
  t.cursor_on('print("alpha")')
  vim.cmd("substitute/alpha/beta/")
  run_on('print("beta")')
  t.sees("│ beta", "running again shows the new output")
  t.lacks(t.screen_text(), "│ alpha", "in place of the old one")
  t.lacks(t.screen_text(), "stale", "which is fresh")

  -- Long output.
  run_on("range(100)")
  t.sees("… 85 more lines (:Metascript outputs)", "long output is cut, and says by how much")
  t.sees("│ row 0", "its beginning is shown")
  t.sees("the end", "and its value")
  t.lacks(t.screen_text(), "│ row 50", "not what is between")
  vim.cmd("Metascript outputs")
  local whole = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  t.check(vim.api.nvim_win_get_config(0).relative ~= "", "outputs opens a window")
  t.equal(#whole, 101, "with everything")
  t.equal(whole[51], "row 50", "in order")
  t.equal(vim.bo.modifiable, false, "that cannot be changed by mistake")
  vim.api.nvim_feedkeys("q", "xm", false)
  t.equal(vim.api.nvim_win_get_config(0).relative, "", "q closes it")

  t.cursor_on("range(100)")
  vim.cmd("Metascript yank a")
  local yanked = vim.fn.getreg("a", 1, true)
  t.equal({ #yanked, yanked[100] }, { 101, "row 99" }, "yank takes the whole output")

  -- Folding.
  vim.cmd("Metascript fold")
  t.sees("101 lines folded", "fold leaves one line")
  t.lacks(t.screen_text(), "│ row 0", "and hides the rest")
  vim.cmd("Metascript fold")
  t.sees("│ row 0", "once more unfolds")

  -- Control sequences.
  run_on("100%")
  t.sees("│ red plain done", "control sequences are not shown")
  local red = chunks_with("red")
  t.check(red and red[2]:find("^MetascriptAnsi") ~= nil, "colors are kept", red)
  t.check(red and vim.api.nvim_get_hl(0, { name = red[2] }).fg ~= nil, "as highlight groups", red)
  local row = t.screen_row("100%") and t.screen()[t.screen_row("│ 100%") or 1] or ""
  t.lacks(row, "10%2", "a carriage return overwrites")
  t.sees("│ a       b", "tabs are spaces")
  local long = chunks_with("xxxx")
  t.equal(vim.fn.strchars(long and long[1] or ""), 401, "a very long line is cut")

  -- Clearing.
  vim.cmd("Metascript clear")
  t.lacks(t.screen_text(), "red plain", "clear takes the output under the cursor away")
  t.check(t.screen_row("│ beta") ~= nil, "and no other")
  t.notifications = {}
  vim.cmd("Metascript outputs")
  t.contains(t.notified(), "no output here", "with no output, outputs says so")
  vim.cmd("Metascript! clear")
  t.equal(output.all(0), {}, "clear! takes all away")

  -- Reading the file anew.
  run_on('print("beta")')
  vim.cmd("silent write")
  vim.cmd("silent edit!")
  t.eventually(function()
    return not t.screen_row("│ beta")
  end, "reading the file anew drops the outputs", t.screen_text)
  t.eventually(function()
    return t.client() and t.client().initialized
  end, "the server stays attached")
  run_on('print("beta")')
  t.sees("│ beta", "and cells run again")

  rich_output()
  vim.cmd("buffer #")

  -- Other options.
  require("metascript").setup({
    server = require("real_server"),
    output = { max_lines = 3, colors = false },
  })
  run_on("100%")
  local plain = chunks_with("red")
  t.equal(plain and plain[2], "MetascriptStdout", "colors = false strips colors")
  t.sees("… 1 more line (", "max_lines bounds the output")
  require("metascript").setup({
    server = require("real_server"),
    output = { enabled = false },
  })
  vim.cmd("Metascript! clear")
  run_on("100%")
  t.equal(chunks_with("red"), nil, "output.enabled = false shows none")
  vim.cmd("Metascript outputs")
  t.contains(vim.api.nvim_buf_get_lines(0, 0, 1, false)[1], "red plain", "but keeps it for outputs")
end)
