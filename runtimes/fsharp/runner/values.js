// Typed values: between F#'s and the nodes of the WIT world. Lossless, or refused with a sentence.

import { FSharpMap, ofArray as mapOfArray } from 'fable-library/Map.js';
import { FSharpList, ofArray as listOfArray } from 'fable-library/List.js';
import { ofArray as setOfArray } from 'fable-library/Set.js';
import { Some, some } from 'fable-library/Option.js';
import { Record, Union } from 'fable-library/Types.js';
import { Dictionary } from 'fable-library/MutableMap.js';
import { compare, equals, structuralHash } from 'fable-library/Util.js';
import makeDate from 'fable-library/Date.js';
import makeOffset from 'fable-library/DateOffset.js';
import Decimal from 'fable-library/Decimal.js';
import { obj_type } from 'fable-library/Reflection.js';
import { typeOf } from './link.js';
import { Task } from './loop.js';
import { BIG_INTEGERS, FLOATS, INTEGERS, isFunction, isList, isOption, isTuple, isUnknown, typeName } from './types.js';

/** Types whose missing value is null rather than None. */
const isNullable = (type) => type.fullname === 'System.String' || type.fullname === 'System.Object';

const MAX_DEPTH = 200;
const SAFE = Number.MAX_SAFE_INTEGER;
const RANGES = {
  'System.SByte': [-128, 127], 'System.Byte': [0, 255], 'System.Int16': [-32768, 32767], 'System.UInt16': [0, 65535],
  'System.Int32': [-2147483648, 2147483647], 'System.UInt32': [0, 4294967295],
};

/**
 * Nodes of the immutable values that came from elsewhere. F# may have no type that keeps all of them apart (`1` and
 * `1.0` in one list, a table, a date without a time, the order of a map), so what was not touched goes back as it came.
 */
const origins = new WeakMap();

/** The value cannot cross the border unchanged. */
export class Refused extends Error {}

const two = (number) => String(number).padStart(2, '0');
const zone = (minutes) => (minutes === 0 ? 'Z' : `${minutes < 0 ? '-' : '+'}${two(Math.trunc(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`);

function dateText(date, type) {
  if (Number.isNaN(date.getTime())) throw new Refused('the date is not valid');
  const clean = (moment) => moment.toISOString().slice(0, -1).replace(/\.000$/, '').replace(/(\.\d*?)0+$/, '$1');
  if (type?.fullname === 'System.DateOnly') return date.toISOString().slice(0, 10);
  if (typeof date.offset === 'number') return clean(new Date(date.getTime() + date.offset)) + zone(date.offset / 60000);
  if (date.kind === 1) return `${clean(date)}Z`;
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60000);
  return clean(local);
}

class Writer {
  nodes = [];
  open = new Set();

  add(value, type, depth) {
    if (depth > MAX_DEPTH) throw new Refused(`the value is nested more than ${MAX_DEPTH} levels deep`);
    const holds = value !== null && typeof value === 'object';
    const origin = holds && origins.get(value);
    if (origin) return this.again(origin);
    const at = this.nodes.length;
    this.nodes.push(null);
    if (holds) {
      if (this.open.has(value)) throw new Refused('the value contains itself');
      this.open.add(value);
    }
    this.nodes[at] = this.node(value, isUnknown(type) ? null : type, depth + 1);
    if (holds) this.open.delete(value);
    return at;
  }

  /** A node that came from elsewhere, with all that it holds. */
  again({ tag, val }) {
    const at = this.nodes.length;
    this.nodes.push(null);
    const one = (node) => this.again(node);
    let made = val;
    if (tag === 'items') made = val.map(one);
    else if (tag === 'entries') made = val.map(([key, node]) => [key, one(node)]);
    else if (tag === 'table') made = { columns: val.map(({ name, cells }) => ({ name, cells: cells.map(one) })) };
    this.nodes[at] = { tag, val: made };
    return at;
  }

  text(text) {
    if (!text.isWellFormed()) throw new Refused('the text holds half of a surrogate pair, which is no Unicode character');
    return text;
  }

  items(values, type, depth) {
    return { tag: 'items', val: Array.from(values, (one) => this.add(one, type, depth)) };
  }

  entries(pairs, keyType, depth) {
    const seen = new Set();
    const made = [];
    for (const [key, value, type] of pairs) {
      if (typeof key !== 'string' || (keyType && keyType.fullname !== 'System.String')) throw new Refused('the keys of a map must be strings to be shared');
      if (seen.has(key)) throw new Refused(`the key '${key}' occurs twice`);
      seen.add(key);
      made.push([this.text(key), this.add(value, type, depth)]);
    }
    return { tag: 'entries', val: made };
  }

