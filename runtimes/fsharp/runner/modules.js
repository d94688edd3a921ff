// What a cell's module imports: Fable's library, ours, the prelude and earlier cells.

import * as own from 'fable-library/Metascript.js';
import { modules } from 'metascript-build/modules.js';
import * as cell from './cell.js';
import * as http from './http.js';
import * as json from './json.js';
import { session } from './session.js';

const OWN = { 'metascript/cell.js': cell, 'metascript/http.js': http, 'metascript/json.js': json };

export function importModule(name) {
  if (Object.hasOwn(modules, name)) return modules[name];
  if (name === 'fable-library/Metascript.js') return own;
  if (Object.hasOwn(OWN, name)) return OWN[name];
  const [file, unit] = /([^/]+)\.fs$/.exec(name) ?? [];
  if (unit && session.modules.has(unit)) return session.modules.get(unit);
  if (file && Object.hasOwn(modules, `./${file}`)) return modules[`./${file}`];
  throw new Error(`there is no module '${name}' in the sandbox`);
}
