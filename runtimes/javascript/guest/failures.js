// Failures in lines of the script.

import { inspect, setStackText } from './inspect.js';

// How QuickJS names code that indirect eval runs: the cells.
const CELL_FILES = new Set(['<input>', '<evalScript>', '<eval>']);

let script = 'cell';

/** The name of the script that tracebacks show. */
export function setScript(name) {
  script = name;
}

/** Frames of a QuickJS stack, innermost first, without those of the runtime. */
export function frames(stack) {
  const found = [];
  for (const line of String(stack ?? '').split('\n')) {
    const match = /^\s*at (?:(.*?) \()?(.*?)(?::(\d+)(?::(\d+))?)?\)?$/.exec(line);
    if (!match || match[2] === 'native') continue;
    const [, name, file, at, column] = match;
    if (!CELL_FILES.has(file) || at === undefined) continue;
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

function frameText({ function: name, file, line, column }) {
  const place = `${file}:${line + 1}${column === null ? '' : `:${column + 1}`}`;
  return name ? `    at ${name} (${place})` : `    at ${place}`;
}

setStackText((error) => frames(error.stack).map(frameText).join('\n'));

/** The record of whatever a cell threw; `lines` are the script's lines as far as they are known. */
export function failure(thrown, firstLine, lines) {
  const isError = thrown instanceof Error;
  const name = isError ? String(thrown.name) : 'Uncaught';
  const message = isError ? String(thrown.message) : inspect(thrown);
  let stack = isError ? frames(thrown.stack) : [];
  if (isError && thrown.place) {
    stack = [{ function: '', file: script, line: thrown.place.line + firstLine, column: thrown.place.column }];
  }
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
  text += isError ? inspect(thrown) : `Uncaught ${message}`;
  if (isError && thrown.place) text = text.replace(/\n {4}at .*$/s, '');
  return {
    name: name.toWellFormed(),
    message: message.toWellFormed(),
    traceback: `${text}\n`.toWellFormed(),
    frames: stack.map((frame) => ({ ...frame, function: frame.function || '<cell>' })).reverse(),
    line: place?.line ?? null,
    column: place?.column ?? null,
  };
}
