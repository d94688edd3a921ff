// Bytes of a base64 text: QuickJS has no `atob`.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function decode(text) {
  const values = new Uint8Array(128);
  for (let at = 0; at < 64; at++) values[ALPHABET.charCodeAt(at)] = at;
  const made = new Uint8Array((text.length / 4) * 3 - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0));
  let to = 0;
  for (let at = 0; at < text.length; at += 4) {
    const bits = (values[text.charCodeAt(at)] << 18) | (values[text.charCodeAt(at + 1)] << 12) | (values[text.charCodeAt(at + 2)] << 6) | values[text.charCodeAt(at + 3)];
    made[to++] = bits >> 16;
    if (to < made.length) made[to++] = (bits >> 8) & 255;
    if (to < made.length) made[to++] = bits & 255;
  }
  return made;
}
