// `System.Text.Json` for the prelude: values with types, where JavaScript's own JSON has none.

import { toString as dateToString } from 'fable-library/Date.js';
import Decimal from 'fable-library/Decimal.js';
import { Some } from 'fable-library/Option.js';
import { Exception } from 'fable-library/Util.js';
import { FSharpMap } from 'fable-library/Map.js';
import { Dictionary } from 'fable-library/MutableMap.js';
import { FSharpList } from 'fable-library/List.js';
import { Record, Union } from 'fable-library/Types.js';
import { class_type } from 'fable-library/Reflection.js';
import { typeOf } from './link.js';
import { FLOATS, isOption, isTuple, isUnknown, typeName } from './types.js';
import { Refused, fromTree } from './values.js';

const MAX_DEPTH = 64;

export class JsonException extends Exception {}
export const JsonException_$reflection = () => class_type('System.Text.Json.JsonException', undefined, JsonException, class_type('System.Exception'));

/** A tree of `{ tag, val }`, the same as the session's variables, with each number's own text. */
export function parse(text) {
  let at = 0;
  let depth = 0;
  const fail = (what) => {
    const before = text.slice(0, at).split('\n');
    throw new JsonException(`${what} LineNumber: ${before.length - 1} | BytePositionInLine: ${before.at(-1).length}.`);
  };
  const space = () => {
    while (at < text.length && ' \t\r\n'.includes(text[at])) at++;
  };
  const string = () => {
    const end = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
    end.lastIndex = at;
    const found = end.exec(text);
    if (!found) fail('Expected end of string, but instead reached end of data or an invalid character.');
    at = end.lastIndex;
    return JSON.parse(found[0]);
  };
  const value = () => {
    space();
    const from = at;
    const done = (node) => Object.assign(node, { from, to: at });
    const c = text[at];
    if (c === '{' || c === '[') {
      if (++depth > MAX_DEPTH) fail(`The maximum configured depth of ${MAX_DEPTH} has been exceeded.`);
      at++;
      const items = [];
      const close = c === '{' ? '}' : ']';
      space();
      if (text[at] === close) at++;
      else {
        for (;;) {
          if (c === '{') {
            space();
            if (text[at] !== '"') fail(`'${text[at] ?? 'end of data'}' is an invalid start of a property name. Expected a '"'.`);
            const key = string();
            space();
            if (text[at++] !== ':') fail("Expected a ':' after a property name.");
            items.push([key, value()]);
          } else items.push(value());
          space();
          if (text[at] === ',') at++;
          else if (text[at] === close) {
            at++;
            break;
          } else fail(`'${text[at] ?? 'end of data'}' is invalid after a value. Expected either ',', '}', or ']'.`);
        }
      }
      depth--;
      return done(c === '{' ? { tag: 'entries', val: items } : { tag: 'items', val: items });
    }
    if (c === '"') return done({ tag: 'text', val: string() });
    for (const [word, node] of [['true', { tag: 'boolean', val: true }], ['false', { tag: 'boolean', val: false }], ['null', { tag: 'null' }]]) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return done({ ...node });
      }
    }
    const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
    number.lastIndex = at;
    const found = number.exec(text);
    if (!found) fail(at < text.length ? `'${text[at]}' is an invalid start of a value.` : 'The input does not contain any JSON tokens.');
    at = number.lastIndex;
    if (found[1] || found[2]) return done({ tag: 'float', val: Number(found[0]), text: found[0] });
    const whole = Number(found[0]);
    return done(Number.isSafeInteger(whole) ? { tag: 'integer', val: whole, text: found[0] } : { tag: 'big-integer', val: found[0], text: found[0] });
  };
  const root = value();
  space();
  if (at < text.length) fail(`'${text[at]}' is invalid after a single JSON value.`);
  return { ...root, source: text };
}

