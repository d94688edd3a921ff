// Makes an ES module of Fable's browser bundle and opens it at the one place that the runtime needs.

import fs from 'node:fs';

// `printf "%A"` prints by type in .NET, and JavaScript has none: the format's constructor gets it as an argument.
// The numbers are those of the cases of Fable's type `Type`.
const EXACT_FORMAT = String.raw`
const metascriptFormat="Microsoft.FSharp.Core.PrintfFormat`+'`'+String.raw`5..ctor";
function metascriptIsConcrete(type,depth){
  const ANY=2,GENERIC=15;
  if(depth>30||type.tag===ANY||type.tag===GENERIC)return false;
  const parts=[];
  for(const field of type.fields??[]){
    if(field===null||typeof field!=="object")continue;
    if(typeof field[Symbol.iterator]==="function")parts.push(...field);
    else parts.push(field);
  }
  return parts.every((part)=>part?.constructor!==type.constructor||metascriptIsConcrete(part,depth+1));
}
function metascriptPrinter(call){
  const STRING=6,LAMBDA=13;
  if([...call.Args].length!==1)return;
  const text=call.Args.head?.fields?.[0]?.fields?.[0];
  if(typeof text!=="string"||!/%[-+ 0#]*\d*A/.test(text))return;
  const known=(type)=>{
    if(type.tag!==LAMBDA)return new type.constructor(STRING,[]);
    if(!metascriptIsConcrete(type.fields[0],0))return;
    const rest=known(type.fields[1]);
    return rest&&new type.constructor(LAMBDA,[type.fields[0],rest]);
  };
  return known([...call.GenericArgs][0]);
}
`;

const NAME = '[\\w$]+';

function find(text, pattern) {
  const found = [...text.matchAll(new RegExp(pattern, 'g'))];
  if (found.length !== 1) throw new Error(`the Fable bundle has ${found.length} places like ${pattern}: is it another version?`);
  return found[0];
}

/**
 * The text of a module that exports Fable's `init`. `members` is the name of the global set of .NET members
 * (`System.Threading.Thread.Sleep`) that the runtime's own library has, `module` the name
 * of that library, `opened` the name of the global list of namespaces that are open in every file.
 */
