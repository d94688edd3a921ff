// Members of simple types: time spans, exceptions.

import { FormatException } from 'fable-library/System.js';
import { class_type } from 'fable-library/Reflection.js';
import { toString as standard } from 'fable-library/TimeSpan.js';
import { exceptionName } from '../render.js';

const PARTS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 };
const RANGE = { d: Infinity, h: 24, m: 60, s: 60 };

/** A time span (milliseconds) in .NET's standard or custom formats. */
function spanText(span, format) {
  if (!format || /^[cgGtT]$/.test(format)) return standard(span, format ? format.replace(/[tT]/, 'c') : 'c');
  const size = Math.abs(span);
  return format.replace(/\\(.)|'([^']*)'|"([^"]*)"|([dhms])\4*|([fF])\5*|(.)/gs, (piece, escaped, single, double, part, fraction, other) => {
    if (part) return String(Math.floor(size / PARTS[part]) % RANGE[part]).padStart(piece.length, '0');
    if (fraction) {
      const digits = String(Math.round((size % 1000) * 10_000)).padStart(7, '0').slice(0, piece.length);
      return fraction === 'F' ? digits.replace(/0+$/, '') : digits;
    }
    // Anything else must be escaped.
    if (other !== undefined && other !== '%') throw new FormatException('Input string was not in a correct format.');
    return escaped ?? single ?? double ?? '';
  });
}

export default {
  'System.TimeSpan': { 'ToString': spanText },
  'System.Exception': { 'GetType': (one) => class_type(exceptionName(one)) },
  'System.Convert': {
    'ToHexString': (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('').toUpperCase(),
  },
};
