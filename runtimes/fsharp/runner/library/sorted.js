// Collections of .NET that keep an order, and linked lists.

import { Dictionary } from 'fable-library/MutableMap.js';
import { KeyNotFoundException } from 'fable-library/System.Collections.Generic.js';
import { compare } from 'fable-library/Util.js';
import { ArgumentException, ENUMERATOR, InvalidOperationException, Items, iterable } from './enumerable.js';

const ORDER = { Compare: compare };
const isComparer = (one) => typeof one?.Compare === 'function';
const isSource = (one) => one !== null && typeof one === 'object' && !isComparer(one) && (typeof one[Symbol.iterator] === 'function' || typeof one.GetEnumerator === 'function');

/** Keys in order, found by halving. */
class Keys extends Items {
  constructor(comparer) {
    super();
    this.comparer = comparer;
    this.keys = [];
  }
  /** Where the key is or belongs, and whether it is there. */
  place(key) {
    let [from, to] = [0, this.keys.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const order = this.comparer.Compare(this.keys[middle], key);
      if (order === 0) return [middle, true];
      if (order < 0) from = middle + 1;
      else to = middle;
    }
    return [from, false];
  }
  get Count() {
    return this.keys.length;
  }
}

class SortedMap extends Keys {
  constructor(...given) {
    super(given.find(isComparer) ?? ORDER);
    this.values = [];
    const source = given.find(isSource);
    if (source) for (const [key, value] of iterable(source)) this.add(key, value);
  }
  add(key, value) {
    const [at, known] = this.place(key);
    if (known) throw new ArgumentException(`An item with the same key has already been added. Key: ${key}`);
    this.keys.splice(at, 0, key);
    this.values.splice(at, 0, value);
  }
  set(key, value) {
    const [at, known] = this.place(key);
    if (known) this.values[at] = value;
    else {
      this.keys.splice(at, 0, key);
      this.values.splice(at, 0, value);
    }
  }
  get(key) {
    const [at, known] = this.place(key);
    if (!known) throw new KeyNotFoundException(`The given key '${key}' was not present in the dictionary.`);
    return this.values[at];
  }
  has(key) {
    return this.place(key)[1];
  }
  delete(key) {
    const [at, known] = this.place(key);
    if (known) this.removeAt(at);
    return known;
  }
  removeAt(at) {
    this.keys.splice(at, 1);
    this.values.splice(at, 1);
  }
  clear() {
    this.keys = [];
    this.values = [];
  }
  get size() {
    return this.keys.length;
  }
  *[Symbol.iterator]() {
    for (let at = 0; at < this.keys.length; at++) yield [this.keys[at], this.values[at]];
  }
}

class SortedSet extends Keys {
  constructor(...given) {
    super(given.find(isComparer) ?? ORDER);
    const source = given.find(isSource);
    if (source) for (const key of iterable(source)) this.add(key);
  }
  add(key) {
    const [at, known] = this.place(key);
    if (!known) this.keys.splice(at, 0, key);
    return !known;
  }
  has(key) {
    return this.place(key)[1];
  }
  delete(key) {
    const [at, known] = this.place(key);
    if (known) this.keys.splice(at, 1);
    return known;
  }
  *[Symbol.iterator]() {
    yield* this.keys;
  }
}

class Node {
  constructor(value) {
    this.Value = value;
    this.List = this.Next = this.Previous = null;
  }
}
class LinkedList extends Items {
  constructor(source) {
    super();
    this.First = this.Last = null;
    this.size = 0;
    if (source) for (const value of iterable(source)) this.put(value, this.Last, null);
  }
  get Count() {
    return this.size;
  }
  put(given, before, after) {
    const node = given instanceof Node ? given : new Node(given);
    if (node.List) throw new InvalidOperationException('The LinkedList node already belongs to a LinkedList.');
    [node.List, node.Previous, node.Next] = [this, before, after];
    if (before) before.Next = node;
    else this.First = node;
    if (after) after.Previous = node;
    else this.Last = node;
    this.size++;
    return node;
  }
  take(node) {
    if (!node) throw new InvalidOperationException('The LinkedList is empty.');
    if (node.Previous) node.Previous.Next = node.Next;
    else this.First = node.Next;
    if (node.Next) node.Next.Previous = node.Previous;
    else this.Last = node.Previous;
    node.List = node.Next = node.Previous = null;
    this.size--;
  }
  find(value, from = 'First', step = 'Next') {
    for (let node = this[from]; node; node = node[step]) if (compare(node.Value, value) === 0) return node;
    return null;
  }
  *[Symbol.iterator]() {
    for (let node = this.First; node; node = node.Next) yield node.Value;
  }
}

