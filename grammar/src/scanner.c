// The external scanner of metascripts. It makes nearly every token of the language, because what a
// character means depends on the kind of its line. Every parser state has a token for every text: see
// grammar.js for why. All look ahead is bounded.

#include "scan/chars.h"
#include "scan/code.h"
#include "scan/expression.h"
#include "scan/items.h"
#include "scan/languages.h"
#include "scan/literate.h"
#include "scan/section.h"
#include "scan/sniff.h"
#include "scan/state.h"
#include "scan/strings.h"
#include "scan/tokens.h"
#include "scan/values.h"
#include "tree_sitter/alloc.h"

void *tree_sitter_metascript_external_scanner_create(void) { return ts_calloc(1, sizeof(State)); }

void tree_sitter_metascript_external_scanner_destroy(void *payload) { ts_free(payload); }

unsigned tree_sitter_metascript_external_scanner_serialize(void *payload, char *buffer) {
  static const State empty;
  if (memcmp(payload, &empty, sizeof(State)) == 0) return 0;
  memcpy(buffer, payload, sizeof(State));
  return sizeof(State);
}

void tree_sitter_metascript_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  state_clear(payload);
  if (length == sizeof(State)) memcpy(payload, buffer, length);
}

static bool scan_document(TSLexer *l) {
  l->mark_end(l);
  Kind kind = sniff(l);
  if (kind == DOC_BRACE) return emit(l, BRACE_DOCUMENT);
  if (kind == DOC_LITERATE) return emit(l, LITERATE_DOCUMENT);
  while (!at_end(l)) adv(l);
  l->mark_end(l);
  switch (kind) {
    case DOC_XML: return emit(l, XML_TEXT);
    case DOC_JSON: return emit(l, JSON_TEXT);
    case DOC_YAML: return emit(l, YAML_TEXT);
    case DOC_FSHARP: return emit(l, FSHARP_TEXT);
    default: return emit(l, PLAIN_TEXT);
  }
}

// Directly behind the start of a document, at `#` or `-`.
static bool scan_prologue(TSLexer *l, const bool *valid) {
  if (cur(l) == '-') {
    if (read_front_matter(l)) return emit(l, FRONT_MATTER);
    return emit(l, valid[PARAGRAPH] ? PARAGRAPH : TEXT);
  }
  adv(l);
  if (cur(l) == '!') {
    to_line_end(l);
    l->mark_end(l);
    return emit(l, SHEBANG);
  }
  if (valid[PARAGRAPH]) return scan_heading(l, 1);
  bool directive = pass(l, "FLUX:");
  to_line_end(l);
  l->mark_end(l);
  return emit(l, directive ? DIRECTIVE : COMMENT);
}

// The text of `${...}` that is not parsed, up to the brace that ends it.
static bool scan_raw_expression(TSLexer *l) {
  ExpressionKind kind = read_expression(l);
  l->mark_end(l);
  return emit(l, kind == EXPRESSION_INVALID ? INVALID_EXPRESSION : OPAQUE_EXPRESSION);
}

static bool scan_code(TSLexer *l, State *state) {
  // The rest of the line behind the brace is not code when it is blank.
  while (is_blank(cur(l))) skip(l);
  bool line_start = false;
  if (is_newline(cur(l))) {
    int32_t c = cur(l);
    skip(l);
    if (c == '\r' && cur(l) == '\n') skip(l);
    line_start = true;
  }
  Language language = (Language)state->language;
  Plan plan = (Plan)state->plan;
  l->mark_end(l);
  bool any = read_cell(l, language, plan, line_start);
  state_clear(state);
  if (any) return emit(l, CODE);
  // Nothing but space: the lexer is at the end of the body.
  if (cur(l) == '}' && !at_end(l)) return emit_char(l, CLOSE_BRACE);
  return emit(l, MISSING_CLOSE);
}

// `//`, `/* */`, `(* *)` and `#` comments. At the first character, which begins one.
static bool scan_block_comment(TSLexer *l, int32_t close) {
  adv(l);
  int32_t prior = 0;
  while (!at_end(l)) {
    int32_t c = cur(l);
    adv(l);
    if (prior == '*' && c == close) {
      l->mark_end(l);
      return emit(l, COMMENT);
    }
    prior = c;
  }
  l->mark_end(l);
  return emit(l, UNCLOSED_COMMENT);
}

