// Where a cell in braces ends: a lexer for the strings, comments and characters of each language.
#ifndef METASCRIPT_SCAN_CODE_H_
#define METASCRIPT_SCAN_CODE_H_

#include "chars.h"
#include "languages.h"

// How the end of a cell is found. `plan_cell` decides it at the keyword, `read_cell` repeats it.
typedef enum {
  PLAN_LANGUAGE,  // the language's own lexer meets the closing brace
  PLAN_BRACES,    // plain counting of braces does
  PLAN_CLOSE,     // the first line `}` at the margin with a block header or the end of the file behind it
  PLAN_HEADER,    // the first block header at the margin: the cell is not closed
  PLAN_END,       // nothing does: the cell reaches to the end of the file
} Plan;

// Look ahead is bounded: a cell longer than this is not closed.
#define CELL_LIMIT (8u << 20)
// How far the language's lexer may go on after a line that looks like the end of the cell. A string may hold a
// whole script; plain code with a block header at the margin is most often the script itself.
#define STRING_PATIENCE (32u << 10)
#define CODE_PATIENCE (1u << 9)
// How far a comment or a raw string of Rust or C++ may reach when plain counting has met the end of the cell before.
#define COMMENT_PATIENCE (4u << 10)

// Watches the margin (column zero) for what tells the end of a cell that its braces do not tell.
typedef enum { LINE_OTHER, LINE_START, LINE_BRACE, LINE_AFTER, LINE_COMMENT, LINE_WORD, LINE_HEAD, LINE_OPEN } LineState;
typedef enum { MARGIN_NONE, MARGIN_CLOSE, MARGIN_HEADER } Margin;

typedef struct {
  LineState state;
  uint32_t word;
  bool closed;  // a lone `}` was the last line that is neither blank nor comment
  Margin found;
} MarginWatch;

static void margin_feed(MarginWatch *m, int32_t c) {
  bool newline = is_newline(c);
  switch (m->state) {
    case LINE_OTHER:
      if (newline) m->state = LINE_START;
      break;
    case LINE_START:
    case LINE_AFTER:
      if (newline) break;
      if (c == '}') {
        m->closed = false;
        m->state = LINE_BRACE;
      } else if (is_upper(c)) {
        m->word = 1;
        m->state = LINE_WORD;
      } else if (m->closed && (c == '#' || c == '/')) {
        m->state = LINE_COMMENT;
      } else {
        m->closed = false;
        m->state = LINE_OTHER;
      }
      break;
    case LINE_BRACE:
      if (newline) {
        m->closed = true;
        m->state = LINE_AFTER;
      } else if (!is_blank(c)) {
        m->state = LINE_OTHER;
      }
      break;
    case LINE_COMMENT:
      if (newline) m->state = LINE_AFTER;
      break;
    case LINE_WORD:
      if (is_upper(c) || is_digit(c) || c == '_' || c == '#') {
        m->word++;
      } else if (c == '{' && m->word > 1) {
        m->state = LINE_OPEN;
      } else if (is_blank(c) && m->word > 1) {
        m->state = LINE_HEAD;
      } else {
        m->closed = false;
        m->state = newline ? LINE_START : LINE_OTHER;
      }
      break;
    case LINE_HEAD:
      if (c == '{') {
        m->state = LINE_OPEN;
      } else if (!is_word(c) && !is_blank(c) && c != '"') {
        m->closed = false;
        m->state = newline ? LINE_START : LINE_OTHER;
      }
      break;
    case LINE_OPEN:
      if (newline) {
        if (m->found == MARGIN_NONE) m->found = m->closed ? MARGIN_CLOSE : MARGIN_HEADER;
        m->closed = false;
        m->state = LINE_START;
      } else if (!is_blank(c)) {
        m->closed = false;
        m->state = LINE_OTHER;
      }
      break;
  }
}

static void margin_end(MarginWatch *m) {
  if ((m->closed || m->state == LINE_BRACE) && m->found == MARGIN_NONE) m->found = MARGIN_CLOSE;
}

