// What is called around a position, read from the text: the compiler knows the types, and only of code that is whole.

/** Strings, characters and comments, the unfinished ones as well. */
const NOT_CODE = /\/\/[^\n]*|\(\*(?!\))[\s\S]*?(?:\*\)|$)|"""[\s\S]*?(?:"""|$)|@"(?:""|[^"])*(?:"|$)|"(?:\\[\s\S]|[^"\\])*(?:"|$)|'(?:\\[^\n]{1,9}?|[^'\\\n])'/g;
const CALLEE = /(?:[\p{L}_][\p{L}\p{N}_']*\.)*[\p{L}_][\p{L}\p{N}_']*$/u;
const KEYWORDS = new Set(('and as assert begin do done downto elif else end for fun function if in inline lazy let match member module mutable new not of open or ' +
  'override rec return then to try type upcast use val when while with yield').split(' '));
/** How far above the position a call may begin. */
const MOST_LINES = 50;

/** The same text without what is no code: literals stay as one word. */
function bare(text) {
  return text.replace(NOT_CODE, (found) => (/^(?:\/\/|\(\*)/.test(found) ? found.replace(/[^\n]/g, ' ') : found.replace(/[^\n]/g, '_')));
}

const isKeyword = (name) => KEYWORDS.has(name);

/**
 * The function or method that the end of the text is an argument of: `{ line, column }` of its name's last character,
 * the number of the argument, and whether the arguments stand in parentheses. `column` is where the text ends in the
 * last of the lines. Lines and columns count from zero, columns in UTF-16 units.
 */
export function calleeAt(lines, column) {
  const from = Math.max(0, lines.length - MOST_LINES);
  const text = bare([...lines.slice(from, -1), (lines.at(-1) ?? '').slice(0, column)].join('\n'));
  const place = (end) => {
    const before = text.slice(0, end).split('\n');
    return { line: from + before.length - 1, column: before.at(-1).length - 1 };
  };
  let depth = 0;
  let commas = 0;
  let open = -1;
  for (let at = text.length - 1; at >= 0; at--) {
    const c = text[at];
    if (')]}'.includes(c)) depth++;
    else if ('([{'.includes(c)) {
      if (depth === 0) {
        open = at;
        break;
      }
      depth--;
    } else if (c === ',' && depth === 0) commas++;
  }
  if (open >= 0 && text[open] === '(') {
    const head = text.slice(0, open).replace(/<[\w\s,.'<>\[\]]*>$/, '').replace(/ $/, '');
    const name = CALLEE.exec(head)?.[0];
    if (name && !isKeyword(name)) return { ...place(head.length), argument: commas, tupled: true };
  }
  return curried(text, open, place);
}

/** `f a b|`: the arguments stand behind the name, with spaces between. */
function curried(text, open, place) {
  const start = Math.max(open + 1, text.lastIndexOf('\n') + 1);
  const words = [];
  let depth = 0;
  let word = -1;
  for (let at = start; at < text.length; at++) {
    const c = text[at];
    if ('([{'.includes(c)) depth++;
    if (')]}'.includes(c)) depth--;
    if (depth === 0 && /[\s,;=|<>+*/&^@!%:-]/.test(c) && !(c === ':' && text[at + 1] === ':')) {
      if (word >= 0) words.push([word, at]);
      word = -1;
      // What stands before an operator is another expression.
      if (!/\s/.test(c)) words.length = 0;
    } else if (word < 0) word = at;
    if (word >= 0 && isKeyword(text.slice(word, at + 1)) && /\s/.test(text[at + 1] ?? '')) {
      words.length = 0;
      word = -1;
    }
  }
  const pending = word >= 0 ? [[word, text.length]] : [];
  const [first, ...rest] = [...words, ...pending];
  if (!first) return null;
  const name = text.slice(...first);
  if (CALLEE.exec(name)?.[0] !== name || isKeyword(name)) return null;
  if (rest.length === 0 && pending.length > 0) return null;
  return { ...place(first[1]), argument: pending.length > 0 ? rest.length - 1 : rest.length, tupled: false };
}

/** Pieces between separators that stand in no brackets, as `[from, to]`. */
function pieces(text, from, to, separator) {
  const found = [];
  let depth = 0;
  let start = from;
  for (let at = from; at < to; at++) {
    const c = text[at];
    if ('([{<'.includes(c)) depth++;
    else if (')]}'.includes(c) || (c === '>' && text[at - 1] !== '-')) depth--;
    else if (depth === 0 && text.startsWith(separator, at)) {
      found.push([start, at]);
      at += separator.length - 1;
      start = at + 1;
    }
  }
  found.push([start, to]);
  return found;
}

/** A signature with its parameters, from what the compiler says of the name; null if it takes none. */
export function signatureOf(text, { argument, tupled }) {
  // What follows the signature are the names of types in it, and documentation.
  const label = text.split(/\n\s*\n/)[0].replace(/\s*\n\s*/g, ' ').replace(/^(?:val|member|static member|new)\s+/, '').trim();
  const paren = label.indexOf('(');
  const colon = label.indexOf(':');
  let parameters = [];
  if (paren >= 0 && (colon < 0 || paren < colon)) {
    let depth = 0;
    let end = paren;
    for (; end < label.length; end++) {
      if (label[end] === '(') depth++;
      if (label[end] === ')' && --depth === 0) break;
    }
    parameters = pieces(label, paren + 1, end, ',');
  } else if (colon >= 0) {
    const groups = pieces(label, colon + 1, label.length, ' -> ').slice(0, -1);
    if (!tupled) parameters = groups;
    else if (groups.length > 0) parameters = pieces(label, ...groups[0], ' * ');
  }
  const trimmed = parameters.map(([from, to]) => {
    const own = label.slice(from, to);
    return [from + (own.length - own.trimStart().length), to - (own.length - own.trimEnd().length)];
  }).filter(([from, to]) => to > from && label.slice(from, to) !== 'unit');
  if (trimmed.length === 0 || argument >= trimmed.length) return null;
  const points = (units) => [...label.slice(0, units)].length;
  return { label, parameters: trimmed.map(([from, to]) => [points(from), points(to)]) };
}
