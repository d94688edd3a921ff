// The names by which scripts call the languages of their cells.
#ifndef METASCRIPT_SCAN_LANGUAGES_H_
#define METASCRIPT_SCAN_LANGUAGES_H_

#include "chars.h"

typedef enum {
  LANG_NONE,
  LANG_GENERIC,
  LANG_FSHARP,
  LANG_CSHARP,
  LANG_PYTHON,
  LANG_JS,
  LANG_RUST,
  LANG_SQL,
  LANG_BASH,
  LANG_POWERSHELL,
  LANG_C,
  LANG_ML,
  LANG_JULIA,
  LANG_PROSE,
} Language;

typedef struct {
  const char *name;
  Language language;
  bool keyword;  // may head a block on its own, without LANG("...")
} LanguageName;

static const LanguageName LANGUAGE_NAMES[] = {
    {"fsharp", LANG_FSHARP, true},     {"f#", LANG_FSHARP, true},         {"fs", LANG_FSHARP, false},
    {"fsx", LANG_FSHARP, false},       {"csharp", LANG_CSHARP, true},     {"c#", LANG_CSHARP, true},
    {"cs", LANG_CSHARP, false},        {"csx", LANG_CSHARP, false},       {"python", LANG_PYTHON, true},
    {"py", LANG_PYTHON, false},        {"python3", LANG_PYTHON, true},    {"javascript", LANG_JS, true},
    {"js", LANG_JS, false},            {"typescript", LANG_JS, true},     {"ts", LANG_JS, false},
    {"jsx", LANG_JS, false},           {"tsx", LANG_JS, false},           {"rust", LANG_RUST, true},
    {"rs", LANG_RUST, false},          {"sql", LANG_SQL, true},           {"bash", LANG_BASH, true},
    {"shell", LANG_BASH, true},        {"sh", LANG_BASH, false},          {"zsh", LANG_BASH, false},
    {"powershell", LANG_POWERSHELL, true}, {"pwsh", LANG_POWERSHELL, true}, {"ps1", LANG_POWERSHELL, false},
    {"cuda", LANG_C, true},            {"cpp", LANG_C, true},             {"c++", LANG_C, true},
    {"c", LANG_C, false},              {"java", LANG_C, false},           {"kotlin", LANG_C, false},
    {"wolfram", LANG_ML, true},        {"mathematica", LANG_ML, true},    {"ocaml", LANG_ML, true},
    {"ebnf", LANG_ML, true},           {"julia", LANG_JULIA, true},       {"go", LANG_C, false},
    {"haskell", LANG_GENERIC, true},   {"ruby", LANG_GENERIC, true},      {"lua", LANG_GENERIC, true},
    {"markdown", LANG_PROSE, false},   {"md", LANG_PROSE, false},         {"text", LANG_PROSE, false},
    {"yaml", LANG_PROSE, false},       {"html", LANG_PROSE, false},       {NULL, LANG_NONE, false},
};

static Language language_named(const char *name) {
  for (const LanguageName *n = LANGUAGE_NAMES; n->name; n++) {
    if (strcmp(n->name, name) == 0) return n->language;
  }
  return LANG_GENERIC;
}

static bool is_code_keyword(const Word *w) {
  for (const LanguageName *n = LANGUAGE_NAMES; n->name; n++) {
    if (n->keyword && word_is(w, n->name)) return true;
  }
  return word_is(w, "lang");
}

// Blocks whose body is text when it does not begin like properties or blocks.
static const char *const PROSE_KEYWORDS[] = {
    "reasoning", "reflection", "yaml",     "main",   "types", "command", "query",    "pattern",
    "test",      "text",       "logic",    "grammar", "note", "prose",   "markdown", "description",
    "template",  "html",       "xml",      "json",   "prompt", "summary", "comment", "documentation",
    NULL,
};

// Languages whose strings may hold lines that look like the end of a fence.
static inline bool has_triple_quotes(Language language) {
  return language == LANG_FSHARP || language == LANG_PYTHON || language == LANG_CSHARP || language == LANG_JULIA;
}

#endif
