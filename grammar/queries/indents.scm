[
  (block)
  (object)
  (array)
] @indent.begin

[
  "}"
  "]"
] @indent.end @indent.branch

[
  (code)
  (prose)
  (string)
  (yaml_block)
  (comment)
  (fenced_cell)
] @indent.ignore
