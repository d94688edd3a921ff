// What kind of document a file is, told by its first lines and never by its name.
#ifndef METASCRIPT_SCAN_SNIFF_H_
#define METASCRIPT_SCAN_SNIFF_H_

#include "chars.h"

// How much of a file is looked at. The first strong sign decides, which mostly stands in the first lines.
#define SNIFF_LIMIT (32u << 10)

typedef enum { DOC_BRACE, DOC_LITERATE, DOC_XML, DOC_JSON, DOC_YAML, DOC_FSHARP, DOC_TEXT } Kind;

typedef struct {
  TSLexer *l;
  uint32_t count;
} Sniff;

static inline int32_t sc(Sniff *s) { return s->count >= SNIFF_LIMIT || at_end(s->l) ? -1 : cur(s->l); }
static inline void snext(Sniff *s) {
  s->count++;
  adv(s->l);
}

typedef enum {
  SIGN_NONE,
  SIGN_BLANK,
  SIGN_HASH,      // `# ...`: a comment or a heading
  SIGN_HEADING,   // `## ...`
  SIGN_COMMENT,   // `//`, `(*`, `/*`
  SIGN_FENCE,
  SIGN_RULE,      // `---`
  SIGN_BLOCK,     // `KEYWORD {`
  SIGN_PROPERTY,  // `key: "value"` or `key = value`
  SIGN_BRACED,    // `key: {` or `key: [`
  SIGN_MAPPING,   // `key:` with nothing behind, at the margin
  SIGN_PLAIN,     // `key: plain text`
  SIGN_ITEM,      // `- item`
  SIGN_LET,       // `let x = ...`, `module`, `open`, `type`
  SIGN_COMMAND,   // `SPAWN QRE 1`
  SIGN_SHEBANG,
  SIGN_BRACE_SHEBANG,
  SIGN_XML,
  SIGN_JSON,
  SIGN_PATCH,     // `<<<`
  SIGN_WORDS,
} Sign;

static const char *const FSHARP_WORDS[] = {"let", "module", "open", "type", "namespace", "using", NULL};
// `key:` of other block languages with braces would be taken for YAML otherwise.
static void sniff_rest(Sniff *s) {
  while (sc(s) >= 0 && !is_newline(sc(s))) snext(s);
}

// After a word and spaces: whether the line is a block header.
static Sign sniff_head(Sniff *s, const Word *first) {
  bool quoted_argument = false, parens = false;
  uint32_t words = 0;
  int32_t last = 0;
  for (;;) {
    int32_t c = sc(s);
    if (c < 0 || is_newline(c)) break;
    if (c == '{') {
      snext(s);
      if (sc(s) == '{' || last == '$') return SIGN_WORDS;
      return word_in(first, FSHARP_WORDS) ? SIGN_LET : SIGN_BLOCK;
    }
    if (c == '"') {
      quoted_argument = true;
      snext(s);
      while (sc(s) >= 0 && sc(s) != '"' && !is_newline(sc(s))) snext(s);
      if (sc(s) != '"') return SIGN_WORDS;
    } else if (c == '(') {
      parens = true;
    } else if (c == ':' || c == ';') {
      return word_in(first, FSHARP_WORDS) ? SIGN_LET : SIGN_WORDS;
    } else if (is_word(c) && !is_word(last)) {
      words++;
    }
    last = c;
    snext(s);
  }
  if (word_in(first, FSHARP_WORDS) && words > 0) return SIGN_LET;
  if (words == 0 && last == 0) return SIGN_COMMAND;
  if (first->upper && first->length > 1 && (quoted_argument || parens || words <= 4) && (words > 0 || quoted_argument) && last != '.') {
    return SIGN_COMMAND;
  }
  return SIGN_WORDS;
}

