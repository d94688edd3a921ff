// Rich output: what a value looks like.

import host from 'metascript:cell/host@0.1.0';
import { inspect } from './inspect.js';
import { Table } from './values.js';

// Deno's convention for a value that knows its own representations.
const DISPLAY = Symbol.for('Jupyter.display');

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

function tableHtml(table) {
  const names = [...table.columns.keys()];
  const head = names.map((name) => `<th>${escape(name)}</th>`).join('');
  const body = table.rows().map((row) => `<tr>${names.map((name) => `<td>${escape(row[name])}</td>`).join('')}</tr>`).join('');
  return `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

const text = (content) => ({ tag: 'text', val: content.toWellFormed() });

/** Representations from an object whose keys are MIME types. */
export function representations(made) {
  return Object.entries(made).map(([mime, content]) => ({
    mime,
    content: content instanceof Uint8Array
      ? { tag: 'binary', val: content }
      : text(typeof content === 'string' ? content : JSON.stringify(content) ?? 'null'),
  }));
}

/** Every representation that the value offers. */
export function bundle(value) {
  const own = value !== null && typeof value === 'object' ? value[DISPLAY] : undefined;
  if (typeof own === 'function') return representations(own.call(value));
  const made = [{ mime: 'text/plain', content: text(inspect(value)) }];
  if (value instanceof Table) made.push({ mime: 'text/html', content: text(tableHtml(value)) });
  return made;
}

/** Shows a value at once; with `{ raw: true }`, an object of MIME types as it stands. */
export function display(value, options) {
  host.display(options?.raw ? representations(value) : bundle(value));
}

const showing = (mime) => (strings, ...values) => {
  const text = typeof strings === 'string' ? strings : String.raw({ raw: strings }, ...values);
  return { [DISPLAY]: () => ({ [mime]: text, 'text/plain': text }) };
};

/** Tagged templates and functions whose result is shown in that form. */
export const html = showing('text/html');
export const md = showing('text/markdown');
export const svg = showing('image/svg+xml');
