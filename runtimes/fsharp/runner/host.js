// What a cell can ask of the host, with F#'s errors.

import host from 'metascript:cell/host@0.1.0';
import { Exception } from 'fable-library/Util.js';
import { tree } from '../shared/tree.js';
import { Refused, toWire } from './values.js';

/** The host refused; `code` is a stable word, the text is for people. */
export class HostException extends Exception {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export function ask(call) {
  try {
    return call();
  } catch (thrown) {
    // The engine wraps what the host answered.
    const refused = thrown?.payload ?? thrown;
    if (typeof refused?.code === 'string' && typeof refused.message === 'string') throw new HostException(refused.code, refused.message);
    throw thrown;
  }
}

export function wire(name, value, type) {
  try {
    return toWire(value, type);
  } catch (error) {
    if (error instanceof Refused) throw new Exception(`'${name}' cannot be shared: ${error.message}`);
    throw error;
  }
}

/** Calls an operation of the host interface; the answer is a `{ tag, val }` tree. */
export function callTree(operation, parameters) {
  const made = wire(operation, parameters, null);
  return tree(ask(() => host.call(operation, made)));
}

const plain = ({ tag, val }) => {
  if (tag === 'items') return val.map(plain);
  if (tag === 'entries') return Object.fromEntries(val.map(([key, item]) => [key, plain(item)]));
  if (tag === 'big-integer') return BigInt(val);
  return tag === 'null' ? null : val;
};

/** Calls an operation of the host interface with a plain object; the answer is plain too. */
export const call = (operation, parameters) => plain(callTree(operation, parameters));

export const write = (text) => host.write('stdout', text.toWellFormed());
export const writeError = (text) => host.write('stderr', text.toWellFormed());