  integer(value) {
    return value >= -SAFE && value <= SAFE ? { tag: 'integer', val: Number(value) } : { tag: 'big-integer', val: String(value) };
  }

  node(value, type, depth) {
    if (value instanceof Some) return this.node(value.value, type?.generics?.[0] ?? null, depth);
    if (value === null || value === undefined) return { tag: 'null' };
    const name = type?.fullname;
    if (isOption(type)) return this.node(value, type.generics[0], depth);
    if (isFunction(type) || typeof value === 'function') throw new Refused('functions stay in their language');
    switch (typeof value) {
      case 'boolean': return { tag: 'boolean', val: value };
      case 'string': return { tag: 'text', val: this.text(value) };
      case 'bigint': return this.integer(value);
      case 'number':
        if (name === 'System.TimeSpan') throw new Refused('a TimeSpan has no counterpart in other languages; share its TotalSeconds');
        if (FLOATS.has(name) || (!type && !Number.isSafeInteger(value)) || Object.is(value, -0)) return { tag: 'float', val: value };
        return this.integer(value);
    }
    if (value instanceof Date) return { tag: 'date-time', val: dateText(value, type) };
    if (value instanceof Decimal) throw new Refused('a decimal has no counterpart in other languages; share `float x` or `string x`');
    if (value instanceof Uint8Array) return { tag: 'binary', val: value };
    if (value instanceof Task) throw new Refused('a Task stays in its language; share its Result');
    if (type && isTuple(type)) return { tag: 'items', val: type.generics.map((of, at) => this.add(value[at], of, depth)) };
    if (value instanceof FSharpMap || value instanceof Dictionary || value instanceof Map) {
      const of = type?.generics?.length === 2 ? type.generics : [null, null];
      return this.entries(Array.from(value, ([key, item]) => [key, item, of[1]]), of[0], depth);
    }
    if (Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof FSharpList) {
      const element = type?.generics?.[0] ?? null;
      const floats = !element && (value instanceof Float64Array || value instanceof Float32Array);
      return this.items(value, floats ? { fullname: 'System.Double' } : element, depth);
    }
    const own = type?.fields || type?.cases ? type : typeOf(value) ?? type;
    if (own?.fields) return this.entries(own.fields().map(([field, of]) => [field, value[field], of]), null, depth);
    if (value instanceof Record) return this.entries(Object.keys(value).map((field) => [field, value[field], null]), null, depth);
    if (value instanceof Union) {
      if (value.fields.length === 0) return { tag: 'text', val: value.name };
      throw new Refused('a union case with fields has no counterpart in other languages; share a record');
    }
    if (Object.getPrototypeOf(value) === Object.prototype) return this.entries(Object.entries(value).map(([key, item]) => [key, item, null]), null, depth);
    if (typeof value[Symbol.iterator] === 'function') return this.items(value, type?.generics?.[0] ?? null, depth);
    throw new Refused(`a ${typeName(own)} has no counterpart in other languages`);
  }
}

/** The nodes of a value of that type. */
export function toWire(value, type) {
  const writer = new Writer();
  writer.add(value, type, 0);
  return { nodes: writer.nodes };
}

const comparer = { Compare: compare };
const equality = { Equals: equals, GetHashCode: structuralHash };

function fail(node, type) {
  throw new Refused(`a value of kind ${node.tag} is no ${typeName(type)}`);
}

const tableRows = (columns) => Array.from({ length: columns[0]?.cells.length ?? 0 }, (_, at) => ({ tag: 'entries', val: columns.map(({ name, cells }) => [name, cells[at]]) }));

function untyped(node) {
  const { tag, val } = node;
  switch (tag) {
    case 'null': return null;
    case 'big-integer': return BigInt(val);
    case 'date-time': return dateOf(val, null);
    case 'items': return listOfArray(val.map((one) => keep(untyped(one), one)));
    case 'entries': return mapOfArray(val.map(([key, item]) => [key, keep(untyped(item), item)]), comparer);
    case 'table': return listOfArray(tableRows(val).map(untyped));
    case 'binary': return val instanceof Uint8Array ? val : Uint8Array.from(val);
    default: return val;
  }
}

function dateOf(text, type) {
  const [, day, time = '00:00:00', fraction = '', offset] = /^(\d+-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  const moment = Date.parse(`${day}T${time}${fraction.slice(0, 4)}${offset ?? 'Z'}`);
  if (Number.isNaN(moment)) throw new Refused(`${text} is no date that F# could hold`);
  const minutes = offset === undefined || offset === 'Z' ? 0 : Number(`${offset[0]}1`) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4)));
  if (type?.fullname === 'System.DateTimeOffset') return makeOffset(moment, minutes * 60000);
  // The sandbox knows no time zone but UTC; 1 is .NET's DateTimeKind.Utc.
  return makeDate(moment, offset === undefined ? 0 : 1);
}

