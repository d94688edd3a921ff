// Makes JavaScript that a compiler from F# has written cheaper for an interpreter, which pays most for calls: functions of
// one expression are put in where they are called. Nothing else changes: arguments are evaluated as often and in the
// order in which they were, or the call stays.

/** Longest expression that is put in, in characters. */
const LONGEST = 160;
/** Rounds: what is put in may itself call. */
const ROUNDS = 4;

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** The nodes below a node, in the order of evaluation as far as this module looks at it. */
function children(node) {
  const found = [];
  for (const key in node) {
    const value = node[key];
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) {
      for (const one of value) if (one?.type) found.push(one);
    } else if (value.type) found.push(value);
  }
  return found;
}

/** Names that a pattern binds. */
function* bound(pattern) {
  switch (pattern?.type) {
    case 'Identifier': yield pattern.name; break;
    case 'ObjectPattern': for (const one of pattern.properties) yield* bound(one.value ?? one.argument); break;
    case 'ArrayPattern': for (const one of pattern.elements) yield* bound(one); break;
    case 'AssignmentPattern': yield* bound(pattern.left); break;
    case 'RestElement': yield* bound(pattern.argument); break;
  }
}

/** Names that a statement list binds in its own block. */
function* lexical(body) {
  for (const statement of body) {
    if (statement.type === 'VariableDeclaration' && statement.kind !== 'var') for (const one of statement.declarations) yield* bound(one.id);
    if (statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration') yield statement.id.name;
  }
}

/** Names that `var` binds below a node, functions left out. */
function* hoisted(node) {
  if (node.type === 'VariableDeclaration' && node.kind === 'var') for (const one of node.declarations) yield* bound(one.id);
  for (const child of children(node)) if (!FUNCTIONS.has(child.type)) yield* hoisted(child);
}

/** Names that a node binds for what stands in it; null if it opens no scope. */
function scopeOf(node) {
  if (FUNCTIONS.has(node.type)) {
    const names = new Set(['arguments']);
    for (const parameter of node.params) for (const name of bound(parameter)) names.add(name);
    if (node.type === 'FunctionExpression' && node.id) names.add(node.id.name);
    for (const name of hoisted(node.body)) names.add(name);
    return names;
  }
  switch (node.type) {
    case 'BlockStatement': case 'StaticBlock': return new Set(lexical(node.body));
    case 'SwitchStatement': return new Set(lexical(node.cases.flatMap((one) => one.consequent)));
    case 'ForStatement': return node.init?.type === 'VariableDeclaration' ? new Set(lexical([node.init])) : null;
    case 'ForInStatement': case 'ForOfStatement': return node.left.type === 'VariableDeclaration' ? new Set(lexical([node.left])) : null;
    case 'CatchClause': return new Set(bound(node.param));
    case 'ClassExpression': return node.id ? new Set([node.id.name]) : null;
    default: return null;
  }
}

/** Adds the names that are written to in a node. */
function written(node, names = new Set()) {
  if (node.type === 'AssignmentExpression' || node.type === 'ForInStatement' || node.type === 'ForOfStatement') for (const name of bound(node.left)) names.add(name);
  if (node.type === 'UpdateExpression' && node.argument.type === 'Identifier') names.add(node.argument.name);
  for (const child of children(node)) written(child, names);
  return names;
}

/** Whether an identifier stands for a value, and is not the name of a property. */
const isValue = (node, parent) => node.type === 'Identifier' && !(parent && (((parent.type === 'MemberExpression') && parent.property === node && !parent.computed) ||
  ((parent.type === 'Property' || parent.type === 'MethodDefinition' || parent.type === 'PropertyDefinition') && parent.key === node && !parent.computed && parent.value !== node)));

const PLAIN = new Set(['Identifier', 'Literal', 'MemberExpression', 'CallExpression', 'ConditionalExpression', 'LogicalExpression', 'BinaryExpression', 'UnaryExpression', 'NewExpression', 'ArrayExpression', 'SequenceExpression', 'ChainExpression']);

/** What is known of a function that may be put in; null if it may not. */
function candidate(node, changed) {
  if (node.async || node.generator || node.params.some((one) => one.type !== 'Identifier') || node.body.body.length !== 1) return null;
  const [only] = node.body.body;
  if (only.type !== 'ReturnStatement' || !only.argument) return null;
  const expression = only.argument;
  if (expression.end - expression.start > LONGEST) return null;
  const parameters = node.params.map((one) => one.name);
  if (new Set(parameters).size < parameters.length) return null;
  const uses = new Map(parameters.map((name) => [name, []]));
  const free = new Set();
  let calls = false;
  // In the order of evaluation: parameters, and what may see or make a change.
  const order = [];
  const visit = (one, parent, conditional) => {
    if (!PLAIN.has(one.type)) return false;
    if (isValue(one, parent)) {
      if (one.name === node.id.name) return false;
      const at = uses.get(one.name);
      if (at) at.push(one), order.push({ name: one.name, conditional });
      else {
        free.add(one.name);
        // Arguments might change it before the function would have read it.
        if (changed.has(one.name)) order.push(null);
      }
      return true;
    }
    if (one.type === 'Identifier') return true;
    if (one.type === 'UnaryExpression' && one.operator === 'delete') return false;
    const first = one.type === 'ConditionalExpression' ? one.test : one.type === 'LogicalExpression' ? one.left : null;
    for (const child of children(one)) if (!visit(child, one, conditional || (first !== null && child !== first))) return false;
    if (one.type === 'CallExpression' || one.type === 'NewExpression') calls = true;
    if (['CallExpression', 'NewExpression', 'MemberExpression', 'BinaryExpression'].includes(one.type)) order.push(null);
    return true;
  };
  if (!visit(expression, null, false)) return null;
  return { name: node.id.name, parameters, expression, uses, free, calls, order };
}

/** One round; the text and how many calls it has put in. */
function round(text, simpler, parse) {
  const program = parse(text, { ecmaVersion: 'latest', sourceType: 'module' });
  const changed = written(program);
  const top = new Map();
  for (const statement of program.body) {
    if (statement.type === 'FunctionDeclaration') top.set(statement.id.name, (top.get(statement.id.name) ?? 0) + 1);
  }
  const candidates = new Map();
  for (const statement of program.body) {
    if (statement.type !== 'FunctionDeclaration' || top.get(statement.id.name) > 1 || changed.has(statement.id.name)) continue;
    const found = candidate(statement, changed);
    if (found) candidates.set(found.name, found);
  }
  let count = 0;
  const scopes = [];
  const shadowed = (name) => scopes.some((scope) => scope.has(name));
  let assigned = new Set();

  const isTrivial = (argument, calls) => {
    if (argument.type === 'Literal') return !argument.regex;
    if (argument.type === 'ThisExpression') return true;
    // A name of the module that is a function, or a local one that never changes.
    return argument.type === 'Identifier' && (!calls || !assigned.has(argument.name)) && (shadowed(argument.name) || top.has(argument.name));
  };

  function put(call) {
    if (call.optional || call.callee.type !== 'Identifier') return null;
    const target = candidates.get(call.callee.name);
    if (!target || shadowed(target.name) || call.arguments.length !== target.parameters.length) return null;
    for (const name of target.free) if (shadowed(name)) return null;
    if (call.arguments.some((one) => one.type === 'SpreadElement')) return null;
    const heavy = [];
    for (const [at, argument] of call.arguments.entries()) {
      const trivial = isTrivial(argument, target.calls || call.arguments.length > 1);
      if (!trivial) heavy.push(target.parameters[at]);
    }
    // What is more than a name must come first, once, and in the same order.
    for (const [at, name] of heavy.entries()) {
      if (target.uses.get(name).length !== 1) return null;
      const one = target.order[at];
      if (one?.name !== name || one.conditional) return null;
    }
    count++;
    const values = new Map(target.parameters.map((name, at) => [name, emit(call.arguments[at])]));
    return `(${substitute(target.expression, null, values)})`;
  }

  const substitute = (node, parent, values) => {
    if (isValue(node, parent) && values.has(node.name)) return `(${values.get(node.name)})`;
    return pieces(node, (child) => substitute(child, node, values));
  };

  /** The node's text with its children's texts in place. */
  function pieces(node, of) {
    if (node.type === 'Identifier' || node.type === 'Literal') return text.slice(node.start, node.end);
    const nodes = [...children(node)].sort((a, b) => a.start - b.start);
    let out = '';
    let at = node.start;
    for (const child of nodes) {
      // `{ a }` has one node twice.
      if (child.start < at) continue;
      out += text.slice(at, child.start) + of(child);
      at = child.end;
    }
    return out + text.slice(at, node.end);
  }

  function emit(node) {
    if (node.type === 'Property' && node.shorthand) return text.slice(node.start, node.end);
    if (node.type === 'CallExpression') {
      const made = (shadowed(node.callee.name ?? node.callee.object?.name) ? null : simpler(node, emit)) ?? put(node);
      if (made !== null) return made;
    }
    const scope = scopeOf(node);
    if (scope) scopes.push(scope);
    const made = pieces(node, emit);
    if (scope) scopes.pop();
    return made;
  }

  let out = '';
  let at = 0;
  for (const statement of program.body) {
    assigned = written(statement);
    out += text.slice(at, statement.start) + emit(statement);
    at = statement.end;
  }
  return { text: out + text.slice(at), count };
}

/**
 * The text of a module with small functions put in where they are called. `simpler` writes a call as something else;
 * `parse` is acorn's.
 */
export function inlined(text, simpler, parse) {
  for (let done = 0; done < ROUNDS; done++) {
    const made = round(text, simpler, parse);
    text = made.text;
    if (made.count === 0) break;
  }
  return text;
}
