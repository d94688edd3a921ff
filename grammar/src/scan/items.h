// What a line is: a property, a block, a command, an edge or text.
#ifndef METASCRIPT_SCAN_ITEMS_H_
#define METASCRIPT_SCAN_ITEMS_H_

#include "chars.h"
#include "code.h"
#include "expression.h"
#include "languages.h"
#include "literate.h"
#include "state.h"
#include "strings.h"
#include "tokens.h"

// Longest head of a block or a command that is understood, in characters.
#define HEAD_LIMIT 4096

// ---- text lines ----------------------------------------------------------------------------------

typedef struct {
  const bool *valid;
  bool trailing;  // what is read follows a value on its line
} ItemContext;

// The rest of a line of text. A brace that stays open on the line begins a block, whose head is the text
// before it; a brace that closes more than the line opens belongs to the block around.
static bool scan_text(TSLexer *l, const ItemContext *x, uint32_t depth) {
  uint32_t brackets = 0;
  bool closes = x->valid[CLOSE_BRACE] || x->trailing;
  for (;;) {
    int32_t c = cur(l);
    if (at_line_end(l)) break;
    if (c == '}') {
      if (depth == 0) {
        if (closes) break;
      } else {
        depth--;
      }
    } else if (c == '{') {
      if (depth == 0) l->mark_end(l);
      depth++;
    } else if (x->trailing && c == '[') {
      brackets++;
    } else if (x->trailing && c == ']') {
      if (brackets == 0) break;
      brackets--;
    }
    adv(l);
  }
  if (depth > 0) return emit(l, x->trailing ? TRAILING_TEXT : TEXT_HEAD);
  l->mark_end(l);
  return emit(l, x->trailing ? TRAILING_TEXT : TEXT);
}

// ---- heads ---------------------------------------------------------------------------------------

typedef enum { HEAD_BLOCK, HEAD_COMMAND, HEAD_EDGE, HEAD_TEXT, HEAD_TEXT_OPEN } HeadKind;

typedef struct {
  Word argument;  // the first name or string in parentheses
  bool call;      // parentheses follow the first word
  bool quoted;    // a string or `bind(...)` follows it
  bool words;     // anything follows it
  bool dollar;    // a string holds a `$`
} Head;

static bool pass_string_on_line(TSLexer *l, Head *h, bool argument) {
  adv(l);
  for (;;) {
    if (at_line_end(l)) return false;
    int32_t c = cur(l);
    adv(l);
    if (c == '"') return true;
    if (c == '$') h->dollar = true;
    if (c == '\\' && !at_line_end(l)) adv(l);
    if (argument) word_push(&h->argument, c);
  }
}

