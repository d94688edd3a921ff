// What stands in `${...}`: where it ends, and whether grammar.js can derive it.
#ifndef METASCRIPT_SCAN_EXPRESSION_H_
#define METASCRIPT_SCAN_EXPRESSION_H_

#include "chars.h"

// Longest interpolation, in characters. It bounds the look ahead of every string that holds one.
#define INTERPOLATION_LIMIT 4096
#define INTERPOLATION_DEPTH 48
#define EXPRESSION_DEPTH 40

typedef enum { BALANCE_OPEN, BALANCE_DONE, BALANCE_FAILED } BalanceState;

// Finds the `}` of a `${`, one character at a time.
typedef struct {
  char modes[INTERPOLATION_DEPTH];  // '{', '\'', '"', '`', or 'e' for a string in `\"`
  uint32_t depth;
  uint32_t count;
  bool escaped;
  bool dollar;
  BalanceState state;
} Balance;

static inline void balance_init(Balance *b) {
  b->modes[0] = '{';
  b->depth = 1;
  b->count = 0;
  b->escaped = false;
  b->dollar = false;
  b->state = BALANCE_OPEN;
}

static inline void balance_push(Balance *b, char mode) {
  if (b->depth == INTERPOLATION_DEPTH) {
    b->state = BALANCE_FAILED;
    return;
  }
  b->modes[b->depth++] = mode;
}

static void balance_feed(Balance *b, int32_t c) {
  if (b->state != BALANCE_OPEN) return;
  if (++b->count > INTERPOLATION_LIMIT) {
    b->state = BALANCE_FAILED;
    return;
  }
  char mode = b->modes[b->depth - 1];
  if (mode == '{') {
    // A script's string may hold the expression, whose quotes are escaped then.
    bool escaped = b->escaped;
    b->escaped = c == '\\' && !escaped;
    if (escaped) {
      if (c == '"') balance_push(b, 'e');
      return;
    }
    if (c == '{') {
      balance_push(b, '{');
    } else if (c == '}') {
      if (--b->depth == 0) b->state = BALANCE_DONE;
    } else if (c == '\'' || c == '"' || c == '`') {
      balance_push(b, (char)c);
    }
    return;
  }
  if (mode == 'e') {
    if (b->escaped && c == '"') {
      b->depth--;
    } else if (c == '"' || is_newline(c)) {
      b->state = BALANCE_FAILED;
    }
    b->escaped = c == '\\' && !b->escaped;
    return;
  }
  if (b->escaped) {
    b->escaped = false;
    if (mode == '`' || !is_newline(c)) return;
  }
  if (c == '\\') {
    b->escaped = true;
    b->dollar = false;
  } else if (c == mode) {
    b->depth--;
    b->dollar = false;
  } else if (mode == '`') {
    if (c == '{' && b->dollar) balance_push(b, '{');
    b->dollar = c == '$';
  } else if (is_newline(c)) {
    b->state = BALANCE_FAILED;
  }
}

typedef enum {
  EXPRESSION_NONE,     // not an interpolation: its end does not come
  EXPRESSION_PARSED,   // grammar.js derives it
  EXPRESSION_OPAQUE,   // beyond the subset, not wrong
  EXPRESSION_INVALID,  // surely wrong: an operand is missing, or a bracket
} ExpressionKind;

typedef struct {
  TSLexer *lexer;
  Balance balance;
  uint32_t depth;
  bool invalid;
  bool bare;    // the last expression was a single name
  bool equals;  // the last operand was followed by a `=`, which is passed
} Recogniser;

// The end of the text counts as -1, and so does NUL, which the generated lexer takes for the end.
static inline int32_t rc(Recogniser *r) {
  return r->balance.state == BALANCE_OPEN && cur(r->lexer) != 0 ? cur(r->lexer) : -1;
}
static inline void rnext(Recogniser *r) {
  balance_feed(&r->balance, cur(r->lexer));
  // The closing brace is left unread, for the end of the token is before it.
  if (r->balance.state != BALANCE_DONE) adv(r->lexer);
}
static inline void rspace(Recogniser *r) {
  while (is_space(rc(r))) rnext(r);
}
// The brace that ends the interpolation is the only one at depth one.
static inline bool at_close(Recogniser *r) { return rc(r) == '}' && r->balance.depth == 1; }

