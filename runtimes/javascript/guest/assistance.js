// Completion and explanation of names, from the live objects of the session.

import { inspect } from './inspect.js';

const MOST = 500;
const KEYWORDS = 'async await break case catch class const continue debugger default delete do else export extends false finally for function if import in instanceof let new null of return static super switch this throw true try typeof undefined var void while with yield'.split(' ');
const PATH = /((?:[\p{ID_Start}$_][\p{ID_Continue}$]*\??\.)*)([\p{ID_Start}$_][\p{ID_Continue}$]*)?$/u;

function follow(path) {
  let value = globalThis;
  for (const name of path) {
    if (value === null || value === undefined) return undefined;
    value = Object(value)[name];
  }
  return value;
}

const steps = (path) => path.split(/\??\./).filter(Boolean);

function kind(value) {
  if (typeof value !== 'function') return 'variable';
  return Function.prototype.toString.call(value).startsWith('class') ? 'class' : 'function';
}

function detail(value) {
  if (value === null) return 'null';
  return typeof value === 'object' ? (value.constructor?.name ?? 'object') : typeof value;
}

const points = (text) => [...text].length;

export function complete(before, userNames) {
  const [, path, prefix = ''] = PATH.exec(before.slice(before.lastIndexOf('\n') + 1));
  const found = [];
  const add = (label, type, info) => {
    if (found.length < MOST) found.push({ label, kind: type, detail: info, replaces: points(prefix) });
  };
  if (path) {
    const value = follow(steps(path));
    if (value === undefined || value === null) return [];
    const seen = new Set();
    for (let owner = Object(value); owner; owner = Object.getPrototypeOf(owner)) {
      for (const label of Object.getOwnPropertyNames(owner)) {
        if (seen.has(label) || !label.startsWith(prefix) || !/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(label)) continue;
        seen.add(label);
        const property = Object.getOwnPropertyDescriptor(owner, label);
        const isFunction = typeof property.value === 'function';
        add(label, isFunction ? 'method' : 'property', property.get ? 'getter' : detail(property.value));
      }
    }
    return found;
  }
  if (!prefix) return [];
  for (const label of userNames) {
    if (label.startsWith(prefix)) add(label, kind(globalThis[label]), detail(globalThis[label]));
  }
  for (const label of KEYWORDS) if (label.startsWith(prefix)) add(label, 'keyword', 'keyword');
  const users = new Set(userNames);
  for (const label of Object.getOwnPropertyNames(globalThis)) {
    if (label.startsWith(prefix) && !users.has(label) && !label.startsWith('__')) add(label, kind(globalThis[label]), detail(globalThis[label]));
  }
  return found;
}

export function explain(before, after) {
  const [whole] = PATH.exec(before.slice(before.lastIndexOf('\n') + 1));
  const path = whole + /^[\p{ID_Continue}$]*/u.exec(after)[0];
  if (!path || path.endsWith('.')) return null;
  const value = follow(steps(path));
  if (value === undefined) return null;
  const isFunction = typeof value === 'function';
  const source = isFunction ? Function.prototype.toString.call(value) : '';
  const signature = isFunction && !source.startsWith('class') ? /^[^(]*(\([^)]*\))/.exec(source)?.[1] : null;
  return {
    title: isFunction ? `${path}${signature && !source.includes('[native code]') ? signature : '(...)'}` : path,
    typeName: isFunction ? kind(value) : detail(value),
    documentation: '',
    preview: isFunction ? '' : inspect(value, 1).slice(0, 500).toWellFormed(),
  };
}
