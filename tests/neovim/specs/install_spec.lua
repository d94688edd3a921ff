-- `:Metascript install`: the parser is compiled, and colors and folds come from it.
local t = require("harness")
local install = require("metascript.install")

local SCRIPT = [[
DESCRIBE {
    name: "Colors"
}

PYTHON {
    def double(n):
        return n * 2
}
]]

local function captures_at(needle)
  t.cursor_on(needle)
  local position = vim.api.nvim_win_get_cursor(0)
  return vim.tbl_map(function(capture)
    return capture.capture
  end, vim.treesitter.get_captures_at_pos(0, position[1] - 1, position[2]))
end

t.run(function()
  t.equal(install.parser_available(), false, "a fresh machine has no parser")
  local bufnr = t.open(SCRIPT)
  t.equal(vim.bo.syntax, "metascript", "so the syntax file is used")

  local real = vim.env.CC
  vim.env.CC = "/nowhere/cc"
  local outcome
  install.run(function(ok)
    outcome = ok
  end)
  vim.wait(5000, function()
    return outcome ~= nil
  end)
  t.equal(outcome, false, "a compiler that is not there is an error")
  t.contains(t.notified(), "could not be started", "that is told")
  vim.env.CC = real

  t.notifications = {}
  vim.cmd("Metascript install")
  t.eventually(function()
    return t.notified() ~= ""
  end, "install ends with a message")
  t.contains(t.notified(), "are installed in", "which says where")
  t.check(install.parser_available(), "the parser loads")

  local tree = vim.treesitter.get_parser(bufnr, "metascript"):parse()[1]
  t.equal(tree:root():has_error(), false, "it parses a script without errors")
  t.check(
    vim.treesitter.highlighter.active[bufnr] ~= nil,
    "open scripts are colored with it at once"
  )
  t.check(#captures_at("DESCRIBE") > 0, "block keywords are colored", captures_at("DESCRIBE"))
  t.check(#captures_at('"Colors"') > 0, "strings are colored", captures_at('"Colors"'))
  t.cursor_on("def ")
  t.contains(
    vim.fn.synIDattr(vim.fn.synID(vim.fn.line("."), vim.fn.col("."), 1), "name"),
    "python",
    "a cell whose language has no parser keeps the colors of the syntax file"
  )
  for _, query in ipairs({ "highlights", "injections", "folds" }) do
    local files = vim.treesitter.query.get_files("metascript", query)
    local ok, problem = pcall(vim.treesitter.query.get, "metascript", query)
    t.check(#files > 0 and ok, "the query `" .. query .. "` fits Neovim", problem)
  end

  vim.cmd("checkhealth metascript")
  local report = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
  t.contains(report, "the tree-sitter parser is installed", ":checkhealth sees it")
  t.contains(report, "version: metascript", "and the server's version")
  t.contains(report, "all options fit", "and the options")
  t.lacks(report, "ERROR", "and finds no error")
end)
