// Turns a cell into code whose top-level names outlive it.
//
// A cell is evaluated by indirect eval, whose `let`, `const` and `class` would end with it, which knows no
// `await` and no `import`. Declarations become assignments to globals, in place, so that lines and nearly
// all columns stay those of the script.

import { Parser } from 'acorn';

// Without any of these words, a block or a label eval does the right thing by itself.
const NEEDS_WORK = /\b(?:let|const|class|var|function|import|export|await|if|for|while|do|switch|try|with|async)\b|^\s*\{/;
const LABEL = /[\p{ID_Continue}$]\s*:(?!:)/u;

/** A syntax error of the cell, with its zero-based place in the cell. */
export class CellSyntaxError extends SyntaxError {
  constructor(message, line, column) {
    super(message);
    this.name = 'SyntaxError';
    this.place = { line, column };
  }
}

function parse(code) {
  try {
    return Parser.parse(code, {
      ecmaVersion: 'latest',
      sourceType: 'script',
      allowAwaitOutsideFunction: true,
      allowImportExportEverywhere: true,
      allowHashBang: true,
    });
  } catch (error) {
    if (error instanceof SyntaxError && error.loc) {
      throw new CellSyntaxError(error.message.replace(/ \(\d+:\d+\)$/, ''), error.loc.line - 1, error.loc.column);
    }
    throw error;
  }
}

function* children(node) {
  for (const key of Object.keys(node)) {
    const part = node[key];
    if (Array.isArray(part)) {
      for (const item of part) if (item && typeof item.type === 'string') yield item;
    } else if (part && typeof part.type === 'string') {
      yield part;
    }
  }
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression', 'MethodDefinition', 'PropertyDefinition', 'StaticBlock']);

/** Visits a node and what it holds; `enter` says whether to go into it. */
function walk(node, enter) {
  if (!enter(node)) return;
  for (const child of children(node)) walk(child, enter);
}

function awaits(tree) {
  let found = false;
  walk(tree, (node) => {
    if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await)) found = true;
    return !found && !FUNCTIONS.has(node.type);
  });
  return found;
}

function bound(pattern, names) {
  switch (pattern?.type) {
    case 'Identifier': names.push(pattern.name); break;
    case 'ObjectPattern': for (const property of pattern.properties) bound(property.value ?? property.argument, names); break;
    case 'ArrayPattern': for (const element of pattern.elements) bound(element, names); break;
    case 'AssignmentPattern': bound(pattern.left, names); break;
    case 'RestElement': bound(pattern.argument, names); break;
  }
}

class Edits {
  constructor(code) {
    this.code = code;
    this.all = [];
  }
  replace(start, end, text) {
    this.all.push({ start, end, text, order: this.all.length });
  }
  apply() {
    this.all.sort((a, b) => a.start - b.start || a.order - b.order);
    let text = '';
    let at = 0;
    for (const edit of this.all) {
      text += this.code.slice(at, edit.start) + edit.text;
      at = edit.end;
    }
    return text + this.code.slice(at);
  }
}

function declaration(node, edits, names, { statement, code }) {
  for (const { id } of node.declarations) bound(id, names);
  const first = node.declarations[0];
  // The keyword goes, its width stays.
  edits.replace(node.start, first.start, (statement ? 'void(' : '').padEnd(first.start - node.start));
  for (const { id, init } of node.declarations) {
    // In the head of a `for ... of` a name stands alone; elsewhere it gets the value that the keyword gave it.
    if (!init && statement && id.type === 'Identifier') edits.replace(id.end, id.end, node.kind === 'var' ? `=${id.name}` : '=undefined');
  }
  if (statement) {
    const ends = code[node.end - 1] === ';';
    edits.replace(ends ? node.end - 1 : node.end, node.end, ');');
  }
}

/** `var` inside blocks of a cell that awaits: the wrapping function would keep it. */
function nestedVars(node, edits, names, code) {
  const visit = (inner, parent) => {
    if (FUNCTIONS.has(inner.type)) return;
    if (inner.type === 'VariableDeclaration' && inner.kind === 'var') {
      const head = parent && ((parent.type === 'ForStatement' && parent.init === inner) || ((parent.type === 'ForOfStatement' || parent.type === 'ForInStatement') && parent.left === inner));
      declaration(inner, edits, names, { statement: !head, code });
    }
    for (const child of children(inner)) visit(child, inner);
  };
  for (const child of children(node)) visit(child, node);
}

function importStatement(node, edits, names) {
  const wanted = [];
  let whole = null;
  for (const { type, imported, local } of node.specifiers) {
    names.push(local.name);
    if (type === 'ImportNamespaceSpecifier') whole = local.name;
    else wanted.push(`${type === 'ImportDefaultSpecifier' ? 'default' : JSON.stringify(imported.name ?? imported.value)}: ${local.name}`);
  }
  const load = `await __metascript_import(${JSON.stringify(node.source.value)})`;
  const target = whole && wanted.length ? `{${wanted.join(', ')}} = ${whole}` : (whole ?? `{${wanted.join(', ')}}`);
  edits.replace(node.start, node.end, `;(${target} = ${load});`);
}

