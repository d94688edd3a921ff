(block "}" @end) @indent
(object "}" @end) @indent
(array "]" @end) @indent
