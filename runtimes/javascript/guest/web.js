// The few names of the web platform that plain JavaScript code expects and QuickJS lacks.

import host from 'metascript:cell/host@0.1.0';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export class TextEncoder {
  get encoding() { return 'utf-8'; }
  encode(text = '') {
    const bytes = [];
    for (const character of String(text).toWellFormed()) {
      const point = character.codePointAt(0);
      if (point < 0x80) bytes.push(point);
      else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 63));
      else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
      else bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    }
    return Uint8Array.from(bytes);
  }
}

export class TextDecoder {
  #fatal;
  constructor(label = 'utf-8', options = {}) {
    if (!/^utf-?8$/i.test(label)) throw new RangeError(`the encoding '${label}' is not supported here; utf-8 is`);
    this.#fatal = Boolean(options.fatal);
  }
  get encoding() { return 'utf-8'; }
  decode(input = new Uint8Array()) {
    const bytes = input instanceof ArrayBuffer ? new Uint8Array(input) : new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
    const parts = [];
    let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    while (at < bytes.length) {
      const first = bytes[at];
      const more = first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : -1;
      let point = more === 0 ? first : more === -1 ? -1 : first & (0x3f >> more);
      let read = 1;
      for (; read <= more; read++) {
        const next = bytes[at + read];
        const lowest = read === 1 ? (first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80) : 0x80;
        const highest = read === 1 ? (first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf) : 0xbf;
        if (next === undefined || next < lowest || next > highest) {
          point = -1;
          break;
        }
        point = (point << 6) | (next & 63);
      }
      if (point < 0) {
        if (this.#fatal) throw new TypeError('the bytes are not UTF-8');
        parts.push('\ufffd');
      } else {
        parts.push(String.fromCodePoint(point));
      }
      at += read;
    }
    return parts.join('');
  }
}

export function btoa(text) {
  const source = String(text);
  let made = '';
  for (let at = 0; at < source.length; at += 3) {
    const codes = [source.charCodeAt(at), source.charCodeAt(at + 1), source.charCodeAt(at + 2)];
    if (codes.some((code) => code > 255)) throw new RangeError('btoa takes characters up to U+00FF');
    const bits = (codes[0] << 16) | ((codes[1] || 0) << 8) | (codes[2] || 0);
    made += ALPHABET[bits >> 18] + ALPHABET[(bits >> 12) & 63]
      + (at + 1 < source.length ? ALPHABET[(bits >> 6) & 63] : '=')
      + (at + 2 < source.length ? ALPHABET[bits & 63] : '=');
  }
  return made;
}

export function atob(text) {
  const source = String(text).replace(/[\t\n\f\r ]/g, '').replace(/={1,2}$/, '');
  if (source.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(source)) throw new RangeError('the text is not base64');
  let made = '';
  let bits = 0;
  let held = 0;
  for (const character of source) {
    bits = (bits << 6) | ALPHABET.indexOf(character);
    held += 6;
    if (held >= 8) {
      held -= 8;
      made += String.fromCharCode((bits >> held) & 255);
      bits &= (1 << held) - 1;
    }
  }
  return made;
}

/** A deep copy of what JSON and the built-in collections hold. */
export function structuredClone(value) {
  const copies = new Map();
  const copy = (item) => {
    if (typeof item === 'function' || typeof item === 'symbol') throw new TypeError(`a ${typeof item} cannot be cloned`);
    if (item === null || typeof item !== 'object') return item;
    if (copies.has(item)) return copies.get(item);
    const keep = (made) => {
      copies.set(item, made);
      return made;
    };
    if (item instanceof Date) return keep(new Date(item.getTime()));
    if (item instanceof RegExp) return keep(new RegExp(item.source, item.flags));
    if (item instanceof ArrayBuffer) return keep(item.slice(0));
    if (ArrayBuffer.isView(item)) return keep(new item.constructor(item));
    if (item instanceof Map) {
      const made = keep(new Map());
      for (const [key, held] of item) made.set(copy(key), copy(held));
      return made;
    }
    if (item instanceof Set) {
      const made = keep(new Set());
      for (const held of item) made.add(copy(held));
      return made;
    }
    if (item instanceof Error) {
      const made = keep(new item.constructor(item.message));
      made.stack = item.stack;
      return made;
    }
    const made = keep(Array.isArray(item) ? new Array(item.length) : {});
    for (const key of Object.keys(item)) made[key] = copy(item[key]);
    return made;
  };
  return copy(value);
}

function bytes(count) {
  const made = new Uint8Array(count);
  for (let at = 0; at < count; at += 65536) made.set(host.random(Math.min(65536, count - at)), at);
  return made;
}

export const crypto = {
  getRandomValues(target) {
    if (target.byteLength > 65536) throw new RangeError('at most 65536 random bytes at once');
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(bytes(target.byteLength));
    return target;
  },
  randomUUID() {
    const made = bytes(16);
    made[6] = (made[6] & 0x0f) | 0x40;
    made[8] = (made[8] & 0x3f) | 0x80;
    const hex = [...made].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  },
};

/** `Math.random` with a state of its own: the engine's would repeat in every session (xoshiro128**). */
export function makeRandom() {
  const state = new Uint32Array(bytes(16).buffer);
  if (state.every((word) => word === 0)) state[0] = 1;
  const rotate = (word, by) => (word << by) | (word >>> (32 - by));
  const next = () => {
    const made = Math.imul(rotate(Math.imul(state[1], 5), 7), 9) >>> 0;
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 11);
    return made;
  };
  return () => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;
}
