// `System.Security.Cryptography`: hashes, keyed hashes and random numbers. The prelude declares them.

import { ArgumentException } from './enumerable.js';
import { md5, sha1, sha256, sha384, sha512 } from './hashes.js';

const concat = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

function keyed(hash, block) {
  return (key, message) => {
    const short = key.length > block ? hash(key) : key;
    const padded = new Uint8Array(block);
    padded.set(short);
    const inner = hash(concat(padded.map((byte) => byte ^ 0x36), message));
    return hash(concat(padded.map((byte) => byte ^ 0x5c), inner));
  };
}

const HASHES = { MD5: [md5, 64], SHA1: [sha1, 64], SHA256: [sha256, 64], SHA384: [sha384, 128], SHA512: [sha512, 128] };

function random(count) {
  return crypto.getRandomValues(new Uint8Array(count));
}
/** An evenly spread number below the limit. */
function below(limit) {
  if (limit <= 0) throw new ArgumentException('the range of random numbers is empty');
  const most = Math.floor(2 ** 32 / limit) * limit;
  for (;;) {
    const [word] = new Uint32Array(random(4).buffer);
    if (word < most) return word % limit;
  }
}

export default {
  'Metascript.Hashes': Object.fromEntries(Object.entries(HASHES).flatMap(([name, [hash, block]]) => [[name, hash], [`HMAC${name}`, keyed(hash, block)]])),
  'Metascript.Random': { 'bytes': random, 'below': below },
};
