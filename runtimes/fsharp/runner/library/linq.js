// `System.Linq.Enumerable`; the prelude declares it.

import { op_Addition, op_Division } from 'fable-library/Decimal.js';
import Decimal from 'fable-library/Decimal.js';
import { fromInt32 } from 'fable-library/BigInt.js';
import { Dictionary } from 'fable-library/MutableMap.js';
import { HashSet } from 'fable-library/MutableSet.js';
import { compare, equals, structuralHash } from 'fable-library/Util.js';
import { InvalidOperationException, ArgumentException, Items, Sequence, iterable } from './enumerable.js';

const EQUALITY = { Equals: equals, GetHashCode: structuralHash };
const isComparer = (one) => typeof one?.Equals === 'function' && typeof one?.GetHashCode === 'function' && typeof one !== 'function';
const equality = (rest) => rest.find(isComparer) ?? EQUALITY;
const same = (value) => value;
const lazy = (generate) => new Sequence(generate);
const none = () => {
  throw new InvalidOperationException('Sequence contains no elements');
};
const many = () => {
  throw new InvalidOperationException('Sequence contains more than one element');
};
const noMatch = () => {
  throw new InvalidOperationException('Sequence contains no matching element');
};

function plus(a, b) {
  return a instanceof Decimal ? op_Addition(a, b) : a + b;
}
function sum(source, pick = same) {
  let total = null;
  for (const item of iterable(source)) {
    const value = pick(item);
    if (value !== null && value !== undefined) total = total === null ? value : plus(total, value);
  }
  return total ?? 0;
}
function average(source, pick = same) {
  const values = Array.from(iterable(source), (item) => pick(item));
  if (values.length === 0) none();
  const total = values.reduce(plus);
  if (total instanceof Decimal) return op_Division(total, new Decimal(values.length));
  return Number(total) / values.length;
}
function extreme(sign, by) {
  return (source, pick = same) => {
    let best;
    let found = false;
    let bestKey;
    for (const item of iterable(source)) {
      const key = pick(item);
      if (!found || sign * compare(key, bestKey) > 0) [best, bestKey, found] = [item, key, true];
    }
    if (!found) none();
    return by ? best : bestKey;
  };
}

class Ordered extends Items {
  constructor(source, keys) {
    super();
    this.source = source;
    this.keys = keys;
  }
  *[Symbol.iterator]() {
    const rows = Array.from(iterable(this.source), (item, at) => [item, at, this.keys.map(([pick]) => pick(item))]);
    rows.sort((a, b) => {
      for (let at = 0; at < this.keys.length; at++) {
        const [, sign, comparer] = this.keys[at];
        const order = sign * (comparer ? comparer.Compare(a[2][at], b[2][at]) : compare(a[2][at], b[2][at]));
        if (order !== 0) return order;
      }
      return a[1] - b[1];
    });
    for (const [item] of rows) yield item;
  }
}
const ordering = (sign) => (source, pick, comparer) => new Ordered(source, [[pick, sign, comparer]]);
const further = (sign) => (one, pick, comparer) => new Ordered(one.source, [...one.keys, [pick, sign, comparer]]);

class Group extends Items {
  constructor(key) {
    super();
    this.Key = key;
    this.items = [];
  }
  'System.Linq.IGrouping`2.get_Key'() {
    return this.Key;
  }
  [Symbol.iterator]() {
    return this.items[Symbol.iterator]();
  }
}
function groups(source, pick, element, comparer) {
  const found = new Dictionary([], comparer);
  for (const item of iterable(source)) {
    const key = pick(item);
    if (!found.has(key)) found.set(key, new Group(key));
    found.get(key).items.push(element(item));
  }
  return found;
}
class Lookup extends Sequence {
  constructor(found) {
    super(() => found.values()[Symbol.iterator]());
    this.found = found;
  }
}
const split = (rest) => [rest.filter((one) => typeof one === 'function'), equality(rest)];

function unique(...sources) {
  return (pick, comparer) => lazy(function* () {
    const seen = new HashSet([], comparer);
    for (const source of sources) {
      for (const item of iterable(source)) {
        const key = pick(item);
        if (seen.has(key)) continue;
        seen.add(key);
        yield item;
      }
    }
  });
}
const setOf = (source, comparer, pick = same) => {
  const made = new HashSet([], comparer);
  for (const item of iterable(source)) made.add(pick(item));
  return made;
};
function* filtered(source, keep) {
  let at = 0;
  for (const item of iterable(source)) if (keep(item, at++)) yield item;
}
const first = (missing) => (source, ...rest) => {
  const keep = rest.find((one) => typeof one === 'function');
  for (const item of iterable(source)) if (!keep || keep(item)) return item;
  if (missing) return rest.find((one) => typeof one !== 'function') ?? null;
  return keep ? noMatch() : none();
};
const last = (missing) => (source, ...rest) => {
  const keep = rest.find((one) => typeof one === 'function');
  const items = keep ? [...filtered(source, keep)] : [...iterable(source)];
  if (items.length > 0) return items.at(-1);
  return missing ? rest.find((one) => typeof one !== 'function') ?? null : keep ? noMatch() : none();
};
const single = (missing) => (source, ...rest) => {
  const keep = rest.find((one) => typeof one === 'function');
  const items = keep ? [...filtered(source, keep)] : [...iterable(source)];
  if (items.length > 1) many();
  if (items.length === 1) return items[0];
  return missing ? rest.find((one) => typeof one !== 'function') ?? null : keep ? noMatch() : none();
};
const at = (source, index) => {
  let left = index;
  for (const item of iterable(source)) if (left-- === 0) return [item];
  return null;
};

