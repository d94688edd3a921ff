// Values: what follows a key, and the elements of an array.
#ifndef METASCRIPT_SCAN_VALUES_H_
#define METASCRIPT_SCAN_VALUES_H_

#include "items.h"

typedef struct {
  const bool *valid;
  bool element;  // of an array: every comma ends it
  enum TokenType type;
} BareContext;

// Behind a comma in a value without quotes: whether another item follows.
static bool item_follows(TSLexer *l) {
  while (is_blank(cur(l))) adv(l);
  if (at_line_end(l) || cur(l) == '"' || cur(l) == '}' || cur(l) == ']') return true;
  if (!is_word(cur(l))) return false;
  while (is_word(cur(l))) adv(l);
  while (is_blank(cur(l))) adv(l);
  return cur(l) == ':' || cur(l) == '=' || cur(l) == '{';
}

// A value without quotes, to the end of its line. `first` is the word that was read and marked, if the
// value may yet turn out to be a block; what was read before may not contain brackets.
static bool scan_bare(TSLexer *l, State *state, const BareContext *x, const Word *first, int32_t before) {
  uint32_t parens = 0, open = 0;
  bool head = first != NULL;
  Head h;
  memset(&h, 0, sizeof h);
  word_clear(&h.argument);
  bool argument = false, argument_done = false;
  enum TokenType type = x->type;
  for (;;) {
    int32_t c = cur(l);
    if (at_line_end(l)) break;
    if (open == 0) {
      if (c == '}' || c == ']') break;
      if ((c == ',' || c == ';') && parens == 0) {
        if (x->element) break;
        l->mark_end(l);
        head = false;
        adv(l);
        if (item_follows(l)) return emit(l, type);
        before = ' ';
        continue;
      }
      if (c == '#' && is_blank(before)) break;
      if (c == '/' && is_blank(before)) {
        l->mark_end(l);
        head = false;
        adv(l);
        if (cur(l) == '/' || cur(l) == '*') return emit(l, type);
        before = '/';
        continue;
      }
      if (c == '$') {
        // An interpolation is a part of its own.
        l->mark_end(l);
        adv(l);
        if (cur(l) == '{') return emit(l, type);
        before = c;
        head = false;
        continue;
      }
      if (type == OPERAND_TEXT && c == '+' && parens == 0 && is_blank(before)) break;
      if (c == '{' || c == '[') {
        if (head && c == '{' && parens == 0) {
          adv(l);
          if (cur(l) != '{') return emit_block(l, state, first, &h);
          return emit(l, type);
        }
        l->mark_end(l);
        head = false;
        open = 1;
        before = c;
        adv(l);
        continue;
      }
    } else if (c == '{' || c == '[') {
      open++;
    } else if (c == '}' || c == ']') {
      open--;
    }
    if (c == '(') {
      parens++;
      argument = true;
    } else if (c == ')') {
      if (parens > 0) parens--;
      argument_done = true;
    } else if (argument && !argument_done && is_word(c)) {
      word_push(&h.argument, c);
    }
    if (head && !is_word(c) && !is_blank(c) && c != '"' && c != '(' && c != ')') head = false;
    if (c == '"') {
      // A string on the line is passed whole.
      adv(l);
      before = c;
      continue;
    }
    adv(l);
    before = c;
    if (open == 0 && !head && !is_blank(c)) {
      l->mark_end(l);
    }
  }
  if (open > 0) {
    // The bracket stays open on this line: it begins an object or an array that stands by itself.
    return emit(l, type);
  }
  if (head) l->mark_end(l);
  return emit(l, type);
}

