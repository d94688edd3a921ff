// Text of a value as F#'s `%A` prints it.

import { FSharpMap } from 'fable-library/Map.js';
import { FSharpSet } from 'fable-library/Set.js';
import { FSharpList } from 'fable-library/List.js';
import { Some } from 'fable-library/Option.js';
import { toString as dateText } from 'fable-library/Date.js';
import { toString as spanText } from 'fable-library/TimeSpan.js';
import { FSharpRef, Record, Union } from 'fable-library/Types.js';
import { Exception } from 'fable-library/Util.js';
import { TypeInfo } from 'fable-library/Reflection.js';
import { Dictionary } from 'fable-library/MutableMap.js';
import { HashSet } from 'fable-library/MutableSet.js';
import Decimal from 'fable-library/Decimal.js';
import { hooks } from 'fable-library/String.js';
import { typeOf } from './link.js';
import { Task } from './loop.js';
import { FLOATS, isFunction, isList, isOption, isTuple, isUnknown, typeName } from './types.js';

const WIDTH = 80;
const MOST_ITEMS = 100;
const MOST_OF_SEQUENCE = 4;
const MOST_DEPTH = 60;
const MOST_TEXT = 200_000;

const SUFFIX = {
  'System.SByte': 'y', 'System.Byte': 'uy', 'System.Int16': 's', 'System.UInt16': 'us', 'System.UInt32': 'u', 'System.Int64': 'L',
  'System.UInt64': 'UL', 'System.IntPtr': 'n', 'System.UIntPtr': 'un',
};

export function floatText(number) {
  if (Number.isNaN(number)) return 'nan';
  if (!Number.isFinite(number)) return number > 0 ? 'infinity' : '-infinity';
  if (Object.is(number, -0)) return '-0.0';
  const text = String(number);
  if (/e/.test(text)) return text.replace(/e([+-])(\d)$/, 'e$10$2');
  return Math.abs(number) >= 1e15 ? number.toExponential().replace(/e\+(\d)$/, 'e+0$1') : text.includes('.') ? text : `${text}.0`;
}

/** Lines of text whose later lines stand under the column where the first begins. */
const under = (text, columns) => text.replaceAll('\n', `\n${' '.repeat(columns)}`);
const lastWidth = (text) => text.length - (text.lastIndexOf('\n') + 1);

function filled(open, parts, close) {
  let text = open;
  parts.forEach((part, at) => {
    if (at > 0) {
      text += ';';
      const first = part.indexOf('\n') < 0 ? part.length : part.indexOf('\n');
      text += lastWidth(text) + 1 + first + close.length > WIDTH ? `\n${' '.repeat(open.trimStart().length)}` : ' ';
    }
    text += under(part, lastWidth(text));
  });
  return text + close;
}

function items(values, most, show) {
  const parts = [];
  let left = most;
  for (const value of values) {
    if (left-- === 0) {
      parts.push('...');
      break;
    }
    parts.push(show(value));
  }
  return parts;
}

function record(pairs, state) {
  let text = '{ ';
  pairs.forEach(([name, value, type], at) => {
    if (at > 0) text += '\n  ';
    const head = `${name} = `;
    const shown = show(value, type, state);
    // A long value goes below its name, as F# puts it.
    text += shown.includes('\n') && head.length + shown.indexOf('\n') > WIDTH - 2 ? `${head.trimEnd()}\n   ${under(shown, 3)}` : head + under(shown, head.length + 2);
  });
  return `${text} }`;
}

function applied(name, fields, state) {
  if (fields.length === 0) return name;
  const shown = fields.map(([value, type]) => show(value, type, state));
  if (fields.length > 1) return `${name} ${tuple(shown, name.length + 1)}`;
  const [value, type] = fields[0];
  const bracket = needsBrackets(value, type, shown[0]);
  return bracket ? `${name} (${under(shown[0], name.length + 2)})` : `${name} ${under(shown[0], name.length + 1)}`;
}