static bool scan_line_comment(TSLexer *l) {
  to_line_end(l);
  l->mark_end(l);
  return emit(l, COMMENT);
}

// Behind `#` in a value: a colour such as `#fff`.
static bool at_colour(TSLexer *l) {
  uint32_t n = 0;
  while (is_digit(cur(l)) || (to_lower(cur(l)) >= 'a' && to_lower(cur(l)) <= 'f')) {
    adv(l);
    n++;
  }
  int32_t c = cur(l);
  return (n == 3 || n == 6 || n == 8) && (is_space(c) || c == ',' || c == '}' || c == ']' || at_end(l));
}

// The head of a block, a command, an edge or a fence.
static bool scan_head_token(TSLexer *l, const bool *valid) {
  int32_t c = cur(l);
  if (c == '"') {
    adv(l);
    l->mark_end(l);
    if (string_kind(l) == STRING_LINE) return emit(l, LINE_STRING_OPEN);
    return emit(l, OPERATOR);
  }
  if (c == '(' && valid[OPEN_PAREN]) return emit_char(l, OPEN_PAREN);
  if (c == ')' && valid[CLOSE_PAREN]) return emit_char(l, CLOSE_PAREN);
  if (c == ',' && valid[COMMA]) return emit_char(l, COMMA);
  if (c == '=' && valid[EQUALS]) return emit_char(l, EQUALS);
  if (c == '{') {
    adv(l);
    l->mark_end(l);
    if (cur(l) == '{' && read_template(l)) return emit(l, TEMPLATE);
    if (!valid[OPEN_BRACE]) return emit(l, OPERATOR);
    return emit(l, OPEN_BRACE);
  }
  if (c == '$') return emit(l, read_dollar(l, OPERATOR));
  if (is_word(c)) {
    bool number = is_digit(c);
    for (;;) {
      while (is_word(cur(l))) {
        if (!is_digit(cur(l))) number = false;
        adv(l);
      }
      l->mark_end(l);
      if (cur(l) != '.' && cur(l) != '-') break;
      adv(l);
      if (!is_word(cur(l))) break;
    }
    return emit(l, number && valid[HEAD_NUMBER] ? HEAD_NUMBER : IDENTIFIER);
  }
  return emit_char(l, OPERATOR);
}

// The two ends of an edge.
static bool scan_edge_token(TSLexer *l, const bool *valid) {
  int32_t c = cur(l);
  if (c == '-' && valid[ARROW]) {
    adv(l);
    adv(l);
    l->mark_end(l);
    return emit(l, ARROW);
  }
  if (c == '"') return emit_char(l, LINE_STRING_OPEN);
  for (;;) {
    while (is_word(cur(l))) adv(l);
    l->mark_end(l);
    if (cur(l) != '.' && cur(l) != '-') break;
    adv(l);
    if (!is_word(cur(l))) break;
  }
  return emit(l, IDENTIFIER);
}

