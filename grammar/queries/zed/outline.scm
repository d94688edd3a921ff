(block
  keyword: (keyword) @context
  argument: (identifier)? @name) @item

(code_block
  keyword: (keyword) @name) @item

(heading
  (heading_text) @name) @item
