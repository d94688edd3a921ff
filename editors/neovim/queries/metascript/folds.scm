; What folds when 'foldexpr' is v:lua.vim.treesitter.foldexpr().
[
  (block)
  (code_block)
  (prose_block)
  (fenced_cell)
  (object)
  (array)
] @fold
