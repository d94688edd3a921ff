// `%A` with the type that the format takes: `1.0` stays `1.0`, `Some 1` stays `Some 1`.

import { fsFormat } from 'fable-library/String.js';
import { structured } from './render.js';
import { isFunction } from './types.js';

const DIRECTIVE = /%(?:%|[-+ 0#]*(?:\*|\d+)?(?:\.(?:\*|\d+))?([a-zA-Z]))/g;

/** Marks the text that stands for a value of known type. */
class Exact {
  constructor(value, type) {
    this.value = value;
    this.type = type;
  }
  structured() {
    return structured(this.value, this.type);
  }
}

/** A format as Fable's library makes it; `printer` is the type `'a -> 'b -> ... -> 'result`. */
export function exactFormat(input, printer) {
  const places = [];
  let type = printer;
  for (const [directive, kind] of input.matchAll(DIRECTIVE)) {
    if (directive === '%%' || !isFunction(type)) continue;
    for (const star of directive.matchAll(/\*/g)) if (star) type = type.generics[1], places.push(null);
    places.push(kind === 'A' ? type.generics[0] : null);
    type = type.generics[1];
  }
  const plain = fsFormat(input);
  return {
    input,
    cont: (done) => {
      const printer = plain(done);
      return wrapped(printer, places, 0);
    },
  };
}

function wrapped(printer, places, at) {
  if (typeof printer !== 'function' || at >= places.length) return printer;
  return (...values) => {
    let made = printer;
    let place = at;
    for (const value of values) made = made(places[place] ? new Exact(value, places[place]) : value), place++;
    return wrapped(made, places, place);
  };
}
