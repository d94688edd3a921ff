// Strings of a script: where they end, and what stands in them.
#ifndef METASCRIPT_SCAN_STRINGS_H_
#define METASCRIPT_SCAN_STRINGS_H_

#include "chars.h"
#include "expression.h"
#include "tokens.h"

// How far a string over several lines is looked for its end.
#define STRING_LIMIT (256u << 10)
// How many quotes that do not look like the end are passed: prose with "words" in quotes.
#define INNER_QUOTES 24
// Longest `{{...}}`.
#define TEMPLATE_LIMIT 256

// Whether what follows a closing quote looks like the end of a value.
static bool at_value_end(TSLexer *l) {
  while (is_blank(cur(l))) adv(l);
  int32_t c = cur(l);
  return at_end(l) || is_newline(c) || c == ',' || c == ';' || c == '}' || c == ']' || c == ')' || c == '+' || c == '/' || c == '#';
}

typedef enum { STRING_LINE, STRING_LONG, STRING_UNCLOSED } StringKind;

// What a line has shown before a quote, to tell a string that was never closed from prose with quotes:
// in `version: "1.0"` the quote opens, in `and return "json"` it is part of the text.
typedef struct {
  enum { SHAPE_START, SHAPE_WORD, SHAPE_AFTER_WORD, SHAPE_SEPARATOR, SHAPE_PROSE } shape;
} LineShape;

static void shape_feed(LineShape *s, int32_t c) {
  if (is_newline(c)) {
    s->shape = SHAPE_START;
  } else if (is_blank(c)) {
    if (s->shape == SHAPE_WORD) s->shape = SHAPE_AFTER_WORD;
  } else if (c == ':' || c == '=' || c == '[' || c == '(') {
    if (s->shape != SHAPE_PROSE) s->shape = SHAPE_SEPARATOR;
  } else if (is_word(c)) {
    if (s->shape == SHAPE_START || s->shape == SHAPE_WORD) {
      s->shape = SHAPE_WORD;
    } else {
      s->shape = SHAPE_PROSE;
    }
  } else {
    s->shape = SHAPE_PROSE;
  }
}

// From behind the opening `"`: whether and how the string is closed. `${` that is closed in its turn
// may hold quotes; if it is not, it is plain text, and the first quote behind it counts.
static StringKind string_kind(TSLexer *l) {
  bool lines = false;
  uint32_t count = 0, inner = 0;
  LineShape shape = {SHAPE_PROSE};
  while (!at_end(l) && count < STRING_LIMIT) {
    int32_t c = cur(l);
    if (c == '\r' || c == '\n') lines = true;
    if (c == '\\') {
      adv(l);
      count++;
      if (at_end(l)) break;
      if (is_newline(cur(l))) continue;
      adv(l);
      count++;
      continue;
    }
    if (c == '$') {
      adv(l);
      count++;
      if (cur(l) != '{') continue;
      adv(l);
      // The same reading with and without the interpolation, because the text is read only once.
      Balance b;
      balance_init(&b);
      bool plain_closed = false, plain_escaped = false, plain_lines = lines;
      StringKind plain = STRING_UNCLOSED;
      while (b.state == BALANCE_OPEN && !at_end(l)) {
        int32_t d = cur(l);
        balance_feed(&b, d);
        if (!plain_closed) {
          if (is_newline(d)) plain_lines = true;
          if (plain_escaped) {
            plain_escaped = false;
          } else if (d == '\\') {
            plain_escaped = true;
          } else if (d == '"') {
            plain_closed = true;
            plain = plain_lines ? STRING_UNCLOSED : STRING_LINE;
          }
        }
        adv(l);
        count++;
      }
      if (b.state != BALANCE_DONE) {
        if (plain_closed) return plain;
        // The quote may still come on this line.
        if (plain_lines) return STRING_UNCLOSED;
        while (!at_line_end(l)) {
          int32_t d = cur(l);
          adv(l);
          if (plain_escaped) {
            plain_escaped = false;
          } else if (d == '\\') {
            plain_escaped = true;
          } else if (d == '"') {
            return STRING_LINE;
          }
        }
        return STRING_UNCLOSED;
      }
      shape.shape = SHAPE_PROSE;
      continue;
    }
    if (c == '"') {
      if (!lines) return STRING_LINE;
      bool opens = shape.shape == SHAPE_SEPARATOR;
      adv(l);
      count++;
      if (at_value_end(l)) return STRING_LONG;
      if (opens || ++inner > INNER_QUOTES) return STRING_UNCLOSED;
      shape.shape = SHAPE_PROSE;
      continue;
    }
    shape_feed(&shape, c);
    adv(l);
    count++;
  }
  return STRING_UNCLOSED;
}

// Behind the first `{` of `{{`: whether the template is closed. Passes it and marks its end.
static bool read_template(TSLexer *l) {
  if (cur(l) != '{') return false;
  adv(l);
  for (uint32_t n = 0; n < TEMPLATE_LIMIT; n++) {
    int32_t c = cur(l);
    if (at_line_end(l) || c == '{' || c == '"' || c == '`' || c == '\'') return false;
    adv(l);
    if (c == '}') {
      if (cur(l) != '}') return false;
      if (n == 0) return false;
      adv(l);
      l->mark_end(l);
      return true;
    }
  }
  return false;
}

