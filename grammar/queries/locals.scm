(source_file) @local.scope
(block) @local.scope
(arrow_function) @local.scope

(parameter) @local.definition.parameter

(block
  keyword: (keyword) @_keyword
  .
  argument: (identifier) @local.definition.var
  (#eq? @_keyword "VARIABLE"))

(block
  keyword: (keyword) @_keyword
  .
  argument: (identifier) @local.definition.function
  (#any-of? @_keyword "FUNCTION" "TASK" "rule"))

(block
  keyword: (keyword) @_keyword
  .
  argument: (identifier) @local.definition.type
  (#eq? @_keyword "AGENT"))

(property
  key: (key) @_key
  value: (string
    (string_content) @local.definition.var)
  (#any-of? @_key "output_variable" "result_variable" "item_variable" "variable"))

(variable) @local.reference
(dollar_reference) @local.reference
