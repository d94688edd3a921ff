// What the library's own collections share: a look that F#'s loops and Fable's `Seq` know.

import { ArgumentException, InvalidOperationException } from 'fable-library/System.js';

export { ArgumentException, InvalidOperationException };

export function enumerator(iterator) {
  let current;
  return {
    'System.Collections.IEnumerator.MoveNext': () => {
      const { value, done } = iterator.next();
      current = value;
      return !done;
    },
    'System.Collections.Generic.IEnumerator`1.get_Current': () => current,
    'System.Collections.IEnumerator.get_Current': () => current,
    'System.Collections.IEnumerator.Reset': () => {
      throw new InvalidOperationException('an enumerator begins once');
    },
    Dispose: () => iterator.return?.(),
  };
}

/** Members of an `Enumerator` of .NET's, which a loop over a collection calls. */
export const ENUMERATOR = {
  'MoveNext': (one) => one['System.Collections.IEnumerator.MoveNext'](),
  'get_Current': (one) => one['System.Collections.Generic.IEnumerator`1.get_Current'](),
  'Dispose': (one) => one.Dispose(),
};

/** A collection whose class has a generator `[Symbol.iterator]`. */
export class Items {
  GetEnumerator() {
    return enumerator(this[Symbol.iterator]());
  }
  get Count() {
    let count = 0;
    for (const _ of this) count++;
    return count;
  }
  Dispose() {}
}

/** A sequence that begins anew for each loop. */
export class Sequence extends Items {
  constructor(generate) {
    super();
    this.generate = generate;
  }
  [Symbol.iterator]() {
    return this.generate();
  }
}

/** The way through whatever F# takes for a sequence. */
export function iterable(source) {
  if (source === null || source === undefined) throw new ArgumentException('Value cannot be null.', 'source');
  if (typeof source[Symbol.iterator] === 'function') return source;
  return new Sequence(function* () {
    const steps = source.GetEnumerator();
    try {
      while (steps['System.Collections.IEnumerator.MoveNext']()) yield steps['System.Collections.Generic.IEnumerator`1.get_Current']();
    } finally {
      steps.Dispose?.();
    }
  });
}