// A number and what is joined to it: `12`, `-1.5e3`, `100ms`, `50%`. Anything else is a bare value.
static bool scan_number(TSLexer *l, State *state, const BareContext *x) {
  int32_t before = cur(l);
  bool unit = false, digits = is_digit(before), whole = true;
  adv(l);
  while (is_digit(cur(l)) || cur(l) == '_') {
    digits = true;
    before = cur(l);
    adv(l);
  }
  if (cur(l) == '.') {
    before = '.';
    adv(l);
    if (!is_digit(cur(l))) whole = false;
    while (is_digit(cur(l))) {
      before = cur(l);
      adv(l);
    }
  }
  if (whole && (cur(l) == 'e' || cur(l) == 'E')) {
    before = cur(l);
    adv(l);
    if (cur(l) == '+' || cur(l) == '-') {
      before = cur(l);
      adv(l);
      if (!is_digit(cur(l))) whole = false;
    } else if (!is_digit(cur(l))) {
      unit = true;
    }
    while (is_digit(cur(l))) {
      before = cur(l);
      adv(l);
    }
  }
  while (is_letter(cur(l)) || cur(l) == '%') {
    unit = true;
    before = cur(l);
    adv(l);
  }
  l->mark_end(l);
  while (is_blank(cur(l))) {
    before = cur(l);
    adv(l);
  }
  int32_t c = cur(l);
  bool end = at_line_end(l) || c == ',' || c == ';' || c == '}' || c == ']' || c == ')' || c == '#';
  if (c == '/') {
    adv(l);
    before = '/';
    end = cur(l) == '/' || cur(l) == '*';
  } else if (!end && is_blank(before) && (is_word(c) || c == '"')) {
    // Another item on the same line, without a comma; or words that go on.
    if (x->element) {
      end = true;
    } else if (is_word(c)) {
      while (is_word(cur(l))) adv(l);
      while (is_blank(cur(l))) adv(l);
      before = ' ';
      end = cur(l) == ':' || cur(l) == '=';
    } else {
      end = true;
    }
  }
  if (digits && whole && end) return emit(l, unit ? QUANTITY : NUMBER);
  l->mark_end(l);
  return scan_bare(l, state, x, NULL, before);
}

// `|` or `>`: the lines that are indented at least as deep as the first of them.
static bool scan_yaml_block(TSLexer *l, State *state, const BareContext *x) {
  int32_t before = cur(l);
  adv(l);
  if (cur(l) == '-' || cur(l) == '+') adv(l);
  l->mark_end(l);
  while (is_blank(cur(l))) {
    before = cur(l);
    adv(l);
  }
  if (!at_line_end(l)) return scan_bare(l, state, x, NULL, before);
  uint32_t indent = 0;
  while (!at_end(l)) {
    pass_newline(l);
    uint32_t column = 0;
    while (is_blank(cur(l))) {
      adv(l);
      column++;
    }
    if (is_newline(cur(l))) continue;
    if (at_end(l)) break;
    if (indent == 0) {
      if (column == 0 || cur(l) == '}') break;
      indent = column;
    } else if (column < indent) {
      break;
    }
    while (!at_line_end(l)) {
      int32_t c = cur(l);
      adv(l);
      if (!is_blank(c)) l->mark_end(l);
    }
  }
  return emit(l, YAML_BLOCK);
}

// A double quote that opens a value.
static bool scan_double_quote(TSLexer *l, State *state) {
  adv(l);
  l->mark_end(l);
  if (cur(l) == '"') {
    adv(l);
    if (cur(l) != '"') return emit(l, LINE_STRING_OPEN);
    adv(l);
    l->mark_end(l);
    int nested = nested_triples(l, '"');
    if (nested < 0) return emit(l, UNCLOSED_OPEN);
    state_clear(state);
    state->nested = (uint8_t)nested;
    return emit(l, TRIPLE_STRING_OPEN);
  }
  switch (string_kind(l)) {
    case STRING_LINE: return emit(l, LINE_STRING_OPEN);
    case STRING_LONG: return emit(l, LONG_STRING_OPEN);
    default: return emit(l, UNCLOSED_OPEN);
  }
}

