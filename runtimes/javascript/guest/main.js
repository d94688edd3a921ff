// Exports of the JavaScript runtime: the WIT world `event-loop-runtime`.

import { complete as completions, explain } from './assistance.js';
import { console, resetConsole } from './console.js';
import { failure, rememberSource, setScript } from './failures.js';
import { inspect } from './inspect.js';
import { bundle, display } from './output.js';
import { importPackage, requirePackage } from './packages.js';
import { metascript } from './shared.js';
import { tars } from './tars.js';
import * as timers from './timers.js';
import { asObject, transform } from './transform.js';
import { eraseTypes } from './typescript.js';
import { Refused, fromWire, toWire } from './values.js';
import { TextDecoder, TextEncoder, atob, btoa, crypto, makeRandom, structuredClone } from './web.js';

// Indirect eval: the code sees the global scope alone.
const evaluateGlobally = globalThis.eval;

const MODULES = { metascript, tars };

const define = (name, value) => Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });

for (const [name, value] of Object.entries({
  TextDecoder, TextEncoder, atob, btoa, clearInterval: timers.clearTimer, clearTimeout: timers.clearTimer, console, crypto, display, metascript, tars,
  setInterval: timers.setInterval, setTimeout: timers.setTimeout, structuredClone,
})) define(name, value);
define('self', globalThis);
define('global', globalThis);
define('performance', globalThis.performance ?? { now: () => Date.now(), timeOrigin: 0 });

define('__metascript_import', async (name) => {
  if (Object.hasOwn(MODULES, name)) return Object.assign(Object.create(null), MODULES[name], { default: MODULES[name] });
  return importPackage(String(name));
});
define('require', (name) => (Object.hasOwn(MODULES, name) ? MODULES[name] : requirePackage(String(name))));

// What the language and the runtime put on the global object: no cell's author wrote these names.
const GIVEN = new Set(Object.getOwnPropertyNames(globalThis));

let started = false;
// Once a cell has used promises, jobs can be left over whenever a later one ends.
let mayHaveJobs = false;
/** The cells of the script that ran, by their first lines. */
const codes = new Map();
let script = '';
let running = null;
/** The variables as the last cell or the host left them: nothing else runs between two cells. */
const known = new Map();

function userNames() {
  const names = [];
  // Half the time of `Object.keys`, which lists all that JavaScript has before it asks what of it can be listed.
  for (const name in globalThis) if (Object.hasOwn(globalThis, name) && !GIVEN.has(name) && name !== '_') names.push(name);
  return names;
}

function start() {
  if (started) return;
  started = true;
  Math.random = makeRandom();
}

function remember(cell) {
  if (cell.file !== script) {
    script = cell.file;
    codes.clear();
    setScript(cell.file);
  }
  // A cell that runs again counts as the later one.
  codes.delete(cell.firstLine);
  codes.set(cell.firstLine, cell.code);
}

/** What stood on the lines of the script when they ran last. */
function lines() {
  const found = [];
  for (const [first, code] of codes) code.split('\n').forEach((line, at) => (found[first + at] = line));
  return found;
}

function prepare(cell) {
  const code = cell.language === 'typescript' ? eraseTypes(cell.code) : cell.code;
  const trimmed = code.trim();
  return asObject(code) ? { head: '(', body: trimmed.replace(/;$/, ''), tail: '\n)', names: [], waits: false } : transform(code);
}

function begin(cell) {
  const { head, body, tail, names, waits } = prepare(cell);
  rememberSource(cell.firstLine, body, waits);
  for (const name of names) if (!Object.hasOwn(globalThis, name)) globalThis[name] = undefined;
  running.names = names;
  // The head stands on the line above, so that it moves no column.
  const text = cell.firstLine > 0 && head ? `${'\n'.repeat(cell.firstLine - 1)}${head}\n${body}${tail}` : '\n'.repeat(cell.firstLine) + head + body + tail;
  const value = evaluateGlobally(text);
  if (waits) {
    running.settled = false;
    value.then((made) => settle(made?.value), fail);
  } else if (value instanceof Promise) {
    running.settled = false;
    value.then(settle, fail);
  } else {
    settle(value);
  }
}

function settle(value) {
  running.settled = true;
  running.value = value;
}

function fail(thrown) {
  running.settled = true;
  running.failed = true;
  running.thrown = thrown;
}

