// Imports npm packages that the user added: the host hands over the text of each module when it is asked for.

import host from 'metascript:cell/host@0.1.0';
import { transform } from 'sucrase';
import { ask } from './shared.js';
import { fromWire, toWire } from './values.js';

const evaluateGlobally = globalThis.eval;

/** Modules by their path, which the host gives. */
const loaded = new Map();

// Packages look at these names to find out where they are.
const PROCESS = Object.freeze({ env: Object.freeze({ NODE_ENV: 'production' }), argv: Object.freeze([]), platform: 'wasi', browser: true });

function find(name, from, kind) {
  const found = fromWire(ask(() => host.call('packages.module', toWire({ language: 'javascript', name, from, kind }))));
  return found instanceof Map ? Object.fromEntries(found) : found;
}

/** ECMAScript's `import` and `export`, as CommonJS. */
function asScript({ source, path }) {
  const text = source.replace(/\bimport\.meta\b/g, JSON.stringify({ url: `file:///${path}` }).replace(/^/, '(').replace(/$/, ')'));
  return transform(text, { transforms: ['imports'], disableESTransforms: true, filePath: path }).code;
}

function run(found) {
  const { path, kind, source } = found;
  const module = { exports: {}, id: path, filename: path, loaded: false, esm: kind === 'module' };
  // Before it runs, so that modules which need each other see what is there so far.
  loaded.set(path, module);
  try {
    if (kind === 'json') {
      module.exports = JSON.parse(source);
    } else {
      const code = (kind === 'module' ? asScript(found) : source).replace(/^#!.*/, '');
      const folder = path.slice(0, path.lastIndexOf('/'));
      const require = (name) => load(String(name), path, kind === 'module' ? 'import' : 'require').exports;
      evaluateGlobally(`(function (exports, require, module, __filename, __dirname, process, global) {${code}\n})`)
        .call(module.exports, module.exports, require, module, path, folder, PROCESS, globalThis);
    }
  } catch (error) {
    loaded.delete(path);
    if (error instanceof SyntaxError) error.message += ` (in ${path})`;
    throw error;
  }
  module.loaded = true;
  return module;
}

function load(name, from, kind) {
  const found = find(name, from, kind);
  if (!found) throw missing(name, from);
  return loaded.get(found.path) ?? run(found);
}

// No package takes the place of these.
const NODE = /^(?:node:.*|assert|child_process|crypto|fs|http|http2|https|net|os|path|process|stream|tls|url|util|worker_threads|zlib)(?:\/|$)/;

function missing(name, from) {
  if (from) return new TypeError(`no module '${name}', which ${from} wants`);
  const hint = /^(?:@[\w.~-]+\/)?[\w.~-]+(?:\/|$)/.test(name) && !NODE.test(name) && !name.startsWith('.') ? `; \`metascript runtimes add javascript ${name}\` adds one of npm` : '';
  return new TypeError(`no module '${name}' in the sandbox, which sees no files and no network; it has metascript, tars${hint}`);
}

/** What `require` gives. */
export const requirePackage = (name) => load(name, null, 'require').exports;

/** What `import` gives: a namespace. */
export function importPackage(name) {
  const { exports, esm } = load(name, null, 'import');
  if (esm || exports?.__esModule) return exports;
  const named = exports !== null && (typeof exports === 'object' || typeof exports === 'function') ? exports : {};
  return Object.assign(Object.create(null), named, { default: exports });
}