static bool scan_brace(TSLexer *l, State *state, const bool *valid) {
  bool newline = false;
  while (is_space(cur(l))) {
    if (is_newline(cur(l))) {
      if (valid[LINE_END] || valid[FENCE_INFO_END]) {
        l->mark_end(l);
        return emit(l, valid[LINE_END] ? LINE_END : FENCE_INFO_END);
      }
      if (!newline) l->mark_end(l);
      newline = true;
    }
    skip(l);
  }
  int32_t c = cur(l);
  bool end = at_end(l);
  if (!newline || end) l->mark_end(l);

  if (valid[LINE_END] && (end || c == '}' || c == ';')) return emit(l, LINE_END);
  if (valid[FENCE_INFO_END] && end) return emit(l, FENCE_INFO_END);

  // What ends a value that is missing.
  bool value = valid[EMPTY_VALUE];
  if (value && (end || c == '}' || c == ']' || c == ',' || c == ';' || c == ')')) return emit(l, EMPTY_VALUE);
  if (valid[OPERAND_TEXT] && (end || c == '}' || c == ']' || c == ',' || c == ';')) return emit(l, MISSING_VALUE);

  if (end && valid[SECTION_END]) return emit(l, SECTION_END);
  if (end) return valid[MISSING_CLOSE] ? emit(l, MISSING_CLOSE) : false;
  // A value may go on in the next line with a sign, never with a letter.
  if (valid[SECTION_MORE] && newline && (is_upper(c) || is_lower(c))) return scan_section(l);

  // Behind the quote of a string that does not end.
  if (valid[UNCLOSED_TEXT] && !newline) {
    bool closers = false;
    while (!at_line_end(l)) {
      int32_t d = cur(l);
      if (d == '}' || d == ']' || d == ',') {
        if (!closers) l->mark_end(l);
        closers = true;
      } else if (!is_blank(d)) {
        closers = false;
      }
      adv(l);
      if (!closers && !is_blank(d)) l->mark_end(l);
    }
    return emit(l, UNCLOSED_TEXT);
  }

  // Comments.
  if (c == '#' && !valid[FENCE_INFO_END]) {
    if (valid[LINE_END]) return emit(l, LINE_END);
    adv(l);
    if (value && at_colour(l)) {
      l->mark_end(l);
      return emit(l, BARE_CHUNK);
    }
    if (valid[DIRECTIVE] && pass(l, "FLUX:")) {
      to_line_end(l);
      l->mark_end(l);
      return emit(l, DIRECTIVE);
    }
    if (valid[OPERATOR] && !valid[OPEN_BRACE]) {
      l->mark_end(l);
      return emit(l, OPERATOR);
    }
    return scan_line_comment(l);
  }
  int32_t first = 0;  // a character that is passed and turned out to begin no comment
  if (c == '/' && !valid[FENCE_INFO_END]) {
    if (valid[LINE_END]) l->mark_end(l);
    adv(l);
    if (cur(l) == '/') return valid[LINE_END] ? emit(l, LINE_END) : scan_line_comment(l);
    if (cur(l) == '*') return valid[LINE_END] ? emit(l, LINE_END) : scan_block_comment(l, '/');
    first = '/';
  } else if (c == '(' && valid[TEXT]) {
    adv(l);
    if (cur(l) == '*') {
      return scan_block_comment(l, ')');
    }
    first = '(';
  } else if (c == '-' && valid[TEXT] && !value) {
    adv(l);
    if (cur(l) == '-') {
      adv(l);
      if (is_blank(cur(l))) return scan_line_comment(l);
    }
    first = '-';
  }

  if (valid[OPERATOR]) {
    if (first) {
      l->mark_end(l);
      return emit(l, OPERATOR);
    }
    if (c == '{' && valid[OPEN_BRACE] && state->language != LANG_NONE) {
      adv(l);
      l->mark_end(l);
      if (cur(l) == '{' && read_template(l)) return emit(l, TEMPLATE);
      state->plan = (uint8_t)plan_cell(l, (Language)state->language);
      return emit(l, OPEN_BRACE);
    }
    return scan_head_token(l, valid);
  }
  // An edge ends where its second end does; what follows on the line is text.
  if (valid[LINE_END]) return emit(l, LINE_END);
  if (valid[IDENTIFIER] || valid[ARROW]) return scan_edge_token(l, valid);

  if (c == '}') {
    if (valid[CLOSE_BRACE]) return emit_char(l, CLOSE_BRACE);
    if (valid[MISSING_CLOSE]) {
      l->mark_end(l);
      return emit(l, MISSING_CLOSE);
    }
    if (valid[STRAY_CLOSE]) return emit_char(l, STRAY_CLOSE);
    return false;
  }
  if (c == ']') {
    if (valid[CLOSE_BRACKET]) return emit_char(l, CLOSE_BRACKET);
    if (valid[WRONG_CLOSE]) return emit_char(l, WRONG_CLOSE);
    if (valid[MISSING_CLOSE]) {
      l->mark_end(l);
      return emit(l, MISSING_CLOSE);
    }
    if (valid[STRAY_CLOSE]) return emit_char(l, STRAY_CLOSE);
    return false;
  }
  if (c == ',' && valid[COMMA]) return emit_char(l, COMMA);
  if (c == ';' && valid[SEMICOLON]) return emit_char(l, SEMICOLON);
  if (c == ':' && valid[COLON]) return emit_char(l, COLON);
  if (c == '=' && valid[EQUALS]) return emit_char(l, EQUALS);
  if (c == '+' && valid[PLUS]) return emit_char(l, PLUS);

  if (valid[OPERAND_TEXT]) return scan_operand(l, state, valid, first);
  if (value) {
    if (first) {
      l->mark_end(l);
      BareContext x = {valid, false, BARE_CHUNK};
      return scan_bare(l, state, &x, NULL, first);
    }
    if (newline && c != '"' && c != '[' && c != '{' && c != '`') {
      // The value is not on the next line: the mark is still before it.
      if (c != '\'') return emit(l, EMPTY_VALUE);
    }
    return scan_value(l, state, valid, BARE_CHUNK);
  }
  // A bracket begins an item of its own, as it does when the value before it is used again after an edit:
  // what a character begins must not depend on whether the value before it is complete already.
  if (valid[BARE_MORE] && !newline && c != '{' && c != '[' && (c != '"' || !valid[CLOSE_BRACKET])) {
    // A value without quotes goes on behind an interpolation.
    BareContext x = {valid, valid[CLOSE_BRACKET], BARE_MORE};
    if (c == '$') return scan_value(l, state, valid, BARE_MORE);
    if (!first) adv(l);
    l->mark_end(l);
    return scan_bare(l, state, &x, NULL, c);
  }
  if (valid[CLOSE_BRACKET] && valid[BARE_CHUNK]) {
    BareContext x = {valid, true, BARE_CHUNK};
    if (first) {
      l->mark_end(l);
      return scan_bare(l, state, &x, NULL, first);
    }
    return scan_value(l, state, valid, BARE_CHUNK);
  }
  if (valid[TEXT]) {
    if (first) {
      ItemContext x = {valid, valid[TRAILING_TEXT] && !newline};
      return scan_text(l, &x, 0);
    }
    return scan_item(l, state, valid, newline);
  }
  if (valid[TRAILING_TEXT] && !newline) {
    ItemContext x = {valid, true};
    return scan_text(l, &x, 0);
  }
  if (valid[MISSING_CLOSE]) {
    // Behind the code of a cell: its end, or the line that names its output. `read_trailer` has read that
    // line, and a block header, behind which an unclosed cell ends, is in upper case.
    l->mark_end(l);
    if (valid[KEY] && is_lower(c)) {
      while (is_word(cur(l))) adv(l);
      l->mark_end(l);
      return emit(l, KEY);
    }
    return emit(l, MISSING_CLOSE);
  }
  return false;
}