function needsBrackets(value, type, shown) {
  if (/^[[{("]/.test(shown) || /^(?:seq|set|map|dict) \[/.test(shown)) return /^(?:seq|set|map|dict) \[/.test(shown);
  return /\s/.test(shown) || (shown.startsWith('-') && !(typeof value === 'number' || typeof value === 'bigint'));
}

function tuple(shown, indent = 0) {
  let text = '(';
  shown.forEach((part, at) => {
    if (at > 0) text += lastWidth(text) + indent + part.length + 2 > WIDTH ? ',\n ' : ', ';
    text += under(part, lastWidth(text));
  });
  return indent > 0 ? `${under(text, indent)})` : `${text})`;
}

const pairText = (pair, key, value, state) => `[${show(pair[0], key, state)}, ${show(pair[1], value, state)}]`;

function reflected(value, type, state) {
  const name = type.fullname;
  if (name === 'Microsoft.FSharp.Core.Unit') return '()';
  if (isOption(type)) {
    const prefix = name.includes('Value') ? 'Value' : '';
    return value === undefined || value === null ? `${prefix}None` : applied(`${prefix}Some`, [[value instanceof Some ? value.value : value, type.generics[0]]], state);
  }
  if (name === 'System.String') return `"${value}"`;
  if (name === 'System.Char') return `'${value}'`;
  if (name === 'System.Boolean') return String(value);
  if (name === 'System.Guid') return String(value);
  if (name === 'System.TimeSpan') return typeof value === 'number' ? spanText(value) : String(value);
  if (type.enumCases) return (type.enumCases.find((one) => one[1] === value) ?? [String(value)])[0];
  if (typeof value === 'number') return FLOATS.has(name) ? floatText(value) + (name === 'System.Single' ? 'f' : '') : `${value}${SUFFIX[name] ?? ''}`;
  if (typeof value === 'bigint') return `${value}${SUFFIX[name] ?? ''}`;
  if (isTuple(type)) return tuple(type.generics.map((of, at) => show(value[at], of, state)));
  if (isFunction(type)) return `<fun:${typeName(type)}>`;
  if (value === null || value === undefined) return '<null>';
  if (isList(type)) return filled('[', items(value, MOST_ITEMS, (one) => show(one, type.generics[0], state)), ']');
  if (name === '[]') return filled('[|', items(value, MOST_ITEMS, (one) => show(one, type.generics[0], state)), '|]');
  if (name.startsWith('Microsoft.FSharp.Collections.FSharpSet`')) return filled('set [', items(value, MOST_ITEMS, (one) => show(one, type.generics[0], state)), ']');
  if (name.startsWith('Microsoft.FSharp.Collections.FSharpMap`')) {
    return filled('map [', items(value, MOST_ITEMS, ([key, item]) => tuple([show(key, type.generics[0], state), show(item, type.generics[1], state)])), ']');
  }
  if (name.endsWith('KeyValuePair`2')) return pairText(value, type.generics[0], type.generics[1], state);
  if (/Dictionary`2$/.test(name)) {
    return filled(name.includes('IDictionary') ? 'dict [' : 'seq [', items(value, MOST_OF_SEQUENCE, (pair) => (name.includes('IDictionary') ? tuple([show(pair[0], type.generics[0], state), show(pair[1], type.generics[1], state)]) : pairText(pair, type.generics[0], type.generics[1], state))), ']');
  }
  if (type.generics?.length === 1 && typeof value[Symbol.iterator] === 'function' && /^System\.Collections\./.test(name)) {
    return filled('seq [', items(value, MOST_OF_SEQUENCE, (one) => show(one, type.generics[0], state)), ']');
  }
  if (type.cases) {
    const known = type.cases()[value.tag];
    if (known && value.fields) return applied(known.name, (known.fields ?? []).map(([, of], at) => [value.fields[at], of]), state);
  }
  if (type.fields) return record(type.fields().map(([field, of]) => [field, value[field] ?? value[`${field}@`], of]), state);
  return null;
}

function guessed(value, state) {
  switch (typeof value) {
    case 'string': return `"${value}"`;
    case 'number': return Number.isInteger(value) && !Object.is(value, -0) ? String(value) : floatText(value);
    case 'bigint': return `${value}L`;
    case 'boolean': return String(value);
    case 'undefined': return '<null>';
    case 'function': return '<fun>';
  }
  if (value === null) return '<null>';
  const own = typeOf(value);
  if (own) {
    const text = reflected(value, own, state);
    if (text !== null) return text;
  }
  if (value instanceof Date) return dateText(value);
  if (value instanceof Decimal) return `${value}M`;
  if (value instanceof Some) return applied('Some', [[value.value, null]], state);
  if (value instanceof FSharpList) return filled('[', items(value, MOST_ITEMS, (one) => show(one, null, state)), ']');
  if (value instanceof FSharpSet) return filled('set [', items(value, MOST_ITEMS, (one) => show(one, null, state)), ']');
  if (value instanceof FSharpMap) return filled('map [', items(value, MOST_ITEMS, ([key, item]) => tuple([show(key, null, state), show(item, null, state)])), ']');
  if (value instanceof FSharpRef) return record([['contents', value.contents, null]], state);
  if (value instanceof Union) return applied(value.name, value.fields.map((field) => [field, null]), state);
  if (value instanceof Record) return record(Object.keys(value).map((name) => [name, value[name], null]), state);
  if (value instanceof Map || value instanceof Dictionary) return filled('seq [', items(value, MOST_OF_SEQUENCE, (pair) => pairText(pair, null, null, state)), ']');
  if (value instanceof TypeInfo) return typeName(value);
  if (value instanceof Exception || value instanceof Error) return `${exceptionName(value)}: ${value.message ?? value.Message ?? ''}`;
  if (value instanceof Task) return `Task(${value.isDone ? (value.isRejected ? 'Faulted' : 'RanToCompletion') : 'WaitingForActivation'})`;
  if (ArrayBuffer.isView(value)) {
    const element = value instanceof Float64Array || value instanceof Float32Array ? floatText : value instanceof Uint8Array ? (one) => `${one}uy` : String;
    return filled('[|', items(value, MOST_ITEMS, element), '|]');
  }
  // Fable makes arrays of both arrays and tuples: items of several kinds are a tuple.
  if (Array.isArray(value)) {
    const kinds = new Set(value.map((one) => (one !== null && typeof one === 'object' ? one.constructor : typeof one)));
    return kinds.size > 1 && value.length < 8 ? tuple(value.map((one) => show(one, null, state))) : filled('[|', items(value, MOST_ITEMS, (one) => show(one, null, state)), '|]');
  }
  if (typeof value.toString === 'function' && value.toString !== Object.prototype.toString && !(value instanceof HashSet)) return String(value.toString());
  if (typeof value[Symbol.iterator] === 'function') return filled('seq [', items(value, MOST_OF_SEQUENCE, (one) => show(one, null, state)), ']');
  if (Object.getPrototypeOf(value) === Object.prototype) return record(Object.entries(value).map(([name, item]) => [name, item, null]), state);
  return value.constructor?.name ?? 'obj';
}

/** The name that .NET gives an exception. */
export function exceptionName(error) {
  const own = typeOf(error);
  if (own) return own.fullname.replace(/^(?:Cell\w*|[A-Z]\w*_\d+)\./, '');
  const name = error?.constructor?.name ?? 'Exception';
  return { Exception: 'System.Exception', Error: 'System.Exception', RangeError: 'System.ArgumentOutOfRangeException', TypeError: 'System.NullReferenceException' }[name] ?? (/Exception$/.test(name) ? `System.${name.replace(/\$.*$/, '')}` : name);
}

function show(value, type, state) {
  if (state.depth > MOST_DEPTH || state.budget < 0) return '...';
  state.depth++;
  try {
    const text = (isUnknown(type) ? null : reflected(value, type, state)) ?? guessed(value, state);
    state.budget -= text.length;
    return text;
  } finally {
    state.depth--;
  }
}

/** The text of `%A`; `type` is Fable's reflection, or null where it is not known. */
export function structured(value, type) {
  const text = show(value, type, { depth: 0, budget: MOST_TEXT });
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}...` : text;
}


hooks.structured = structured;
