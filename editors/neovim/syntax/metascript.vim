" Fallback for when the tree-sitter parser is not installed.
if exists("b:current_syntax")
  finish
endif

syn case match

" Properties and values.
syn match metascriptProperty /\<\h\w*\ze\s*[:=]\%([^:=]\|$\)/
syn match metascriptNumber /\<-\?\d\+\%(\.\d\+\)\?\%([eE][-+]\?\d\+\)\?\%(ms\|s\|m\|h\)\?\>/
syn keyword metascriptBoolean true false
syn keyword metascriptNull null

" Blocks: a word or a name before an opening brace at the end of a line.
syn match metascriptBlock /^\s*\zs\h[A-Za-z0-9_#]*\ze\%(\s*([^)]*)\)\?\%(\s\+[^{}:]*\)\?\s*{/ nextgroup=metascriptName skipwhite
syn match metascriptName /\h\w*/ contained

" Strings with interpolation.
syn region metascriptInterpolation matchgroup=metascriptDelimiter start=/\${/ end=/}/ contained contains=metascriptString,metascriptNumber
syn match metascriptEscape /\\./ contained
syn region metascriptString start=/"/ skip=/\\./ end=/"/ contains=metascriptInterpolation,metascriptEscape
syn region metascriptString start=/"""/ end=/"""/ contains=metascriptInterpolation
syn region metascriptString start=/`/ skip=/\\./ end=/`/ contains=metascriptInterpolation,metascriptEscape

syn match metascriptComment /\%(^\|\s\)\zs\/\/.*/ contains=@Spell
syn match metascriptComment /\%(^\|\s\)\zs#.*/ contains=@Spell
syn region metascriptComment start=/\/\*/ end=/\*\// contains=@Spell

" Code cells: up to the brace that closes at the header's indentation.
function! s:Cell(group, file, words) abort
  if empty(globpath(&runtimepath, 'syntax/' .. a:file .. '.vim'))
    return
  endif
  unlet! b:current_syntax
  execute 'syn include @metascript' .. a:group 'syntax/' .. a:file .. '.vim'
  let l:word = '\%(' .. join(a:words, '\|') .. '\)'
  let l:header = l:word .. '\%(\s*([^)]*)\)\?\|LANG\s*(\s*"\c' .. l:word .. '"\s*)'
  execute 'syn region metascriptCell matchgroup=metascriptBlock keepend'
        \ 'start=/^\z(\s*\)\%(' .. l:header .. '\)\s*{\s*$/ end=/^\z1}/'
        \ 'contains=@metascript' .. a:group
endfunction

call s:Cell('Python', 'python', ['PYTHON', 'Python', 'python'])
call s:Cell('JavaScript', 'javascript', ['JAVASCRIPT', 'JavaScript', 'javascript', 'JS'])
call s:Cell('FSharp', 'fsharp', ['FSHARP', 'F#'])
call s:Cell('Sql', 'sql', ['SQL'])
call s:Cell('Shell', 'sh', ['BASH', 'SHELL'])
delfunction s:Cell

syn sync minlines=200

hi def link metascriptBlock Keyword
hi def link metascriptName Identifier
hi def link metascriptProperty @property
hi def link metascriptNumber Number
hi def link metascriptBoolean Boolean
hi def link metascriptNull Constant
hi def link metascriptString String
hi def link metascriptEscape SpecialChar
hi def link metascriptInterpolation Special
hi def link metascriptDelimiter Delimiter
hi def link metascriptComment Comment

let b:current_syntax = "metascript"
