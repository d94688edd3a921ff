(block) @class.around

(block
  keyword: (keyword) @_keyword
  (#any-of? @_keyword "FUNCTION" "TASK" "rule")) @function.around

(code_block
  code: (code) @function.inside) @function.around

(fenced_cell
  code: (code) @function.inside) @function.around

(property
  value: (_) @entry.inside) @entry.around

(comment) @comment.around