static bool expression(Recogniser *r);

static bool operand_missing(Recogniser *r) {
  int32_t c = rc(r);
  if (c == '}' || c == ')' || c == ']' || c == ',') r->invalid = true;
  return false;
}

static bool quoted(Recogniser *r) {
  int32_t quote = rc(r);
  rnext(r);
  for (;;) {
    int32_t c = rc(r);
    if (c < 0 || is_newline(c)) return false;
    if (c == '\\') {
      rnext(r);
      if (rc(r) < 0 || is_newline(rc(r))) return false;
      rnext(r);
      continue;
    }
    rnext(r);
    if (c == quote) return true;
  }
}

static bool backtick(Recogniser *r) {
  rnext(r);
  for (;;) {
    int32_t c = rc(r);
    if (c < 0) return false;
    rnext(r);
    if (c == '`') return true;
    if (c == '\\') {
      if (rc(r) < 0) return false;
      rnext(r);
      continue;
    }
    if (c == '$') {
      // Left to the opaque form, because the lexer reads `$${` two ways.
      if (rc(r) == '$') return false;
      if (rc(r) != '{') continue;
      rnext(r);
      if (!expression(r)) return false;
      rspace(r);
      if (rc(r) != '}') return false;
      rnext(r);
    }
  }
}

static const char *const RESERVED[] = {"true", "false", "null", "undefined", "new", "typeof", NULL};
static const char *const STATEMENT_WORDS[] = {"await", "function", "async", "class", "in", "instanceof", "of", "void", "delete", "yield", NULL};

// Lists in brackets; `closer` is ')' or ']'.
static bool list(Recogniser *r, int32_t closer) {
  rspace(r);
  if (rc(r) == closer) {
    rnext(r);
    return true;
  }
  for (;;) {
    rspace(r);
    if (rc(r) == '.') {
      rnext(r);
      if (rc(r) != '.') return false;
      rnext(r);
      if (rc(r) != '.') return false;
      rnext(r);
    }
    if (!expression(r)) return false;
    rspace(r);
    if (rc(r) == closer) {
      rnext(r);
      return true;
    }
    if (rc(r) != ',') {
      int32_t c = rc(r);
      if (c == '}' || c == ']' || c == ')') r->invalid = true;
      return false;
    }
    rnext(r);
  }
}

static void js_word(Recogniser *r, Word *w) {
  word_clear(w);
  while (is_js_word(rc(r))) {
    // Reserved words are told by case.
    int32_t c = rc(r);
    word_push(w, c);
    if (w->length < WORD_CAPACITY) w->text[w->length - 1] = (char)c;
    rnext(r);
  }
}

static bool object(Recogniser *r) {
  rnext(r);
  rspace(r);
  if (rc(r) == '}') {
    rnext(r);
    return true;
  }
  for (;;) {
    rspace(r);
    if (rc(r) == '.') {
      for (int i = 0; i < 3; i++) {
        if (rc(r) != '.') return false;
        rnext(r);
      }
      if (!expression(r)) return false;
    } else {
      if (rc(r) == '"' || rc(r) == '\'') {
        if (!quoted(r)) return false;
      } else if (is_js_word_start(rc(r))) {
        Word w;
        js_word(r, &w);
      } else {
        return false;
      }
      rspace(r);
      if (rc(r) == ':') {
        rnext(r);
        if (!expression(r)) return false;
      }
    }
    rspace(r);
    if (rc(r) == '}') {
      rnext(r);
      return true;
    }
    if (rc(r) != ',') return false;
    rnext(r);
  }
}

