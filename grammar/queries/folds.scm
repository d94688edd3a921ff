[
  (block)
  (code_block)
  (prose_block)
  (object)
  (array)
  (fenced_cell)
  (front_matter)
  (yaml_block)
  (comment)
] @fold
