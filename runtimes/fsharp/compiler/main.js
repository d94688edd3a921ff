// Exports of the F# compiler: the WIT world `fsharp-compiler-runtime`.

import './environment.js';
import { Compiler } from './compiler.js';
import { Editor } from './editor.js';

const compiler = new Compiler();
const editor = new Editor(compiler);

/** A fault of the compiler's own is no reason to lose it: what is left answers the next cell. */
const failed = (error) => ({ severity: 'error', code: 'FS0000', message: `the compiler failed: ${error?.message ?? error}`.toWellFormed() });

export const fsharpCompiler = {
  compile: (request) => {
    try {
      return compiler.compile(request);
    } catch (error) {
      return { diagnostics: [failed(error)], program: null };
    }
  },
  check: (request) => {
    try {
      return compiler.check(request);
    } catch (error) {
      return [failed(error)];
    }
  },
  complete: (request, at) => compiler.complete(request, at),
  inspect: (request, at) => compiler.inspect(request, at),
  version: () => compiler.version,
};

export const fsharpEditor = {
  check: (script) => {
    try {
      return editor.check(script);
    } catch (error) {
      return [failed(error)];
    }
  },
  complete: (script, at) => editor.complete(script, at),
  inspect: (script, at) => editor.inspect(script, at),
  signatures: (script, at) => editor.signatures(script, at),
};
