// Makes an ES module of Fable's browser bundle and opens it at the one place that the runtime needs.

import fs from 'node:fs';

const NAME = '[\\w$]+';

function find(text, pattern) {
  const found = [...text.matchAll(new RegExp(pattern, 'g'))];
  if (found.length !== 1) throw new Error(`the Fable bundle has ${found.length} places like ${pattern}: is it another version?`);
  return found[0];
}

/**
 * The text of a module that exports Fable's `init`. `members` is the name of the global set of .NET members
 * (`System.Threading.Thread.Sleep`) that the runtime's own library has.
 */
export function fableModule(bundle, members, module) {
  let text = fs.readFileSync(bundle, 'utf8').trimEnd();
  const head = /\(void 0,\(function\(([\w$]+)\)\{"use strict";/.exec(text);
  if (!head || !text.endsWith('}));')) throw new Error('the Fable bundle does not have the shape it had');
  const exported = head[1];
  text = text.slice(head.index + head[0].length, -4);

  // Fable's own way to call a function of its library.
  const call = find(text, `return (${NAME})\\(${NAME},"String","isNullOrEmpty",`)[1];
  // Where Fable looks for what replaces a member of .NET: the runtime's library comes first.
  const place = find(
    text,
    `const (${NAME})=((${NAME})\\.TryReplace\\(${NAME},(${NAME}),(${NAME}),(${NAME}),(${NAME})\\.ThisArg,\\7\\.Args\\));return \\1\\?\\?\\(\\6\\.IsInterface`,
  );
  const [whole, known, lookUp, compiler, range, type, info, args] = place;
  const own = `metascriptLibraryCall(${compiler},${range},${type},${info},${args})`;
  text = text.slice(0, place.index) + whole.replace(`const ${known}=${lookUp}`, () => `const ${known}=${own}??${lookUp}`) + text.slice(place.index + whole.length);

  return `const ${exported}={};
function metascriptLibraryCall(compiler,range,type,info,call){
  const name=info.DeclaringEntityFullName+"."+info.CompiledName;
  if(!globalThis.${members}.has(name))return;
  const args=call.ThisArg==null?call.Args:new call.Args.constructor(call.ThisArg,call.Args);
  return ${call}(compiler,${JSON.stringify(module)},name.replace(/[^\\w]/g,"_"),type,args,undefined,undefined,undefined,undefined,undefined,undefined,range);
}
${text};
export const init=${exported}.init;
`;
}
