// Makes a file of an F# project out of a cell, and keeps the way back to the cell's lines and columns.

import { scan } from './scan.js';

/** Namespaces that F# scripts use without saying so; open in every file. */
export const OPENED = [
  'System', 'System.Collections.Concurrent', 'System.Collections.Generic', 'System.Diagnostics', 'System.IO', 'System.Text',
  'System.Text.RegularExpressions', 'System.Threading', 'System.Threading.Tasks',
];
const IS_OPEN = new RegExp(`^open\\s+(?:global\\.)?(?:${OPENED.join('|').replaceAll('.', '\\.')})\\s*(?://.*)?$`);

/** Namespaces of the prelude, open where a cell looks like using them. */
const ON_DEMAND = [[/Json/, 'System.Text.Json'], [/Http|StringContent/, 'System.Net.Http'], [/Process|DataReceived/, 'System.Diagnostics'], [/\bParallel\.(?:For|Invoke)/, 'System.Threading.Tasks']];

const DECLARATION = /^(?:let|and|type|module|open|namespace|exception|extern|use|do|private|internal|public|static|member|abstract|val|\[<|#)(?![\w'])|^(?:\[<|#)/;
const CONTINUATION = /^(?:[)\]}|]|with\b|then\b|else\b|elif\b|finally\b|done\b|end\b|and\b|[-+*/%=<>&^@?:.,!]+(?:\s|$)|<\||>>|<<|::|:=|->|\.\w)/;
const VALUE = /^(?:let|use)\s+(?:(?:mutable|private|internal|public|inline)\s+)*(?:(``[^`]+``|[\p{L}_][\p{L}\p{N}_']*)\s*(?::[^=]*)?=(?![=>])|\(?\s*((?:[\p{Ll}_][\p{L}\p{N}_']*\s*,\s*)+[\p{Ll}_][\p{L}\p{N}_']*)\s*\)?\s*=)/u;
const FUNCTION = /^(?:let|and)\s+(?:(?:rec|mutable|private|internal|public|inline)\s+)*(``[^`]+``|[\p{L}_][\p{L}\p{N}_']*)/u;
const TYPE = /^(?:type|exception|and)\s+(?:(?:private|internal|public)\s+)*(``[^`]+``|\p{Lu}[\p{L}\p{N}_']*)/u;

/** Takes the indentation that all lines share, tabs and the directives that only `dotnet fsi` knows. */
export function margin(code) {
  const text = code.replace(/\r\n?/g, '\n');
  const states = scan(text);
  const notes = [];
  let lines = text.split('\n');
  lines = lines.map((line, at) => (states[at].inside === 'string' ? line : line.replace(/^[ \t]+/, (space) => space.replace(/\t/g, '    ')).replace(/\t/g, ' ')));
  let shared = Infinity;
  lines.forEach((line, at) => {
    if (!states[at].blank && states[at].inside === null && !/^\s*#/.test(line)) shared = Math.min(shared, /^ */.exec(line)[0].length);
  });
  if (!Number.isFinite(shared)) shared = 0;
  lines = lines.map((line, at) => {
    if (states[at].inside === 'string') return line;
    const own = Math.min(shared, /^ */.exec(line)[0].length);
    const rest = line.slice(own);
    // Opening what is open costs time and changes nothing.
    if (states[at].inside === null && IS_OPEN.test(rest)) return '';
    const directive = states[at].inside === null ? /^#(r|load|I|time|quit|help)\b\s*(.*)/.exec(rest) : null;
    if (!directive) return rest;
    if (directive[1] === 'r' || directive[1] === 'load') {
      notes.push({ line: at, column: shared, length: rest.length, message: `#${directive[1]} has no effect: the sandbox reads no packages, assemblies or files` });
    }
    return '';
  });
  return { lines, states, shared, notes };
}

/** Names that a cell binds: values are tracked, functions and types only listed. */
function bindings(lines, states) {
  const values = new Set();
  const others = new Set();
  lines.forEach((line, at) => {
    if (states[at].inside !== null || states[at].depth > 0 || !/^[a-z]/.test(line)) return;
    const value = VALUE.exec(line);
    if (value) {
      for (const name of (value[1] ?? value[2]).split(',')) if (name.trim() !== '_') values.add(name.trim()), others.delete(name.trim());
      return;
    }
    const other = FUNCTION.exec(line) ?? TYPE.exec(line);
    if (other && other[1] !== '_') others.add(other[1]), values.delete(other[1]);
  });
  return { values: [...values], others: [...others] };
}

const bare = (name) => name.replace(/^``|``$/g, '');

/**
 * The cell as a file. `declarations` are lines of F# for the session's variables; with `plain`, nothing is
 * said about the values that the cell binds.
 */
export function wrap(code, module, opened, declarations, plain) {
  const { lines, states, shared, notes } = margin(code);
  let last = lines.length - 1;
  while (last >= 0 && states[last].blank) last--;
  let first = last;
  while (first > 0 && (states[first].inside !== null || states[first].blank || /^\s/.test(lines[first]) || CONTINUATION.test(lines[first]))) first--;

  const head = lines.findIndex((_, at) => !states[at].blank && states[at].inside === null);
  const own = head < 0 ? null : /^(module|namespace)\s+(?:rec\s+)?(?:(?:public|internal|private)\s+)?(``[^`]+``|[\w.]+)\s*(=?)/.exec(lines[head]);
  const header = own && own[3] === '' ? own : null;
  const isNamespace = header?.[1] === 'namespace';

  const wanted = ON_DEMAND.filter(([pattern]) => pattern.test(code)).map(([, name]) => name);
  const opens = [...new Set(['Metascript.Cells', 'Metascript.Registry', ...wanted, ...opened])].map((name) => `open ${name}`);
  const out = [];
  // For each line of the file: [line of the cell, columns to add].
  const origin = [];
  const push = (line, from = null, columns = 0) => {
    out.push(line);
    origin.push(from === null ? null : [from, columns]);
  };
  let from = 0;
  if (header) {
    for (; from <= head; from++) push(lines[from], from, shared);
  } else {
    push(`module ${module}`);
  }
  for (const line of opens) push(line);
  if (!isNamespace) for (const line of declarations) push(line);

  const result = last >= 0 && !isNamespace && states[first].inside === null && !DECLARATION.test(lines[first]) && /^\S/.test(lines[first]);
  for (; from < (result ? first : lines.length); from++) push(lines[from], from, shared);
  if (result) {
    push('Metascript.Cell.result (');
    for (; from < lines.length; from++) push(states[from].inside === 'string' ? lines[from] : ` ${lines[from]}`, from, states[from].inside === 'string' ? 0 : shared - 1);
    push(' )');
  }
  const { values, others } = bindings(lines, states);
  if (!plain && !isNamespace) for (const name of values) push(`Metascript.Cell.value ${JSON.stringify(bare(name))} (fun () -> ${name})`);
  return {
    source: `${out.join('\n')}\n`,
    module: header ? header[2] : module,
    origin,
    states,
    notes,
    result,
    values: values.map(bare),
    others: others.map(bare),
    /** A position of the cell from one of the file (line from one, column from zero), or null. */
    back(line, column) {
      const place = origin[line - 1];
      return place ? { line: place[0], column: Math.max(0, column + place[1]) } : null;
    },
    /** A position of the file from one of the cell. */
    forth(line, column) {
      const at = origin.findIndex((place) => place?.[0] === line);
      return at < 0 ? null : { line: at + 1, column: Math.max(0, column - origin[at][1]) };
    },
  };
}
