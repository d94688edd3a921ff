(block) @block.outer

(block
  "{"
  .
  (_) @_start
  (_)? @_end
  .
  "}"
  (#make-range! "block.inner" @_start @_end))

(block
  keyword: (keyword) @_keyword
  (#any-of? @_keyword "FUNCTION" "TASK" "rule")) @function.outer

(code_block) @cell.outer

(code_block
  code: (code) @cell.inner)

(fenced_cell) @cell.outer

(fenced_cell
  code: (code) @cell.inner)

(property
  key: (key) @assignment.lhs
  value: (_) @assignment.rhs) @assignment.outer

(comment) @comment.outer

(array
  (_) @parameter.inner)
