// The module that the prelude calls as `metascript/cell.js`.

import host from 'metascript:cell/host@0.1.0';
import { ofArray } from 'fable-library/Map.js';
import { compare } from 'fable-library/Util.js';
import { ask, callTree, wire } from './host.js';
import { flush, write, writeError } from './output.js';
import { structured } from './render.js';
import { session } from './session.js';
import { is } from './types.js';
import { tree } from '../shared/tree.js';
import { fromTree, Refused } from './values.js';
import { Exception } from 'fable-library/Util.js';

export { write, writeError };

const text = (mime, content) => ({ mime, content: { tag: 'text', val: content.toWellFormed() } });

const bundle = (value, type) => [text('text/plain', structured(value, type))];

export function result(value, type) {
  if (is(type, 'Microsoft.FSharp.Core.Unit')) return;
  session.last = { value, type };
  session.shown = bundle(value, type);
}

export function value(name, read, type) {
  session.values.set(name, { read, type });
}

function typed(name, node, type, shared) {
  try {
    return fromTree(node, type, shared);
  } catch (error) {
    if (error instanceof Refused) throw new Exception(`'${name}': ${error.message}`);
    throw error;
  }
}

/** A variable that the host put into this session. */
export function shared(name, type) {
  return typed(name, session.given.get(name).node, type, true);
}

export function display(value, type) {
  flush();
  host.display(bundle(value, type));
}

export function displayAs(mime, content) {
  flush();
  host.display([text(mime, content), text('text/plain', content)]);
}

export function get(name, type) {
  const own = session.values.get(name);
  if (own) return own.read();
  const found = ask(() => host.getVariable(name));
  if (found === null || found === undefined) throw new Exception(`no variable '${name}' in this session`);
  return typed(name, tree(found), type, false);
}

export function set(name, value, type) {
  const made = wire(name, value, type);
  ask(() => host.setVariable(name, made));
}

export const names = () => host.listVariables().map((one) => one.name);

export function call(operation, pairs) {
  return fromTree(callTree(operation, ofArray(pairs, { Compare: compare })), null);
}

export const textOf = structured;
