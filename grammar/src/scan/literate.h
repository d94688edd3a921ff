// Literate documents: headings, paragraphs and fenced cells. Fences may stand in brace documents too.
#ifndef METASCRIPT_SCAN_LITERATE_H_
#define METASCRIPT_SCAN_LITERATE_H_

#include "chars.h"
#include "code.h"
#include "section.h"
#include "state.h"
#include "tokens.h"

static uint32_t pass_ticks(TSLexer *l, int32_t tick) {
  uint32_t n = 0;
  while (cur(l) == tick && n < 250) {
    adv(l);
    n++;
  }
  return n;
}

// At the end of a line: passes it.
static inline void pass_newline(TSLexer *l) {
  int32_t c = cur(l);
  adv(l);
  if (c == '\r' && cur(l) == '\n') adv(l);
}

// From the first line of a fenced text: whether the first closing fence outside triple quotes exists.
static bool fence_closes_outside_quotes(TSLexer *l, int32_t tick, uint32_t length) {
  bool quoted = false;
  uint32_t count = 0;
  while (!at_end(l) && count < CELL_LIMIT) {
    while (is_blank(cur(l))) adv(l);
    uint32_t n = pass_ticks(l, tick);
    while (is_blank(cur(l))) adv(l);
    if (n >= length && at_line_end(l) && !quoted) return true;
    uint32_t run = 0;
    while (!at_line_end(l)) {
      run = cur(l) == '"' ? run + 1 : 0;
      if (run == 3) {
        quoted = !quoted;
        run = 0;
      }
      adv(l);
      count++;
    }
    if (!at_end(l)) pass_newline(l);
    count++;
  }
  return false;
}

// At three ticks: opens a fence, or returns false with the lexer at the end of the line.
static bool open_fence(TSLexer *l, State *state) {
  int32_t tick = cur(l);
  uint32_t length = pass_ticks(l, tick);
  l->mark_end(l);
  if (length < 3) {
    to_line_end(l);
    return false;
  }
  Word w;
  word_clear(&w);
  while (is_blank(cur(l))) adv(l);
  while (!at_line_end(l) && !is_blank(cur(l)) && cur(l) != tick) {
    word_push(&w, cur(l));
    adv(l);
  }
  while (!at_line_end(l)) {
    // The text between the ticks of an inline code span.
    if (cur(l) == tick) {
      to_line_end(l);
      return false;
    }
    adv(l);
  }
  Language language = language_named(w.text);
  state->tick = tick == '~' ? 1 : 0;
  state->ticks = (uint8_t)length;
  state->quotes = 0;
  if (has_triple_quotes(language) && !at_end(l)) {
    pass_newline(l);
    state->quotes = fence_closes_outside_quotes(l, tick, length);
  }
  return true;
}

// Behind the line that opens a fence: the code, or the closing fence if there is none.
static bool scan_fenced_code(TSLexer *l, State *state, bool behind_code) {
  int32_t tick = state->tick ? '~' : '`';
  bool quoted = false, any = false;
  if (behind_code) {
    while (is_space(cur(l))) skip(l);
  } else if (is_newline(cur(l))) {
    int32_t c = cur(l);
    skip(l);
    if (c == '\r' && cur(l) == '\n') skip(l);
  }
  l->mark_end(l);
  while (!at_end(l)) {
    while (is_blank(cur(l))) adv(l);
    uint32_t n = pass_ticks(l, tick);
    if (n >= state->ticks && (!quoted || !state->quotes)) {
      if (!any) l->mark_end(l);
      while (is_blank(cur(l))) adv(l);
      if (at_line_end(l)) {
        if (any) return emit(l, FENCED_CODE);
        state_clear(state);
        return emit(l, FENCE_CLOSE);
      }
    }
    if (n > 0) {
      any = true;
      l->mark_end(l);
    }
    uint32_t run = 0;
    while (!at_line_end(l)) {
      int32_t c = cur(l);
      run = c == '"' ? run + 1 : 0;
      if (run == 3) {
        quoted = !quoted;
        run = 0;
      }
      adv(l);
      if (!is_space(c)) {
        any = true;
        l->mark_end(l);
      }
    }
    if (!at_end(l)) pass_newline(l);
  }
  if (any) return emit(l, FENCED_CODE);
  state_clear(state);
  l->mark_end(l);
  return emit(l, UNCLOSED_FENCE);
}

// A paragraph ends at a blank line and before a line that begins like a heading or a fence.
static bool scan_paragraph(TSLexer *l) {
  for (;;) {
    while (!at_line_end(l)) {
      int32_t c = cur(l);
      adv(l);
      if (!is_blank(c)) l->mark_end(l);
    }
    if (at_end(l)) break;
    pass_newline(l);
    while (is_blank(cur(l))) adv(l);
    if (at_line_end(l) || cur(l) == '#' || cur(l) == '`' || cur(l) == '~') break;
  }
  return emit(l, PARAGRAPH);
}

// At the `#` that begin a heading, `passed` of which are read.
static bool scan_heading(TSLexer *l, uint32_t passed) {
  while (cur(l) == '#') {
    adv(l);
    passed++;
  }
  l->mark_end(l);
  if (passed <= 6 && (is_blank(cur(l)) || at_line_end(l))) return emit(l, HEADING_MARK);
  return scan_paragraph(l);
}

static bool scan_literate(TSLexer *l, State *state, const bool *valid) {
  bool newline = false;
  l->mark_end(l);
  while (is_space(cur(l))) {
    if (is_newline(cur(l))) newline = true;
    skip(l);
  }
  if (at_end(l)) return valid[SECTION_END] ? emit(l, SECTION_END) : false;
  if (valid[HEADING_TEXT] && !newline) {
    while (!at_line_end(l)) {
      int32_t c = cur(l);
      adv(l);
      if (!is_blank(c)) l->mark_end(l);
    }
    return emit(l, HEADING_TEXT);
  }
  int32_t c = cur(l);
  if (valid[SECTION_MORE] && newline && (c == '#' || c == '`' || c == '~')) return scan_section(l);
  if (c == '#') return scan_heading(l, 0);
  if (c == '`' || c == '~') {
    if (open_fence(l, state)) return emit(l, FENCE_OPEN);
    l->mark_end(l);
    return scan_paragraph(l);
  }
  return scan_paragraph(l);
}

// From the first `-` on: `---`, lines, `---`. The second must exist. The end of the first line is marked
// in any case.
static bool read_front_matter(TSLexer *l) {
  bool dashes = pass(l, "---");
  while (dashes && is_blank(cur(l))) adv(l);
  bool alone = dashes && is_newline(cur(l));
  to_line_end(l);
  l->mark_end(l);
  if (!alone) return false;
  uint32_t count = 0;
  while (!at_end(l) && count++ < 4000) {
    pass_newline(l);
    if (pass(l, "---")) {
      while (is_blank(cur(l))) adv(l);
      if (at_line_end(l)) {
        l->mark_end(l);
        return true;
      }
    }
    to_line_end(l);
  }
  return false;
}

#endif
