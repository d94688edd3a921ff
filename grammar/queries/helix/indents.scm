[
  (block)
  (object)
  (array)
] @indent

[
  "}"
  "]"
] @outdent
