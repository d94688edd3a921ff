// Turns the ES modules that Fable prints into functions that the session can run.

import * as loop from './loop.js';

// Indirect eval: the code sees the global scope alone.
const evaluateGlobally = globalThis.eval;

/** Source maps of the scripts evaluated so far, by the first line that each got. */
const scripts = [];
let nextLine = 1;

/** Rewrites imports and exports; the text keeps its lines. */
function body(javascript) {
  const exports = [];
  const text = javascript
    .replace(/^import \{([^}]*)\} from "([^"]+)";?$/gm, (_, names, module) => `const {${names.replace(/([\w$]+) as /g, '$1: ')}} = $import(${JSON.stringify(module)});`)
    .replace(/^import \* as (\S+) from "([^"]+)";?$/gm, (_, name, module) => `const ${name} = $import(${JSON.stringify(module)});`)
    .replace(/^import ([\w$]+) from "([^"]+)";?$/gm, (_, name, module) => `const ${name} = $import(${JSON.stringify(module)}).default;`)
    .replace(/^export (const|let|class|function\*?) ([\w$]+)/gm, (_, kind, name) => {
      exports.push(name);
      const type = kind === 'function' && /^([\w$]+)_\$reflection$/.exec(name);
      // `%A` needs a value's type; Fable leaves no way from the one to the other.
      return type ? `$type(() => ${type[1]}, () => ${name}); function ${name}` : `${kind} ${name}`;
    });
  return { text, exports };
}

/**
 * Evaluates a module. `mappings` are quadruples: line and column of the JavaScript (from one and zero), line and column
 * of the script. Gives the module's live exports.
 */
export function run(javascript, unit, mappings, importModule, found) {
  const { text, exports } = body(javascript);
  const first = nextLine;
  const source = `${'\n'.repeat(first - 1)}(function($import,$type,$exports,Promise,setTimeout,setInterval,clearTimeout,clearInterval){"use strict";$exports({${exports.map((name) => `get ${name}(){return ${name}}`).join(',')}});\n${text}\n})`;
  nextLine = first + text.split('\n').length + 2;
  // The text begins below the line that opens the function.
  scripts.push({ first: first + 1, unit, mappings });
  const made = evaluateGlobally(source);
  made(importModule, attach, found, loop.Task, loop.setTimeout, loop.setInterval, loop.clearTimeout, loop.clearInterval);
}

const waiting = [];

function attach(construct, reflection) {
  waiting.push([construct, reflection]);
}

const types = new Map();

/** The type of a value that a cell's class made, if it takes no type arguments. */
export function typeOf(value) {
  for (const [construct, reflection] of waiting.splice(0)) {
    try {
      types.set(construct(), reflection());
    } catch {
      // The class is not made yet.
      waiting.push([construct, reflection]);
    }
  }
  for (let of = Object.getPrototypeOf(value); of; of = Object.getPrototypeOf(of)) {
    const reflection = types.get(of.constructor);
    if (reflection) return reflection.length === 0 ? reflection() : null;
  }
  return null;
}

export function forget() {
  scripts.length = 0;
  types.clear();
  waiting.length = 0;
  nextLine = 1;
}

/** Frames of a stack in lines of the scripts, innermost first. */
export function frames(stack) {
  const found = [];
  for (const line of String(stack ?? '').split('\n')) {
    const match = /^\s*at (?:(.*?) \()?(<[\w.]+>)(?::(\d+)(?::(\d+))?)?\)?$/.exec(line);
    if (!match || match[3] === undefined) continue;
    const at = Number(match[3]);
    const script = scripts.findLast((one) => one.first <= at);
    if (!script) continue;
    const place = original(script.mappings, at - script.first, Math.max(0, Number(match[4] ?? 1) - 1));
    if (!place) continue;
    const name = (match[1] ?? '').replace(/^<.*>$/, '');
    found.push({ function: name, unit: script.unit, line: place[0], column: place[1] });
  }
  return found;
}

function original(mappings, line, column) {
  let best = null;
  for (let at = 0; at + 3 < mappings.length; at += 4) {
    if (mappings[at] === line && (mappings[at + 1] <= column || best === null)) best = [mappings[at + 2], mappings[at + 3]];
    else if (mappings[at] > line) break;
  }
  return best;
}
