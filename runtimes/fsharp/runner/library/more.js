// Timers, encodings and small helpers of many namespaces.

import { get_UTF8 } from 'fable-library/Encoding.js';
import { KeyNotFoundException } from 'fable-library/System.Collections.Generic.js';
import { Exception, compare, structuralHash } from 'fable-library/Util.js';
import { OperationCanceledException } from 'fable-library/AsyncBuilder.js';
import { Task, clearTimeout, setInterval, setTimeout, clearInterval } from '../loop.js';
import { ENUMERATOR, Items } from './enumerable.js';

const span = (time) => Number(time);

/** A `StringBuilder` with `count` characters from `at` on replaced. */
function rewritten(one, at, count, more) {
  const whole = one.toString();
  if (at < 0 || count < 0 || at + count > whole.length) throw new Exception('Index was out of range. Must be non-negative and less than or equal to the size of the collection.');
  one.buf = [whole.slice(0, at) + more + whole.slice(at + count)];
  return one;
}

/** `System.Threading.Timer`: begins after `due`, again each `period`. */
class Timer {
  constructor(work, state, due = -1, period = -1) {
    this.work = () => work(state ?? null);
    this.change(span(due), span(period));
  }
  change(due, period) {
    this.Dispose();
    if (due < 0) return true;
    this.first = setTimeout(() => {
      this.work();
      if (period > 0) this.again = setInterval(this.work, period);
    }, due);
    return true;
  }
  Dispose() {
    clearTimeout(this.first);
    clearInterval(this.again);
  }
}

/** One byte a character: ASCII, or Latin-1 to `most` 255. */
class Narrow {
  constructor(most, name) {
    this.most = most;
    this.EncodingName = this.WebName = name;
  }
  getBytes(text, from = 0, count) {
    const chars = (Array.isArray(text) ? text.join('') : text).slice(from, count === undefined ? undefined : from + count);
    return Uint8Array.from(chars, (char) => (char.charCodeAt(0) <= this.most ? char.charCodeAt(0) : 63));
  }
  getString(bytes, from = 0, count) {
    return Array.from(bytes.slice(from, count === undefined ? undefined : from + count), (byte) => (byte <= this.most ? String.fromCharCode(byte) : '?')).join('');
  }
}
const ASCII = new Narrow(127, 'us-ascii');
const LATIN1 = new Narrow(255, 'iso-8859-1');