// A single quote: `'''...'''`, `'text'` or part of a bare value.
static bool scan_single_quote(TSLexer *l, State *state, const BareContext *x) {
  adv(l);
  l->mark_end(l);
  if (cur(l) == '\'') {
    adv(l);
    if (cur(l) != '\'') return emit(l, SINGLE_STRING_OPEN);
    adv(l);
    l->mark_end(l);
    int nested = nested_triples(l, '\'');
    if (nested < 0) return emit(l, UNCLOSED_OPEN);
    state_clear(state);
    state->nested = (uint8_t)nested;
    return emit(l, TRIPLE_SINGLE_OPEN);
  }
  while (!at_line_end(l)) {
    int32_t c = cur(l);
    adv(l);
    if (c == '\\' && !at_line_end(l)) {
      adv(l);
    } else if (c == '\'') {
      if (at_value_end(l)) return emit(l, SINGLE_STRING_OPEN);
      break;
    }
  }
  if (at_line_end(l)) {
    l->mark_end(l);
    return emit(l, x->type);
  }
  l->mark_end(l);
  return scan_bare(l, state, x, NULL, '\'');
}

static bool scan_backtick(TSLexer *l) {
  adv(l);
  l->mark_end(l);
  uint32_t count = 0;
  while (!at_end(l) && count++ < STRING_LIMIT) {
    int32_t c = cur(l);
    adv(l);
    if (c == '`') return emit(l, BACKTICK_OPEN);
    if (c == '\\' && !at_end(l)) {
      adv(l);
    } else if (c == '$' && cur(l) == '{') {
      adv(l);
      Balance b;
      balance_init(&b);
      bool quote = false;
      while (b.state == BALANCE_OPEN && !at_end(l)) {
        balance_feed(&b, cur(l));
        if (cur(l) == '`') quote = true;
        adv(l);
        count++;
      }
      if (b.state != BALANCE_DONE && quote) return emit(l, BACKTICK_OPEN);
    }
  }
  return emit(l, UNCLOSED_OPEN);
}

static bool scan_word_value(TSLexer *l, State *state, const BareContext *x) {
  Word w;
  word_clear(&w);
  while (is_word(cur(l))) {
    word_push(&w, cur(l));
    adv(l);
  }
  if (cur(l) == '#' && w.length == 1 && (w.text[0] == 'f' || w.text[0] == 'c')) {
    word_push(&w, '#');
    adv(l);
  }
  l->mark_end(l);
  int32_t before = 'a';
  enum TokenType literal = word_is(&w, "true") || word_is(&w, "false") ? BOOLEAN
                           : word_is(&w, "null")                       ? NULL_VALUE
                                                                       : BARE_CHUNK;
  if (literal != BARE_CHUNK) {
    while (is_blank(cur(l))) {
      before = cur(l);
      adv(l);
    }
    int32_t c = cur(l);
    if (at_line_end(l) || c == ',' || c == ';' || c == '}' || c == ']' || c == ')' || c == '#') return emit(l, literal);
    if (c == '/' || is_blank(before)) return emit(l, literal);
  }
  if (x->element && x->valid[KEY]) {
    while (is_blank(cur(l))) {
      before = cur(l);
      adv(l);
    }
    if (cur(l) == ':' || cur(l) == '=') {
      before = cur(l);
      adv(l);
      int32_t c = cur(l);
      if (is_space(c) || c == '"' || c == '[' || c == '{' || at_end(l)) return emit(l, KEY);
      l->mark_end(l);
      return scan_bare(l, state, x, NULL, before);
    }
  }
  return scan_bare(l, state, x, x->valid[KEYWORD] ? &w : NULL, before);
}