// At `$`: an interpolation, or nothing but text. The token is marked in every case.
static enum TokenType read_dollar(TSLexer *l, enum TokenType text) {
  adv(l);
  l->mark_end(l);
  if (cur(l) != '{') return text;
  adv(l);
  l->mark_end(l);
  switch (read_expression(l)) {
    case EXPRESSION_PARSED: return INTERPOLATION_OPEN;
    case EXPRESSION_NONE: return text;
    default: return RAW_INTERPOLATION_OPEN;
  }
}

typedef struct {
  enum TokenType content, close;
  int32_t quote;
  uint32_t quotes;  // how many end it
  bool lines;       // may span lines
  bool judged;      // a quote ends it only when what follows looks like the end of a value
} StringForm;

static const StringForm STRING_FORMS[] = {
    {LINE_STRING_CONTENT, LINE_STRING_CLOSE, '"', 1, true, false},
    {LONG_STRING_CONTENT, LONG_STRING_CLOSE, '"', 1, true, true},
    {TRIPLE_STRING_CONTENT, TRIPLE_STRING_CLOSE, '"', 3, true, false},
    {TRIPLE_SINGLE_CONTENT, TRIPLE_SINGLE_CLOSE, '\'', 3, true, false},
    {BACKTICK_CONTENT, BACKTICK_CLOSE, '`', 1, true, false},
    {SINGLE_STRING_CONTENT, SINGLE_STRING_CLOSE, '\'', 1, false, false},
};

// Inside a string. `nested` counts the closing triple quotes that are still part of the text.
static bool scan_string_part(TSLexer *l, const StringForm *f, uint8_t *nested) {
  bool any = false;
  for (;;) {
    if (at_end(l)) {
      if (any) break;
      l->mark_end(l);
      return emit(l, MISSING_CLOSE);
    }
    int32_t c = cur(l);
    if (is_newline(c) && !f->lines) {
      if (any) break;
      l->mark_end(l);
      return emit(l, MISSING_CLOSE);
    }
    if (c == '\\') {
      if (any) break;
      adv(l);
      if (!at_line_end(l)) adv(l);
      l->mark_end(l);
      return emit(l, ESCAPE_SEQUENCE);
    }
    if (c == '$') {
      if (any) break;
      return emit(l, read_dollar(l, f->content));
    }
    if (c == '{') {
      if (any) break;
      adv(l);
      l->mark_end(l);
      return emit(l, read_template(l) ? TEMPLATE : f->content);
    }
    if (c == f->quote) {
      if (any) break;
      adv(l);
      l->mark_end(l);
      if (f->quotes == 1) {
        if (f->judged && !at_value_end(l)) return emit(l, f->content);
        return emit(l, f->close);
      }
      uint32_t run = 1;
      while (run < 3 && cur(l) == f->quote) {
        adv(l);
        run++;
        l->mark_end(l);
      }
      if (run < 3) return emit(l, f->content);
      // `""""` ends a text whose last character is a quote: the last three count.
      if (cur(l) == f->quote) return emit(l, f->content);
      if (*nested > 0) {
        (*nested)--;
        return emit(l, f->content);
      }
      return emit(l, f->close);
    }
    adv(l);
    any = true;
  }
  l->mark_end(l);
  return emit(l, f->content);
}

// From behind the three quotes that open a string: how many triples are part of the text before the one
// that closes it, or -1 when none does. A text may hold strings of its own in triple quotes: a triple that
// stands where a value begins, or that text follows directly, opens one, and the next triple ends it.
static int nested_triples(TSLexer *l, int32_t quote) {
  int passed = 0, first_plausible = -1;
  uint32_t run = 0, count = 0;
  bool inner = false, space = false, value_begins = false;
  int32_t before = '"';
  while (!at_end(l)) {
    int32_t c = cur(l);
    adv(l);
    count++;
    if (c == '\\') {
      run = 0;
      before = c;
      space = false;
      if (!at_line_end(l)) adv(l);
      continue;
    }
    if (c != quote) {
      run = 0;
      if (is_newline(c)) {
        before = '\n';
      } else if (is_blank(c)) {
        space = true;
      } else {
        before = c;
        space = false;
      }
      continue;
    }
    if (run == 0) value_begins = before == '(' || ((before == '=' || before == ':') && space);
    if (++run < 3 || cur(l) == quote) continue;
    run = 0;
    bool end = at_value_end(l);
    if (end && first_plausible < 0) first_plausible = passed;
    if (inner) {
      inner = false;
    } else if (end && !value_begins) {
      return passed;
    } else {
      inner = true;
    }
    before = quote;
    space = false;
    if (++passed > 60 || count > STRING_LIMIT) break;
  }
  if (first_plausible >= 0) return first_plausible;
  return passed > 0 ? 0 : -1;
}

#endif