const KINDS = { 'null': 7, text: 3, integer: 4, float: 4, 'big-integer': 4, items: 2, entries: 1 };
export const kind = (node) => (node.tag === 'boolean' ? (node.val ? 5 : 6) : KINDS[node.tag]);
export const rawText = (node, source) => source.slice(node.from, node.to);
export const field = (node, name) => (node.tag === 'entries' ? node.val.findLast(([key]) => key === name)?.[1] : undefined);
export const items = (node) => (node.tag === 'items' ? node.val : null);
export const pairs = (node) => (node.tag === 'entries' ? node.val : null);
export const text = (node) => (node.tag === 'text' ? node.val : node.tag === 'null' ? null : '');
export const display = (node, source) => (node.tag === 'text' ? node.val : node.tag === 'null' ? '' : node.tag === 'boolean' ? (node.val ? 'True' : 'False') : rawText(node, source));

/** The node as that type: for `GetInt32` and its like, and for `Deserialize`. */
export function read(node, type, caseInsensitive) {
  if (type.fullname === 'System.Text.Json.JsonElement') return node;
  try {
    return fromTree(fit(node, type, caseInsensitive, 0), type);
  } catch (error) {
    if (error instanceof Refused) throw new JsonException(`The JSON value could not be converted to ${typeName(type)}: ${error.message}.`);
    throw error;
  }
}

/** Wraps values that have no node of their own: a fitted node reads as the very value. */
function fit(node, type, caseInsensitive, depth) {
  if (isUnknown(type) || depth > MAX_DEPTH) return node;
  if (isOption(type)) return node.tag === 'null' ? node : fit(node, type.generics[0], caseInsensitive, depth + 1);
  const name = type.fullname;
  if (node.tag === 'text' && (name === 'System.DateTime' || name === 'System.DateTimeOffset')) return { tag: 'date-time', val: node.val };
  if (node.tag === 'items') {
    const of = (at) => (isTuple(type) ? type.generics[at] : type.generics?.[0]);
    return { tag: 'items', val: node.val.map((one, at) => fit(one, of(at), caseInsensitive, depth + 1)) };
  }
  if (node.tag !== 'entries') return node;
  if (type.fields) {
    const given = new Map(node.val);
    const lower = caseInsensitive ? new Map(node.val.map(([key, one]) => [key.toLowerCase(), one])) : null;
    return {
      tag: 'entries',
      val: type.fields().map(([key, of]) => {
        const found = given.get(key) ?? given.get(camel(key)) ?? lower?.get(key.toLowerCase()) ?? { tag: 'null' };
        return [key, found.tag === 'null' ? zero(of) : fit(found, of, caseInsensitive, depth + 1)];
      }),
    };
  }
  return { tag: 'entries', val: node.val.map(([key, one]) => [key, fit(one, type.generics?.[1], caseInsensitive, depth + 1)]) };
}

/** .NET gives a missing property its type's zero. */
function zero(type) {
  if (FLOATS.has(type.fullname)) return { tag: 'float', val: 0 };
  if (/^System\.(?:U?Int|S?Byte)/.test(type.fullname)) return { tag: 'integer', val: 0 };
  if (type.fullname === 'System.Boolean') return { tag: 'boolean', val: false };
  return { tag: 'null' };
}

export const camel = (name) => name.replace(/^\p{Lu}+(?=\p{Lu}|$)|^\p{Lu}/u, (start) => start.toLowerCase());

const quote = (value) =>
  `"${value.replace(/[\u0000-\u001f"&'+<>\\`\u007f-\uffff]/g, (c) => ({ '\n': '\\n', '\r': '\\r', '\t': '\\t', '\b': '\\b', '\f': '\\f', '\\': '\\\\' })[c] ?? `\\u${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`)}"`;

