// Typed values: between JavaScript's and the nodes of the WIT world. Lossless, or refused with a sentence.

const MAX_DEPTH = 200;
// As bigints: this engine compares a negative bigint with a number wrongly.
const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);
const SMALLEST = -LARGEST;

/** The value cannot cross the border unchanged. */
export class Refused extends Error {}

/** A number that is a float for other languages even if it has no fraction. */
export class Float {
  constructor(number) {
    this.number = Number(number);
    Object.freeze(this);
  }
  valueOf() { return this.number; }
  toString() { return String(this.number); }
  toJSON() { return this.number; }
}

/** A date or date-time that a `Date` cannot hold exactly: no offset, another one than UTC, or microseconds. */
export class DateTime {
  constructor(text) {
    this.text = String(text);
    Object.freeze(this);
  }
  toString() { return this.text; }
  toJSON() { return this.text; }
  /** The moment to the millisecond; a local date-time is read as UTC. */
  toDate() {
    const text = this.text.replace(/(\.\d{3})\d+/, '$1');
    return new Date(/(Z|[+-]\d\d:\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`);
  }
}

/** Columns of equal length: `new Table({ name: ['Ada'], born: [1815] })`. */
export class Table {
  constructor(columns) {
    this.columns = columns instanceof Map ? columns : new Map(Object.entries(columns));
    const lengths = new Set([...this.columns.values()].map((cells) => cells.length));
    if (lengths.size > 1) throw new RangeError('the columns of a table have different lengths');
  }
  /** A table from objects; a key that a row lacks gives null. */
  static fromRows(rows) {
    const names = new Set(rows.flatMap((row) => Object.keys(row)));
    return new Table(new Map([...names].map((name) => [name, rows.map((row) => row[name] ?? null)])));
  }
  get length() {
    for (const cells of this.columns.values()) return cells.length;
    return 0;
  }
  column(name) { return this.columns.get(name); }
  rows() {
    return Array.from({ length: this.length }, (_, at) =>
      Object.fromEntries([...this.columns].map(([name, cells]) => [name, cells[at]])));
  }
  [Symbol.iterator]() { return this.rows()[Symbol.iterator](); }
}

// JavaScript has one type of number. A container that came from another language remembers which of its
// numbers were floats without a fraction, so that `1.0` does not come back as `1`.
const floats = new WeakMap();

function remember(container, key, number) {
  let known = floats.get(container);
  if (!known) floats.set(container, (known = new Map()));
  known.set(key, number);
}

function isFloat(container, key, number) {
  return floats.get(container)?.get(key) === number;
}

const ADVICE = {
  Set: 'share [...x]',
  RegExp: 'share x.source',
  Promise: 'await it first',
  ArrayBuffer: 'share new Uint8Array(x)',
};

class Writer {
  nodes = [];
  open = new Set();

  add(value, depth, container, key) {
    if (depth > MAX_DEPTH) throw new Refused(`the value is nested more than ${MAX_DEPTH} levels deep`);
    const at = this.nodes.length;
    this.nodes.push(null);
    this.nodes[at] = this.node(value, depth, container, key);
    return at;
  }

  text(text) {
    if (!text.isWellFormed()) throw new Refused('the text holds half of a surrogate pair, which is no Unicode character');
    return text;
  }

  inside(value, make) {
    if (this.open.has(value)) throw new Refused('the value contains itself');
    this.open.add(value);
    const node = make();
    this.open.delete(value);
    return node;
  }

  entries(pairs, depth, container) {
    return { tag: 'entries', val: pairs.map(([key, item]) => [this.text(key), this.add(item, depth + 1, container, key)]) };
  }

  node(value, depth, container, key) {
    switch (typeof value) {
      case 'boolean': return { tag: 'boolean', val: value };
      case 'string': return { tag: 'text', val: this.text(value) };
      case 'number':
        return Number.isSafeInteger(value) && !Object.is(value, -0) && !(container && isFloat(container, key, value))
          ? { tag: 'integer', val: value }
          : { tag: 'float', val: value };
      case 'bigint':
        return value >= SMALLEST && value <= LARGEST
          ? { tag: 'integer', val: Number(value) }
          : { tag: 'big-integer', val: value.toString() };
      case 'undefined': throw new Refused('undefined has no counterpart in other languages; share null');
      case 'function': throw new Refused('functions stay in their language');
      case 'symbol': throw new Refused('symbols stay in their language');
    }
    if (value === null) return { tag: 'null' };
    if (value instanceof Float) return { tag: 'float', val: value.number };
    if (value instanceof DateTime) return { tag: 'date-time', val: value.text };
    if (value instanceof Date) {
      const year = value.getUTCFullYear();
      if (!(year >= 0 && year <= 9999)) throw new Refused('the date is invalid or its year has no four digits');
      return { tag: 'date-time', val: value.toISOString() };
    }
    if (value instanceof Uint8Array) return { tag: 'binary', val: value };
    if (Array.isArray(value)) {
      return this.inside(value, () => ({
        tag: 'items',
        // Array.from sees the holes that map would skip.
        val: Array.from(value, (item, at) => this.add(item, depth + 1, value, at)),
      }));
    }
    if (value instanceof Table) {
      return this.inside(value, () => {
        const columns = [...value.columns].map(([name, cells]) => ({
          name: this.text(String(name)),
          cells: Array.from(cells, (item, at) => this.add(item, depth + 1, cells, at)),
        }));
        if (new Set(columns.map((column) => column.cells.length)).size > 1) {
          throw new Refused('the columns of the table have different lengths');
        }
        return { tag: 'table', val: { columns } };
      });
    }
    if (value instanceof Map) {
      return this.inside(value, () => {
        const pairs = [...value];
        const odd = pairs.find(([name]) => typeof name !== 'string');
        if (odd) throw new Refused(`a key of the Map is a ${typeof odd[0]}; only text can be a key elsewhere`);
        return this.entries(pairs, depth, value);
      });
    }
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      return this.inside(value, () => this.entries(Object.entries(value), depth, value));
    }
    const kind = prototype?.constructor?.name || 'object';
    throw new Refused(`${kind} has no counterpart in other languages: ${ADVICE[kind] ?? 'share a plain object, an array or a text made from it'}`);
  }
}

/** The value's nodes; throws `Refused`. */
export function toWire(value) {
  const writer = new Writer();
  writer.add(value, 0);
  return { nodes: writer.nodes };
}

// A plain object lists keys that look like array indices first: another order needs a Map.
function keepsOrder(keys) {
  let last = -1;
  let texts = false;
  for (const key of keys) {
    if (/^(0|[1-9]\d{0,9})$/.test(key) && Number(key) < 4294967295) {
      if (texts || Number(key) < last) return false;
      last = Number(key);
    } else {
      texts = true;
    }
  }
  return true;
}

function moment(text) {
  const match = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?Z$/.exec(text);
  if (!match || /[1-9]/.test((match[1] ?? '').slice(3))) return new DateTime(text);
  const date = new Date(text.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(date.getTime()) ? new DateTime(text) : date;
}

/** The JavaScript value of a value's nodes. */
export function fromWire({ nodes }) {
  const built = new Array(nodes.length);
  const put = (container, key, at, store) => {
    const item = built[at];
    if (nodes[at].tag === 'float' && Number.isSafeInteger(item)) remember(container, key, item);
    store(item);
  };
  // A node refers to later ones only, so going backwards meets the parts before the whole.
  for (let at = nodes.length - 1; at >= 0; at--) {
    const { tag, val } = nodes[at];
    switch (tag) {
      case 'null': built[at] = null; break;
      case 'big-integer': built[at] = BigInt(val); break;
      case 'integer':
      case 'float': built[at] = Number(val); break;
      case 'date-time': built[at] = moment(val); break;
      case 'items': {
        const list = [];
        for (const item of val) put(list, list.length, item, (made) => list.push(made));
        built[at] = list;
        break;
      }
      case 'entries': {
        if (keepsOrder(val.map(([key]) => key))) {
          const object = {};
          for (const [key, item] of val) {
            put(object, key, item, (made) =>
              Object.defineProperty(object, key, { value: made, writable: true, enumerable: true, configurable: true }));
          }
          built[at] = object;
        } else {
          const map = new Map();
          for (const [key, item] of val) put(map, key, item, (made) => map.set(key, made));
          built[at] = map;
        }
        break;
      }
      case 'table': {
        const columns = new Map();
        for (const { name, cells } of val.columns) {
          const list = [];
          for (const item of cells) put(list, list.length, item, (made) => list.push(made));
          columns.set(name, list);
        }
        built[at] = new Table(columns);
        break;
      }
      case 'binary': built[at] = val instanceof Uint8Array ? val : Uint8Array.from(val); break;
      default: built[at] = val;
    }
  }
  return built[0];
}