/**
 * The one place that reads the member `name` in the function that starts at `place`, or in the top-level code if
 * none does; null if there is none or more than one. Lines and columns count from zero.
 */
export function findMember(code, name, place) {
  let tree;
  try {
    tree = Parser.parse(code, { ecmaVersion: 'latest', locations: true, allowAwaitOutsideFunction: true, allowReturnOutsideFunction: true });
  } catch {
    return null;
  }
  let scope = null;
  if (place) {
    walk(tree, (node) => {
      if (FUNCTIONS.has(node.type) && node.loc.start.line - 1 === place.line && (place.column === null || node.loc.start.column === place.column)) scope ??= node;
      return true;
    });
  }
  scope ??= tree;
  const found = [];
  walk(scope, (node) => {
    if (node.type === 'MemberExpression' && (node.computed ? node.property.value : node.property.name) === name) found.push(node.property.loc.start);
    return node === scope || !FUNCTIONS.has(node.type) || node.type === 'MethodDefinition';
  });
  return found.length === 1 ? { line: found[0].line - 1, column: found[0].column } : null;
}

/**
 * The code to evaluate. `head` stands before the cell's first line; `names` are the top-level names that the cell
 * declares; `waits` says that the code makes a promise whose value is `{ value }`.
 */
export function transform(code) {
  if (!NEEDS_WORK.test(code) && !(code.includes(':') && LABEL.test(code))) return { head: '', body: code, tail: '', names: [], waits: false };
  const tree = parse(code);
  const edits = new Edits(code);
  const names = [];
  const waits = awaits(tree) || tree.body.some((node) => node.type === 'ImportDeclaration');
  let hoisted = '';
  let value = false;
  tree.body.forEach((outer, at) => {
    let node = outer;
    if (outer.type === 'ExportNamedDeclaration' || outer.type === 'ExportDefaultDeclaration') {
      if (!outer.declaration) {
        edits.replace(outer.start, outer.end, ';');
        return;
      }
      node = outer.declaration;
      const plain = /Declaration$/.test(node.type) && (node.type === 'VariableDeclaration' || node.id);
      edits.replace(outer.start, node.start, (plain ? '' : ';').padEnd(node.start - outer.start));
      if (!plain) return;
    }
    if (node.type === 'ExportAllDeclaration') {
      edits.replace(node.start, node.end, ';');
    } else if (node.type === 'ImportDeclaration') {
      importStatement(node, edits, names);
    } else if (node.type === 'VariableDeclaration' && (waits || node.kind !== 'var')) {
      declaration(node, edits, names, { statement: true, code });
    } else if (node.type === 'VariableDeclaration') {
      for (const { id } of node.declarations) bound(id, names);
    } else if (node.type === 'ClassDeclaration') {
      names.push(node.id.name);
      edits.replace(node.start, node.start, `;${node.id.name}=`);
      edits.replace(node.end, node.end, ';');
    } else if (node.type === 'FunctionDeclaration') {
      names.push(node.id.name);
      if (waits) hoisted += `globalThis.${node.id.name}=${node.id.name};`;
    } else if (node.type === 'ExpressionStatement' && at === tree.body.length - 1) {
      value = true;
      if (waits) {
        const ends = code[node.end - 1] === ';';
        edits.replace(node.start, node.start, ';return {value:(');
        edits.replace(ends ? node.end - 1 : node.end, node.end, ')};');
      }
    } else if (waits) {
      nestedVars({ type: 'Block', body: [node] }, edits, names, code);
    }
  });
  // Last, so that at one place these edits come after those of the statement around them.
  walk(tree, (node) => {
    if (node.type === 'ImportExpression') edits.replace(node.start, node.start + 'import'.length, '__metascript_import');
    return true;
  });
  const body = edits.apply();
  if (waits) return { head: `(async()=>{${hoisted}`, body, tail: '\n})()', names, waits };
  return { head: '', body, tail: value ? '' : '\n;void 0', names, waits };
}

/** `{ a: 1 }` at the start of a cell is an object if it reads as one. */
export function asObject(code) {
  if (!/^\s*\{/.test(code)) return null;
  try {
    Parser.parseExpressionAt(code.trim(), 0, { ecmaVersion: 'latest' });
    const wrapped = `(${code.trim().replace(/;$/, '')}\n)`;
    const tree = Parser.parse(wrapped, { ecmaVersion: 'latest', sourceType: 'script' });
    return tree.body.length === 1 && tree.body[0].type === 'ExpressionStatement' && tree.body[0].expression.type === 'ObjectExpression';
  } catch {
    return null;
  }
}