// After a whole operand: `.name`, `?.name`, `[index]`, `(arguments)`, and the first `=` of `==`.
static bool postfix(Recogniser *r) {
  for (;;) {
    rspace(r);
    int32_t c = rc(r);
    if (c == '.') {
      rnext(r);
      rspace(r);
      if (!is_js_word_start(rc(r))) return operand_missing(r);
      Word w;
      js_word(r, &w);
    } else if (c == '[') {
      rnext(r);
      if (!expression(r)) return false;
      rspace(r);
      if (rc(r) != ']') return operand_missing(r);
      rnext(r);
    } else if (c == '(') {
      rnext(r);
      if (!list(r, ')')) return false;
    } else {
      return true;
    }
    r->bare = false;
  }
}

// After names that may be parameters. Passes `=> body` and answers in `*is_arrow`.
static bool arrow_body(Recogniser *r, bool *is_arrow) {
  *is_arrow = false;
  rspace(r);
  if (rc(r) != '=') return true;
  rnext(r);
  if (rc(r) != '>') {
    r->equals = true;
    return true;
  }
  rnext(r);
  *is_arrow = true;
  rspace(r);
  if (rc(r) == '{') return false;  // a block of statements
  bool ok = expression(r);
  r->bare = false;
  return ok;
}

static bool parenthesised(Recogniser *r) {
  bool names = true;
  uint32_t count = 0;
  rnext(r);
  rspace(r);
  if (rc(r) == ')') {
    rnext(r);
  } else {
    for (;;) {
      if (!expression(r)) return false;
      names = names && r->bare;
      count++;
      rspace(r);
      if (rc(r) == ')') break;
      if (rc(r) != ',') return operand_missing(r);
      rnext(r);
    }
    rnext(r);
  }
  bool is_arrow;
  r->bare = false;
  if (names) {
    if (!arrow_body(r, &is_arrow)) return false;
    if (is_arrow) return true;
    if (count == 0) {
      if (!r->equals) r->invalid = true;
      return false;
    }
  }
  if (count != 1) return false;
  return r->equals || postfix(r);
}

static bool operand(Recogniser *r) {
  r->equals = false;
  r->bare = false;
  rspace(r);
  int32_t c = rc(r);
  bool prefixed = false;
  while (c == '!' || c == '-' || c == '+') {
    prefixed = true;
    rnext(r);
    if (c != '!' && rc(r) == c) return false;  // `--x` and `++x` assign
    rspace(r);
    c = rc(r);
  }
  if (is_digit(c)) {
    while (is_digit(rc(r))) rnext(r);
    if (rc(r) == '.') {
      rnext(r);
      if (!is_digit(rc(r))) return false;
      while (is_digit(rc(r))) rnext(r);
    }
    if (is_word(rc(r)) || rc(r) == '.' || rc(r) == '$') return false;
    return postfix(r);
  }
  if (c == '"' || c == '\'') return quoted(r) && postfix(r);
  if (c == '`') return backtick(r) && postfix(r);
  if (c == '[') {
    rnext(r);
    return list(r, ']') && postfix(r);
  }
  if (c == '{') return object(r) && postfix(r);
  if (c == '(') return parenthesised(r);
  if (!is_js_word_start(c)) return operand_missing(r);
  Word w;
  js_word(r, &w);
  if (is_word(rc(r))) return false;  // a letter of another script follows
  if (word_in(&w, STATEMENT_WORDS)) return false;
  if (word_is(&w, "new") || word_is(&w, "typeof")) {
    bool ok = operand(r);
    r->bare = false;
    return ok;
  }
  if (word_in(&w, RESERVED)) return postfix(r);
  rspace(r);
  if (rc(r) == '=') {
    bool is_arrow;
    bool ok = arrow_body(r, &is_arrow);
    r->bare = ok && !is_arrow && !r->equals && !prefixed;
    return ok;
  }
  r->bare = !prefixed;
  return postfix(r);
}