// Reads on from behind the first word. `same_line` is false when the brace may stand on the next line.
static HeadKind read_head(TSLexer *l, Head *h, bool next_line) {
  uint32_t parens = 0, count = 0;
  // The shape of an edge: atom, arrow, atom.
  int atoms = 0, arrows = 0;
  bool edge = true, in_atom = false, comma = false, argument_open = false, argument_done = false;
  int32_t before = ' ';
  word_clear(&h->argument);
  h->call = cur(l) == '(';
  h->quoted = false;
  h->words = false;
  h->dollar = false;
  bool bind = false;
  Word w;
  word_clear(&w);
  for (;;) {
    int32_t c = cur(l);
    if (at_line_end(l) || count++ > HEAD_LIMIT) {
      if (parens > 0 || count > HEAD_LIMIT) return HEAD_TEXT;
      break;
    }
    if (is_blank(c)) {
      in_atom = false;
      before = c;
      adv(l);
      continue;
    }
    if (c == '#' && is_blank(before)) break;
    if (!(is_word(c) || c == '.' || c == '-')) word_clear(&w);
    if (c == '"') {
      if (!h->words) h->quoted = true;
      h->words = true;
      if (arrows < 2) atoms++;
      in_atom = false;
      bool take = argument_open && !argument_done;
      if (!pass_string_on_line(l, h, take)) return HEAD_TEXT;
      if (take) argument_done = true;
      before = '"';
      continue;
    }
    if (c == '{') {
      if (parens > 0 || comma) return HEAD_TEXT_OPEN;
      adv(l);
      if (cur(l) != '{') return HEAD_BLOCK;
      // A template, unless it is not closed: then two braces.
      bool closed = false;
      adv(l);
      for (uint32_t n = 0; n < TEMPLATE_LIMIT && !at_line_end(l); n++) {
        int32_t d = cur(l);
        if (d == '{' || d == '"' || d == '`' || d == '\'') break;
        adv(l);
        if (d == '}') {
          closed = n > 0 && cur(l) == '}';
          break;
        }
      }
      if (!closed) return HEAD_BLOCK;
      adv(l);
      edge = false;
      h->words = true;
      before = '}';
      continue;
    }
    if (c == '}' || (c == ';' && parens == 0)) {
      if (parens > 0) return HEAD_TEXT;
      break;
    }
    if (c == '`') return HEAD_TEXT;
    if (c == ':' && parens == 0) return HEAD_TEXT;
    if (c == '$') {
      adv(l);
      edge = false;
      h->words = true;
      before = c;
      if (cur(l) == '{') {
        adv(l);
        if (read_expression(l) == EXPRESSION_NONE) return HEAD_TEXT;
        if (cur(l) == '}') adv(l);
        before = '}';
      }
      continue;
    }
    if (c == '/') {
      adv(l);
      if (cur(l) == '/' && is_blank(before)) {
        if (parens > 0) return HEAD_TEXT;
        break;
      }
      if (cur(l) == '*') return HEAD_TEXT;
      edge = false;
      h->words = true;
      before = c;
      continue;
    }
    if (c == '(') {
      parens++;
      argument_open = true;
      edge = false;
      if (bind) h->quoted = true;
    } else if (c == ')') {
      if (parens == 0) return HEAD_TEXT;
      parens--;
      argument_done = true;
    } else if (c == ',') {
      if (parens == 0) comma = true;
      edge = false;
    } else if (c == '-') {
      adv(l);
      before = c;
      if (cur(l) == '>') {
        adv(l);
        arrows++;
        in_atom = false;
        before = '>';
        h->words = true;
      } else if (!(in_atom && is_word(cur(l)))) {
        edge = false;
        h->words = true;
      }
      continue;
    } else if (is_word(c) || (c == '.' && in_atom)) {
      if (!in_atom) {
        atoms++;
        in_atom = true;
        word_clear(&w);
      }
      word_push(&w, c);
      bind = word_is(&w, "bind") || word_is(&w, "on");
      if (argument_open && !argument_done) word_push(&h->argument, c);
      if (parens == 0) h->words = true;
      before = c;
      adv(l);
      continue;
    } else {
      edge = false;
    }
    in_atom = false;
    if (parens == 0 && c != ')') h->words = true;
    before = c;
    adv(l);
  }
  if (edge && atoms == 2 && arrows == 1 && !h->dollar) return HEAD_EDGE;
  if (next_line && !comma && at_line_end(l)) {
    for (uint32_t n = 0; n < 256 && is_space(cur(l)); n++) adv(l);
    if (cur(l) == '{') {
      adv(l);
      if (cur(l) != '{') return HEAD_BLOCK;
    }
  }
  return HEAD_COMMAND;
}

// ---- bodies --------------------------------------------------------------------------------------

typedef enum { BODY_EMPTY, BODY_PROPERTIES, BODY_OTHER } BodyKind;

