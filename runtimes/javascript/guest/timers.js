// Timers of the cell that runs. It ends when none is left.

const timers = new Map();
let next = 1;

function add(callback, delay, parameters, repeats) {
  if (typeof callback !== 'function') throw new TypeError('the callback of a timer must be a function');
  const wait = Math.min(Math.max(Number(delay) || 0, repeats ? 1 : 0), 2 ** 31 - 1);
  const id = next++;
  timers.set(id, { id, callback, parameters, wait, repeats, due: Date.now() + wait });
  return id;
}

export const setTimeout = (callback, delay, ...parameters) => add(callback, delay, parameters, false);
export const setInterval = (callback, delay, ...parameters) => add(callback, delay, parameters, true);
export const clearTimer = (id) => void timers.delete(Number(id));

function earliest() {
  let found = null;
  for (const timer of timers.values()) {
    if (!found || timer.due < found.due || (timer.due === found.due && timer.id < found.id)) found = timer;
  }
  return found;
}

/** Milliseconds until the next timer, or null if there is none. */
export function untilNext() {
  const timer = earliest();
  return timer ? Math.max(0, timer.due - Date.now()) : null;
}

/** Runs the callback that is due, if any, and tells whether there was one. */
export function runDue() {
  const timer = earliest();
  if (!timer || timer.due > Date.now()) return false;
  if (timer.repeats) timer.due = Date.now() + timer.wait;
  else timers.delete(timer.id);
  timer.callback(...timer.parameters);
  return true;
}

export function clearAll() {
  timers.clear();
}
