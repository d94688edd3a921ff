/**
 * The grammar of metascripts.
 *
 * It is total: every text parses without an ERROR or MISSING node. What a line is (a property, a
 * block, a command, prose ...) is decided by the external scanner with a bounded look ahead
 * (`src/scanner.c`), and what is wrong has nodes of its own (`unclosed_string`, `missing_close`,
 * `wrong_close`, `stray_close`, `missing_value`, `invalid_expression`, `unclosed_comment`). That keeps
 * errors local and makes an incremental parse equal to a parse from scratch, which the parser's own
 * error recovery does not promise. For the same reason there are no conflicts.
 */

/** One form of string: its opening and closing token and the token of the text between. */
const string = ($, open, content, close) =>
  seq(
    open,
    repeat(choice(alias(content, $.string_content), $.escape_sequence, $.interpolation, $.template)),
    choice(close, $.missing_close),
  );

module.exports = grammar({
  name: 'metascript',

  // The order is that of `enum TokenType` in src/scanner.c.
  externals: $ => [
    $._brace_document,
    $._literate_document,
    $.xml_text,
    $.json_text,
    $.yaml_text,
    $.fsharp_text,
    $.plain_text,
    $.front_matter,
    $.shebang,
    $.directive,
    $.comment,
    $.unclosed_comment,
    $._key,
    $._keyword,
    $._code_keyword,
    $._prose_keyword,
    $._edge_keyword,
    $._command_keyword,
    $.spread,
    $.text,
    $._text_head,
    $._line_end,
    $.identifier,
    $.head_number,
    $.operator,
    $.number,
    $.quantity,
    $.boolean,
    $.null,
    $.dollar_reference,
    $._bare_chunk,
    $._bare_more,
    $._operand_text,
    $.yaml_block,
    $._empty_value,
    $.missing_value,
    $.trailing_text,
    $._plus,
    $._line_string_open,
    $._line_string_content,
    $._line_string_close,
    $._long_string_open,
    $._long_string_content,
    $._long_string_close,
    $._triple_string_open,
    $._triple_string_content,
    $._triple_string_close,
    $._triple_single_open,
    $._triple_single_content,
    $._triple_single_close,
    $._backtick_open,
    $._backtick_content,
    $._backtick_close,
    $._single_string_open,
    $._single_string_content,
    $._single_string_close,
    $._unclosed_open,
    $._unclosed_text,
    $.escape_sequence,
    $._interpolation_open,
    $._raw_interpolation_open,
    $.opaque_expression,
    $.invalid_expression,
    $._arrow_parameters,
    $.template,
    $.code,
    $._heading_mark,
    $.heading_text,
    $.paragraph,
    $.fence_open,
    $.fence_language,
    $._fence_info_end,
    $._fenced_code,
    $.fence_close,
    $.unclosed_fence,
    $.missing_close,
    $.wrong_close,
    $.stray_close,
    $._section_more,
    $._section_end,
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    ',',
    ';',
    ':',
    '=',
    '->',
    $._error_sentinel,
  ],

  extras: $ => [/[ \t\r\n\f\v\u00A0\u200B\u2060\uFEFF]/, $.comment, $.unclosed_comment],

  supertypes: $ => [$._expression],

  inline: $ => [$._separator, $._block_close, $._element_close],

  rules: {
    source_file: $ => choice(
      seq($._brace_document, optional($.shebang), optional($.front_matter), repeat($._section)),
      seq($._literate_document, optional($.shebang), optional($.front_matter), repeat($._literate_section)),
      $.foreign_document,
    ),

    foreign_document: $ => choice($.xml_text, $.json_text, $.yaml_text, $.fsharp_text, $.plain_text),

    // The items of a document lie in invisible sections of about 32 items, whose borders the scanner draws by
    // what the text says there (content-defined chunking). tree-sitter uses a section as a whole again after an
    // edit elsewhere; the nodes of a plain `repeat` it takes apart to its items, so that each keystroke would
    // cost time in proportion to the length of the file.
    _section: $ => seq(
      $._item_or_stray,
      repeat(seq(optional($._section_more), $._item_or_stray)),
      $._section_end,
    ),
    _literate_section: $ => seq(
      $._literate_item,
      repeat(seq(optional($._section_more), $._literate_item)),
      $._section_end,
    ),

    // ---- literate documents ----------------------------------------------------------------
    _literate_item: $ => choice($.heading, $.paragraph, $.fenced_cell),

    heading: $ => seq(alias($._heading_mark, $.heading_marker), optional($.heading_text)),

    fenced_cell: $ => seq(
      field('open', $.fence_open),
      optional(field('language', $.fence_language)),
      repeat($._head_argument),
      $._fence_info_end,
      optional(field('code', alias($._fenced_code, $.code))),
      choice(field('close', $.fence_close), $.unclosed_fence),
    ),

    // ---- brace documents -------------------------------------------------------------------
    _item_or_stray: $ => choice($._item, $.stray_close),

    _item: $ => choice(
      $.property,
      $.block,
      $.code_block,
      $.prose_block,
      $.edge,
      $.command,
      $.spread,
      $.directive,
      $.fenced_cell,
      $.text,
      $._item_value,
      $._separator,
    ),

    _separator: $ => choice(',', ';'),

    // A value that stands alone, without a key.
    _item_value: $ => choice($.string, $.unclosed_string, $.array, $.object, $.interpolation, $.template),

    _block_close: $ => choice('}', $.missing_close, $.wrong_close),
    _element_close: $ => choice('}', $.missing_close),

    property: $ => seq(
      field('key', alias($._property_key, $.key)),
      field('operator', choice(':', '=')),
      choice($._empty_value, seq(field('value', $._value), optional($.trailing_text))),
    ),

    _property_key: $ => choice($._key, $.string),

    block: $ => seq(
      choice(
        seq(field('keyword', alias($._keyword, $.keyword)), repeat($._head_argument)),
        field('keyword', alias($._text_head, $.text)),
      ),
      choice(seq('{', repeat($._item), $._block_close), $.missing_close),
    ),

    code_block: $ => seq(
      field('keyword', alias($._code_keyword, $.keyword)),
      repeat($._head_argument),
      choice(
        seq(
          '{',
          optional(field('code', $.code)),
          repeat(choice($.property, $._separator)),
          choice('}', $.missing_close),
        ),
        $.missing_close,
      ),
    ),

    prose_block: $ => seq(
      field('keyword', alias($._prose_keyword, $.keyword)),
      repeat($._head_argument),
      choice(
        seq('{', optional(field('text', alias($.code, $.prose))), choice('}', $.missing_close)),
        $.missing_close,
      ),
    ),

    _head_argument: $ => choice(
      field('argument', $.identifier),
      $.attribute,
      $.argument_list,
      $.string,
      $.head_number,
      $.operator,
      $.template,
      $.interpolation,
    ),

    attribute: $ => prec.right(seq(
      field('name', $.identifier),
      '=',
      optional(field('value', choice($.string, $.identifier, $.head_number))),
    )),

    argument_list: $ => seq('(', repeat(choice($._head_argument, ',')), choice(')', $.missing_close)),

    edge: $ => seq(
      alias($._edge_keyword, $.keyword),
      field('from', choice($.identifier, $.string)),
      '->',
      field('to', choice($.identifier, $.string)),
      $._line_end,
    ),

    command: $ => seq(
      field('keyword', alias($._command_keyword, $.keyword)),
      repeat(choice($._head_argument, ',')),
      $._line_end,
    ),

    // ---- values ----------------------------------------------------------------------------
    _value: $ => choice(
      $._scalar,
      $.concatenation,
      $.bare_text,
      $.array,
      $.object,
      $.yaml_block,
      $.block,
      $.code_block,
      $.prose_block,
    ),

    _scalar: $ => choice(
      $.string,
      $.unclosed_string,
      $.number,
      $.quantity,
      $.boolean,
      $.null,
      $.dollar_reference,
      $.interpolation,
      $.template,
    ),

    concatenation: $ => prec.right(seq($.string, repeat1(seq(alias($._plus, '+'), $._operand)))),
    _operand: $ => choice(
      $.string,
      $.unclosed_string,
      $.interpolation,
      $.template,
      alias($._operand_text, $.bare_text),
      $.missing_value,
    ),

    bare_text: $ => prec.right(1, choice(
      seq($._bare_chunk, repeat($._bare_part)),
      seq(choice($.interpolation, $.template), repeat1($._bare_part)),
    )),
    _bare_part: $ => choice($._bare_more, $.interpolation, $.template),

    object: $ => seq('{', repeat($._item), $._block_close),
    _element_object: $ => seq('{', repeat($._item), $._element_close),

    array: $ => seq('[', repeat(choice($._element, $._separator)), choice(']', $.missing_close)),

    _element: $ => choice(
      $.property,
      $.string,
      $.unclosed_string,
      $.number,
      $.quantity,
      $.boolean,
      $.null,
      $.dollar_reference,
      $.bare_text,
      $.interpolation,
      $.template,
      $.array,
      alias($._element_object, $.object),
      $.block,
      $.code_block,
      $.prose_block,
      $.spread,
    ),

    string: $ => choice(
      string($, alias($._line_string_open, '"'), $._line_string_content, alias($._line_string_close, '"')),
      string($, alias($._long_string_open, '"'), $._long_string_content, alias($._long_string_close, '"')),
      string($, alias($._triple_string_open, '"""'), $._triple_string_content, alias($._triple_string_close, '"""')),
      string($, alias($._triple_single_open, "'''"), $._triple_single_content, alias($._triple_single_close, "'''")),
      string($, alias($._backtick_open, '`'), $._backtick_content, alias($._backtick_close, '`')),
      string($, alias($._single_string_open, "'"), $._single_string_content, alias($._single_string_close, "'")),
    ),

    unclosed_string: $ => seq($._unclosed_open, optional($._unclosed_text)),

    interpolation: $ => choice(
      seq(alias($._interpolation_open, '${'), field('expression', $._expression), '}'),
      seq(alias($._raw_interpolation_open, '${'), field('expression', choice($.opaque_expression, $.invalid_expression)), '}'),
    ),

    // ---- expressions -----------------------------------------------------------------------
    // The scanner lets an expression in only when its own recogniser has read it to the end, so these
    // rules never meet a text that they do not derive.
    _expression: $ => choice(
      $.variable,
      $.number_literal,
      $.string_literal,
      $.boolean_literal,
      $.null_literal,
      $.template_string,
      $.parenthesized_expression,
      $.member_expression,
      $.index_expression,
      $.call_expression,
      $.new_expression,
      $.unary_expression,
      $.binary_expression,
      $.ternary_expression,
      $.arrow_function,
      $.array_expression,
      $.object_expression,
    ),

    variable: _ => token(/[\p{ID_Start}_$][\p{ID_Continue}_$]*/),
    number_literal: _ => token(/\d+(\.\d+)?([eE][+-]?\d+)?/),
    string_literal: _ => token(choice(/"([^"\\\n]|\\[^\n])*"/, /'([^'\\\n]|\\[^\n])*'/)),
    boolean_literal: _ => choice('true', 'false'),
    null_literal: _ => choice('null', 'undefined'),

    template_string: $ => string($, alias($._backtick_open, '`'), $._backtick_content, alias($._backtick_close, '`')),

    parenthesized_expression: $ => seq('(', $._expression, ')'),

    member_expression: $ => prec(16, seq(
      field('object', $._expression),
      choice('.', '?.'),
      field('property', alias($.variable, $.property_name)),
    )),

    index_expression: $ => prec(16, seq(field('object', $._expression), '[', field('index', $._expression), ']')),

    call_expression: $ => prec(16, seq(field('function', $._expression), field('arguments', $.arguments))),

    arguments: $ => seq('(', optional(seq($._argument, repeat(seq(',', $._argument)))), ')'),

    _argument: $ => choice($._expression, $.spread_expression),
    spread_expression: $ => seq('...', $._expression),

    new_expression: $ => prec.right(15, seq('new', $._expression)),

    unary_expression: $ => prec(14, seq(field('operator', choice('!', '-', '+', 'typeof')), field('operand', $._expression))),

    binary_expression: $ => choice(
      ...[
        [['*', '/', '%'], 12],
        [['+', '-'], 11],
        [['<', '>', '<=', '>='], 10],
        [['==', '!=', '===', '!=='], 9],
        [['&&'], 5],
        [['||', '??'], 4],
      ].map(([operators, precedence]) => prec.left(precedence, seq(
        field('left', $._expression),
        field('operator', operators.length > 1 ? choice(...operators) : operators[0]),
        field('right', $._expression),
      ))),
    ),

    ternary_expression: $ => prec.right(2, seq(
      field('condition', $._expression),
      '?',
      field('consequence', $._expression),
      ':',
      field('alternative', $._expression),
    )),

    // `_arrow_parameters` is an empty token that the scanner sets before `x =>` and `(x, y) =>`.
    arrow_function: $ => prec.right(1, seq(
      $._arrow_parameters,
      field('parameters', choice(alias($.variable, $.parameter), $.parameters)),
      '=>',
      field('body', $._expression),
    )),

    parameters: $ => seq(
      '(',
      optional(seq(alias($.variable, $.parameter), repeat(seq(',', alias($.variable, $.parameter))))),
      ')',
    ),

    array_expression: $ => seq('[', optional(seq($._argument, repeat(seq(',', $._argument)))), ']'),

    object_expression: $ => seq('{', optional(seq($._pair, repeat(seq(',', $._pair)))), '}'),

    _pair: $ => choice($.pair, $.spread_expression),
    pair: $ => seq(
      field('key', choice(alias($.variable, $.property_name), $.string_literal)),
      optional(seq(':', field('value', $._expression))),
    ),
  },
});
