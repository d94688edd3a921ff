; The code of cells, each in its language.

((code_block
  keyword: (keyword) @_keyword
  code: (code) @injection.content)
  (#any-of? @_keyword "FSHARP" "fsharp" "FSharp" "F#" "f#")
  (#set! injection.language "fsharp"))

((code_block
  keyword: (keyword) @_keyword
  code: (code) @injection.content)
  (#any-of? @_keyword "CSHARP" "csharp" "CSharp" "C#" "c#")
  (#set! injection.language "c_sharp"))

((code_block
  keyword: (keyword) @_keyword
  code: (code) @injection.content)
  (#any-of? @_keyword "PYTHON" "python" "Python")
  (#set! injection.language "python"))

((code_block
  keyword: (keyword) @_keyword
  code: (code) @injection.content)
  (#any-of? @_keyword "JAVASCRIPT" "javascript" "JavaScript")
  (#set! injection.language "javascript"))

((code_block
  keyword: (keyword) @_keyword
  code: (code) @injection.content)
  (#any-of? @_keyword "TYPESCRIPT" "typescript" "TypeScript")
  (#set! injection.language "typescript"))

((code_block
  keyword: (keyword) @_keyword
  code: (code) @injection.content)
  (#any-of? @_keyword "RUST" "rust" "Rust")
  (#set! injection.language "rust"))

((code_block
  keyword: (keyword) @_keyword
  code: (code) @injection.content)
  (#any-of? @_keyword "SQL" "sql" "Sql")
  (#set! injection.language "sql"))

((code_block
  keyword: (keyword) @_keyword
  code: (code) @injection.content)
  (#any-of? @_keyword "BASH" "bash" "Bash" "SHELL" "shell" "Shell")
  (#set! injection.language "bash"))

((code_block
  keyword: (keyword) @_keyword
  code: (code) @injection.content)
  (#any-of? @_keyword "POWERSHELL" "powershell" "PowerShell" "PWSH" "pwsh")
  (#set! injection.language "powershell"))

((code_block
  keyword: (keyword) @_keyword
  code: (code) @injection.content)
  (#any-of? @_keyword "CUDA" "cuda" "Cuda")
  (#set! injection.language "cuda"))

((code_block
  keyword: (keyword) @_keyword
  code: (code) @injection.content)
  (#any-of? @_keyword "JULIA" "julia" "Julia")
  (#set! injection.language "julia"))

; LANG("PYTHON") { ... }
((code_block
  keyword: (keyword)
  (argument_list
    (string
      (string_content) @injection.language))
  code: (code) @injection.content))

; Fences: ```python
((fenced_cell
  language: (fence_language) @_language
  code: (code) @injection.content)
  (#any-of? @_language "f#" "F#" "fs" "fsx")
  (#set! injection.language "fsharp"))

((fenced_cell
  language: (fence_language) @_language
  code: (code) @injection.content)
  (#any-of? @_language "csharp" "c#" "C#" "cs")
  (#set! injection.language "c_sharp"))

((fenced_cell
  language: (fence_language) @injection.language
  code: (code) @injection.content)
  (#not-any-of? @injection.language "f#" "F#" "fs" "fsx" "csharp" "c#" "C#" "cs"))

((front_matter) @injection.content
  (#set! injection.language "yaml"))

((yaml_text) @injection.content
  (#set! injection.language "yaml"))

((xml_text) @injection.content
  (#set! injection.language "xml"))

((json_text) @injection.content
  (#set! injection.language "json"))

((fsharp_text) @injection.content
  (#set! injection.language "fsharp"))

((paragraph) @injection.content
  (#set! injection.language "markdown_inline"))

((opaque_expression) @injection.content
  (#set! injection.language "javascript"))
