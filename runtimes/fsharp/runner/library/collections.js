// `System.Collections.Concurrent` on the collections of Fable's library, and arrays of two dimensions.

import { Dictionary } from 'fable-library/MutableMap.js';
import { Exception, equals, structuralHash } from 'fable-library/Util.js';
import { KeyNotFoundException } from 'fable-library/System.Collections.Generic.js';

const equality = { Equals: equals, GetHashCode: structuralHash };

class ConcurrentDictionary extends Dictionary {}

function dictionary(...values) {
  const pairs = values.find((one) => one !== null && typeof one === 'object' && typeof one[Symbol.iterator] === 'function');
  const comparer = values.find((one) => typeof one?.GetHashCode === 'function' && typeof one?.Equals === 'function' && one !== pairs);
  return new ConcurrentDictionary(pairs ?? [], comparer ?? equality);
}

function tryGet(one, key, found) {
  if (!one.has(key)) return false;
  found.contents = one.get(key);
  return true;
}

/** A queue, stack or bag. */
class Bag {
  constructor(items = []) {
    this.list = Array.from(items);
  }
  get Count() { return this.list.length; }
  [Symbol.iterator]() { return this.list[Symbol.iterator](); }
  GetEnumerator() {
    const list = this.list.slice();
    let at = -1;
    return {
      'System.Collections.IEnumerator.MoveNext': () => ++at < list.length,
      'System.Collections.Generic.IEnumerator`1.get_Current': () => list[at],
      'System.Collections.IEnumerator.get_Current': () => list[at],
      'System.Collections.IEnumerator.Reset': () => (at = -1),
      Dispose() {},
    };
  }
}

const taken = (one, from, found) => {
  if (one.list.length === 0) return false;
  found.contents = from === 'first' ? one.list.shift() : one.list.pop();
  return true;
};
const peeked = (one, at, found) => {
  if (one.list.length === 0) return false;
  found.contents = one.list.at(at);
  return true;
};
const bag = {
  '.ctor': (items) => new Bag(items), 'get_Count': (one) => one.list.length, 'get_IsEmpty': (one) => one.list.length === 0, 'ToArray': (one) => one.list.slice(),
  'Clear': (one) => void (one.list.length = 0), 'GetEnumerator': (one) => one.GetEnumerator(),
};

/** An array of two dimensions; rows are arrays. */
class Grid {
  constructor(height, width, make) {
    this.height = height;
    this.width = width;
    this.rows = Array.from({ length: height }, (_, row) => Array.from({ length: width }, (_, column) => make(row, column)));
  }
  cell(row, column) {
    if (row < 0 || row >= this.height || column < 0 || column >= this.width) throw new Exception('Index was outside the bounds of the array.');
    return this.rows[row][column];
  }
  toString() {
    return `[${this.rows.map((row) => `[${row.join('; ')}]`).join('\n ')}]`;
  }
  [Symbol.iterator]() { return this.rows.flat()[Symbol.iterator](); }
}
const grid = (height, width, make) => {
  if (height < 0 || width < 0) throw new Exception('the length of an array must not be negative');
  return new Grid(height, width, make);
};

/** Calls a function of several arguments, which Fable may have left curried. */
const apply = (work, ...values) => values.length === 0 ? work : work.length >= values.length ? work(...values) : apply(work(values[0]), ...values.slice(1));

export default {
  'System.Collections.Concurrent.ConcurrentDictionary`2': {
    '.ctor': dictionary,
    'get_Item': (one, key) => {
      if (!one.has(key)) throw new KeyNotFoundException(`The given key '${key}' was not present in the dictionary.`);
      return one.get(key);
    },
    'set_Item': (one, key, value) => void one.set(key, value),
    'TryAdd': (one, key, value) => (one.has(key) ? false : (one.set(key, value), true)),
    'TryGetValue': tryGet,
    'TryRemove': (one, key, found) => {
      const had = tryGet(one, key, found ?? {});
      one.delete(key);
      return had;
    },
    'TryUpdate': (one, key, value, expected) => (one.has(key) && equals(one.get(key), expected) ? (one.set(key, value), true) : false),
    'GetOrAdd': (one, key, make) => {
      if (!one.has(key)) one.set(key, typeof make === 'function' ? make(key) : make);
      return one.get(key);
    },
    'AddOrUpdate': (one, key, make, update) => {
      one.set(key, one.has(key) ? update(key, one.get(key)) : typeof make === 'function' ? make(key) : make);
      return one.get(key);
    },
    'ContainsKey': (one, key) => one.has(key), 'get_Count': (one) => one.size, 'get_IsEmpty': (one) => one.size === 0, 'Clear': (one) => void one.clear(),
    'get_Keys': (one) => Array.from(one.keys()), 'get_Values': (one) => Array.from(one.values()), 'ToArray': (one) => Array.from(one), 'GetEnumerator': (one) => one.GetEnumerator(),
  },
  'System.Collections.Concurrent.ConcurrentBag`1': { ...bag, 'Add': (one, item) => void one.list.push(item), 'TryTake': (one, found) => taken(one, 'last', found), 'TryPeek': (one, found) => peeked(one, -1, found) },
  'System.Collections.Concurrent.ConcurrentQueue`1': { ...bag, 'Enqueue': (one, item) => void one.list.push(item), 'TryDequeue': (one, found) => taken(one, 'first', found), 'TryPeek': (one, found) => peeked(one, 0, found) },
  'System.Collections.Concurrent.ConcurrentStack`1': { ...bag, 'Push': (one, item) => void one.list.push(item), 'TryPop': (one, found) => taken(one, 'last', found), 'TryPeek': (one, found) => peeked(one, -1, found), 'ToArray': (one) => one.list.slice().reverse() },
  'System.Collections.Concurrent.BlockingCollection`1': { ...bag, 'Add': (one, item) => void one.list.push(item), 'TryAdd': (one, item) => (one.list.push(item), true), 'TryTake': (one, found) => taken(one, 'first', found), 'CompleteAdding': () => undefined, 'Take': (one) => one.list.shift() },
  'Microsoft.FSharp.Core.LanguagePrimitives.IntrinsicFunctions': {
    'GetArray2D': (one, row, column) => one.cell(row, column),
    'SetArray2D': (one, row, column, value) => {
      one.cell(row, column);
      one.rows[row][column] = value;
    },
  },
  'Microsoft.FSharp.Collections.Array2DModule': {
    'ZeroCreate': (height, width) => grid(height, width, () => 0), 'Create': (height, width, value) => grid(height, width, () => value), 'Initialize': (height, width, make) => grid(height, width, (row, column) => apply(make, row, column)),
    'Length1': (one) => one.height, 'Length2': (one) => one.width, 'Get': (one, row, column) => one.cell(row, column),
    'Set': (one, row, column, value) => {
      one.cell(row, column);
      one.rows[row][column] = value;
    },
    'Map': (map, one) => grid(one.height, one.width, (row, column) => map(one.rows[row][column])),
    'MapIndexed': (map, one) => grid(one.height, one.width, (row, column) => apply(map, row, column, one.rows[row][column])),
    'Iterate': (action, one) => one.rows.flat().forEach((item) => action(item)),
    'IterateIndexed': (action, one) => one.rows.forEach((line, row) => line.forEach((item, column) => apply(action, row, column, item))),
    'Copy': (one) => grid(one.height, one.width, (row, column) => one.rows[row][column]),
  },
};