function finish() {
  const cell = running;
  running = null;
  timers.clearAll();
  resetConsole();
  let shown = null;
  let problem = null;
  if (cell.failed) {
    problem = failure(cell.thrown, cell.firstLine, lines());
  } else if (cell.value !== undefined) {
    define('_', cell.value);
    try {
      shown = bundle(cell.value);
    } catch (error) {
      problem = failure(error, cell.firstLine, lines());
    }
  }
  const { defined, removed } = changes(cell.names);
  return { tag: 'finished', val: { shown, failure: problem, defined, removed } };
}

/** The variables that a cell defined, or defined anew, and those that it removed. */
function changes(declared) {
  const defined = [];
  const removed = [];
  let kept = 0;
  for (const name of userNames()) {
    const value = globalThis[name];
    const had = known.has(name);
    if (had) kept += 1;
    if (!had || !Object.is(known.get(name), value)) {
      known.set(name, value);
      defined.push(name);
    } else if (declared.includes(name)) {
      defined.push(name);
    }
  }
  if (known.size > kept) {
    for (const name of known.keys()) {
      if (Object.hasOwn(globalThis, name)) continue;
      known.delete(name);
      removed.push(name);
    }
  }
  return { defined, removed };
}

export function evaluate(cell) {
  start();
  remember(cell);
  running = { firstLine: cell.firstLine, names: [], settled: true, failed: false, value: undefined, thrown: undefined };
  mayHaveJobs ||= /\b(?:async|await|Promise|then|queueMicrotask|import)\b/.test(cell.code);
  try {
    begin(cell);
  } catch (error) {
    fail(error);
  }
  return mayHaveJobs || !running.settled || timers.untilNext() !== null ? { tag: 'waiting', val: 0 } : finish();
}

export function resume() {
  if (running.settled && running.failed) return finish();
  try {
    if (timers.runDue()) {
      mayHaveJobs = true;
      return { tag: 'waiting', val: 0 };
    }
  } catch (error) {
    fail(error);
    return finish();
  }
  const wait = timers.untilNext();
  if (wait !== null) return { tag: 'waiting', val: Math.ceil(wait) };
  if (!running.settled) fail(new Error('the cell waits for a promise that nothing will settle'));
  return finish();
}

export function abandon() {
  timers.clearAll();
  resetConsole();
  changes([]);
  running = null;
}

// Its own `then`, so that a cell that patches promises cannot keep a drain from ending.
const DONE = Object.freeze({ __proto__: null, then: (resolve) => resolve(undefined) });

/** Nothing by itself: the jobs run when it returns. */
export const drain = () => DONE;

export function complete(before, _after) {
  return completions(before, userNames());
}

export function inspectName(before, after) {
  return explain(before, after);
}

export function listVariables() {
  return userNames().map((name) => {
    const value = globalThis[name];
    let preview;
    try {
      preview = inspect(value, 1).replace(/\s+/g, ' ');
    } catch {
      preview = '<its text could not be made>';
    }
    const size = value instanceof Map || value instanceof Set ? value.size : typeof value === 'string' || Array.isArray(value) || ArrayBuffer.isView(value) ? value.length : null;
    const typeName = value === null ? 'null' : typeof value === 'object' ? (value.constructor?.name ?? 'object') : typeof value;
    return { name, typeName: String(typeName).toWellFormed(), preview: (preview.length > 120 ? `${preview.slice(0, 119)}…` : preview).toWellFormed(), size: size ?? null };
  });
}

export function getVariable(name) {
  if (!Object.hasOwn(globalThis, name) || (GIVEN.has(name) && name !== '_')) throw `there is no variable '${name}'`;
  try {
    return toWire(globalThis[name]);
  } catch (error) {
    throw error instanceof Refused ? error.message : `its value could not be read: ${error}`;
  }
}

export function setVariable(name, to) {
  if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) || isReserved(name)) throw `'${name}' is no name in JavaScript`;
  if (GIVEN.has(name)) throw `'${name}' would hide a part of JavaScript; metascript.get('${name}') reads it`;
  globalThis[name] = fromWire(to);
  known.set(name, globalThis[name]);
}

function isReserved(name) {
  try {
    new Function(`var ${name};`);
    return false;
  } catch {
    return true;
  }
}

export function reset() {
  for (const name of userNames()) delete globalThis[name];
  delete globalThis._;
  timers.clearAll();
  known.clear();
  codes.clear();
}

export function about() {
  return { language: 'javascript', version: 'ES2023', implementation: 'QuickJS-ng', modules: Object.keys(MODULES) };
}

export { inspectName as inspect };
