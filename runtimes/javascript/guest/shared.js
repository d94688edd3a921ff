// `metascript`: what a cell can ask of its session.

import host from 'metascript:cell/host@0.1.0';
import { display, html, md, svg } from './output.js';
import { DateTime, Float, Refused, Table, fromWire, toWire } from './values.js';

/** The host refused; `code` is a stable word, the text is for people. */
export class HostError extends Error {
  constructor({ code, message }) {
    super(message);
    this.name = 'HostError';
    this.code = code;
  }
}

export function ask(call) {
  try {
    return call();
  } catch (thrown) {
    // The engine wraps what the host answered.
    const refused = thrown?.payload ?? thrown;
    if (typeof refused?.code === 'string') throw new HostError(refused);
    throw thrown;
  }
}

export function wire(name, value) {
  try {
    return toWire(value);
  } catch (error) {
    if (error instanceof Refused) throw new TypeError(`'${name}' cannot be shared: ${error.message}`);
    throw error;
  }
}

export const metascript = {
  /** The session's variable, whichever language holds it; without a default, a missing one is an error. */
  get(name, ...fallback) {
    const key = String(name);
    let value;
    try {
      value = ask(() => host.getVariable(key));
    } catch (error) {
      if (error.code !== 'local') throw error;
    }
    if (value !== null && value !== undefined) return fromWire(value);
    if (Object.hasOwn(globalThis, key)) return globalThis[key];
    if (fallback.length === 0) throw new ReferenceError(`no variable '${name}' in this session`);
    return fallback[0];
  },
  /** Sets the session's variable for every language. */
  set(name, value) {
    const made = wire(name, value);
    ask(() => host.setVariable(String(name), made));
  },
  /** Names of the session's variables, with the type in the language that holds each. */
  variables() {
    return Object.fromEntries(host.listVariables().map(({ name, typeName }) => [name, typeName]));
  },
  /** A number that other languages see as a float even if it has no fraction. */
  float: (number) => new Float(number),
  display,
  html,
  md,
  svg,
  DateTime,
  Table,
};
