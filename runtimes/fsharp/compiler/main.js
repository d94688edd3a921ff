// Exports of the F# compiler: the WIT world `fsharp-compiler-runtime`.

import './environment.js';
import { Compiler } from './compiler.js';

const compiler = new Compiler();

export const fsharpCompiler = {
  compile: (request) => compiler.compile(request),
  check: (request) => compiler.check(request),
  complete: (request, at) => compiler.complete(request, at),
  inspect: (request, at) => compiler.inspect(request, at),
  version: () => compiler.version,
};
