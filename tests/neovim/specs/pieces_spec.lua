-- Pieces that need no server: rows of older versions, control sequences, numbers for people.
local t = require("harness")
local ansi = require("metascript.ansi")
local edits = require("metascript.edits")
local render = require("metascript.output.render")

--- What stands on a screen after text came in pieces.
local function screen_of(...)
  local screen = ansi.screen()
  for _, piece in ipairs({ ... }) do
    screen:feed(piece, "Base")
  end
  local lines = {}
  for index = 1, screen:count() do
    lines[index] = ansi.text(screen:line(index))
  end
  return lines
end

local function rows_of_older_versions()
  vim.cmd("enew")
  local bufnr = vim.api.nvim_get_current_buf()
  local function version()
    return vim.api.nvim_buf_get_changedtick(bufnr)
  end
  local function change(first, last, lines)
    vim.api.nvim_buf_set_lines(bufnr, first, last, false, lines)
  end
  local lines = {}
  for number = 0, 29 do
    lines[number + 1] = "line " .. number
  end
  change(0, -1, lines)
  edits.watch(bufnr)
  local old = version()
  t.equal({ edits.translate(bufnr, old, 10) }, { 10, false }, "without edits a row stays")
  change(0, 0, { "a", "b" })
  t.equal({ edits.translate(bufnr, old, 10) }, { 12, false }, "lines added above move it down")
  change(20, 20, { "below" })
  t.equal({ edits.translate(bufnr, old, 10) }, { 12, false }, "lines added below do not")
  change(0, 1, {})
  local middle = version()
  t.equal({ edits.translate(bufnr, old, 10) }, { 11, false }, "lines taken away above move it up")
  change(11, 12, { "changed" })
  t.equal(
    { edits.translate(bufnr, old, 10) },
    { 11, true },
    "a change of the row itself is noticed"
  )
  t.equal(
    { edits.translate(bufnr, middle, 30) },
    { 30, false },
    "later versions see later edits only"
  )
  t.equal(edits.translate(bufnr, nil, 7), 7, "without a version the row is taken as it is")

  -- Against Neovim's own bookkeeping, for many edits.
  math.randomseed(7)
  local namespace = vim.api.nvim_create_namespace("pieces")
  local start, marks = version(), {}
  local count = vim.api.nvim_buf_line_count(bufnr)
  for row = 0, count - 1 do
    marks[row] = vim.api.nvim_buf_set_extmark(bufnr, namespace, row, 0, {})
  end
  for _ = 1, 300 do
    local total = vim.api.nvim_buf_line_count(bufnr)
    local row = math.random(0, total)
    if math.random() < 0.6 or row >= total then
      change(row, row, { "new" })
    elseif vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] == "new" then
      change(row, row + 1, {})
    end
  end
  local wrong = {}
  for row, mark in pairs(marks) do
    local now = vim.api.nvim_buf_get_extmark_by_id(bufnr, namespace, mark, {})[1]
    local answer = edits.translate(bufnr, start, row)
    if now ~= answer then
      wrong[#wrong + 1] = { row = row, now = now, answer = answer }
    end
  end
  t.equal(wrong, {}, "after 300 random edits every row is where its mark is")
end

local function control_sequences()
  t.equal(screen_of("one\ntwo\n"), { "one", "two" }, "a newline at the end begins no line")
  t.equal(
    screen_of("a\r\nb\r", "\nc"),
    { "a", "b", "c" },
    "CR LF is one newline, also in two pieces"
  )
  t.equal(screen_of("10%\r", "20%\r", "done"), { "done" }, "a progress line overwrites itself")
  t.equal(screen_of("abc\8\8X"), { "aXc" }, "a backspace goes back")
  t.equal(screen_of("\27[3", "1mred\27[", "0m."), { "red." }, "a color may come in pieces")
  t.equal(screen_of("\27]0;title", "\7text"), { "text" }, "a window title is dropped")
  t.equal(screen_of("\27]8;;http://x\27\\link"), { "link" }, "so is a link")
  t.equal(screen_of("gone\27[2Khere"), { "here" }, "a line can be erased")
  t.equal(
    screen_of("\27[2J\27[1;1Htext\27[?25l"),
    { "text" },
    "the cursor's other moves are dropped"
  )
  t.equal(screen_of("a\0b\1c"), { "a^@b^Ac" }, "other control characters are made visible")
  t.equal(
    screen_of("\27[" .. ("1;"):rep(5000) .. "m", "after")[1]:sub(-5),
    "after",
    "an endless sequence ends"
  )
  t.equal(screen_of("ab\tc\n\td"), { "ab      c", "        d" }, "tabs go to the next stop")
  t.equal(screen_of("naïve 🦀\rNA"), { "NAïve 🦀" }, "wide characters are overwritten whole")

  local screen = ansi.screen()
  screen:feed("\27[1;38;5;196mx\27[48;2;1;2;3my", "Base")
  local chunks = screen:line(1)
  local first = vim.api.nvim_get_hl(0, { name = chunks[1][2] })
  t.equal({ first.fg, first.bold }, { 0xff0000, true }, "a color of the palette, in bold")
  t.equal(vim.api.nvim_get_hl(0, { name = chunks[2][2] }).bg, 0x010203, "a background of 24 bits")
  local plain = ansi.screen({ colors = false })
  plain:feed("\27[31mred", "Base")
  t.equal(plain:line(1), { { "red", "Base" } }, "colors can be left out")

  local flood = ansi.screen()
  flood:feed(("\n"):rep(60000), "Base")
  t.equal(flood:count() < 60000 and flood.dropped > 0, true, "the number of lines is bounded")
  local hostile = ansi.screen()
  hostile:feed(("xy\8"):rep(300000) .. ("\27]"):rep(100000), "Base")
  t.check(hostile:count() > 50, "a megabyte of backspaces is cut into lines", hostile:count())
  local colors = {}
  for number = 1, 3000 do
    colors[number] = ("\27[38;2;%d;%d;7mx"):format(number % 256, math.floor(number / 256))
  end
  local before = vim.tbl_count(vim.api.nvim_get_hl(0, {}))
  ansi.screen():feed(table.concat(colors), "Base")
  local added = vim.tbl_count(vim.api.nvim_get_hl(0, {})) - before
  t.check(added > 500 and added <= 1024, "so is the number of colors", added)
end

t.run(function()
  rows_of_older_versions()
  control_sequences()

  t.equal(render.duration(999), "999 µs", "microseconds")
  t.equal(render.duration(1500), "1.5 ms", "milliseconds")
  t.equal(render.duration(250000), "250 ms", "without a fraction that nobody reads")
  t.equal(render.duration(2340000), "2.3 s", "seconds")
  t.equal(render.duration(125000000), "2 min 05 s", "minutes")
end)