class PriorityQueue {
  constructor(...given) {
    this.comparer = given.find(isComparer) ?? ORDER;
    this.rows = [];
    this.next = 0;
    const source = given.find(isSource);
    if (source) for (const [item, priority] of iterable(source)) this.push(item, priority);
  }
  before(a, b) {
    return (this.comparer.Compare(a[1], b[1]) || a[2] - b[2]) < 0;
  }
  push(item, priority) {
    const { rows } = this;
    let at = rows.push([item, priority, this.next++]) - 1;
    for (let up = (at - 1) >> 1; at > 0 && this.before(rows[at], rows[up]); at = up, up = (at - 1) >> 1) [rows[at], rows[up]] = [rows[up], rows[at]];
  }
  pop() {
    const { rows } = this;
    if (rows.length === 0) throw new InvalidOperationException('Queue empty.');
    const [top] = rows;
    const end = rows.pop();
    if (rows.length > 0) {
      rows[0] = end;
      for (let at = 0; ;) {
        let least = at;
        for (const child of [2 * at + 1, 2 * at + 2]) if (child < rows.length && this.before(rows[child], rows[least])) least = child;
        if (least === at) break;
        [rows[at], rows[least]] = [rows[least], rows[at]];
        at = least;
      }
    }
    return top;
  }
}

const map = {
  '.ctor': (...given) => new SortedMap(...given), 'get_Item': (one, key) => one.get(key), 'set_Item': (one, key, value) => one.set(key, value), 'Add': (one, key, value) => one.add(key, value),
  'Remove': (one, key) => one.delete(key), 'ContainsKey': (one, key) => one.has(key), 'ContainsValue': (one, value) => one.values.some((known) => compare(known, value) === 0), 'Clear': (one) => one.clear(),
  'TryAdd': (one, key, value) => (one.has(key) ? false : (one.add(key, value), true)),
  'TryGetValue': (one, key, found) => {
    const [at, known] = one.place(key);
    if (known) found.contents = one.values[at];
    return known;
  },
  'get_Count': (one) => one.size, 'get_Keys': (one) => one.keys.slice(), 'get_Values': (one) => one.values.slice(), 'GetEnumerator': (one) => one.GetEnumerator(),
  'IndexOfKey': (one, key) => (one.has(key) ? one.place(key)[0] : -1), 'RemoveAt': (one, at) => one.removeAt(at), 'GetKeyAtIndex': (one, at) => one.keys[at], 'GetValueAtIndex': (one, at) => one.values[at],
};
const members = (source) => [...iterable(source)];
const queue = (work) => (one, ...rest) => {
  if (one.rows.length === 0) return false;
  work(one, ...rest);
  return true;
};
const NONE = () => {
  throw new InvalidOperationException('Queue empty.');
};