export function fableModule(bundle, { members, module, opened }) {
  let text = fs.readFileSync(bundle, 'utf8').trimEnd();
  const head = /\(void 0,\(function\(([\w$]+)\)\{"use strict";/.exec(text);
  if (!head || !text.endsWith('}));')) throw new Error('the Fable bundle does not have the shape it had');
  const exported = head[1];
  text = text.slice(head.index + head[0].length, -4);

  // Fable's own way to call a function of its library.
  const call = find(text, `return (${NAME})\\(${NAME},"String","isNullOrEmpty",`)[1];
  // How it makes an expression of a literal, and the class of a literal.
  const [, expression, literal, types] = find(text, `,new (${NAME})\\(1,\\[new (${NAME})\\(3,\\[(${NAME})\\.Any\\]\\),void 0\\]\\)\\}function ${NAME}\\(${NAME},${NAME}\\)\\{return ${NAME}==null\\?`);
  // Where Fable looks for what replaces a member of .NET: the runtime's library comes first.
  const place = find(
    text,
    `const (${NAME})=((${NAME})\\.TryReplace\\(${NAME},(${NAME}),(${NAME}),(${NAME}),(${NAME})\\.ThisArg,\\7\\.Args\\));return \\1\\?\\?\\(\\6\\.IsInterface`,
  );
  const [whole, known, lookUp, compiler, range, type, info, args] = place;
  const own = `metascriptLibraryCall(${compiler},${range},${type},${info},${args})`;
  text = text.slice(0, place.index) + whole.replace(`const ${known}=${lookUp}`, () => `const ${known}=${own}??${lookUp}`) + text.slice(place.index + whole.length);

  // What Fable cannot translate is an error of its own; here it compiles, with a warning, and fails when it is reached.
  const warn = find(text, `function (${NAME})\\((${NAME}),(${NAME}),(${NAME}),(${NAME})\\)\\{${NAME}\\(\\2,\\3,\\4,\\5,${NAME}\\.Warning\\)\\}`)[1];
  const fail = find(text, `function ${NAME}\\((${NAME}),(${NAME}),(${NAME}),(${NAME})\\)\\{return ${NAME}\\(\\1,\\2,\\3,\\4,${NAME}\\.Error\\$\\),new ${NAME}\\(1,\\[new ${NAME}\\(3,\\[${NAME}\\.Any\\]\\),void 0\\]\\)\\}`);
  text = text.replace(fail[0], () => `${fail[0].slice(0, fail[0].indexOf('{') + 1)}return metascriptMissing(${fail.slice(1, 5).join(',')})}`);
  // Fields of .NET's own types (`IPAddress.Loopback`).
  const field = find(text, `(${NAME})=${NAME}\\((${NAME}),${NAME}\\(${NAME}\\.GenericArgs,${NAME}\\((${NAME})\\)\\),(${NAME}),(${NAME})\\);(?=return \\1==null\\?${NAME}\\(${NAME},\\(${NAME}=\`Cannot compile ILFieldGet)`);
  text = text.replace(field[0], () => `${field[0].slice(0, -1)}??metascriptField(${field[2]},${field[4]},${field[5]});`);

  // What the compiler opens before any file: the assemblies with the namespaces that they open by themselves.
  const assemblies = find(text, `(${NAME}\\(${NAME}=>\\[${NAME}\\.FSharpViewOfMetadata,${NAME}\\.AssemblyAutoOpenAttributes,${NAME}\\.AssemblyInternalsVisibleToAttributes\\],${NAME}\\(${NAME}\\)\\))`);
  text = text.replace(assemblies[0], () => `metascriptOpen(${assemblies[0]})`);

  // For each cell Fable reads the declarations of all files before it, and looks for plugins in all assemblies.
  const file = find(text, `\\[${NAME}\\((${NAME})\\((${NAME})\\)\\),(${NAME})\\(\\2\\)\\](?=,${NAME}\\(${NAME}\\)\\),\\{Compare:)`);
  text = text.replace(file[0], () => file[0].replace(`,${file[3]}(${file[2]})]`, `,metascriptFile(${file[1]}(${file[2]}),()=>${file[3]}(${file[2]}))]`));
  const plugins = find(text, `const (${NAME})=(${NAME}\\(${NAME}\\(${NAME},${NAME}=>\\{throw new ${NAME}\\("Plugins are not supported"\\)\\}\\),${NAME},${NAME}\\))`);
  text = text.replace(plugins[0], () => `const ${plugins[1]}=metascriptAssemblies(()=>${plugins[2]})`);

  // The attributes of .NET's members were read from the metadata at each question.
  const attributes = find(text, `function (${NAME})\\((${NAME}),(${NAME})\\)\\{return \\2\\.tag===1\\?\\2\\.fields\\[0\\]:(${NAME}\\(\\2\\.fields\\[0\\]\\(\\3\\)\\))\\}`);
  const [, , reader, row, read] = attributes;
  text = text.replace(attributes[0], () => `function ${attributes[1]}(${reader},${row}){return ${reader}.tag===1?${reader}.fields[0]:metascriptAttributes(${reader},${row},()=>${read})}`);
  // Each type was compared with all types of arrays, whose names alone begin with a bracket.
  const isArray = find(text, `function ${NAME}\\(${NAME},(${NAME})\\)\\{(?=return ${NAME}\\(${NAME}\\)\\.some\\((${NAME})=>${NAME}\\(${NAME},\\1,\\2\\)\\)\\})`);
  text = text.replace(isArray[0], () => `${isArray[0]}const path=${isArray[1]}.nlr?.fields[1];if(path&&path.at(-1)[0]!=="[")return false;`);
  // Whether a type has an interface was found by going through all that it has, thirty for an integer. What stands in an
  // assembly never changes.
  const has = find(text, `function (${NAME})\\((${NAME},${NAME},${NAME},${NAME},${NAME})\\)\\{(?=return ${NAME}\\(${NAME}=>(${NAME})\\(${NAME},${NAME},${NAME}\\),${NAME},${NAME},${NAME},${NAME}\\.Yes,${NAME}\\)\\}function ${NAME}\\(${NAME},${NAME},${NAME},${NAME},${NAME}\\)\\{return ${NAME}\\(${NAME}=>${NAME})`);
  const named = find(text, `function ${has[3].replaceAll('$', '\\$')}\\(${NAME},${NAME},${NAME}\\)\\{const ${NAME}=(${NAME})\\(`)[1];
  text = text.replace(has[0], () => {
    const [all, , , type, interfaceType] = has[2].split(',');
    return `function ${has[1]}(${has[2]}){return metascriptHas(${named}(${all},${type}),${named}(${all},${interfaceType}),()=>${has[1]}_all(${has[2]}))}function ${has[1]}_all(${has[2]}){`;
  });
  // Computation expressions look for operations among all methods of their builder, and `new` for abstract ones: neither is
  // an extension method of .NET's assemblies, of which the opened namespaces have hundreds.
  const sought = new RegExp(`(?<=${NAME}\\(${NAME}\\.AllResults,${NAME}\\.infoReader,)(${NAME}\\(${NAME}\\))(?=,void 0,(?:${NAME}|${NAME}\\.eAccessRights),${NAME}\\.IgnoreOverrides,)`, 'g');
  const places = text.match(sought)?.length;
  if (places !== 2) throw new Error(`the Fable bundle has ${places} places that look among all methods: is it another version?`);
  text = text.replace(sought, 'metascriptOwnExtensions($1)');

  return `const ${exported}={};
${EXACT_FORMAT}
// Opening a namespace costs the checker much, for each file again: these are opened once for all.
function metascriptOpen(assemblies){
  for(const assembly of assemblies){
    let paths=assembly[1];
    for(const path of globalThis.${opened})paths=new assemblies.constructor(path,paths);
    assembly[1]=paths;
  }
  return assemblies;
}
// A file's name stands for one text, and the assemblies never change: what was read of them once is good for ever.
const metascriptFiles=new Map();
function metascriptFile(name,read){
  let known=metascriptFiles.get(name);
  if(known)metascriptFiles.delete(name);
  else known=read();
  metascriptFiles.set(name,known);
  if(metascriptFiles.size>300)metascriptFiles.delete(metascriptFiles.keys().next().value);
  return known;
}
function metascriptAttributes(reader,row,read){
  const known=reader.known??=new Map();
  let found=known.get(row);
  if(found===undefined)known.set(row,found=read());
  return found;
}
function metascriptHas(type,wanted,find){
  if(type?.nlr==null||type.binding==null||wanted?.nlr==null||wanted.binding==null)return find();
  const known=type.binding.known??=new Map();
  let found=known.get(wanted.binding);
  if(found===undefined)known.set(wanted.binding,found=find());
  return found;
}
function metascriptOwnExtensions(names){
  const all=names.eUnindexedExtensionMembers;
  if(all.own===undefined){
    const own=[...all].filter((member)=>!(member.tag===1&&member.fields[0]?.nlr));
    let list=all;
    while(list.tail)list=list.tail;
    while(own.length>0)list=new all.constructor(own.pop(),list);
    all.own=list;
  }
  return Object.assign(Object.create(Object.getPrototypeOf(names)),names,{eUnindexedExtensionMembers:all.own});
}
function metascriptMissing(compiler,path,range,message){
  ${warn}(compiler,path,range,message);
  let end=path;
  while(end.tail)end=end.tail;
  const args=new end.constructor(new ${expression}(1,[new ${literal}(7,[message]),range]),end);
  return ${call}(compiler,${JSON.stringify(module)},"missing",${types}.Any,args,undefined,undefined,undefined,undefined,undefined,undefined,range);
}
function metascriptField(compiler,type,field){
  const name=type.fields?.[0]?.FullName+"."+field;
  if(!globalThis.${members}.has(name))return;
  let end=type.fields[1];
  if(!end||!("tail" in end))return;
  while(end.tail)end=end.tail;
  return ${call}(compiler,${JSON.stringify(module)},name.replace(/[^\\w]/g,"_"),type,end);
}
let metascriptKnownAssemblies;
function metascriptAssemblies(read){
  return metascriptKnownAssemblies??=read();
}
const metascriptDivision=new Set(["Microsoft.FSharp.Core.Operators.op_Division","Microsoft.FSharp.Core.Operators.op_Modulus"]);
function metascriptLibraryCall(compiler,range,type,info,call){
  let name=info.DeclaringEntityFullName+"."+info.CompiledName;
  let args=call.ThisArg==null?call.Args:new call.Args.constructor(call.ThisArg,call.Args);
  if(name===metascriptFormat){
    const printer=metascriptPrinter(call);
    if(!printer)return;
    name=info.DeclaringEntityFullName+"..exact";
    const end=args.tail;
    args=new args.constructor(args.head,new args.constructor(new ${expression}(1,[new ${literal}(2,[printer,end]),undefined]),end));
  }
  // Integers (kinds 0 to 7 of a number, case 8 of a type) are JavaScript's: dividing them by zero must fail as in .NET.
  if(metascriptDivision.has(name)&&!(type.tag===8&&type.fields[0].tag<=7))return;
  if(!globalThis.${members}.has(name))return;
  return ${call}(compiler,${JSON.stringify(module)},name.replace(/[^\\w]/g,"_"),type,args,undefined,undefined,undefined,undefined,undefined,undefined,range);
}
${text};
export const init=${exported}.init;
`;
}