const titled = (_, text) => text.replace(/\p{L}[\p{L}\p{N}']*/gu, (word) => (word === word.toUpperCase() && word.length > 1 ? word : word[0].toUpperCase() + word.slice(1).toLowerCase()));
const culture = { Name: '', toString: () => '' };

const comparer = (fold) => ({
  Equals: (a, b) => fold(a) === fold(b),
  GetHashCode: (text) => structuralHash(fold(text)),
  Compare: (a, b) => compare(fold(a), fold(b)),
});
const ORDINAL = comparer((text) => text);
const IGNORE_CASE = comparer((text) => text?.toUpperCase() ?? null);

const platform = (name) => ({ name, toString: () => name, Equals: (other) => other?.name === name });

export default {
  'System.Threading.Timer': { '.ctor': (...given) => new Timer(...given), 'Change': (one, due, period) => one.change(span(due), span(period)), 'Dispose': (one) => one.Dispose() },
  'System.Timers.Timer': { 'Dispose': (one) => one.Dispose() },
  'System.Threading.PeriodicTimer': {
    '.ctor': (time) => ({ time: span(time), open: true, Dispose() { this.open = false; } }), 'WaitForNextTickAsync': (one) => new Task((resolve) => setTimeout(() => resolve(one.open), one.time)), 'Dispose': (one) => one.Dispose(),
  },
  'System.Text.Encoding': {
    'get_ASCII': () => ASCII, 'get_Latin1': () => LATIN1, 'get_Default': get_UTF8, 'GetEncoding': (name) => (/^(?:us-)?ascii$/i.test(name) ? ASCII : /^(?:iso-8859-1|latin1|windows-1252)$/i.test(name) ? LATIN1 : get_UTF8()), 'get_EncodingName': (one) => one.EncodingName ?? 'Unicode (UTF-8)', 'get_WebName': (one) => one.WebName ?? 'utf-8',
    'GetByteCount': (one, text) => one.getBytes(text).length, 'RegisterProvider': () => undefined,
  },
  'System.Text.UTF8Encoding': { '.ctor': get_UTF8 }, 'System.Text.ASCIIEncoding': { '.ctor': () => ASCII },
  'System.Globalization.CultureInfo': {
    'get_TextInfo': () => culture, 'get_Name': () => '', 'GetCultureInfo': () => culture, '.ctor': () => culture, 'get_CurrentUICulture': () => culture, 'set_CurrentCulture': () => undefined, 'set_CurrentUICulture': () => undefined, 'set_DefaultThreadCurrentCulture': () => undefined,
    'get_NumberFormat': () => culture, 'get_DateTimeFormat': () => culture, 'get_DisplayName': () => 'Invariant Language (Invariant Country)', 'get_TwoLetterISOLanguageName': () => 'iv', 'Clone': () => culture,
  },
  'System.Globalization.NumberFormatInfo': { 'get_InvariantInfo': () => culture, 'get_CurrentInfo': () => culture, 'get_NumberDecimalSeparator': () => '.', 'get_NumberGroupSeparator': () => ',' },
  'System.Globalization.TextInfo': { 'ToTitleCase': titled, 'ToUpper': (_, text) => text.toUpperCase(), 'ToLower': (_, text) => text.toLowerCase() },
  'System.Runtime.InteropServices.OSPlatform': { 'get_Windows': () => platform('WINDOWS'), 'get_Linux': () => platform('LINUX'), 'get_OSX': () => platform('OSX'), 'get_FreeBSD': () => platform('FREEBSD'), 'Create': platform, 'ToString': (one) => one.name },
  'System.Buffer': {
    'BlockCopy': (from, at, to, start, count) => {
      const bytes = Array.from(from).slice(at, at + count);
      bytes.forEach((byte, index) => (to[start + index] = byte));
    },
  },
  'System.Activator': { 'CreateInstance': (type) => (type?.construct ? new type.construct() : null) },
  'System.Threading.ReaderWriterLockSlim': Object.fromEntries(['EnterReadLock', 'ExitReadLock', 'EnterWriteLock', 'ExitWriteLock', 'EnterUpgradeableReadLock', 'ExitUpgradeableReadLock', 'Dispose'].map((name) => [name, () => undefined]).concat([['.ctor', () => ({ Dispose() {} })]])),
  'System.Threading.Mutex': { '.ctor': () => ({ take: () => true, Dispose() {} }), 'ReleaseMutex': () => undefined },
  'System.Threading.CountdownEvent': {
    '.ctor': (count) => ({ count, take: () => true, Dispose() {} }), 'Signal': (one, many = 1) => (one.count -= many) <= 0, 'AddCount': (one, many = 1) => void (one.count += many), 'get_CurrentCount': (one) => one.count, 'get_IsSet': (one) => one.count <= 0, 'Wait': () => true, 'Dispose': () => undefined,
  },
  'System.Threading.ThreadLocal`1': { '.ctor': (make) => ({ make, Dispose() {} }), 'get_Value': (one) => ('value' in one ? one.value : (one.value = typeof one.make === 'function' ? one.make() : null)), 'set_Value': (one, value) => void (one.value = value), 'get_IsValueCreated': (one) => 'value' in one, 'Dispose': () => undefined },
  'System.Threading.AsyncLocal`1': { '.ctor': () => ({ value: null }), 'get_Value': (one) => one.value, 'set_Value': (one, value) => void (one.value = value) },
  'System.Threading.CancellationToken': { 'get_CanBeCanceled': () => true },
  'System.Threading.Tasks.TaskCompletionSource`1': {
    '.ctor': () => {
      const made = {};
      made.task = new Task((resolve, reject) => ([made.resolve, made.reject] = [resolve, reject]));
      return made;
    },
    'get_Task': (one) => one.task, 'SetResult': (one, value) => one.resolve(value), 'TrySetResult': (one, value) => (one.task.isDone ? false : (one.resolve(value), true)), 'SetException': (one, error) => one.reject(error), 'TrySetException': (one, error) => (one.task.isDone ? false : (one.reject(error), true)),
    'SetCanceled': (one) => one.reject(new OperationCanceledException()), 'TrySetCanceled': (one) => (one.task.isDone ? false : (one.reject(new OperationCanceledException()), true)),
  },
  'System.Progress`1': { '.ctor': (report) => ({ report, Report: (value) => report?.(value) }) },
  'System.Collections.BitArray': {
    '.ctor': (given, value = false) => Object.assign(new Items(), { bits: typeof given === 'number' ? new Array(given).fill(value) : [...given], [Symbol.iterator]() { return this.bits[Symbol.iterator](); } }),
    'get_Item': (one, at) => one.bits[at], 'set_Item': (one, at, value) => void (one.bits[at] = value), 'Get': (one, at) => one.bits[at], 'Set': (one, at, value) => void (one.bits[at] = value), 'get_Length': (one) => one.bits.length, 'get_Count': (one) => one.bits.length, 'SetAll': (one, value) => void one.bits.fill(value), 'GetEnumerator': (one) => one.GetEnumerator(),
  },
  'System.Text.StringBuilder': {
    'Insert': (one, at, value) => rewritten(one, at, 0, typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value)),
    'Remove': (one, at, count) => rewritten(one, at, count, ''),
  },
  'System.Collections.Generic.Dictionary`2': {
    'get_Item': (one, key) => {
      if (!one.has(key)) throw new KeyNotFoundException(`The given key '${key}' was not present in the dictionary.`);
      return one.get(key);
    },
    'TryAdd': (one, key, value) => (one.has(key) ? false : (one.set(key, value), true)), 'EnsureCapacity': (one) => one.size, 'TrimExcess': () => undefined,
  },
  'System.Collections.Generic.CollectionExtensions': { 'GetValueOrDefault': (one, key, other = null) => (one.has(key) ? one.get(key) : other) },
  'System.Collections.Generic.List`1': {
    'get_Capacity': (one) => one.length, 'set_Capacity': () => undefined, 'TrueForAll': (one, holds) => one.every((item) => holds(item)), 'AsReadOnly': (one) => one, 'TrimExcess': () => undefined,
  },
  'System.StringComparer': {
    'get_OrdinalIgnoreCase': () => IGNORE_CASE, 'get_InvariantCultureIgnoreCase': () => IGNORE_CASE, 'get_CurrentCultureIgnoreCase': () => IGNORE_CASE,
    'get_Ordinal': () => ORDINAL, 'get_InvariantCulture': () => ORDINAL, 'get_CurrentCulture': () => ORDINAL,
    'Equals': (one, a, b) => one.Equals(a, b), 'Compare': (one, a, b) => one.Compare(a, b), 'GetHashCode': (one, text) => one.GetHashCode(text),
  },
  'System.Collections.Generic.Queue`1.Enumerator': ENUMERATOR, 'System.Collections.Generic.Stack`1.Enumerator': ENUMERATOR,
};
