// Bundles the F# compiler and the F# runner, each into one script for `componentize.mjs`:
//   node build.mjs --packages FOLDER --work FOLDER
// The scripts are `compiler.js` and `runner.js` in the work folder, which is emptied first.

import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import zlib from 'node:zlib';
import { fableModule } from './fable.mjs';
import { inlined } from './inline.mjs';
import { lean, simpler } from './lean.mjs';

const { values: options } = parseArgs({
  options: Object.fromEntries(['packages', 'work'].map((name) => [name, { type: 'string' }])),
});
const sources = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const work = path.resolve(options.work);
const packages = path.resolve(options.packages, 'node_modules');
const require = createRequire(path.join(packages, 'anchor.js'));
const esbuild = require('esbuild');
const { parse } = require('acorn');

fs.rmSync(work, { recursive: true, force: true });
fs.mkdirSync(work, { recursive: true });
const put = (name, text) => {
  const file = path.join(work, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
};

// Fable's library, with the two things that the runner needs of it.
const fable = path.join(packages, '@fable-org', 'fable-standalone', 'dist');
const library = path.join(fable, 'fable-library-js');
const modules = fs.readdirSync(library).filter((name) => name.endsWith('.js'));
const PATCHES = {
  'Util.js': [
    // Exceptions know where they were made.
    ['this.innerException = innerException;', 'this.innerException = innerException;\n        this.stack = new Error().stack;'],
  ],
  // Exceptions of .NET's classes, which scripts catch by type.
  'Async.js': [['throw new Exception("Operation is cancelled");', 'throw new OperationCanceledException("The operation was canceled.");']],
  ...Object.fromEntries(['Decimal', 'Double', 'Int32', 'Long'].map((name) => [`${name}.js`, [
    ['throw new Exception(`The input string ${str} was not in a correct format.`', 'throw new FormatException(`The input string \'${str}\' was not in a correct format.`'],
    [/^import /m, 'import { FormatException } from "./System.js";\nimport '],
  ]])),
  'String.js': [
    // `%A` is the runner's.
    ['function formatReplacement(rep, flags, padLength, precision, format) {', 'export const hooks = { structured: null };\nfunction formatReplacement(rep, flags, padLength, precision, format) {\n    if (format === "A") rep = typeof rep === "object" && rep?.structured ? rep.structured() : hooks.structured(rep, null), format = "s";'],
  ],
};
for (const name of modules) {
  let text = fs.readFileSync(path.join(library, name), 'utf8');
  for (const [from, to] of PATCHES[name] ?? []) {
    if (typeof from === 'string' && text.split(from).length !== 2) throw new Error(`${name} of Fable's library is not the one that was expected`);
    text = text.replace(from, () => to);
  }
  put(path.join('fable-library', name), text);
}
fs.cpSync(path.join(library, 'lib'), path.join(work, 'fable-library', 'lib'), { recursive: true });

put('node.js', `const no = (name) => () => { throw new Error(name + ' does not exist in the sandbox'); };
export const existsSync = () => false, mkdirSync = no('mkdir'), statSync = no('stat'), readFileSync = no('readFile'), writeFileSync = no('writeFile'), tmpdir = () => '/tmp';
export const basename = (path) => path, extname = () => '', join = (...parts) => parts.join('/');
`);
// Stands for the host while the build runs parts of the runner in Node.
put('host.js', 'export default {};\n');

const alias = {
  'fable-library': path.join(work, 'fable-library'),
  'metascript-build': work,
  fflate: path.join(packages, 'fflate', 'esm', 'browser.js'),
  'node:fs': path.join(work, 'node.js'),
  'node:os': path.join(work, 'node.js'),
  'node:path': path.join(work, 'node.js'),
};
const bundle = (entry, out, more = {}) => esbuild.buildSync({
  entryPoints: [entry], outfile: path.join(work, out), bundle: true, format: 'esm', platform: 'neutral', alias: { ...alias, ...more.alias },
  external: more.external ?? [], minify: more.minify ?? false, inject: more.inject ?? [], keepNames: more.keepNames ?? false, logLevel: 'error', legalComments: 'none',
});
const load = (name) => import(pathToFileURL(path.join(work, name)));
const inNode = { alias: { 'metascript:cell/host@0.1.0': path.join(work, 'host.js'), 'metascript:cell/fsharp-compiler@0.1.0': path.join(work, 'host.js') } };
const inject = [path.join(sources, 'runner', 'promise.js')];

// What the compiler brings: itself, the metadata of .NET, the prelude and the names that the runner's library has.
const compilerOfFable = lean(fableModule(path.join(fable, 'bundle.min.js'), { members: 'metascriptMembers', module: 'Metascript', opened: 'metascriptOpened' }));
put('fable.js', inlined(compilerOfFable.text, simpler(compilerOfFable), parse));
const metadata = path.join(packages, '@fable-org', 'fable-metadata', 'lib');
const dlls = fs.readdirSync(metadata).filter((name) => name.endsWith('.dll') && !/^(?:Browser\.|Fable\.Repl)/.test(name)).sort();
const bytes = dlls.map((name) => fs.readFileSync(path.join(metadata, name)));
let offset = 0;
const index = dlls.map((name, at) => [name, offset, (offset += bytes[at].length)]);
put('references.js', `import { inflateSync } from 'fflate';
import { decode } from 'metascript-build/base64.js';
const index = ${JSON.stringify(index)};
const all = inflateSync(decode(${JSON.stringify(zlib.deflateRawSync(Buffer.concat(bytes), { level: 9 }).toString('base64'))}), { out: new Uint8Array(${offset}) });
const files = new Map(index.map(([name, from, to]) => [name, all.subarray(from, to)]));
export const names = index.map(([name]) => name.replace(/\\.dll$/, ''));
export const read = (name) => files.get(name);
`);
fs.copyFileSync(path.join(sources, 'build', 'base64.js'), path.join(work, 'base64.js'));
const prelude = fs.readFileSync(path.join(sources, 'prelude', 'order.txt'), 'utf8').split('\n').filter(Boolean);
put('prelude.js', `export const prelude = ${JSON.stringify(prelude.map((name) => ({ name, source: fs.readFileSync(path.join(sources, 'prelude', name), 'utf8') })))};\n`);
put('modules.js', '');
bundle(path.join(sources, 'runner', 'library', 'index.js'), 'names.mjs', { ...inNode, inject });
put('members.js', `export const members = ${JSON.stringify((await load('names.mjs')).names)};\n`);

// The prelude's own JavaScript, made by the compiler itself.
bundle(path.join(sources, 'compiler', 'compiler.js'), 'compiler-node.mjs');
globalThis.self ??= globalThis;
const { Compiler } = await load('compiler-node.mjs');
for (const { name, javascript } of new Compiler().compilePrelude()) put(path.join('prelude', `${name}.js`), javascript.replace(/from "(?:\.\/)?([^"/]+\.fs)"/g, 'from "./$1.js"'));

// What cells may import.
const preludeModules = prelude.map((name, at) => `import * as prelude${at} from './prelude/${name}.js';`);
put('modules.js', `${modules.map((name, at) => `import * as library${at} from 'fable-library/${name}';`).join('\n')}
${preludeModules.join('\n')}
export const modules = {${[...modules.map((name, at) => `${JSON.stringify(`fable-library/${name}`)}:library${at}`), ...prelude.map((name, at) => `${JSON.stringify(`./${name}`)}:prelude${at}`)].join(',')}};
`);

const external = ['metascript:*'];
for (const name of ['cell', 'json', 'http', 'tars']) alias[`metascript/${name}.js`] = path.join(sources, 'runner', `${name}.js`);
alias['fable-library/Metascript.js'] = path.join(work, 'metascript-library.js');
const { names } = await load('names.mjs');
put('metascript-library.js', `import { library, missing } from ${JSON.stringify(path.join(sources, 'runner', 'library', 'index.js'))};
export { missing };
${names.map((name) => name.replace(/[^\w]/g, '_')).map((name) => `export const ${name} = library[${JSON.stringify(name)}];`).join('\n')}
`);
bundle(path.join(sources, 'runner', 'main.js'), 'runner.js', { external, inject, minify: true, keepNames: true });
bundle(path.join(sources, 'compiler', 'main.js'), 'compiler.js', { external, minify: true });
