// SHA-1, SHA-256, SHA-384, SHA-512 (FIPS 180-4) and MD5 (RFC 1321) of byte arrays.

/** The message with its padding, as 32-bit words of 64-byte blocks. */
function padded(bytes, littleEndian) {
  const length = (((bytes.length + 8) >> 6) + 1) << 6;
  const view = new DataView(new ArrayBuffer(length));
  const all = new Uint8Array(view.buffer);
  all.set(bytes);
  all[bytes.length] = 0x80;
  const bits = bytes.length * 8;
  view.setUint32(length - (littleEndian ? 8 : 4), bits >>> 0, littleEndian);
  view.setUint32(length - (littleEndian ? 4 : 8), Math.floor(bits / 2 ** 32), littleEndian);
  return view;
}

function output(words, littleEndian) {
  const view = new DataView(new ArrayBuffer(words.length * 4));
  words.forEach((word, at) => view.setUint32(at * 4, word >>> 0, littleEndian));
  return new Uint8Array(view.buffer);
}

/** The first 32 bits of the fractional parts of the roots of the first primes. */
function roots(count, root) {
  const found = [];
  for (let n = 2; found.length < count; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (prime) found.push(Math.floor((root(n) % 1) * 2 ** 32) | 0);
  }
  return found;
}

const K256 = roots(64, Math.cbrt);
const START256 = roots(8, Math.sqrt);
const right = (word, by) => (word >>> by) | (word << (32 - by));

export function sha256(bytes) {
  const view = padded(bytes, false);
  const state = START256.slice();
  const words = new Int32Array(64);
  for (let block = 0; block < view.byteLength; block += 64) {
    for (let at = 0; at < 16; at++) words[at] = view.getInt32(block + at * 4, false);
    for (let at = 16; at < 64; at++) {
      const [a, b] = [words[at - 15], words[at - 2]];
      words[at] = words[at - 16] + (right(a, 7) ^ right(a, 18) ^ (a >>> 3)) + words[at - 7] + (right(b, 17) ^ right(b, 19) ^ (b >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let at = 0; at < 64; at++) {
      const one = (h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & f) ^ (~e & g)) + K256[at] + words[at]) | 0;
      const two = ((right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, at) => (state[at] = (state[at] + word) | 0));
  }
  return output(state, false);
}

const K5 = Array.from({ length: 64 }, (_, at) => Math.floor(Math.abs(Math.sin(at + 1)) * 2 ** 32) | 0);
const SHIFTS = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

export function md5(bytes) {
  const view = padded(bytes, true);
  const state = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  for (let block = 0; block < view.byteLength; block += 64) {
    let [a, b, c, d] = state;
    for (let at = 0; at < 64; at++) {
      const round = at >> 4;
      const [mixed, word] = [
        [(b & c) | (~b & d), at], [(d & b) | (~d & c), (5 * at + 1) % 16], [b ^ c ^ d, (3 * at + 5) % 16], [c ^ (b | ~d), (7 * at) % 16],
      ][round];
      const sum = (a + mixed + K5[at] + view.getInt32(block + word * 4, true)) | 0;
      const by = SHIFTS[round][at % 4];
      [a, d, c, b] = [d, c, b, (b + ((sum << by) | (sum >>> (32 - by)))) | 0];
    }
    [a, b, c, d].forEach((word, at) => (state[at] = (state[at] + word) | 0));
  }
  return output(state, true);
}

const left = (word, by) => (word << by) | (word >>> (32 - by));

export function sha1(bytes) {
  const view = padded(bytes, false);
  const state = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0];
  const words = new Int32Array(80);
  for (let block = 0; block < view.byteLength; block += 64) {
    for (let at = 0; at < 16; at++) words[at] = view.getInt32(block + at * 4, false);
    for (let at = 16; at < 80; at++) words[at] = left(words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16], 1);
    let [a, b, c, d, e] = state;
    for (let at = 0; at < 80; at++) {
      const [mixed, constant] = at < 20 ? [(b & c) | (~b & d), 0x5a827999] : at < 40 ? [b ^ c ^ d, 0x6ed9eba1] : at < 60 ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc] : [b ^ c ^ d, 0xca62c1d6];
      const next = (left(a, 5) + mixed + e + constant + words[at]) | 0;
      [e, d, c, b, a] = [d, c, left(b, 30), a, next];
    }
    [a, b, c, d, e].forEach((word, at) => (state[at] = (state[at] + word) | 0));
  }
  return output(state, false);
}

const ALL = (1n << 64n) - 1n;
/** The first 64 bits of the fractional parts of the roots of primes, exactly. */
function wideRoots(from, count, power) {
  const found = [];
  for (let n = 2n, seen = 0; found.length < count; n++) {
    let prime = true;
    for (let d = 2n; d * d <= n; d++) if (n % d === 0n) prime = false;
    if (!prime || seen++ < from) continue;
    const goal = n << (64n * BigInt(power));
    let [low, high] = [0n, 1n << 72n];
    while (low < high) {
      const middle = (low + high + 1n) >> 1n;
      if (middle ** BigInt(power) <= goal) low = middle;
      else high = middle - 1n;
    }
    found.push(low & ALL);
  }
  return found;
}
let wide = null;
const turn = (word, by) => ((word >> by) | (word << (64n - by))) & ALL;

function sha2Wide(bytes, start, size) {
  wide ??= wideRoots(0, 80, 3);
  const length = (((bytes.length + 16) >> 7) + 1) << 7;
  const view = new DataView(new ArrayBuffer(length));
  new Uint8Array(view.buffer).set(bytes);
  view.setUint8(bytes.length, 0x80);
  view.setBigUint64(length - 8, BigInt(bytes.length) * 8n, false);
  const state = start.slice();
  const words = new Array(80);
  for (let block = 0; block < length; block += 128) {
    for (let at = 0; at < 16; at++) words[at] = view.getBigUint64(block + at * 8, false);
    for (let at = 16; at < 80; at++) {
      const [a, b] = [words[at - 15], words[at - 2]];
      words[at] = (words[at - 16] + (turn(a, 1n) ^ turn(a, 8n) ^ (a >> 7n)) + words[at - 7] + (turn(b, 19n) ^ turn(b, 61n) ^ (b >> 6n))) & ALL;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let at = 0; at < 80; at++) {
      const one = h + (turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n)) + ((e & f) ^ (~e & ALL & g)) + wide[at] + words[at];
      const two = (turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) & ALL, c, b, a, (one + two) & ALL];
    }
    [a, b, c, d, e, f, g, h].forEach((word, at) => (state[at] = (state[at] + word) & ALL));
  }
  const out = new DataView(new ArrayBuffer(64));
  state.forEach((word, at) => out.setBigUint64(at * 8, word, false));
  return new Uint8Array(out.buffer).slice(0, size);
}
export const sha512 = (bytes) => sha2Wide(bytes, wideRoots(0, 8, 2), 64);
export const sha384 = (bytes) => sha2Wide(bytes, wideRoots(8, 8, 2), 48);