// `a op b op c`, `a ? b : c`. The binding of operators does not matter for the yes or no.
static bool expression_here(Recogniser *r) {
  if (!operand(r)) return false;
  bool bare = r->bare;
  for (;;) {
    int32_t c;
    if (r->equals) {
      c = '=';
    } else {
      rspace(r);
      c = rc(r);
    }
    if (c == '=') {
      if (!r->equals) rnext(r);
      if (rc(r) != '=') return false;
      rnext(r);
      if (rc(r) == '=') rnext(r);
    } else if (c == '!') {
      rnext(r);
      if (rc(r) != '=') return false;
      rnext(r);
      if (rc(r) == '=') rnext(r);
    } else if (c == '<' || c == '>') {
      rnext(r);
      if (rc(r) == '=') rnext(r);
    } else if (c == '&' || c == '|') {
      rnext(r);
      if (rc(r) != c) return false;
      rnext(r);
    } else if (c == '+' || c == '-' || c == '*' || c == '/' || c == '%') {
      rnext(r);
      if (c == '/' && (rc(r) == '/' || rc(r) == '*')) return false;
    } else if (c == '?') {
      rnext(r);
      if (rc(r) == '?') {
        rnext(r);
      } else if (rc(r) == '.') {
        rnext(r);
        rspace(r);
        if (!is_js_word_start(rc(r))) return false;
        Word w;
        js_word(r, &w);
        if (!postfix(r)) return false;
        bare = false;
        continue;
      } else {
        if (!expression(r)) return false;
        rspace(r);
        if (rc(r) != ':') return operand_missing(r);
        rnext(r);
        if (!expression(r)) return false;
        r->bare = false;
        return true;
      }
    } else {
      r->bare = bare;
      return true;
    }
    bare = false;
    if (!operand(r)) return false;
  }
}

static bool expression(Recogniser *r) {
  if (r->depth == EXPRESSION_DEPTH) return false;
  r->depth++;
  bool ok = expression_here(r);
  r->depth--;
  return ok;
}

// Reads from behind `${` up to the `}` that ends it, which stays unread.
static ExpressionKind read_expression(TSLexer *l) {
  Recogniser r;
  memset(&r, 0, sizeof r);
  r.lexer = l;
  balance_init(&r.balance);
  bool ok = expression(&r);
  if (ok) {
    rspace(&r);
    ok = at_close(&r);
    int32_t c = rc(&r);
    if (!ok && (c == ')' || c == ']')) r.invalid = true;
  }
  if (ok) return EXPRESSION_PARSED;
  while (r.balance.state == BALANCE_OPEN && !at_end(l)) {
    if (at_close(&r)) return r.invalid ? EXPRESSION_INVALID : EXPRESSION_OPAQUE;
    rnext(&r);
  }
  return EXPRESSION_NONE;
}

// Whether `=>` follows one name or a list of names, from the first character on. It is only asked
// inside an interpolation that was read before, so its length is bounded.
static bool at_arrow(TSLexer *l) {
  Word w;
  bool parens = cur(l) == '(';
  if (parens) adv(l);
  for (;;) {
    while (is_space(cur(l))) adv(l);
    if (parens && cur(l) == ')') break;
    if (!is_js_word_start(cur(l))) return false;
    word_clear(&w);
    while (is_js_word(cur(l))) {
      int32_t c = cur(l);
      word_push(&w, c);
      if (w.length < WORD_CAPACITY) w.text[w.length - 1] = (char)c;
      adv(l);
    }
    if (word_in(&w, RESERVED) || word_in(&w, STATEMENT_WORDS)) return false;
    while (is_space(cur(l))) adv(l);
    if (!parens || cur(l) == ')') break;
    if (cur(l) != ',') return false;
    adv(l);
  }
  if (parens) adv(l);
  while (is_space(cur(l))) adv(l);
  if (cur(l) != '=') return false;
  adv(l);
  return cur(l) == '>';
}

#endif