typedef struct {
  TSLexer *l;
  Language language;
  bool marking;  // reading the token itself, not looking ahead
  uint32_t depth;
  uint32_t count;
  uint32_t naive;       // depth by plain counting
  bool naive_closed;    // plain counting has met the end
  uint32_t naive_at;    // the count there
  uint32_t found_at;    // the count at which the margin told an end
  MarginWatch margin;   // what it told outside strings in triple quotes, which may hold whole scripts
  Margin first;         // what it told first, wherever
  uint32_t first_at;
  bool lost;            // the language's lexer does not find the end
  bool in_token;        // a string or a comment is read
  uint32_t token_at;    // the count at its beginning
  bool raw;             // it is a raw string whose opening does not end another one
  int32_t last, last2;  // the characters before
  int32_t prev;         // the character before that is not space
  Word word;            // the last word
  char heredoc[WORD_CAPACITY];
  bool any;      // some code was marked
  bool trailer;  // a line that names the output was met
} Cell;

static void cell_init(Cell *s, TSLexer *l, Language language, bool marking) {
  memset(s, 0, sizeof *s);
  s->l = l;
  s->language = language;
  s->marking = marking;
  s->last = s->last2 = s->prev = '\n';
}

static inline int32_t cc(Cell *s) { return s->lost || at_end(s->l) ? -1 : cur(s->l); }

static void step(Cell *s) {
  int32_t c = cur(s->l);
  if (!s->marking) {
    if (!s->naive_closed) {
      if (c == '{') {
        s->naive++;
      } else if (c == '}') {
        if (s->naive == 0) {
          s->naive_closed = true;
          s->naive_at = s->count;
        } else {
          s->naive--;
        }
      }
    }
    bool told = s->margin.found != MARGIN_NONE;
    margin_feed(&s->margin, c);
    if (!told && s->margin.found != MARGIN_NONE) {
      s->found_at = s->count;
      if (s->first == MARGIN_NONE) {
        s->first = s->margin.found;
        s->first_at = s->count;
      }
    }
    uint32_t patience = !s->in_token ? CODE_PATIENCE : s->raw ? COMMENT_PATIENCE : STRING_PATIENCE;
    if (told && s->count - s->found_at > patience) s->lost = true;
    if (s->naive_closed && s->in_token && s->count - s->token_at > patience) s->lost = true;
    if (s->count > CELL_LIMIT) s->lost = true;
  }
  s->count++;
  s->last2 = s->last;
  s->last = c;
  if (!is_space(c)) s->prev = c;
  adv(s->l);
}

// Inside a plain string or comment that the margin tells to be left open.
static inline void give_up_if_told(Cell *s, Margin before) {
  if (!s->marking && before == MARGIN_NONE && s->margin.found == MARGIN_CLOSE) s->lost = true;
}

static inline void begin_token(Cell *s) {
  s->in_token = true;
  s->token_at = s->count;
}

// Behind the quote that ends a string: a block header in it was text. When a lone `}` stood before that header, the
// string may have been left open, and the quote opens another one: as in `type: "log"` of the next block, where the
// quote follows a space and something follows the quote.
static inline void forget_header(Cell *s, Margin before, int32_t ahead_of_quote) {
  if (before != MARGIN_NONE || s->margin.found == MARGIN_NONE) return;
  if (s->margin.found == MARGIN_CLOSE) {
    int32_t a = ahead_of_quote, c = cc(s);
    bool begins = is_blank(a) || a == '(' || a == '[' || a == ',' || a == ':' || a == '=';
    bool ends = c < 0 || is_space(c) || c == ';' || c == ',' || c == ')' || c == ']' || c == '}' || c == '.';
    if (begins && !ends) {
      s->lost = true;
      return;
    }
  }
  s->margin.found = MARGIN_NONE;
}