bool tree_sitter_metascript_external_scanner_scan(void *payload, TSLexer *l, const bool *valid) {
  State *state = payload;
  if (valid[ERROR_SENTINEL]) return false;
  if (valid[BRACE_DOCUMENT]) return scan_document(l);
  for (size_t i = 0; i < sizeof STRING_FORMS / sizeof *STRING_FORMS; i++) {
    if (valid[STRING_FORMS[i].content]) return scan_string_part(l, &STRING_FORMS[i], &state->nested);
  }
  if (valid[OPAQUE_EXPRESSION]) return scan_raw_expression(l);
  if (valid[CODE]) return scan_code(l, state);
  if (valid[FENCE_CLOSE]) return scan_fenced_code(l, state, !valid[FENCED_CODE]);
  if (valid[FENCE_LANGUAGE]) {
    while (is_blank(cur(l))) skip(l);
    if (!at_line_end(l)) {
      while (!at_line_end(l) && !is_blank(cur(l))) adv(l);
      l->mark_end(l);
      return emit(l, FENCE_LANGUAGE);
    }
  }
  if (valid[SHEBANG] && (cur(l) == '#' || cur(l) == '-')) return scan_prologue(l, valid);
  if (valid[PARAGRAPH]) return scan_literate(l, state, valid);
  if (valid[TEXT] || valid[BARE_CHUNK] || valid[BARE_MORE] || valid[OPERAND_TEXT] || valid[OPERATOR] || valid[IDENTIFIER] || valid[ARROW] ||
      valid[KEY] || valid[TRAILING_TEXT] || valid[LINE_END] || valid[FENCE_INFO_END] ||
      valid[UNCLOSED_TEXT] || valid[MISSING_CLOSE]) {
    return scan_brace(l, state, valid);
  }
  while (is_space(cur(l))) skip(l);
  if (valid[BACKTICK_OPEN] && cur(l) == '`') return emit_char(l, BACKTICK_OPEN);
  if (valid[ARROW_PARAMETERS]) {
    l->mark_end(l);
    if (at_arrow(l)) return emit(l, ARROW_PARAMETERS);
  }
  return false;
}
