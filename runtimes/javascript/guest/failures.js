// Failures in lines of the script.

import { inspect, setStackText } from './inspect.js';
import { findMember } from './transform.js';

// How QuickJS names code that indirect eval runs: the cells.
const CELL_FILES = new Set(['<input>', '<evalScript>', '<eval>']);

let script = 'cell';
// The evaluated code of each cell, by its first line, and the line of the one that runs on which its wrapper ends.
const sources = new Map();
let wrapperLine = -1;

/** Keeps the code that a cell evaluates. */
export function rememberSource(firstLine, code, wrapped) {
  sources.set(firstLine, code);
  wrapperLine = wrapped ? firstLine + code.split('\n').length : -1;
}

/** The name of the script that tracebacks show. */
export function setScript(name) {
  script = name;
  sources.clear();
}

/** Frames of a QuickJS stack, innermost first, without those of the runtime. */
export function frames(stack) {
  const found = [];
  for (const line of String(stack ?? '').split('\n')) {
    const match = /^\s*at (?:(.*?) \()?(.*?)(?::(\d+)(?::(\d+))?)?\)?$/.exec(line);
    if (!match || match[2] === 'native') continue;
    const [, name, file, at, column] = match;
    if (!CELL_FILES.has(file) || at === undefined) continue;
    if (Number(at) - 1 === wrapperLine && Number(column ?? 1) <= 5) continue;
    const own = !name || name === '<eval>' || name === '<anonymous>';
    found.push({
      function: own ? '' : name,
      file: script,
      line: Math.max(0, Number(at) - 1),
      column: column === undefined ? null : Math.max(0, Number(column) - 1),
    });
  }
  return found;
}

// QuickJS marks calls and assignments, but no plain reads of a member: a failed one is reported where its function
// begins. If the function reads that member in one place only, that is the place.
function refine(error, stack, firstLine) {
  const name = /^cannot read property '(.*?)' of /.exec(error.message)?.[1];
  const [frame] = stack;
  if (!frame) return;
  const start = [...sources.keys()].filter((line) => line <= Math.max(frame.line, firstLine)).pop() ?? firstLine;
  const inFunction = frame.line >= start;
  const found = name === undefined ? null : findMember(sources.get(start) ?? '', name, inFunction ? { line: frame.line - start, column: frame.column } : null);
  if (found) {
    frame.line = start + found.line;
    frame.column = found.column;
  } else if (!inFunction || frame.line < firstLine && !sources.has(start)) {
    frame.line = firstLine;
    frame.column = null;
  }
}

function frameText({ function: name, file, line, column }) {
  const place = `${file}:${line + 1}${column === null ? '' : `:${column + 1}`}`;
  return name ? `    at ${name} (${place})` : `    at ${place}`;
}

const stackLines = (stack) => stack.map(frameText).join('\n');

setStackText((error) => stackLines(frames(error.stack)));

/** The record of whatever a cell threw; `lines` are the script's lines as far as they are known. */
export function failure(thrown, firstLine, lines) {
  const isError = thrown instanceof Error;
  const name = isError ? String(thrown.name) : 'Uncaught';
  const message = isError ? String(thrown.message) : inspect(thrown);
  let stack = isError ? frames(thrown.stack) : [];
  if (isError && thrown.place) {
    stack = [{ function: '', file: script, line: thrown.place.line + firstLine, column: thrown.place.column }];
  }
  if (isError && !thrown.place) refine(thrown, stack, firstLine);
  const place = stack[0];
  let text = '';
  if (place) {
    text += `${place.file}:${place.line + 1}\n`;
    const source = lines[place.line];
    if (source?.trim()) {
      text += `${source}\n`;
      if (place.column !== null && place.column <= source.length) text += `${source.slice(0, place.column).replace(/[^\t]/g, ' ')}^\n`;
    }
    text += '\n';
  }
  text += isError ? whole(thrown, stack) : `Uncaught ${message}`;
  return {
    name: name.toWellFormed(),
    message: message.toWellFormed(),
    traceback: `${text}\n`.toWellFormed(),
    frames: stack.map((frame) => ({ ...frame, function: frame.function || '<cell>' })).reverse(),
    line: place?.line ?? null,
    column: place?.column ?? null,
  };
}

// The error with the stack as it was refined, and what caused it.
function whole(error, stack) {
  const head = error.message ? `${error.name}: ${error.message}` : String(error.name);
  const shown = error.place || stack.length === 0 ? head : `${head}\n${stackLines(stack)}`;
  return error.cause === undefined ? shown : `${shown}\n[cause]: ${inspect(error.cause)}`;
}
