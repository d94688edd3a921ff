// What an editor asks: about a cell in its script, of which nothing needs to have run.

import { declarations } from '../shared/declare.js';
import { tree } from '../shared/tree.js';

/** What the compiler says of a value whose type nobody knows: it says nothing about the cell. */
const OF_UNKNOWN = new Set(['FS0030', 'FS0041', 'FS0043', 'FS0071', 'FS0072', 'FS0192', 'FS0193', 'FS0332', 'FS0670', 'FS0752', 'FS3391']);

export class Editor {
  #compiler;

  constructor(compiler) {
    this.#compiler = compiler;
  }

  /** The cell as the compiler takes it, and whether it mentions a value of unknown type. */
  #request({ shared, above, code }) {
    const given = new Map(shared.map(({ name, value }) => [name, { node: value ? tree(value) : null, declared: false }]));
    const units = [];
    let unknown = false;
    const taken = (text) => {
      const { lines, names } = declarations(text, given);
      unknown ||= names.some((name) => !given.get(name).node);
      return { names, request: { units: [...units], declarations: lines, code: text } };
    };
    for (const text of above) {
      const { names, request } = taken(text);
      const { unit, values, others } = this.#compiler.outline(request);
      units.push(unit);
      for (const name of names) given.get(name).declared = true;
      for (const name of [...values, ...others]) given.delete(name);
    }
    return { request: taken(code).request, unknown };
  }

  check(script) {
    const { request, unknown } = this.#request(script);
    const found = this.#compiler.check(request);
    return unknown ? found.filter((one) => !OF_UNKNOWN.has(one.code)) : found;
  }

  complete(script, at) {
    return this.#compiler.complete(this.#request(script).request, at);
  }

  inspect(script, at) {
    const texts = this.#compiler.inspect(this.#request(script).request, at);
    if (texts.length === 0) return null;
    const line = [...(script.code.split(/\r\n?|\n/)[at.line] ?? '')];
    const inWord = (c) => c !== undefined && /[\p{L}\p{N}_']/u.test(c);
    let [start, end] = [at.column, at.column];
    while (inWord(line[start - 1])) start--;
    while (inWord(line[end])) end++;
    return { texts, start: { line: at.line, column: start }, end: { line: at.line, column: end } };
  }

  signatures(script, at) {
    return this.#compiler.signatures(this.#request(script).request, at);
  }
}
