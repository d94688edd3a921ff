// The borders of the invisible sections of a document: see `_section` in grammar.js.
#ifndef METASCRIPT_SCAN_SECTION_H_
#define METASCRIPT_SCAN_SECTION_H_

#include "chars.h"
#include "tokens.h"

// One item in so many begins a section, on average.
#define SECTION_ITEMS 32
// So many characters decide: enough to tell apart blocks that begin with the same line.
#define SECTION_REACH 160

// At the first character of an item on a line of its own; the mark is before it. The item begins a section if a hash
// of its text says so, which an edit elsewhere does not change.
static bool scan_section(TSLexer *l) {
  uint32_t hash = 2166136261u;  // FNV-1a
  for (uint32_t n = 0; n < SECTION_REACH && !at_end(l); n++) {
    hash = (hash ^ (uint32_t)cur(l)) * 16777619u;
    adv(l);
  }
  // The low bits of this hash alone depend on the low bits of the characters only.
  hash ^= hash >> 15;
  return emit(l, hash % SECTION_ITEMS == 0 ? SECTION_END : SECTION_MORE);
}

#endif
