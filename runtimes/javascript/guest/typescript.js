// TypeScript: the types are erased, the lines stay. This happens in the sandbox, because a parser that reads
// hostile text belongs behind the same walls as the text.

import { transform } from 'sucrase';
import { CellSyntaxError } from './transform.js';

// A namespace with values is a TypeScript construct that erasing cannot express.
const NAMESPACE = /^[ \t]*(?:export\s+)?(?:namespace|module)\s+[\p{ID_Start}$_][\p{ID_Continue}$.]*\s*\{/mu;

// Without any of these there is no type to erase.
const TYPED = /[:<>!?@]|\b(?:abstract|as|asserts|declare|enum|export|implements|import|interface|is|module|namespace|override|private|protected|public|readonly|satisfies|this|type)\b/;

/** The JavaScript of a TypeScript cell. */
export function eraseTypes(code) {
  if (!TYPED.test(code)) return code;
  const namespace = NAMESPACE.exec(code);
  if (namespace) {
    const line = code.slice(0, namespace.index).split('\n').length - 1;
    throw new CellSyntaxError('namespaces do not work in a cell: use an object, or top-level names', line, 0);
  }
  try {
    return transform(code, {
      transforms: ['typescript'],
      disableESTransforms: true,
      keepUnusedImports: true,
      preserveDynamicImport: true,
    }).code;
  } catch (error) {
    if (!error?.loc) throw error;
    throw new CellSyntaxError(error.message.replace(/ \(\d+:\d+\)$/, ''), error.loc.line - 1, error.loc.column);
  }
}
