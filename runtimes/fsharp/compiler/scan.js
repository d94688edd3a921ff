// Reads the lexical skeleton of F#: which lines begin inside a string or a comment, and which stand at the margin.

/**
 * One entry per line: `inside` is `'string'`, `'comment'` or `null` for the state at its beginning, `blank` if it holds
 * no code, `depth` the number of brackets open at its beginning.
 */
export function scan(code) {
  const lines = [];
  let inside = null;
  let comment = 0;
  let quotes = '';
  let verbatim = false;
  let depth = 0;
  let blank = true;
  const open = () => {
    lines.push({ inside, blank: true, depth });
    blank = true;
  };
  open();
  for (let at = 0; at < code.length; at++) {
    const c = code[at];
    if (c === '\n') {
      lines.at(-1).blank = blank;
      open();
      if (inside === 'line') lines.at(-1).inside = inside = null;
      continue;
    }
    if (inside === 'line') continue;
    if (inside === 'comment') {
      if (code.startsWith('(*', at) && code[at + 2] !== ')') comment++, at++;
      else if (code.startsWith('*)', at)) {
        at++;
        if (--comment === 0) inside = null;
      }
      continue;
    }
    if (inside === 'string') {
      blank = false;
      if (quotes === '"' && !verbatim && c === '\\') at += code[at + 1] === '\n' ? 0 : 1;
      else if (quotes === '"' && verbatim && code.startsWith('""', at)) at++;
      else if (code.startsWith(quotes, at)) {
        at += quotes.length - 1;
        inside = null;
      }
      continue;
    }
    if (/\s/.test(c)) continue;
    if (code.startsWith('//', at)) {
      inside = 'line';
      continue;
    }
    if (code.startsWith('(*', at) && code[at + 2] !== ')') {
      inside = 'comment';
      comment = 1;
      at++;
      continue;
    }
    blank = false;
    if (c === '"') {
      inside = 'string';
      quotes = code.startsWith('"""', at) ? '"""' : '"';
      verbatim = /[@$]*@[@$]*$/.test(code.slice(Math.max(0, at - 3), at));
      at += quotes.length - 1;
    } else if (c === "'") {
      const literal = /^'(?:\\(?:[^\n]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\d{3}|x[0-9a-fA-F]{2})|[^'\\\n])'/.exec(code.slice(at, at + 12));
      if (literal && !/[\w']/.test(code[at - 1] ?? ' ')) at += literal[0].length - 1;
    } else if (c === '`' && code.startsWith('``', at)) {
      const end = code.indexOf('``', at + 2);
      const line = code.indexOf('\n', at);
      if (end > 0 && (line < 0 || end < line)) at = end + 1;
    } else if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c)) depth = Math.max(0, depth - 1);
  }
  lines.at(-1).blank = blank;
  return lines;
}
