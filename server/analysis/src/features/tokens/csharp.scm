; Highlights of C# cells. The grammar's crate carries no query of its own.
(comment) @comment
(string_literal) @string
(verbatim_string_literal) @string
(raw_string_literal) @string
(interpolated_string_expression) @string
(character_literal) @string
(integer_literal) @number
(real_literal) @number
(boolean_literal) @boolean
(null_literal) @constant.builtin
(predefined_type) @type
(implicit_type) @keyword
(identifier) @variable
(parameter name: (identifier) @variable.parameter)
(method_declaration name: (identifier) @function)
(local_function_statement name: (identifier) @function)
(invocation_expression function: (identifier) @function)
(invocation_expression function: (member_access_expression name: (identifier) @function))
(class_declaration name: (identifier) @type)
["class" "using" "new" "return" "if" "else" "for" "foreach" "while" "do" "in" "await" "async" "try" "catch" "finally" "throw" "public" "private" "static"] @keyword