// The first character of a value. `c` is not space, and not the end.
static bool scan_value(TSLexer *l, State *state, const bool *valid, enum TokenType type) {
  BareContext x = {valid, valid[CLOSE_BRACKET], type};
  int32_t c = cur(l);
  if (c == '"') return scan_double_quote(l, state);
  if (c == '\'') return scan_single_quote(l, state, &x);
  if (c == '`') return scan_backtick(l);
  if (c == '{') {
    adv(l);
    l->mark_end(l);
    return emit(l, read_template(l) ? TEMPLATE : OPEN_BRACE);
  }
  if (c == '[') return emit_char(l, OPEN_BRACKET);
  if (c == '$') {
    adv(l);
    if (cur(l) == '{') {
      adv(l);
      l->mark_end(l);
      switch (read_expression(l)) {
        case EXPRESSION_PARSED: return emit(l, INTERPOLATION_OPEN);
        case EXPRESSION_NONE: return emit(l, type);
        default: return emit(l, RAW_INTERPOLATION_OPEN);
      }
    }
    // Behind a part of a bare value only an interpolation begins; any other sign belongs to the text.
    bool whole = type != BARE_MORE;
    if (whole && cur(l) == '"') {
      // `$"..."`: the sign belongs to the opening of the string.
      return scan_double_quote(l, state);
    }
    if (whole && is_word_start(cur(l))) {
      while (is_word(cur(l)) || cur(l) == '.') adv(l);
      l->mark_end(l);
      int32_t before = cur(l);
      while (is_blank(cur(l))) adv(l);
      int32_t d = cur(l);
      if (at_line_end(l) || d == ',' || d == ';' || d == '}' || d == ']' || d == '/' || d == '#') return emit(l, DOLLAR_REFERENCE);
      return scan_bare(l, state, &x, NULL, is_blank(before) ? ' ' : 'a');
    }
    l->mark_end(l);
    return scan_bare(l, state, &x, NULL, '$');
  }
  if (c == '@') {
    adv(l);
    if (cur(l) == '"') return scan_double_quote(l, state);
    l->mark_end(l);
    return scan_bare(l, state, &x, NULL, '@');
  }
  if ((c == '|' || c == '>') && valid[YAML_BLOCK]) return scan_yaml_block(l, state, &x);
  if (is_digit(c) || c == '-' || c == '+') return scan_number(l, state, &x);
  if (c == '.' && x.element) {
    uint32_t dots = 0;
    while (cur(l) == '.' && dots < 3) {
      adv(l);
      dots++;
    }
    if (dots == 3 && is_word_start(cur(l))) {
      while (is_word(cur(l)) || cur(l) == '.') adv(l);
      l->mark_end(l);
      return emit(l, SPREAD);
    }
    l->mark_end(l);
    return scan_bare(l, state, &x, NULL, '.');
  }
  if (is_word(c)) return scan_word_value(l, state, &x);
  adv(l);
  l->mark_end(l);
  return scan_bare(l, state, &x, NULL, c);
}

// What follows a `+`. `first` is a character that is passed already, or 0.
static bool scan_operand(TSLexer *l, State *state, const bool *valid, int32_t first) {
  BareContext x = {valid, false, OPERAND_TEXT};
  int32_t c = cur(l);
  if (!first) {
    if (c == '"') return scan_double_quote(l, state);
    if (c == '\'') return scan_single_quote(l, state, &x);
    if (c == '`') return scan_backtick(l);
    if (c == '[') {
      l->mark_end(l);
      return emit(l, MISSING_VALUE);
    }
    if (c == '{') {
      l->mark_end(l);
      adv(l);
      return emit(l, read_template(l) ? TEMPLATE : MISSING_VALUE);
    }
    if (c == '$') {
      adv(l);
      l->mark_end(l);
      if (cur(l) != '{') return scan_bare(l, state, &x, NULL, '$');
      adv(l);
      l->mark_end(l);
      switch (read_expression(l)) {
        case EXPRESSION_PARSED: return emit(l, INTERPOLATION_OPEN);
        case EXPRESSION_NONE: return emit(l, OPERAND_TEXT);
        default: return emit(l, RAW_INTERPOLATION_OPEN);
      }
    }
    adv(l);
  }
  l->mark_end(l);
  return scan_bare(l, state, &x, NULL, first ? first : c);
}

#endif