// From behind the opening brace: whether the first line of a body is a property or a block. With `code`
// only what no language would take for code counts.
static BodyKind body_kind(TSLexer *l, bool code) {
  uint32_t budget = 2048;
  while (is_space(cur(l)) && budget-- > 1) adv(l);
  while (!code && (cur(l) == '/' || cur(l) == '#') && budget > 1) {
    // A comment says nothing about what follows it.
    bool comment = cur(l) == '#';
    adv(l);
    if (comment ? !is_blank(cur(l)) : cur(l) != '/') return BODY_OTHER;
    while (!at_line_end(l) && budget-- > 1) adv(l);
    while (is_space(cur(l)) && budget-- > 1) adv(l);
  }
  int32_t c = cur(l);
  if (at_end(l) || c == '}') return BODY_EMPTY;
  bool quoted = c == '"';
  if (quoted) adv(l);
  if (!is_word(cur(l))) return BODY_OTHER;
  bool lower = is_lower(cur(l));
  Word w;
  word_clear(&w);
  while (is_word(cur(l)) && budget-- > 1) {
    word_push(&w, cur(l));
    adv(l);
  }
  if (quoted) {
    if (cur(l) != '"') return BODY_OTHER;
    adv(l);
  }
  while (is_blank(cur(l)) && budget-- > 1) adv(l);
  c = cur(l);
  if (c == ':' || (c == '=' && !code)) {
    adv(l);
    if (cur(l) == ':' || cur(l) == '=' || cur(l) == '>') return BODY_OTHER;
    while (is_blank(cur(l)) && budget-- > 1) adv(l);
    c = cur(l);
    if (!code) {
      if (at_line_end(l) || c == '"' || c == '[' || c == '{' || c == '$' || c == '|' || c == '\'' || is_digit(c)) return BODY_PROPERTIES;
      word_clear(&w);
      while (is_word(cur(l)) && budget-- > 1) {
        word_push(&w, cur(l));
        adv(l);
      }
      if (word_is(&w, "true") || word_is(&w, "false") || word_is(&w, "null")) return BODY_PROPERTIES;
      // One bare word; more of them are a sentence.
      return lower && w.length > 0 && at_line_end(l) ? BODY_PROPERTIES : BODY_OTHER;
    }
    if (c == '"') {
      adv(l);
      while (!at_line_end(l) && cur(l) != '"' && budget-- > 1) {
        if (cur(l) == '\\') adv(l);
        if (at_line_end(l)) break;
        adv(l);
      }
      if (cur(l) != '"') return BODY_OTHER;
      adv(l);
    } else {
      word_clear(&w);
      while (is_word(cur(l)) && budget-- > 1) {
        word_push(&w, cur(l));
        adv(l);
      }
      bool literal = word_is(&w, "true") || word_is(&w, "false") || (w.length > 0 && is_digit(w.text[0]));
      if (!literal) return BODY_OTHER;
    }
    if (cur(l) == ',') return BODY_PROPERTIES;
    while (is_blank(cur(l)) && budget-- > 1) adv(l);
    c = cur(l);
    if (at_line_end(l) || c == '}' || c == ',') return BODY_PROPERTIES;
    // Properties side by side on one line.
    word_clear(&w);
    while (is_word(cur(l)) && budget-- > 1) {
      word_push(&w, cur(l));
      adv(l);
    }
    while (is_blank(cur(l)) && budget-- > 1) adv(l);
    return w.length > 0 && cur(l) == ':' ? BODY_PROPERTIES : BODY_OTHER;
  }
  if (code || quoted) return BODY_OTHER;
  if (cur(l) == '(') {
    // A call on a line of its own, then perhaps a block.
    while (!at_line_end(l) && budget-- > 1) adv(l);
    while (is_space(cur(l)) && budget-- > 1) adv(l);
    if (!is_upper(cur(l))) return BODY_OTHER;
  }
  // A nested block: words and strings up to a brace.
  while (!at_line_end(l) && budget-- > 1) {
    c = cur(l);
    if (c == '{') return BODY_PROPERTIES;
    if (!is_word(c) && !is_blank(c) && c != '"' && c != '(' && c != ')' && c != '#') return BODY_OTHER;
    adv(l);
  }
  return BODY_OTHER;
}

// The look ahead is behind the brace that opens the body.
static bool emit_block(TSLexer *l, State *state, const Word *keyword, const Head *head) {
  bool code = is_code_keyword(keyword);
  bool lang = word_is(keyword, "lang");
  if (lang && head->argument.length == 0) code = false;
  bool prose = !code && !lang && word_in(keyword, PROSE_KEYWORDS);
  if (!code && !prose) return emit(l, KEYWORD);
  BodyKind kind = body_kind(l, code);
  // In YAML the indentation is part of the meaning: its body is never taken apart.
  if (kind == BODY_PROPERTIES && word_is(keyword, "yaml")) kind = BODY_OTHER;
  if (kind == BODY_PROPERTIES || (prose && kind == BODY_EMPTY)) return emit(l, KEYWORD);
  state_clear(state);
  state->language = prose ? LANG_PROSE : (uint8_t)language_named(lang ? head->argument.text : keyword->text);
  return emit(l, code ? CODE_KEYWORD : PROSE_KEYWORD);
}

// ---- items ---------------------------------------------------------------------------------------

static const char *const KNOWN_COMMANDS[] = {"header", "button", "version", NULL};

static bool looks_like_command(const Word *w, const Head *h) {
  if (h->call || h->quoted) return true;
  if (w->upper && w->length > 1 && is_letter((unsigned char)w->text[0])) return true;
  return h->words && word_in(w, KNOWN_COMMANDS);
}