// To the end of a string whose opening quote is passed. `escape` is the character that escapes, or 0;
// `doubled` tells that two quotes stand for one; `lines` that it may span lines.
static void read_quoted(Cell *s, int32_t quote, int32_t escape, bool doubled, bool lines) {
  Margin before = s->margin.found;
  for (;;) {
    int32_t c = cc(s);
    if (c < 0) return;
    if (is_newline(c) && !lines) return;
    step(s);
    if (escape && c == escape) {
      if (cc(s) >= 0) step(s);
    } else if (c == quote) {
      if (!doubled || cc(s) != quote) {
        forget_header(s, before, s->last2);
        return;
      }
      step(s);
    }
  }
}

// To `count` quotes in a row, which end a string in triple quotes or a raw string.
static void read_fenced(Cell *s, int32_t quote, uint32_t count, int32_t escape) {
  uint32_t run = 0;
  Margin before = s->margin.found;
  for (;;) {
    int32_t c = cc(s);
    if (c < 0) return;
    step(s);
    if (escape && c == escape) {
      run = 0;
      if (cc(s) >= 0) step(s);
    } else if (c == quote) {
      if (++run >= count && (escape || cc(s) != quote)) break;
    } else {
      run = 0;
    }
  }
  // The string is closed: a block header in it was text.
  if (before == MARGIN_NONE) s->margin.found = MARGIN_NONE;
}

// Counts quotes from the first on; zero is returned for a string that is read here already.
static uint32_t count_quotes(Cell *s, int32_t quote) {
  uint32_t n = 0;
  while (cc(s) == quote && n < 255) {
    step(s);
    n++;
  }
  return n;
}

// `'x'` is a character, `'a` a type parameter or a lifetime, `x'` a name.
static void read_character(Cell *s) {
  bool name = is_word(s->last) || s->last == '\'';
  step(s);
  if (name) return;
  if (cc(s) == '\\') {
    step(s);
    for (int i = 0; i < 12; i++) {
      int32_t c = cc(s);
      if (c < 0 || is_newline(c)) return;
      step(s);
      if (c == '\'' && i > 0) return;
    }
    return;
  }
  int32_t c = cc(s);
  if (c < 0 || is_newline(c) || c == '\'') return;
  if (c == '"' || c == '{' || c == '}') {
    // Only a character when the quote follows, which one character of look ahead cannot tell:
    // a type parameter never begins so.
    step(s);
    if (cc(s) == '\'') step(s);
    return;
  }
  step(s);
  if (cc(s) == '\'') step(s);
}

static void read_line_comment(Cell *s) {
  while (cc(s) >= 0 && !is_newline(cc(s))) step(s);
}

static void read_block_comment(Cell *s, int32_t open, int32_t middle, int32_t close, bool nested) {
  Margin before = s->margin.found;
  uint32_t start = s->count;
  begin_token(s);
  uint32_t depth = 1;
  int32_t prior = 0;
  while (depth > 0) {
    int32_t c = cc(s);
    if (c < 0) return;
    step(s);
    if (prior == middle && c == close) {
      depth--;
      prior = 0;
      continue;
    }
    if (nested && prior == open && c == middle) {
      depth++;
      prior = 0;
      continue;
    }
    prior = c;
    if (is_newline(c)) give_up_if_told(s, before);
    if (!s->marking && s->naive_closed && s->count - start > COMMENT_PATIENCE) s->lost = true;
  }
}

// A string with holes in braces, C# `$"..."` and Python `f"..."`, in which quotes may stand.
static void read_interpolated(Cell *s, int32_t quote, int32_t escape, bool doubled, bool lines) {
  uint32_t holes = 0;
  Margin before = s->margin.found;
  for (;;) {
    int32_t c = cc(s);
    if (c < 0 || (is_newline(c) && !lines && holes == 0)) return;
    if (is_newline(c) && !lines) return;
    step(s);
    if (holes == 0) {
      if (escape && c == escape) {
        if (cc(s) >= 0) step(s);
      } else if (c == quote) {
        if (!doubled || cc(s) != quote) {
          forget_header(s, before, s->last2);
          return;
        }
        step(s);
      } else if (c == '{') {
        if (cc(s) == '{') {
          step(s);
        } else {
          holes = 1;
        }
      }
    } else if (c == '{') {
      holes++;
    } else if (c == '}') {
      holes--;
    } else if (c == '"' || c == '\'') {
      if (c == '\'' && s->language == LANG_CSHARP) continue;
      read_quoted(s, c, '\\', false, false);
    }
  }
}

