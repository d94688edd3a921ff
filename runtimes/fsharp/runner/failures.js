// Failures in lines of the script.

import { exceptionName } from './render.js';
import { frames } from './link.js';

/** What the compiler found wrong, as one failure. */
export function compileFailure(diagnostics, cell) {
  const errors = diagnostics.filter((one) => one.severity === 'error');
  const [first] = errors;
  return {
    name: first.code,
    message: first.message,
    traceback: errors.map((one) => diagnosticText(one, cell)).join(''),
    frames: [],
    line: first.start ? first.start.line + cell.firstLine : cell.firstLine,
    column: first.start ? first.start.column : null,
  };
}

/** One line as F#'s compiler prints it, with the source below. */
export function diagnosticText({ severity, code, message, start }, cell) {
  const lines = cell.code.split('\n');
  const place = start ? `${cell.file}(${start.line + cell.firstLine + 1},${start.column + 1})` : cell.file;
  let text = `${place}: ${severity} ${code}: ${message}\n`;
  const source = start ? lines[start.line] : undefined;
  if (source?.trim()) text += `${source}\n${source.slice(0, start.column).replace(/[^\t]/g, ' ')}^\n`;
  return text.toWellFormed();
}

/** The record of whatever a cell threw. */
export function failure(thrown, scripts) {
  const native = thrown instanceof Error;
  const name = thrown !== null && typeof thrown === 'object' ? exceptionName(thrown) : 'System.Exception';
  let message = thrown !== null && typeof thrown === 'object' ? String(thrown.message ?? thrown.Message ?? '') : String(thrown);
  if (native && thrown instanceof TypeError) message = `Object reference not set to an instance of an object (${message})`;
  const found = frames(thrown?.stack)
    .filter((frame) => scripts.has(frame.unit))
    .map((frame) => {
      const script = scripts.get(frame.unit);
      return { function: frame.function.replace(/_\$ctor.*|__/g, '.').replace(/^\.|\.$/g, '') || '<cell>', file: script.file, line: frame.line + script.firstLine, column: frame.column };
    });
  const place = found[0];
  let text = `${name}: ${message}\n`;
  for (const inner of innerOf(thrown)) text += ` ---> ${exceptionName(inner)}: ${inner.message}\n`;
  for (const frame of found) text += `   at ${frame.function} in ${frame.file}:line ${frame.line + 1}\n`;
  return {
    name: name.toWellFormed(),
    message: message.toWellFormed(),
    traceback: text.toWellFormed(),
    frames: found.reverse(),
    line: place?.line ?? null,
    column: place?.column ?? null,
  };
}

function innerOf(thrown) {
  const found = [];
  for (let inner = thrown?.innerException; inner && found.length < 10; inner = inner.innerException) found.push(inner);
  return found;
}
