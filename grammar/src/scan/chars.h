// Characters and the forward-only reading of the lexer.
#ifndef METASCRIPT_SCAN_CHARS_H_
#define METASCRIPT_SCAN_CHARS_H_

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "tree_sitter/parser.h"

static inline int32_t cur(TSLexer *l) { return l->lookahead; }
static inline void adv(TSLexer *l) { l->advance(l, false); }
static inline void skip(TSLexer *l) { l->advance(l, true); }
// A NUL character may stand in a text, so the look ahead alone does not tell the end.
static inline bool at_end(TSLexer *l) { return l->lookahead == 0 && l->eof(l); }

static inline bool is_newline(int32_t c) { return c == '\n' || c == '\r'; }

// The same set as in `extras` of grammar.js, without the newlines.
static inline bool is_blank(int32_t c) {
  return c == ' ' || c == '\t' || c == '\f' || c == '\v' || c == 0xA0 || c == 0x200B || c == 0x2060 || c == 0xFEFF;
}
static inline bool is_space(int32_t c) { return is_blank(c) || is_newline(c); }
static inline bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }
static inline bool is_upper(int32_t c) { return c >= 'A' && c <= 'Z'; }
static inline bool is_lower(int32_t c) { return c >= 'a' && c <= 'z'; }
static inline int32_t to_lower(int32_t c) { return is_upper(c) ? c + 32 : c; }

// Letters of other scripts count as letters; punctuation, arrows, box drawing and emoji do not.
static inline bool is_letter(int32_t c) {
  if (is_upper(c) || is_lower(c)) return true;
  if (c < 0xAA) return false;
  if (c == 0xAA || c == 0xB5 || c == 0xBA) return true;
  if (c < 0xC0 || c == 0xD7 || c == 0xF7) return false;
  if (c >= 0x2000 && c <= 0x2BFF) return false;
  if (c >= 0x3000 && c <= 0x303F) return false;
  if (c >= 0xD800 && c <= 0xF8FF) return false;
  if (c >= 0xFE00 && c <= 0xFE0F) return false;
  if (c >= 0xFF00 && c <= 0xFFEF) return false;
  return c < 0x1F000;
}
static inline bool is_word_start(int32_t c) { return c == '_' || is_letter(c); }
static inline bool is_word(int32_t c) { return is_word_start(c) || is_digit(c); }
// What `variable` in grammar.js accepts of ASCII. Other scripts are left to the opaque form, so that
// the recogniser never accepts more than the lexer.
static inline bool is_js_word_start(int32_t c) { return c == '_' || c == '$' || is_upper(c) || is_lower(c); }
static inline bool is_js_word(int32_t c) { return is_js_word_start(c) || is_digit(c); }

static inline bool at_line_end(TSLexer *l) { return is_newline(cur(l)) || at_end(l); }

// Passes a string's text and returns whether it was there. Stops at the first difference.
static inline bool pass(TSLexer *l, const char *text) {
  for (; *text; text++) {
    if (cur(l) != *text) return false;
    adv(l);
  }
  return true;
}

static inline void to_line_end(TSLexer *l) {
  while (!at_line_end(l)) adv(l);
}

// A word that was read, cut at its capacity.
#define WORD_CAPACITY 24
typedef struct {
  char text[WORD_CAPACITY];
  uint32_t length;  // the true length, which may exceed the capacity
  bool upper;       // only upper case letters, digits, `_` and `-`
} Word;

static inline void word_clear(Word *w) {
  w->length = 0;
  w->upper = true;
  w->text[0] = 0;
}
static inline void word_push(Word *w, int32_t c) {
  if (!is_upper(c) && !is_digit(c) && c != '_' && c != '-') w->upper = false;
  if (w->length + 1 < WORD_CAPACITY) {
    w->text[w->length] = (c < 0x80) ? (char)to_lower(c) : '?';
    w->text[w->length + 1] = 0;
  }
  w->length++;
}
static inline bool word_is(const Word *w, const char *text) {
  return w->length < WORD_CAPACITY && strcmp(w->text, text) == 0;
}
static inline bool word_in(const Word *w, const char *const *list) {
  for (; *list; list++) {
    if (word_is(w, *list)) return true;
  }
  return false;
}

#endif
