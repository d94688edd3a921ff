// `console`, written to the host's channels.

import host from 'metascript:cell/host@0.1.0';
import { format, inspect, tableText } from './inspect.js';

let indent = '';
const counts = new Map();
const clocks = new Map();

function write(channel, text) {
  const whole = `${indent ? indent + text.replaceAll('\n', `\n${indent}`) : text}\n`;
  host.write(channel, whole.toWellFormed());
}

const out = (...values) => write('stdout', format(values));
const err = (...values) => write('stderr', format(values));

function elapsed(label) {
  const start = clocks.get(label);
  return start === undefined ? null : `${label}: ${(Date.now() - start).toFixed(0)}ms`;
}

export const console = {
  log: out,
  info: out,
  debug: out,
  warn: err,
  error: err,
  trace: (...values) => err(...['Trace:', ...values], `\n${new Error().stack}`),
  dir: (value, options) => write('stdout', inspect(value, options?.depth ?? 2)),
  assert: (condition, ...values) => {
    if (!condition) err(...(values.length ? ['Assertion failed:', ...values] : ['Assertion failed']));
  },
  count: (label = 'default') => {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    out(`${label}: ${counts.get(label)}`);
  },
  countReset: (label = 'default') => void counts.delete(label),
  time: (label = 'default') => void clocks.set(label, Date.now()),
  timeLog: (label = 'default', ...values) => out(elapsed(label) ?? `Timer '${label}' does not exist`, ...values),
  timeEnd: (label = 'default') => {
    out(elapsed(label) ?? `Timer '${label}' does not exist`);
    clocks.delete(label);
  },
  group: (...values) => {
    if (values.length) out(...values);
    indent += '  ';
  },
  groupEnd: () => {
    indent = indent.slice(2);
  },
  table: (data, only) => {
    if (data === null || typeof data !== 'object') return out(data);
    const rows = [];
    for (const [key, row] of data instanceof Map ? data : Object.entries(data)) {
      rows.push(row !== null && typeof row === 'object' ? { '(index)': key, ...row } : { '(index)': key, Values: row });
    }
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name === '(index)' || !only || only.includes(name));
    return write('stdout', tableText(rows, columns));
  },
};
console.groupCollapsed = console.group;

/** Ends what a failed cell left open. */
export function resetConsole() {
  indent = '';
}
