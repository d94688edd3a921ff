// Text that a cell writes, joined into pieces that are worth a call of the host.

import * as host from './host.js';

const MOST = 8192;
let pending = '';
let since = 0;

export function flush() {
  if (!pending) return;
  const text = pending;
  pending = '';
  host.write(text);
}

export function write(text) {
  if (!pending) since = Date.now();
  pending += text;
  if (pending.length > MOST || Date.now() - since > 20) flush();
}

export function writeError(text) {
  flush();
  host.writeError(text);
}

/** Drops what was not yet written: a cell of a lost session. */
export function drop() {
  pending = '';
}
