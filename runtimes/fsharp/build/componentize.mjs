// Makes a component of a script:
//   node componentize.mjs --packages FOLDER --wit FOLDER --world NAME --script FILE --out FILE

import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: Object.fromEntries(['packages', 'wit', 'world', 'script', 'out'].map((name) => [name, { type: 'string' }])),
});
const require = createRequire(path.join(path.resolve(options.packages, 'node_modules'), 'anchor.js'));
const { componentize } = require('componentize-qjs');

const { component } = await componentize({
  witPath: path.resolve(options.wit),
  world: options.world,
  jsSource: fs.readFileSync(options.script, 'utf8'),
  sync: true,
});
fs.writeFileSync(options.out, component);
