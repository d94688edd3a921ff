// Text of a value, in the manner of Node's `util.inspect`.

import { DateTime, Float, Table } from './values.js';

const WIDTH = 76;
const MOST_ITEMS = 100;
const MOST_TEXT = 200_000;

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;

function quote(text) {
  const mark = !text.includes("'") ? "'" : !text.includes('"') ? '"' : !text.includes('`') ? '`' : "'";
  const body = text.replace(/[\\\u0000-\u001f\u007f]|['"`]/g, (c) => {
    if (c === '\\') return '\\\\';
    if (c === '\n') return '\\n';
    if (c === '\t') return '\\t';
    if (c === '\r') return '\\r';
    if (c === "'" || c === '"' || c === '`') return c === mark && mark === "'" ? `\\${c}` : c;
    return `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return mark + body + mark;
}

function name(key) {
  if (typeof key === 'symbol') return `[${String(key)}]`;
  return IDENTIFIER.test(key) ? key : quote(key);
}

function layOut(open, parts, close) {
  if (parts.length === 0) return open.trimEnd() + close.trimStart();
  const line = `${open}${parts.join(', ')}${close}`;
  if (line.length <= WIDTH && !line.includes('\n')) return line;
  return `${open.trimEnd()}\n  ${parts.map((part) => part.replaceAll('\n', '\n  ')).join(',\n  ')}\n${close.trimStart()}`;
}

function kindOf(value) {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null) return '[Object: null prototype]';
  const made = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value ?? value.constructor;
  return typeof made === 'function' && made.name ? made.name : 'Object';
}

function properties(value, state, depth, skipIndices) {
  const parts = [];
  for (const key of Reflect.ownKeys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (!property?.enumerable) continue;
    if (skipIndices && typeof key === 'string' && /^\d+$/.test(key)) continue;
    if (parts.length >= MOST_ITEMS) {
      parts.push('... more properties');
      break;
    }
    const shown = property.get || property.set
      ? property.get ? (property.set ? '[Getter/Setter]' : '[Getter]') : '[Setter]'
      : show(property.value, state, depth + 1);
    parts.push(`${name(key)}: ${shown}`);
  }
  return parts;
}

function list(items, count, state, depth) {
  const parts = [];
  let empty = 0;
  const flush = () => {
    if (empty) parts.push(`<${empty} empty item${empty > 1 ? 's' : ''}>`);
    empty = 0;
  };
  for (let at = 0; at < count && parts.length < MOST_ITEMS; at++) {
    if (!(at in items)) {
      empty++;
      continue;
    }
    flush();
    parts.push(show(items[at], state, depth + 1));
  }
  flush();
  if (count > MOST_ITEMS) parts.push(`... ${count - MOST_ITEMS} more item${count - MOST_ITEMS > 1 ? 's' : ''}`);
  return parts;
}

function show(value, state, depth) {
  switch (typeof value) {
    case 'string':
      return quote(value.length > 10_000 ? `${value.slice(0, 10_000)}...` : value);
    case 'bigint': return `${value}n`;
    case 'symbol': return String(value);
    case 'number': return Object.is(value, -0) ? '-0' : String(value);
    case 'function': {
      const source = Function.prototype.toString.call(value);
      const kind = source.startsWith('class') ? 'class' : 'Function';
      return kind === 'class' ? `[class ${value.name || '(anonymous)'}]` : `[Function${value.name ? `: ${value.name}` : ' (anonymous)'}]`;
    }
    case 'object': break;
    default: return String(value);
  }
  if (value === null) return 'null';
  if (state.open.includes(value)) return '[Circular]';
  if (value instanceof Error) return errorText(value, state, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof Float) return `Float(${value.number})`;
  if (value instanceof DateTime) return `DateTime(${value.text})`;
  const kind = kindOf(value);
  if (depth > state.depth) return Array.isArray(value) ? '[Array]' : `[${kind}]`;
  state.open.push(value);
  try {
    if (Array.isArray(value)) {
      const parts = list(value, value.length, state, depth).concat(properties(value, state, depth, true));
      return layOut(kind === 'Array' ? '[ ' : `${kind}(${value.length}) [ `, parts, ' ]');
    }
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      return layOut(`${kind}(${value.length}) [ `, list(value, value.length, state, depth), ' ]');
    }
    if (value instanceof Map) {
      const parts = [...value].slice(0, MOST_ITEMS).map(([key, item]) => `${show(key, state, depth + 1)} => ${show(item, state, depth + 1)}`);
      return layOut(`Map(${value.size}) { `, parts, ' }');
    }
    if (value instanceof Set) {
      const parts = [...value].slice(0, MOST_ITEMS).map((item) => show(item, state, depth + 1));
      return layOut(`Set(${value.size}) { `, parts, ' }');
    }
    if (value instanceof Table) return tableText(value.rows(), [...value.columns.keys()]);
    if (value instanceof Promise) return 'Promise {}';
    if (value instanceof Number || value instanceof String || value instanceof Boolean) return `[${kind}: ${show(value.valueOf(), state, depth)}]`;
    const prefix = kind === 'Object' ? '{ ' : `${kind} { `;
    return layOut(prefix, properties(value, state, depth, false), ' }');
  } finally {
    state.open.pop();
  }
}

let stackText = (error) => error.stack ?? '';

/** Lets the owner of script names rewrite the stack that an error shows. */
export function setStackText(make) {
  stackText = make;
}

function errorText(error, state, depth) {
  const head = `${error.name}${error.message ? `: ${error.message}` : ''}`;
  const stack = stackText(error);
  const text = stack ? `${head}\n${stack}` : `[${head}]`;
  const cause = error.cause === undefined ? '' : ` {\n  [cause]: ${show(error.cause, state, depth + 1).replaceAll('\n', '\n  ')}\n}`;
  return text.trimEnd() + cause;
}

/** Text of any value; strings are quoted. */
export function inspect(value, depth = 2) {
  const text = show(value, { open: [], depth }, 0);
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}\n... ${text.length - MOST_TEXT} more characters` : text;
}

/** The arguments of `console.log` as one text, with printf-like directives. */
export function format(values) {
  const rest = [...values];
  const parts = [];
  if (typeof rest[0] === 'string' && rest.length > 1) {
    const pattern = rest.shift();
    parts.push(pattern.replace(/%([sdifjoOc%])/g, (whole, directive) => {
      if (directive === '%') return '%';
      if (rest.length === 0) return whole;
      const value = rest.shift();
      switch (directive) {
        case 's': return typeof value === 'string' ? value : inspect(value, 0);
        case 'd': return typeof value === 'bigint' ? `${value}n` : String(Number(value));
        case 'i': return String(Number.parseInt(value, 10));
        case 'f': return String(Number.parseFloat(value));
        case 'j': return JSON.stringify(value);
        case 'c': return '';
        default: return inspect(value, 4);
      }
    }));
  }
  for (const value of rest) parts.push(typeof value === 'string' ? value : inspect(value));
  return parts.join(' ');
}

/** Rows as a drawn table, for `console.table`. */
export function tableText(rows, columns) {
  const cells = [columns, ...rows.map((row) => columns.map((column) => (column in Object(row) ? inspect(row[column], 0) : '')))];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at].length)));
  const rule = (left, middle, right) => left + widths.map((width) => '─'.repeat(width + 2)).join(middle) + right;
  const line = (row) => `│${row.map((cell, at) => ` ${cell.padEnd(widths[at])} `).join('│')}│`;
  return [rule('┌', '┬', '┐'), line(cells[0]), rule('├', '┼', '┤'), ...cells.slice(1).map(line), rule('└', '┴', '┘')].join('\n');
}