/** Remembers where an immutable value came from. */
function keep(value, node) {
  if (value !== null && typeof value === 'object' && !ArrayBuffer.isView(value)) origins.set(value, node);
  return value;
}

/**
 * The value of that type, or a refusal. A `shared` one has a type of our making, in which nothing but bytes can be
 * changed in place: it remembers where it came from.
 */
export function fromTree(node, type, shared = false) {
  const value = convert(node, type, shared);
  return shared ? keep(value, node) : value;
}

function convert(node, type, shared) {
  if (isUnknown(type)) return untyped(node);
  const { tag, val } = node;
  const name = type.fullname;
  if (isOption(type)) return tag === 'null' ? undefined : some(fromTree(node, type.generics[0], shared));
  if (INTEGERS.has(name)) {
    if (tag !== 'integer') fail(node, type);
    const [least, most] = RANGES[name];
    if (val < least || val > most) throw new Refused(`${val} is out of the range of ${typeName(type)}`);
    return Number(val);
  }
  if (BIG_INTEGERS.has(name)) return tag === 'integer' || tag === 'big-integer' ? BigInt(val) : fail(node, type);
  if (FLOATS.has(name)) return tag === 'float' || tag === 'integer' ? Number(val) : fail(node, type);
  if (name === 'System.Decimal') return tag === 'float' || tag === 'integer' || tag === 'big-integer' ? new Decimal(String(val)) : fail(node, type);
  switch (name) {
    case 'System.String': return tag === 'text' ? val : tag === 'null' ? null : fail(node, type);
    case 'System.Boolean': return tag === 'boolean' ? val : fail(node, type);
    case 'Microsoft.FSharp.Core.Unit': return undefined;
    case 'System.DateTime': case 'System.DateTimeOffset': return tag === 'date-time' ? dateOf(val, type) : fail(node, type);
  }
  if (tag === 'null') return null;
  if (tag === 'binary') return val instanceof Uint8Array ? val : Uint8Array.from(val);
  const rows = tag === 'table' ? tableRows(val) : tag === 'items' ? val : null;
  if (isTuple(type)) return rows?.length === type.generics.length ? rows.map((one, at) => fromTree(one, type.generics[at], shared)) : fail(node, type);
  if (isList(type)) return rows ? listOfArray(rows.map((one) => fromTree(one, type.generics[0], shared))) : fail(node, type);
  if (name === '[]') {
    if (!rows) fail(node, type);
    const made = rows.map((one) => fromTree(one, type.generics[0], shared));
    const typed = { 'System.Int32': Int32Array, 'System.Double': Float64Array, 'System.Byte': Uint8Array, 'System.Single': Float32Array }[type.generics[0].fullname];
    return typed ? typed.from(made) : made;
  }
  if (name.startsWith('Microsoft.FSharp.Collections.FSharpSet`')) return rows ? setOfArray(rows.map((one) => fromTree(one, type.generics[0], shared)), comparer) : fail(node, type);
  if (/(?:FSharpMap|Dictionary)`2$/.test(name)) {
    if (tag !== 'entries') fail(node, type);
    const pairs = val.map(([key, item]) => [key, fromTree(item, type.generics[1], shared)]);
    return name.includes('FSharpMap') ? mapOfArray(pairs, comparer) : new Dictionary(pairs, equality);
  }
  if (type.fields && tag === 'entries') {
    const given = new Map(val);
    const fields = type.fields().map(([field, of]) => {
      const found = given.get(field) ?? given.get(field[0].toLowerCase() + field.slice(1));
      if (!found && !isOption(of) && !isNullable(of)) throw new Refused(`there is no '${field}' for ${typeName(type)}`);
      return [field, found ? fromTree(found, of, shared) : isOption(of) ? undefined : null];
    });
    return type.construct ? new type.construct(...fields.map(([, value]) => value)) : Object.fromEntries(fields);
  }
  if (type.cases && tag === 'text') {
    const known = type.cases().find((one) => one.name === val && !(one.fields?.length > 0));
    if (known) return new type.construct(known.tag, []);
  }
  if (rows && type.generics?.length === 1) return rows.map((one) => fromTree(one, type.generics[0], shared));
  return fail(node, type);
}

/** A record of text keys, for calls of the host. */
export const wireOf = (value) => toWire(value, obj_type);