export default {
  'System.Collections.Generic.SortedDictionary`2': map, 'System.Collections.Generic.SortedList`2': map,
  'System.Collections.Generic.SortedDictionary`2.Enumerator': ENUMERATOR, 'System.Collections.Generic.SortedList`2.Enumerator': ENUMERATOR, 'System.Collections.Generic.SortedSet`1.Enumerator': ENUMERATOR,
  'System.Collections.Generic.LinkedList`1.Enumerator': ENUMERATOR,
  'System.Collections.Generic.SortedSet`1': {
    '.ctor': (...given) => new SortedSet(...given), 'Add': (one, key) => one.add(key), 'Remove': (one, key) => one.delete(key), 'Contains': (one, key) => one.has(key), 'Clear': (one) => void (one.keys = []),
    'get_Count': (one) => one.keys.length, 'get_Min': (one) => one.keys[0] ?? null, 'get_Max': (one) => one.keys.at(-1) ?? null, 'GetEnumerator': (one) => one.GetEnumerator(),
    'UnionWith': (one, other) => members(other).forEach((key) => one.add(key)), 'ExceptWith': (one, other) => members(other).forEach((key) => one.delete(key)),
    'IntersectWith': (one, other) => {
      const wanted = new SortedSet(other, one.comparer);
      one.keys = one.keys.filter((key) => wanted.has(key));
    },
    'IsSubsetOf': (one, other) => ((all) => one.keys.every((key) => all.has(key)))(new SortedSet(other, one.comparer)), 'IsSupersetOf': (one, other) => members(other).every((key) => one.has(key)),
    'Overlaps': (one, other) => members(other).some((key) => one.has(key)), 'SetEquals': (one, other) => ((all) => all.keys.length === one.keys.length && one.keys.every((key) => all.has(key)))(new SortedSet(other, one.comparer)),
    'GetViewBetween': (one, from, to) => new SortedSet(one.keys.filter((key) => one.comparer.Compare(key, from) >= 0 && one.comparer.Compare(key, to) <= 0), one.comparer),
    'Reverse': (one) => one.keys.slice().reverse(),
    'RemoveWhere': (one, drop) => {
      const before = one.keys.length;
      one.keys = one.keys.filter((key) => !drop(key));
      return before - one.keys.length;
    },
  },
  'System.Collections.Generic.LinkedList`1': {
    '.ctor': (source) => new LinkedList(source), 'AddLast': (one, value) => one.put(value, one.Last, null), 'AddFirst': (one, value) => one.put(value, null, one.First),
    'AddAfter': (one, node, value) => one.put(value, node, node.Next), 'AddBefore': (one, node, value) => one.put(value, node.Previous, node),
    'RemoveFirst': (one) => one.take(one.First), 'RemoveLast': (one) => one.take(one.Last), 'get_First': (one) => one.First, 'get_Last': (one) => one.Last, 'get_Count': (one) => one.size,
    'Remove': (one, what) => {
      const node = what instanceof Node ? what : one.find(what);
      if (node) one.take(node);
      return node !== null;
    },
    'Contains': (one, value) => one.find(value) !== null, 'Find': (one, value) => one.find(value), 'FindLast': (one, value) => one.find(value, 'Last', 'Previous'),
    'Clear': (one) => {
      one.First = one.Last = null;
      one.size = 0;
    },
    'GetEnumerator': (one) => one.GetEnumerator(),
  },
  'System.Collections.Generic.LinkedListNode`1': {
    '.ctor': (value) => new Node(value), 'get_Value': (node) => node.Value, 'set_Value': (node, value) => void (node.Value = value), 'get_Next': (node) => node.Next, 'get_Previous': (node) => node.Previous, 'get_List': (node) => node.List,
  },
  'System.Collections.Generic.PriorityQueue`2': {
    '.ctor': (...given) => new PriorityQueue(...given), 'Enqueue': (one, item, priority) => one.push(item, priority), 'Dequeue': (one) => one.pop()[0], 'Peek': (one) => (one.rows[0] ?? NONE())[0], 'get_Count': (one) => one.rows.length,
    'TryDequeue': queue((one, item, priority) => {
      const [value, rank] = one.pop();
      item.contents = value;
      if (priority) priority.contents = rank;
    }),
    'TryPeek': queue((one, item, priority) => {
      item.contents = one.rows[0][0];
      if (priority) priority.contents = one.rows[0][1];
    }),
    'Clear': (one) => void (one.rows = []),
    'EnqueueDequeue': (one, item, priority) => {
      one.push(item, priority);
      return one.pop()[0];
    },
    'EnqueueRange': (one, source, priority) => members(source).forEach((row) => (priority === undefined ? one.push(row[0], row[1]) : one.push(row, priority))),
    'get_UnorderedItems': (one) => one.rows.map(([item, priority]) => [item, priority]),
  },
  'System.Collections.ObjectModel.ReadOnlyDictionary`2': {
    '.ctor': (source) => source, 'get_Item': (one, key) => one.get(key), 'ContainsKey': (one, key) => one.has(key), 'get_Count': (one) => one.size, 'get_Keys': (one) => [...one.keys()], 'get_Values': (one) => [...one.values()],
    'TryGetValue': (one, key, found) => (one.has(key) ? ((found.contents = one.get(key)), true) : false), 'GetEnumerator': (one) => (one instanceof Dictionary ? one.GetEnumerator() : one.GetEnumerator()),
  },
};
