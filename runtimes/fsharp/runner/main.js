// Exports of the F# runner: the WIT world `fsharp-runtime`.

import compiler from 'metascript:cell/fsharp-compiler@0.1.0';
import host from 'metascript:cell/host@0.1.0';
import * as link from './link.js';
import * as loop from './loop.js';
import * as output from './output.js';
import { compileFailure, diagnosticText, failure } from './failures.js';
import { declarations } from '../shared/declare.js';
import { tree } from '../shared/tree.js';
import { importModule } from './modules.js';
import { structured } from './render.js';
import { forget, session } from './session.js';
import { typeName } from './types.js';
import { fromTree, Refused, toWire } from './values.js';

let started = false;
/** Where each unit's cell stands: `{ file, firstLine }`. */
let scripts = new Map();

const define = (name, value) => Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });

function start() {
  if (started) return;
  started = true;
  // A snapshot would give every session the same numbers.
  let pool = [];
  const words = () => {
    if (pool.length === 0) pool = Array.from(new Uint32Array(Uint8Array.from(host.random(1024)).buffer));
    return pool.pop();
  };
  Math.random = () => (words() * 2 ** 21 + (words() >>> 11)) / 2 ** 53;
  define('crypto', {
    getRandomValues(array) {
      new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(Uint8Array.from(host.random(array.byteLength)));
      return array;
    },
  });
}

const named = (name) => session.values.has(name) || session.others.has(name);

/** What may leave something to later cells: they need not be told of any other, and each one told costs them time. */
const DECLARES = /\b(?:let|and|type|module|open|namespace|exception|extern|use)\b|\[<|^\s*#/m;

const request = (code, lines) => ({ units: session.units, declarations: lines, code });

export function evaluate(cell) {
  start();
  session.shown = null;
  const { lines, names } = declarations(cell.code, session.given);
  const { diagnostics, program } = compiler.compile(request(cell.code, lines));
  for (const one of diagnostics) if (one.severity === 'warning') output.writeError(diagnosticText(one, cell));
  if (!program) return finished(compileFailure(diagnostics, cell), []);

  scripts.set(program.unit.name, { file: cell.file, firstLine: cell.firstLine });
  const before = new Set(session.values.keys());
  let problem = null;
  try {
    link.run(program.javascript, program.unit.name, program.mappings, importModule, (exports) => session.modules.set(program.unit.name, exports));
    loop.runUntil(() => false);
  } catch (thrown) {
    problem = failure(thrown, scripts);
  }
  loop.clear();
  if (!problem) {
    if (DECLARES.test(cell.code)) {
      session.units.push(program.unit);
      for (const name of names) session.given.get(name).declared = true;
    }
    for (const name of program.others) {
      session.others.add(name);
      session.values.delete(name);
      session.given.delete(name);
    }
    for (const name of program.values) session.given.delete(name);
  } else {
    for (const name of session.values.keys()) if (!before.has(name)) session.values.delete(name);
  }
  return finished(problem, problem ? [] : [...program.values, ...program.others]);
}

function finished(problem, defined) {
  output.flush();
  return { tag: 'finished', val: { shown: problem ? null : session.shown, failure: problem, defined, removed: [] } };
}

export function resume() {
  return finished(null, []);
}

export function abandon() {
  loop.clear();
  output.drop();
}

/** Where the cursor stands in the cell. */
function cursor(before) {
  const lines = before.split('\n');
  return { line: lines.length - 1, column: [...lines.at(-1)].length };
}

const around = (before, after) => request(before + after, declarations(before + after, session.given).lines);

export function complete(before, after) {
  const word = /[\p{L}\p{N}_']*$/u.exec(before)[0];
  return compiler.complete(around(before, after), cursor(before))
    .map(({ label, kind }) => ({ label, kind, detail: '', replaces: [...word].length }));
}

export function inspect(before, after) {
  const name = /[\p{L}\p{N}_'.]*$/u.exec(before)[0] + /^[\p{L}\p{N}_']*/u.exec(after)[0];
  if (!name) return null;
  const [title, ...rest] = compiler.inspect(around(before, after), cursor(before));
  if (!title) return null;
  const value = session.values.get(name);
  return {
    title,
    typeName: value ? typeName(value.type) : '',
    documentation: rest.join('\n').trim(),
    preview: value ? preview(value) : '',
  };
}

function preview({ read, type }) {
  let text;
  try {
    text = structured(read(), type).replace(/\s+/g, ' ');
  } catch {
    text = '<its text could not be made>';
  }
  return (text.length > 120 ? `${text.slice(0, 119)}…` : text).toWellFormed();
}

function size(value) {
  if (typeof value === 'string' || Array.isArray(value) || ArrayBuffer.isView(value)) return value.length;
  const count = value?.Count ?? value?.size ?? value?.length;
  return typeof count === 'number' ? count : null;
}

export function listVariables() {
  const found = [...session.values].map(([name, value]) => ({ name, typeName: typeName(value.type), preview: preview(value), size: size(value.read()) }));
  for (const [name, { node }] of session.given) {
    if (session.values.has(name)) continue;
    const value = fromTree(node, null);
    found.push({ name, typeName: 'obj', preview: preview({ read: () => value, type: null }), size: size(value) });
  }
  return found;
}

export function getVariable(name) {
  try {
    if (name === '_' && session.last) return toWire(session.last.value, session.last.type);
    const value = session.values.get(name);
    if (value) return toWire(value.read(), value.type);
    const given = session.given.get(name);
    if (given) return given.wire;
  } catch (error) {
    throw error instanceof Refused ? error.message : `its value could not be read: ${error.message ?? error}`;
  }
  throw session.others.has(name) ? 'functions and types stay in their language' : `there is no variable '${name}'`;
}

export function setVariable(name, to) {
  if (!/^[\p{L}_][\p{L}\p{N}_']*$/u.test(name)) throw `'${name}' is no name in F#`;
  if (named(name)) {
    session.values.delete(name);
    session.others.delete(name);
  }
  session.given.set(name, { wire: to, node: tree(to), declared: false });
}

export function reset() {
  forget();
  scripts = new Map();
  link.forget();
  loop.clear();
  output.drop();
}

export function about() {
  return { language: 'fsharp', version: '10.0', implementation: compiler.version(), modules: [] };
}