const Enumerable = {
  'Select': (source, map) => lazy(function* () {
    let index = 0;
    for (const item of iterable(source)) yield map(item, index++);
  }),
  'SelectMany': (source, map, combine) => lazy(function* () {
    let index = 0;
    for (const item of iterable(source)) for (const inner of iterable(map(item, index++))) yield combine ? combine(item, inner) : inner;
  }),
  'Where': (source, keep) => lazy(() => filtered(source, keep)),
  'OfType': (source) => source, 'Cast': (source) => source, 'AsEnumerable': same, 'AsQueryable': same, 'AsParallel': same, 'AsSequential': same, 'WithDegreeOfParallelism': same, 'AsOrdered': same,
  'OrderBy': ordering(1), 'OrderByDescending': ordering(-1), 'ThenBy': further(1), 'ThenByDescending': further(-1),
  'Order': (source, comparer) => ordering(1)(source, same, comparer), 'OrderDescending': (source, comparer) => ordering(-1)(source, same, comparer),
  'Reverse': (source) => lazy(() => [...iterable(source)].reverse()[Symbol.iterator]()),
  'GroupBy': (source, pick, ...rest) => {
    const [[one, two], comparer] = split(rest);
    // A function of two arguments makes the result, one of one the element.
    const result = two ?? (one?.length === 2 ? one : undefined);
    const element = one && one !== result ? one : same;
    return lazy(function* () {
      for (const group of groups(source, pick, element, comparer).values()) yield result ? result(group.Key, group) : group;
    });
  },
  'ToLookup': (source, pick, ...rest) => {
    const [[element = same], comparer] = split(rest);
    return new Lookup(groups(source, pick, element, comparer));
  },
  'Join': (outer, inner, outerKey, innerKey, result, comparer) => lazy(function* () {
    const found = groups(inner, innerKey, same, comparer ?? EQUALITY);
    for (const item of iterable(outer)) {
      const key = outerKey(item);
      if (found.has(key)) for (const other of found.get(key)) yield result(item, other);
    }
  }),
  'GroupJoin': (outer, inner, outerKey, innerKey, result, comparer) => lazy(function* () {
    const found = groups(inner, innerKey, same, comparer ?? EQUALITY);
    for (const item of iterable(outer)) {
      const key = outerKey(item);
      yield result(item, found.has(key) ? found.get(key) : []);
    }
  }),
  'Distinct': (source, ...rest) => unique(source)(same, equality(rest)), 'DistinctBy': (source, pick, ...rest) => unique(source)(pick, equality(rest)),
  'Union': (source, other, ...rest) => unique(source, other)(same, equality(rest)), 'UnionBy': (source, other, pick, ...rest) => unique(source, other)(pick, equality(rest)),
  'Intersect': (source, other, ...rest) => lazy(function* () {
    const wanted = setOf(other, equality(rest));
    for (const item of unique(source)(same, equality(rest))) if (wanted.has(item)) yield item;
  }),
  'Except': (source, other, ...rest) => lazy(function* () {
    const unwanted = setOf(other, equality(rest));
    for (const item of unique(source)(same, equality(rest))) if (!unwanted.has(item)) yield item;
  }),
  'ExceptBy': (source, keys, pick) => lazy(function* () {
    const unwanted = setOf(keys, EQUALITY);
    for (const item of unique(source)(pick, EQUALITY)) if (!unwanted.has(pick(item))) yield item;
  }),
  'Concat': (source, other) => lazy(function* () {
    yield* iterable(source);
    yield* iterable(other);
  }),
  'Append': (source, item) => lazy(function* () {
    yield* iterable(source);
    yield item;
  }),
  'Prepend': (source, item) => lazy(function* () {
    yield item;
    yield* iterable(source);
  }),
  'Zip': (source, other, ...rest) => lazy(function* () {
    const second = iterable(other)[Symbol.iterator]();
    const third = rest[0] && typeof rest[0] !== 'function' ? iterable(rest[0])[Symbol.iterator]() : null;
    for (const item of iterable(source)) {
      const next = second.next();
      const more = third?.next();
      if (next.done || more?.done) return;
      yield typeof rest[0] === 'function' ? rest[0](item, next.value) : third ? [item, next.value, more.value] : [item, next.value];
    }
  }),
  'Take': (source, count) => lazy(function* () {
    let left = count;
    if (left <= 0) return;
    for (const item of iterable(source)) {
      yield item;
      if (--left === 0) return;
    }
  }),
  'Skip': (source, count) => lazy(() => filtered(source, (_, index) => index >= count)),
  'TakeLast': (source, count) => lazy(() => (count > 0 ? [...iterable(source)].slice(-count) : [])[Symbol.iterator]()),
  'SkipLast': (source, count) => lazy(() => (count > 0 ? [...iterable(source)].slice(0, -count) : [...iterable(source)])[Symbol.iterator]()),
  'TakeWhile': (source, keep) => lazy(function* () {
    let index = 0;
    for (const item of iterable(source)) {
      if (!keep(item, index++)) return;
      yield item;
    }
  }),
  'SkipWhile': (source, drop) => lazy(() => {
    let on = false;
    return filtered(source, (item, index) => (on ||= !drop(item, index)));
  }),
  'Chunk': (source, size) => lazy(function* () {
    let chunk = [];
    for (const item of iterable(source)) {
      chunk.push(item);
      if (chunk.length < size) continue;
      yield chunk;
      chunk = [];
    }
    if (chunk.length > 0) yield chunk;
  }),
  'DefaultIfEmpty': (source, value = null) => lazy(function* () {
    let empty = true;
    for (const item of iterable(source)) {
      empty = false;
      yield item;
    }
    if (empty) yield value;
  }),
  'Aggregate': (source, ...rest) => {
    const steps = iterable(source)[Symbol.iterator]();
    let [state, fold, result = same] = rest;
    if (rest.length === 1) {
      fold = rest[0];
      const begin = steps.next();
      if (begin.done) none();
      state = begin.value;
    }
    for (let step = steps.next(); !step.done; step = steps.next()) state = fold(state, step.value);
    return result(state);
  },
  'Sum': sum, 'Average': average, 'Max': extreme(1, false), 'Min': extreme(-1, false), 'MaxBy': extreme(1, true), 'MinBy': extreme(-1, true),
  'Count': (source, keep = () => true) => {
    let count = 0;
    for (const item of iterable(source)) if (keep(item)) count++;
    return count;
  },
  'LongCount': (source, keep = () => true) => fromInt32(Enumerable.Count(source, keep)),
  'Any': (source, keep = () => true) => {
    for (const item of iterable(source)) if (keep(item)) return true;
    return false;
  },
  'All': (source, keep) => {
    for (const item of iterable(source)) if (!keep(item)) return false;
    return true;
  },
  'Contains': (source, value, ...rest) => {
    const comparer = equality(rest);
    for (const item of iterable(source)) if (comparer.Equals(item, value)) return true;
    return false;
  },
  'First': first(false), 'FirstOrDefault': first(true), 'Last': last(false), 'LastOrDefault': last(true), 'Single': single(false), 'SingleOrDefault': single(true),
  'ElementAt': (source, index) => {
    const found = at(source, index);
    if (!found) throw new ArgumentException('Index was out of range. Must be non-negative and less than the size of the collection.', 'index');
    return found[0];
  },
  'ElementAtOrDefault': (source, index) => at(source, index)?.[0] ?? null,
  'SequenceEqual': (source, other) => {
    const [a, b] = [[...iterable(source)], [...iterable(other)]];
    return a.length === b.length && a.every((item, index) => equals(item, b[index]));
  },
  'ToList': (source) => Array.from(iterable(source)), 'ToArray': (source) => Array.from(iterable(source)),
  'ToDictionary': (source, ...rest) => {
    const [[pick = ([key]) => key, element], comparer] = split(rest);
    const made = new Dictionary([], comparer);
    for (const item of iterable(source)) {
      const key = pick(item);
      if (made.has(key)) throw new ArgumentException(`An item with the same key has already been added. Key: ${key}`);
      made.set(key, element ? element(item) : rest.some((one) => typeof one === 'function') ? item : item[1]);
    }
    return made;
  },
  'ToHashSet': (source, ...rest) => setOf(source, equality(rest)),
  'Range': (start, count) => lazy(function* () {
    for (let index = 0; index < count; index++) yield start + index;
  }),
  'Repeat': (value, count) => lazy(function* () {
    for (let index = 0; index < count; index++) yield value;
  }),
  'Empty': () => [],
  'ForAll': (source, action) => {
    for (const item of iterable(source)) action(item);
  },
};

export default { 'System.Linq.Enumerable': Enumerable };
