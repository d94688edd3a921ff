-- Moving over cells and acting on them.
local t = require("harness")

local SCRIPT = [[
DESCRIBE {
    name: "Motions"
}

PYTHON {
    first = 1
    first
}

ACTION {
    type: "log"
    message: "between"
}

JAVASCRIPT {
    const second = "}";
    second
}

PYTHON {
    third = 3
}
]]

local function keys(text)
  vim.api.nvim_feedkeys(vim.keycode(text), "xm", false)
end

local function line()
  return vim.trim(vim.api.nvim_get_current_line())
end

local function lines()
  return vim.api.nvim_buf_get_lines(0, 0, -1, false)
end

t.run(function()
  t.open_attached(SCRIPT)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  keys("]]")
  t.equal(line(), "first = 1", "]] goes to the code of the next cell")
  keys("]]")
  t.equal(line(), 'const second = "}";', "and on to the one after it")
  keys("[[")
  t.equal(line(), "first = 1", "[[ goes back")
  keys("2]]")
  t.equal(line(), "third = 3", "with a count over several")
  keys("]]")
  t.equal(line(), "third = 3", "at the last cell ]] stays")
  keys("<C-o>")
  t.equal(line(), "first = 1", "the jump list remembers where it came from")
  vim.cmd("Metascript next")
  t.equal(line(), 'const second = "}";', ":Metascript next moves as well")

  -- Text objects.
  t.cursor_on("first = 1")
  vim.fn.setreg('"', "")
  keys("yic")
  t.equal(vim.fn.getreg('"'), "    first = 1\n    first\n", "yic yanks the code")
  keys("yac")
  t.equal(
    vim.fn.getreg('"'),
    "PYTHON {\n    first = 1\n    first\n}\n",
    "yac yanks the cell with its braces"
  )
  t.cursor_on("between")
  keys("yic")
  t.equal(
    vim.fn.getreg('"'),
    '    const second = "}";\n    second\n',
    "between cells they mean the next one, and a brace in a string ends nothing"
  )
  t.cursor_on("third = 3")
  keys("vacd")
  t.lacks(table.concat(lines(), "\n"), "third", "vac selects it, d deletes it")
  keys("u")
  t.contains(table.concat(lines(), "\n"), "third", "u brings it back")
  t.cursor_on("third = 3")
  keys("cicthird = 4<Esc>")
  t.equal(vim.trim(lines()[#lines() - 1]), "third = 4", "cic replaces the code")

  -- Cells of a script that changes.
  vim.api.nvim_buf_set_lines(0, 0, 0, false, { "PYTHON {", "    zero = 0", "}", "" })
  t.equal(#require("metascript").cells(), 4, "a cell added above is counted at once")
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  keys("]]")
  t.equal(line(), "first = 1", "and the motions know it")
end)
