// What the scanner remembers from one token to the next. It is empty outside of cells, fences and
// strings in triple quotes, so that nearly every node can be used again after an edit.
#ifndef METASCRIPT_SCAN_STATE_H_
#define METASCRIPT_SCAN_STATE_H_

#include <stdint.h>
#include <string.h>

typedef struct {
  uint8_t language;  // of the cell whose head is being read
  uint8_t plan;      // how its end is found
  uint8_t nested;    // closing triple quotes that are still text
  uint8_t ticks;     // length of the fence that is open
  uint8_t tick;      // 1 when it is made of `~`
  uint8_t quotes;    // 1 when closing fences in triple quotes do not count
} State;

static inline void state_clear(State *s) { memset(s, 0, sizeof *s); }

#endif
