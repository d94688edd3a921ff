-- The packed plugin with the packed server: the parser compiles, a cell runs.
local t = require("harness")

t.run(function()
  local root = require("metascript.install").plugin_root()
  t.contains(root, "/pack/metascript/start/metascript.nvim", "the plugin is the packed one")
  t.contains(
    require("metascript.install").grammar_path() or "",
    root,
    "it brings the grammar that it compiles"
  )
  t.open_attached("PYTHON {\n    print('from the package', 6 * 7)\n}\n")
  t.cursor_on("print")
  require("metascript").run()
  t.sees("from the package 42", "a cell runs and shows its output")
end)