// A word and what follows it on its line. The token is marked behind the word until it is known to be
// something else.
static bool scan_word_item(TSLexer *l, State *state, const ItemContext *x) {
  Word w;
  word_clear(&w);
  int32_t before = 0;
  for (;;) {
    while (is_word(cur(l))) {
      word_push(&w, cur(l));
      adv(l);
    }
    l->mark_end(l);
    before = cur(l);
    if (before != '-' && before != '.') break;
    adv(l);
    if (!is_word(cur(l))) {
      // The mark or the full stop is not part of the word, and no header goes on like this.
      return scan_text(l, x, 0);
    }
    word_push(&w, before);
  }
  if (cur(l) == '#' && w.length == 1 && (w.text[0] == 'f' || w.text[0] == 'c')) {
    word_push(&w, '#');
    adv(l);
    l->mark_end(l);
  }
  bool space = false;
  while (is_blank(cur(l))) {
    space = true;
    adv(l);
  }
  int32_t c = cur(l);
  if (c == ':') {
    adv(l);
    if (cur(l) == ':' || cur(l) == '/') return scan_text(l, x, 0);
    return emit(l, KEY);
  }
  if (c == '=') {
    adv(l);
    if (cur(l) == '=' || cur(l) == '>') return scan_text(l, x, 0);
    return emit(l, KEY);
  }
  if (c == '[' && word_is(&w, "checks")) {
    // `checks [` of a workflow: a word, and an array that stands by itself.
    adv(l);
    while (is_blank(cur(l))) adv(l);
    if (at_line_end(l) && !x->trailing) return emit(l, TEXT);
    return scan_text(l, x, 0);
  }
  if (word_is(&w, "else") && space && (c == 'I' || c == 'i')) {
    // `ELSE IF` is one keyword.
    Word next;
    word_clear(&next);
    while (is_word(cur(l))) {
      word_push(&next, cur(l));
      adv(l);
    }
    if (word_is(&next, "if")) l->mark_end(l);
    while (is_blank(cur(l))) adv(l);
  }
  Head h;
  HeadKind kind = read_head(l, &h, w.upper && !x->trailing);
  switch (kind) {
    case HEAD_BLOCK: return emit_block(l, state, &w, &h);
    case HEAD_TEXT:
    case HEAD_TEXT_OPEN: return scan_text(l, x, 0);
    case HEAD_EDGE:
      if (!x->trailing && word_is(&w, "edge")) return emit(l, EDGE_KEYWORD);
      break;
    case HEAD_COMMAND:
      if (!x->trailing && looks_like_command(&w, &h)) return emit(l, COMMAND_KEYWORD);
      break;
  }
  return scan_text(l, x, 0);
}

// At the beginning of an item, or behind a value on its line.
static bool scan_item(TSLexer *l, State *state, const bool *valid, bool newline) {
  ItemContext x = {valid, valid[TRAILING_TEXT] && !newline};
  int32_t c = cur(l);
  if (c == '"') {
    adv(l);
    l->mark_end(l);
    if (cur(l) == '"') {
      adv(l);
      if (cur(l) == '"') {
        adv(l);
        l->mark_end(l);
        int nested = nested_triples(l, '"');
        if (nested < 0) return emit(l, UNCLOSED_OPEN);
        state_clear(state);
        state->nested = (uint8_t)nested;
        return emit(l, TRIPLE_STRING_OPEN);
      }
      return emit(l, LINE_STRING_OPEN);
    }
    // Here, where no key asks for a value, only a string that ends on its line is one.
    bool word = true, key = false;
    for (;;) {
      int32_t d = cur(l);
      if (at_line_end(l)) break;
      if (d == '"') return emit(l, LINE_STRING_OPEN);
      if (d == ':' && word) key = true;
      if (!is_word(d)) word = false;
      adv(l);
      if (d == '\\' && !at_line_end(l)) adv(l);
    }
    if (key) return emit(l, UNCLOSED_OPEN);
    l->mark_end(l);
    return emit(l, x.trailing ? TRAILING_TEXT : TEXT);
  }
  if (c == '{') {
    adv(l);
    l->mark_end(l);
    return emit(l, read_template(l) ? TEMPLATE : OPEN_BRACE);
  }
  if (c == '[') {
    adv(l);
    l->mark_end(l);
    uint32_t depth = 1;
    int32_t last = '[';
    while (!at_line_end(l) && depth > 0) {
      last = is_blank(cur(l)) ? last : cur(l);
      if (cur(l) == '[') depth++;
      if (cur(l) == ']') depth--;
      adv(l);
    }
    if (depth == 0 || last == '[' || last == ',' || last == '{') return emit(l, OPEN_BRACKET);
    l->mark_end(l);
    return emit(l, x.trailing ? TRAILING_TEXT : TEXT);
  }
  if (c == '$') {
    adv(l);
    if (cur(l) != '{') return scan_text(l, &x, 0);
    adv(l);
    l->mark_end(l);
    switch (read_expression(l)) {
      case EXPRESSION_PARSED: return emit(l, INTERPOLATION_OPEN);
      // The text goes on behind what was looked at: its end is marked there.
      case EXPRESSION_NONE: return emit(l, x.trailing ? TRAILING_TEXT : TEXT);
      default: return emit(l, RAW_INTERPOLATION_OPEN);
    }
  }
  if (c == '.' && !x.trailing) {
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
    return scan_text(l, &x, 0);
  }
  if ((c == '`' || c == '~') && !x.trailing) {
    if (open_fence(l, state)) return emit(l, FENCE_OPEN);
    l->mark_end(l);
    return emit(l, TEXT);
  }
  if (is_word(c)) return scan_word_item(l, state, &x);
  return scan_text(l, &x, 0);
}

#endif
