; Later patterns win over earlier ones.

(comment) @comment
(unclosed_comment) @comment
(shebang) @keyword.directive
(directive) @keyword.directive
(front_matter) @comment.documentation

(keyword) @keyword

((keyword) @keyword.conditional
  (#any-of? @keyword.conditional
    "IF" "ELSE" "ELSE IF" "ELIF" "THEN" "END" "if" "else"))

((keyword) @keyword.repeat
  (#any-of? @keyword.repeat "FOR" "FOREACH" "WHILE" "LOOP" "REPEAT"))

((keyword) @keyword.exception
  (#any-of? @keyword.exception "TRY" "CATCH"))

((keyword) @keyword.return
  (#eq? @keyword.return "RETURN"))

((keyword) @keyword.function
  (#any-of? @keyword.function "FUNCTION" "rule"))

((keyword) @keyword.import
  (#any-of? @keyword.import "IMPORT" "INCLUDE" "EXPORT"))

(block
  argument: (identifier) @variable)

(block
  keyword: (keyword) @_keyword
  .
  argument: (identifier) @function
  (#any-of? @_keyword "FUNCTION" "rule" "TASK"))

(block
  keyword: (keyword) @_keyword
  .
  argument: (identifier) @type
  (#any-of? @_keyword "AGENT" "CLOSURE" "PATTERN"))

(command
  argument: (identifier) @variable)

(edge
  (identifier) @label)

(attribute
  name: (identifier) @attribute)

(operator) @operator
(head_number) @number

(key) @property
(number) @number
(quantity) @number
(boolean) @boolean
(null) @constant.builtin
(bare_text) @string
(yaml_block) @string
(dollar_reference) @variable
(spread) @variable

(string) @string
(string_content) @string
(unclosed_string) @string
(escape_sequence) @string.escape
(template) @string.special
(prose) @markup
(text) @markup

(interpolation
  "${" @punctuation.special
  "}" @punctuation.special)

(variable) @variable
(property_name) @property
(parameter) @variable.parameter
(number_literal) @number
(string_literal) @string
(template_string) @string
(boolean_literal) @boolean
(null_literal) @constant.builtin
(call_expression
  function: (variable) @function.call)
(call_expression
  function: (member_expression
    property: (property_name) @function.method.call))
(unary_expression
  operator: _ @operator)
(binary_expression
  operator: _ @operator)
(ternary_expression
  [
    "?"
    ":"
  ] @keyword.conditional.ternary)
(opaque_expression) @embedded

(heading) @markup.heading
(heading_marker) @punctuation.special
(paragraph) @markup
(fence_open) @punctuation.delimiter
(fence_close) @punctuation.delimiter
(fence_language) @label

[
  "{"
  "}"
  "["
  "]"
  "("
  ")"
] @punctuation.bracket

[
  ","
  ";"
  ":"
] @punctuation.delimiter

[
  "="
  "->"
  "=>"
  "+"
] @operator

[
  (wrong_close)
  (stray_close)
  (invalid_expression)
  (trailing_text)
] @error