static Sign sniff_line(Sniff *s, bool *margin) {
  *margin = true;
  while (sc(s) >= 0 && is_blank(sc(s))) {
    *margin = false;
    snext(s);
  }
  int32_t c = sc(s);
  if (c < 0 || is_newline(c)) return SIGN_BLANK;
  Word w;
  if (c == '#') {
    snext(s);
    if (sc(s) == '!') {
      // The rest of the line names the interpreter.
      while (sc(s) >= 0 && !is_newline(sc(s))) {
        word_clear(&w);
        while (is_word(sc(s))) {
          word_push(&w, sc(s));
          snext(s);
        }
        if (word_is(&w, "trsx") || word_is(&w, "flux")) return SIGN_BRACE_SHEBANG;
        if (!is_newline(sc(s)) && sc(s) >= 0) snext(s);
      }
      return SIGN_SHEBANG;
    }
    if (sc(s) == '#') return SIGN_HEADING;
    if (sc(s) == 'F') {
      snext(s);
      if (sc(s) == 'L') return SIGN_BRACE_SHEBANG;
    }
    return SIGN_HASH;
  }
  if (c == '/' || c == '(') {
    snext(s);
    if (c == '/' && sc(s) == '/') return SIGN_COMMENT;
    if (sc(s) == '*') {
      int32_t close = c == '/' ? '/' : ')', prior = 0;
      snext(s);
      while (sc(s) >= 0 && !(prior == '*' && sc(s) == close)) {
        prior = sc(s);
        snext(s);
      }
      return SIGN_COMMENT;
    }
    return SIGN_WORDS;
  }
  if (c == '`' || c == '~') {
    int n = 0;
    while (sc(s) == c) {
      n++;
      snext(s);
    }
    return n >= 3 ? SIGN_FENCE : SIGN_WORDS;
  }
  if (c == '-') {
    int n = 0;
    while (sc(s) == '-') {
      n++;
      snext(s);
    }
    if (n >= 3) return SIGN_RULE;
    return n == 1 && is_space(sc(s)) ? SIGN_ITEM : SIGN_WORDS;
  }
  if (c == '<') {
    int n = 0;
    while (sc(s) == '<') {
      n++;
      snext(s);
    }
    if (n >= 3) return SIGN_PATCH;
    c = sc(s);
    return n == 1 && (c == '?' || c == '!' || is_word_start(c)) ? SIGN_XML : SIGN_WORDS;
  }
  if (c == '{' || c == '[') {
    snext(s);
    while (sc(s) >= 0 && is_space(sc(s))) snext(s);
    return sc(s) == '"' || sc(s) == '{' || sc(s) == '[' || sc(s) == (c == '{' ? '}' : ']') ? SIGN_JSON : SIGN_WORDS;
  }
  bool string_key = c == '"';
  word_clear(&w);
  if (string_key) {
    snext(s);
    while (sc(s) >= 0 && sc(s) != '"' && !is_newline(sc(s))) snext(s);
    if (sc(s) != '"') return SIGN_WORDS;
    snext(s);
  } else if (is_word(c)) {
    while (is_word(sc(s)) || sc(s) == '-' || sc(s) == '.') {
      word_push(&w, sc(s));
      snext(s);
    }
    if (sc(s) == '#' && w.length == 1) {
      word_push(&w, '#');
      snext(s);
    }
  } else {
    return SIGN_WORDS;
  }
  while (sc(s) >= 0 && is_blank(sc(s))) snext(s);
  c = sc(s);
  if (c == '=' && !word_in(&w, FSHARP_WORDS)) {
    snext(s);
    return sc(s) == '=' || sc(s) == '>' ? SIGN_WORDS : SIGN_PROPERTY;
  }
  if (c != ':') return string_key ? SIGN_WORDS : sniff_head(s, &w);
  snext(s);
  while (sc(s) >= 0 && is_blank(sc(s))) snext(s);
  c = sc(s);
  if (c < 0 || is_newline(c)) return SIGN_MAPPING;
  if (c == '{' || c == '[') return SIGN_BRACED;
  if (c == '"' || c == '$' || is_digit(c)) return SIGN_PROPERTY;
  if (c == '|' || c == '>') return SIGN_MAPPING;
  return SIGN_PLAIN;
}

// Reads from the start of the file. `front_matter` passes a first part between `---` lines.
static Kind sniff(TSLexer *l) {
  Sniff s = {l, 0};
  uint32_t hashes = 0, headings = 0, mappings = 0, plain = 0, items = 0, properties = 0, commands = 0, words = 0, comments = 0;
  bool first = true, yaml_first = false, words_first = false, margin, in_front = false, front = false, shebang = false;
  for (uint32_t line = 0;; line++) {
    if (sc(&s) < 0) break;
    Sign sign = sniff_line(&s, &margin);
    sniff_rest(&s);
    while (is_newline(sc(&s))) {
      int32_t c = sc(&s);
      snext(&s);
      if (c == '\n') break;
      if (sc(&s) == '\n') {
        snext(&s);
        break;
      }
      break;
    }
    if (sign == SIGN_BLANK) continue;
    if (in_front) {
      if (sign == SIGN_RULE && margin) in_front = false;
      continue;
    }
    if (first && sign == SIGN_RULE && margin && !front) {
      in_front = true;
      front = true;
      continue;
    }
    switch (sign) {
      case SIGN_HASH: hashes++; continue;
      case SIGN_HEADING: headings++; continue;
      case SIGN_COMMENT: comments++; continue;
      case SIGN_SHEBANG: shebang = true; continue;
      case SIGN_BRACE_SHEBANG: return DOC_BRACE;
      case SIGN_XML:
        if (first) return DOC_XML;
        words++;
        break;
      case SIGN_JSON:
        if (first) return DOC_JSON;
        break;
      case SIGN_PATCH:
        if (first) return DOC_TEXT;
        break;
      case SIGN_FENCE: return yaml_first && !margin ? DOC_YAML : DOC_LITERATE;
      case SIGN_BLOCK:
        // Deeper in a YAML document a header is part of some text.
        if (yaml_first && !margin) break;
        if (words > 0 && headings > 0 && !margin) break;
        return DOC_BRACE;
      case SIGN_LET:
        if (first && margin && headings == 0) return DOC_FSHARP;
        words++;
        break;
      case SIGN_MAPPING:
        if (first && margin) yaml_first = true;
        mappings++;
        break;
      case SIGN_PLAIN:
        if (first && margin) yaml_first = true;
        plain++;
        break;
      case SIGN_ITEM:
        if (first && margin && headings == 0 && hashes == 0) yaml_first = true;
        items++;
        break;
      case SIGN_PROPERTY:
      case SIGN_BRACED: properties++; break;
      case SIGN_COMMAND: commands++; break;
      default:
        if (first) words_first = true;
        words++;
        break;
    }
    first = false;
  }
  if (yaml_first) return DOC_YAML;
  if (words_first && headings == 0 && hashes == 0 && !front) return DOC_TEXT;
  if (headings > 0 || front) return DOC_LITERATE;
  if (properties > 0 && mappings > properties && words == 0) return DOC_YAML;
  if (properties > 0 || commands > words) return DOC_BRACE;
  if (words == 0 && items == 0 && plain == 0 && mappings == 0) {
    // Nothing but comments, or nothing at all: a script that is about to be written.
    return hashes > 0 && comments == 0 && !shebang ? DOC_LITERATE : DOC_BRACE;
  }
  if (mappings + plain > words) return DOC_YAML;
  return hashes > 0 ? DOC_LITERATE : DOC_TEXT;
}

#endif