static void read_template_literal(Cell *s) {
  // Modes of nested `${}` and backticks, without recursion.
  char modes[64];
  uint32_t depth = 0;
  modes[depth++] = '`';
  Margin before = s->margin.found;
  while (depth > 0) {
    int32_t c = cc(s);
    if (c < 0) return;
    step(s);
    if (modes[depth - 1] == '`') {
      if (c == '\\') {
        if (cc(s) >= 0) step(s);
      } else if (c == '`') {
        depth--;
      } else if (c == '$' && cc(s) == '{') {
        step(s);
        if (depth < sizeof modes) modes[depth++] = '{';
      }
    } else if (c == '{') {
      if (depth < sizeof modes) modes[depth++] = '{';
    } else if (c == '}') {
      depth--;
    } else if (c == '`') {
      if (depth < sizeof modes) modes[depth++] = '`';
    } else if (c == '"' || c == '\'') {
      read_quoted(s, c, '\\', false, false);
    }
  }
  forget_header(s, before, 0);
}

static const char *const BEFORE_REGEX[] = {"return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "yield", "await", NULL};

static bool regex_may_begin(Cell *s) {
  if (is_word(s->prev) || s->prev == '$') return word_in(&s->word, BEFORE_REGEX);
  return s->prev != ')' && s->prev != ']' && s->prev != '}' && s->prev != '"' && s->prev != '\'' && s->prev != '`';
}

static void read_regex(Cell *s) {
  bool set = false;
  for (;;) {
    int32_t c = cc(s);
    if (c < 0 || is_newline(c)) return;
    step(s);
    if (c == '\\') {
      if (cc(s) >= 0 && !is_newline(cc(s))) step(s);
    } else if (c == '[') {
      set = true;
    } else if (c == ']') {
      set = false;
    } else if (c == '/' && !set) {
      return;
    }
  }
}

// Behind `<<`: the word that ends the here-document. Its text begins on the next line.
static void read_heredoc_word(Cell *s) {
  if (cc(s) == '<') {
    step(s);
    return;  // `<<<` is a here-string
  }
  if (cc(s) == '-' || cc(s) == '~') step(s);
  int32_t quote = 0;
  if (cc(s) == '\'' || cc(s) == '"') {
    quote = cc(s);
    step(s);
  }
  uint32_t n = 0;
  while (is_word(cc(s)) && n + 1 < WORD_CAPACITY && cc(s) < 0x80) {
    s->heredoc[n++] = (char)cc(s);
    step(s);
  }
  s->heredoc[n] = 0;
  if (quote && cc(s) == quote) step(s);
}

static void read_heredoc(Cell *s) {
  Margin before = s->margin.found;
  for (;;) {
    // One line: compared with the word after its indentation.
    while (cc(s) == ' ' || cc(s) == '\t') step(s);
    uint32_t n = 0;
    while (s->heredoc[n] && cc(s) == s->heredoc[n]) {
      step(s);
      n++;
    }
    bool end = s->heredoc[n] == 0 && (cc(s) < 0 || is_newline(cc(s)));
    if (end || cc(s) < 0) break;
    while (cc(s) >= 0 && !is_newline(cc(s))) step(s);
    if (cc(s) >= 0) step(s);
    give_up_if_told(s, before);
  }
  s->heredoc[0] = 0;
  forget_header(s, before, 0);
}

// `r"..."`, `r#"..."#` behind the `r`.
static void read_rust_raw(Cell *s) {
  uint32_t hashes = 0;
  while (cc(s) == '#' && hashes < 255) {
    step(s);
    hashes++;
  }
  if (cc(s) != '"') return;
  s->raw = hashes > 0;
  step(s);
  Margin before = s->margin.found;
  for (;;) {
    int32_t c = cc(s);
    if (c < 0) return;
    step(s);
    if (c != '"') {
      if (is_newline(c)) give_up_if_told(s, before);
      continue;
    }
    uint32_t n = 0;
    while (n < hashes && cc(s) == '#') {
      step(s);
      n++;
    }
    if (n == hashes) return;
  }
}

// C++ `R"delimiter(...)delimiter"` behind the `R`.
static void read_cpp_raw(Cell *s) {
  char delimiter[17];
  uint32_t n = 0;
  step(s);
  while (cc(s) >= 0 && cc(s) != '(' && cc(s) != '"' && !is_newline(cc(s)) && n < 16) {
    delimiter[n++] = cc(s) < 0x80 ? (char)cc(s) : '?';
    step(s);
  }
  if (cc(s) != '(') return;
  s->raw = true;
  Margin before = s->margin.found;
  for (;;) {
    int32_t c = cc(s);
    if (c < 0) return;
    step(s);
    if (is_newline(c)) give_up_if_told(s, before);
    if (c != ')') continue;
    uint32_t i = 0;
    while (i < n && cc(s) == delimiter[i]) {
      step(s);
      i++;
    }
    if (i == n && cc(s) == '"') {
      step(s);
      return;
    }
  }
}

// SQL `$tag$ ... $tag$` at the first `$`.
static void read_dollar_quote(Cell *s) {
  char tag[WORD_CAPACITY];
  uint32_t n = 0;
  step(s);
  while (is_word(cc(s)) && cc(s) < 0x80 && n + 1 < WORD_CAPACITY) {
    tag[n++] = (char)cc(s);
    step(s);
  }
  if (cc(s) != '$') return;
  step(s);
  Margin before = s->margin.found;
  for (;;) {
    int32_t c = cc(s);
    if (c < 0) return;
    step(s);
    if (is_newline(c)) give_up_if_told(s, before);
    if (c != '$') continue;
    uint32_t i = 0;
    while (i < n && cc(s) == tag[i]) {
      step(s);
      i++;
    }
    if (i == n && cc(s) == '$') {
      step(s);
      return;
    }
  }
}

static void read_powershell_here(Cell *s, int32_t quote) {
  // Behind `@"`: ends at a line that begins with `"@`.
  Margin before = s->margin.found;
  for (;;) {
    int32_t c = cc(s);
    if (c < 0) return;
    step(s);
    if (!is_newline(c)) continue;
    give_up_if_told(s, before);
    if (cc(s) != quote) continue;
    step(s);
    if (cc(s) == '@') {
      step(s);
      return;
    }
  }
}

static void read_double_quote(Cell *s) {
  bool at = s->last == '@' || (s->last == '$' && s->last2 == '@');
  bool dollar = s->last == '$' || (s->last == '@' && s->last2 == '$');
  int32_t last = to_lower(s->last), last2 = to_lower(s->last2);
  switch (s->language) {
    case LANG_FSHARP:
    case LANG_CSHARP:
    case LANG_JULIA: {
      if (at) {
        step(s);
        if (dollar) {
          read_interpolated(s, '"', 0, true, true);
        } else {
          read_quoted(s, '"', 0, true, true);
        }
        return;
      }
      uint32_t n = count_quotes(s, '"');
      if (n == 1) {
        if (dollar && s->language == LANG_CSHARP) {
          read_interpolated(s, '"', '\\', false, false);
        } else {
          read_quoted(s, '"', '\\', false, s->language != LANG_CSHARP);
        }
      } else if (n == 3 || (n > 3 && n != 6)) {
        read_fenced(s, '"', s->language == LANG_CSHARP ? n : 3, 0);
      }
      return;
    }
    case LANG_PYTHON: {
      bool f = last == 'f' || ((last == 'r' || last == 'b') && last2 == 'f');
      uint32_t n = count_quotes(s, '"');
      if (n == 1) {
        if (f) {
          read_interpolated(s, '"', '\\', false, false);
        } else {
          read_quoted(s, '"', '\\', false, false);
        }
      } else if (n >= 3 && n < 6) {
        read_fenced(s, '"', 3, '\\');
      }
      return;
    }
    case LANG_POWERSHELL:
      step(s);
      if (at && is_newline(cc(s))) {
        read_powershell_here(s, '"');
      } else {
        read_quoted(s, '"', '`', true, true);
      }
      return;
    case LANG_C:
      if (s->last == 'R') {
        read_cpp_raw(s);
        return;
      }
      step(s);
      read_quoted(s, '"', '\\', false, false);
      return;
    case LANG_RUST:
    case LANG_BASH:
    case LANG_ML:
      step(s);
      read_quoted(s, '"', '\\', false, true);
      return;
    case LANG_SQL:
      step(s);
      read_quoted(s, '"', 0, true, false);
      return;
    case LANG_GENERIC: {
      uint32_t n = count_quotes(s, '"');
      if (n == 1) {
        read_quoted(s, '"', '\\', false, false);
      } else if (n >= 3 && n < 6) {
        read_fenced(s, '"', 3, '\\');
      }
      return;
    }
    default:
      step(s);
      read_quoted(s, '"', '\\', false, false);
      return;
  }
}

static void read_single_quote(Cell *s) {
  switch (s->language) {
    case LANG_FSHARP:
    case LANG_CSHARP:
    case LANG_RUST:
    case LANG_C:
    case LANG_JULIA:
      read_character(s);
      return;
    case LANG_PYTHON: {
      int32_t last = to_lower(s->last), last2 = to_lower(s->last2);
      bool f = last == 'f' || ((last == 'r' || last == 'b') && last2 == 'f');
      uint32_t n = count_quotes(s, '\'');
      if (n == 1) {
        if (f) {
          read_interpolated(s, '\'', '\\', false, false);
        } else {
          read_quoted(s, '\'', '\\', false, false);
        }
      } else if (n >= 3 && n < 6) {
        read_fenced(s, '\'', 3, '\\');
      }
      return;
    }
    case LANG_JS:
      step(s);
      read_quoted(s, '\'', '\\', false, false);
      return;
    case LANG_SQL:
      step(s);
      read_quoted(s, '\'', 0, true, true);
      return;
    case LANG_BASH:
      step(s);
      read_quoted(s, '\'', 0, false, true);
      return;
    case LANG_POWERSHELL: {
      bool at = s->last == '@';
      step(s);
      if (at && is_newline(cc(s))) {
        read_powershell_here(s, '\'');
      } else {
        read_quoted(s, '\'', 0, true, true);
      }
      return;
    }
    default:
      step(s);
      return;
  }
}

static inline bool hash_comments(Language language) {
  return language == LANG_PYTHON || language == LANG_BASH || language == LANG_POWERSHELL || language == LANG_JULIA;
}
static inline bool slash_comments(Language language) {
  return language == LANG_FSHARP || language == LANG_CSHARP || language == LANG_JS || language == LANG_RUST || language == LANG_C;
}

// Passes one token. Returns false at the brace that ends the cell and at the end of the text.
static bool read_token(Cell *s) {
  int32_t c = cc(s);
  Language g = s->language;
  s->in_token = s->raw = false;
  if (c < 0) return false;
  if (c == '{') {
    s->depth++;
    step(s);
    return true;
  }
  if (c == '}') {
    if (s->depth == 0) return false;
    s->depth--;
    step(s);
    return true;
  }
  if (g == LANG_PROSE) {
    step(s);
    return true;
  }
  if (is_word_start(c)) {
    bool joined = s->last == '.' || is_word(s->last);
    word_clear(&s->word);
    while (is_word(cc(s))) {
      word_push(&s->word, cc(s));
      step(s);
    }
    if (g == LANG_RUST && !joined && (word_is(&s->word, "r") || word_is(&s->word, "br") || word_is(&s->word, "cr")) &&
        (cc(s) == '"' || cc(s) == '#')) {
      begin_token(s);
      read_rust_raw(s);
    }
    return true;
  }
  if (c == '"') {
    begin_token(s);
    read_double_quote(s);
    return true;
  }
  if (c == '\'') {
    begin_token(s);
    read_single_quote(s);
    return true;
  }
  if (c == '/') {
    bool regex = g == LANG_JS && regex_may_begin(s);
    bool margin = is_space(s->last);
    step(s);
    if (cc(s) == '/' && (slash_comments(g) || (g == LANG_GENERIC && margin))) {
      read_line_comment(s);
    } else if (cc(s) == '*' && (slash_comments(g) || g == LANG_SQL)) {
      if (g != LANG_FSHARP) {
        step(s);
        read_block_comment(s, '/', '*', '/', g == LANG_RUST);
      }
    } else if (regex) {
      read_regex(s);
    }
    return true;
  }
  if (c == '(' && (g == LANG_FSHARP || g == LANG_ML)) {
    step(s);
    if (cc(s) == '*') {
      step(s);
      if (cc(s) != ')') read_block_comment(s, '(', '*', ')', true);
    }
    return true;
  }
  if (c == '#' && (hash_comments(g) || (g == LANG_GENERIC && is_space(s->last)))) {
    // In a shell a comment begins a word: `$#` and `${#x}` do not.
    bool comment = g != LANG_BASH || is_space(s->last) || s->last == ';' || s->last == '(';
    step(s);
    if (g == LANG_JULIA && cc(s) == '=') {
      step(s);
      read_block_comment(s, '#', '=', '#', true);
    } else if (comment) {
      read_line_comment(s);
    }
    return true;
  }
  if (c == '-' && g == LANG_SQL) {
    step(s);
    if (cc(s) == '-') read_line_comment(s);
    return true;
  }
  if (c == '<' && (g == LANG_BASH || g == LANG_POWERSHELL)) {
    step(s);
    if (g == LANG_POWERSHELL && cc(s) == '#') {
      step(s);
      read_block_comment(s, '<', '#', '>', false);
    } else if (g == LANG_BASH && cc(s) == '<' && s->heredoc[0] == 0) {
      step(s);
      read_heredoc_word(s);
    }
    return true;
  }
  if (is_newline(c) && s->heredoc[0]) {
    step(s);
    if (c == '\r' && cc(s) == '\n') step(s);
    begin_token(s);
    read_heredoc(s);
    return true;
  }
  if (c == '`') {
    step(s);
    if (g == LANG_JS) {
      begin_token(s);
      read_template_literal(s);
    } else if (g == LANG_FSHARP && cc(s) == '`') {
      step(s);
      // A name in double backticks, on one line.
      int32_t prior = 0;
      while (cc(s) >= 0 && !is_newline(cc(s))) {
        int32_t b = cc(s);
        step(s);
        if (b == '`' && prior == '`') break;
        prior = b;
      }
    } else if (g == LANG_POWERSHELL && cc(s) >= 0) {
      step(s);
    }
    return true;
  }
  if (c == '\\' && g == LANG_BASH) {
    step(s);
    if (cc(s) >= 0) step(s);
    return true;
  }
  if (c == '$' && g == LANG_SQL) {
    begin_token(s);
    read_dollar_quote(s);
    return true;
  }
  step(s);
  return true;
}

static bool read_plain(Cell *s) {
  int32_t c = cc(s);
  if (c < 0 || (c == '}' && s->depth == 0)) return false;
  if (c == '{') s->depth++;
  if (c == '}') s->depth--;
  step(s);
  return true;
}

// A line `output_variable: "x"` is part of the block, not of the code, when nothing but such lines
// stands between it and the end of the cell. Returns whether the end of the cell follows.
static bool read_trailer(Cell *s) {
  for (;;) {
    Word w;
    word_clear(&w);
    while (is_word(cc(s))) {
      word_push(&w, cc(s));
      step(s);
    }
    s->word = w;
    if (!word_is(&w, "output_variable") && !word_is(&w, "result_variable")) return false;
    while (cc(s) >= 0 && is_blank(cc(s))) step(s);
    if (cc(s) != ':' && cc(s) != '=') return false;
    step(s);
    while (cc(s) >= 0 && is_blank(cc(s))) step(s);
    if (cc(s) != '"') return false;
    step(s);
    while (is_word(cc(s)) || cc(s) == '.' || cc(s) == '-' || cc(s) == '$') step(s);
    if (cc(s) != '"') {
      // Some other string: finish it, so that the cell goes on behind it.
      read_quoted(s, '"', '\\', false, false);
      return false;
    }
    step(s);
    while (cc(s) >= 0 && is_blank(cc(s))) step(s);
    if (cc(s) == ',' || cc(s) == ';') step(s);
    while (cc(s) >= 0 && is_space(cc(s))) step(s);
    if (cc(s) == '}') return true;
    if (cc(s) != 'o' && cc(s) != 'r') return false;
  }
}

static inline void cell_mark(Cell *s) {
  if (!s->marking) return;
  s->l->mark_end(s->l);
  s->any = true;
}

// Reads to the closing brace, which stays unread. Returns whether it was met.
static bool read_to_close(Cell *s, bool plain) {
  for (;;) {
    int32_t c = cc(s);
    if (c < 0) return false;
    if ((c == 'o' || c == 'r') && s->depth == 0 && s->language != LANG_PROSE && is_newline(s->last)) {
      if (read_trailer(s)) {
        s->trailer = true;
        return true;
      }
      cell_mark(s);
      continue;
    }
    bool space = is_space(c);
    if (space && !(is_newline(c) && s->heredoc[0])) {
      // Spaces at the beginning of a line are passed as if they were not there, for `read_trailer`.
      int32_t last = s->last;
      step(s);
      if (is_newline(last) && is_blank(c)) s->last = last;
      continue;
    }
    if (!(plain ? read_plain(s) : read_token(s))) return cc(s) == '}';
    cell_mark(s);
  }
}

// Looks ahead from behind the opening brace.
static Plan plan_cell(TSLexer *l, Language language) {
  Cell s;
  cell_init(&s, l, language, false);
  if (read_to_close(&s, language == LANG_PROSE)) return PLAN_LANGUAGE;
  // The rest is read only for what plain counting and the margin tell.
  s.lost = false;
  while (!at_end(l) && s.count <= CELL_LIMIT && !s.naive_closed && s.first == MARGIN_NONE) {
    step(&s);
    s.lost = false;
  }
  if (at_end(l)) {
    margin_end(&s.margin);
    if (s.first == MARGIN_NONE) s.first = s.margin.found;
  }
  if (s.naive_closed && (s.first == MARGIN_NONE || s.naive_at < s.first_at)) return PLAN_BRACES;
  if (s.first == MARGIN_CLOSE) return PLAN_CLOSE;
  return s.first == MARGIN_HEADER ? PLAN_HEADER : PLAN_END;
}

// Reads the code itself and marks its end behind the last character that is not space. Returns whether
// there is a token, which is empty when nothing but the line that names the output stands in the cell.
static bool read_cell(TSLexer *l, Language language, Plan plan, bool line_start) {
  if (plan == PLAN_LANGUAGE || plan == PLAN_BRACES) {
    Cell s;
    cell_init(&s, l, language, true);
    read_to_close(&s, plan == PLAN_BRACES || language == LANG_PROSE);
    return s.any || s.trailer;
  }
  MarginWatch margin;
  memset(&margin, 0, sizeof margin);
  if (line_start) margin.state = LINE_START;
  bool any = false;
  while (!at_end(l)) {
    int32_t c = cur(l);
    margin_feed(&margin, c);
    if (plan != PLAN_END && margin.found != MARGIN_NONE) break;
    adv(l);
    bool undecided = margin.state == LINE_BRACE || margin.closed || margin.state == LINE_WORD ||
                     margin.state == LINE_HEAD || margin.state == LINE_OPEN;
    if (!is_space(c) && (plan == PLAN_END || !undecided)) {
      l->mark_end(l);
      any = true;
    }
  }
  return any;
}

#endif