/** JSON as .NET writes it. `options`: `indented`, `camel`, `relaxed`, `skipNull`. */
export function serialize(value, type, options) {
  const open = new Set();
  const line = (depth) => (options.indented ? `\n${'  '.repeat(depth)}` : '');
  const text = (one) => (options.relaxed ? JSON.stringify(one) : quote(one));
  const list = (parts, depth) => (parts.length === 0 ? '[]' : `[${line(depth + 1)}${parts.join(`,${line(depth + 1)}`)}${line(depth)}]`);
  const object = (entries, depth) => {
    const parts = entries
      .filter(([, one]) => !(options.skipNull && (one === null || one === undefined)))
      .map(([key, one, of]) => `${text(key)}:${options.indented ? ' ' : ''}${write(one, of, depth + 1)}`);
    return parts.length === 0 ? '{}' : `{${line(depth + 1)}${parts.join(`,${line(depth + 1)}`)}${line(depth)}}`;
  };
  const named = (name) => (options.camel ? camel(name) : name);
  function write(one, of, depth) {
    if (depth > MAX_DEPTH) throw new JsonException('A possible object cycle was detected, or the object depth is larger than the maximum allowed depth of 64.');
    if (one instanceof Some) return write(one.value, of?.generics?.[0], depth);
    if (one === null || one === undefined) return 'null';
    const known = isUnknown(of) ? typeof one === 'object' ? typeOf(one) : null : of;
    if (isOption(known)) return write(one, known.generics[0], depth);
    if (known?.enumCases) return String(one);
    if (known?.fullname === 'System.Text.Json.JsonElement') return rawText(one.node, one.source);
    switch (typeof one) {
      case 'boolean': return String(one);
      case 'bigint': return String(one);
      case 'string': return text(one);
      case 'number':
        if (known?.fullname === 'System.TimeSpan') return text(String(one));
        if (!Number.isFinite(one)) throw new Exception('.NET number values such as positive and negative infinity cannot be written as valid JSON.');
        return String(one).replace('e', 'E');
      case 'function': throw new Exception(`Serialization of functions is not supported.`);
    }
    if (one instanceof Date) return text(dateToString(one, 'O').replace(/\.0+(?=Z|[+-]|$)/, '').replace(/(\.\d*?)0+(?=Z|[+-]|$)/, '$1'));
    if (one instanceof Decimal) return String(one);
    if (one instanceof Uint8Array) return text(base64(one));
    if (open.has(one)) throw new JsonException('A possible object cycle was detected.');
    open.add(one);
    try {
      if (known && isTuple(known)) return object(known.generics.map((each, at) => [named(`Item${at + 1}`), one[at], each]), depth);
      if (one instanceof FSharpMap || one instanceof Dictionary || one instanceof Map) return object(Array.from(one, ([key, item]) => [String(key), item, known?.generics?.[1]]), depth);
      if (known?.fields) return object(known.fields().map(([name, each]) => [named(name), one[name], each]), depth);
      if (known?.cases && !(one instanceof FSharpList)) {
        if (one.fields?.length === 0) return text(one.name);
        throw new Exception(`F# discriminated union serialization is not supported: ${typeName(known)}`);
      }
      if (Array.isArray(one) || ArrayBuffer.isView(one) || one instanceof FSharpList || typeof one[Symbol.iterator] === 'function') return list(Array.from(one, (item) => write(item, known?.generics?.[0], depth + 1)), depth);
      if (one instanceof Union) return text(one.name);
      if (one instanceof Record || Object.getPrototypeOf(one) === Object.prototype) return object(Object.entries(one).map(([key, item]) => [named(key), item, null]), depth);
      return '{}';
    } finally {
      open.delete(one);
    }
  }
  return write(value, type, 0);
}

function base64(bytes) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  let made = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const left = bytes.length - at;
    made += letters[a >> 2] + letters[((a & 3) << 4) | (b >> 4)] + (left > 1 ? letters[((b & 15) << 2) | (c >> 6)] : '=') + (left > 2 ? letters[c & 63] : '=');
  }
  return made;
}

