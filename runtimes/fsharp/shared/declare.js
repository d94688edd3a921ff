// F# declarations for variables of the session: records for maps, the narrowest type that holds every item for lists.

// Which letters a name may have depends on the edition of Unicode, and the compiler's may be older than the engine's: quoted,
// a name is the same.
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_']*$/;
const RESERVED = new Set(('abstract and as assert base begin class default delegate do done downcast downto elif else end exception extern false finally fixed for fun ' +
  'function global if in inherit inline interface internal lazy let match member module mutable namespace new null of open or override private public rec ' +
  'return select sig static struct then to true try type upcast use val void when while with yield atomic break checked component const constraint ' +
  'constructor continue event external include mixin parallel process protected pure sealed tailcall trait virtual params').split(' '));

export const quoted = (name) => (IDENTIFIER.test(name) && !RESERVED.has(name) ? name : `\`\`${name}\`\``);
/** Field names that mean something to every object of the engine below. */
const TAKEN = new Set(['__proto__', 'constructor', 'toString', 'toJSON', 'valueOf', 'GetHashCode', 'Equals', 'CompareTo']);
const isName = (name) => /^[\p{L}\p{N}_' -]+$/u.test(name) && !/[\u{10000}-\u{10FFFF}]/u.test(name) && name.trim() === name && !TAKEN.has(name);

function typeOfAll(nodes, hint, records) {
  const given = nodes.filter((node) => node.tag !== 'null');
  const optional = given.length < nodes.length;
  if (given.length === 0) return 'obj';
  const tags = new Set(given.map((node) => node.tag));
  const one = () => {
    if (tags.size > 1) {
      if ([...tags].every((tag) => tag === 'integer' || tag === 'big-integer')) return 'bigint';
      if ([...tags].every((tag) => tag === 'integer' || tag === 'float')) return 'float';
      return 'obj';
    }
    switch (given[0].tag) {
      case 'boolean': return 'bool';
      case 'integer': return given.every(({ val }) => val >= -2147483648 && val <= 2147483647) ? 'int' : 'int64';
      case 'big-integer': return given.every(({ val }) => BigInt.asIntN(64, BigInt(val)) === BigInt(val)) ? 'int64' : 'bigint';
      case 'float': return 'float';
      case 'text': return 'string';
      case 'binary': return 'byte[]';
      case 'date-time': return given.every(({ val }) => /[+-]\d\d:\d\d$/.test(val)) ? 'DateTimeOffset' : 'DateTime';
      case 'items': return `${typeOfAll(given.flatMap(({ val }) => val), `${hint}Item`, records)} list`;
      case 'table': return `${record(given.flatMap(({ val }) => [new Map(val.map(({ name, cells }) => [name, cells]))]).map((columns) => columns), hint, records, true)} list`;
      case 'entries': return record(given.map(({ val }) => new Map(val)), hint, records, false);
      default: return 'obj';
    }
  };
  const type = one();
  return optional && type !== 'obj' && type !== 'string' ? `${type} option` : type;
}

function record(rows, hint, records, columns) {
  const names = new Set(rows.flatMap((row) => [...row.keys()]));
  const fields = [...names].map((name) => {
    const cells = rows.flatMap((row) => (row.has(name) ? (columns ? row.get(name) : [row.get(name)]) : [{ tag: 'null' }]));
    return [name, cells];
  });
  if (fields.length === 0 || fields.length > 60 || ![...names].every(isName)) {
    return `Map<string, ${typeOfAll(fields.flatMap(([, cells]) => cells), `${hint}Item`, records)}>`;
  }
  const made = fields.map(([name, cells]) => `${quoted(name)}: ${typeOfAll(cells, hint + name[0].toUpperCase() + name.slice(1), records)}`);
  let name = hint.replace(/[^\p{L}\p{N}]/gu, '');
  while (records.some((one) => one.name === name)) name += "'";
  records.push({ name, text: `type ${quoted(name)} = { ${made.join('; ')} }` });
  return quoted(name);
}

/** Lines of F# that bind the name to the value which the runner holds. Without a node, any type fits. */
function declaration(name, node) {
  if (!node) return [`let ${quoted(name)}<'Unknown> : 'Unknown = Unchecked.defaultof<'Unknown>`];
  const records = [];
  const type = typeOfAll([node], `${name[0].toUpperCase()}${name.slice(1)}Record`, records);
  return [...records.map((one) => one.text), `let ${quoted(name)} : ${type} = Metascript.Cell.shared<${type}> ${JSON.stringify(name)}`];
}

/** Whether code uses the name as a word. */
function mentions(code, name) {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}_'.])${escaped}(?![\\p{L}\\p{N}_'])`, 'u').test(code);
}

/**
 * Declarations of the variables that the code mentions and no cell has bound since, and their names. `given` has
 * `{ node, declared }` by name.
 */
export function declarations(code, given) {
  const lines = [];
  const names = [];
  for (const [name, { node, declared }] of given) {
    if (!mentions(code, name)) continue;
    names.push(name);
    if (!declared) lines.push(...declaration(name, node));
  }
  return { lines, names };
}
