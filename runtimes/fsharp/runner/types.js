// What Fable's reflection says of a type, in F#'s own words.

const NAMES = {
  'System.Object': 'obj', 'Microsoft.FSharp.Core.Unit': 'unit', 'System.Char': 'char', 'System.String': 'string', 'System.Boolean': 'bool',
  'System.SByte': 'sbyte', 'System.Byte': 'byte', 'System.Int16': 'int16', 'System.UInt16': 'uint16', 'System.Int32': 'int',
  'System.UInt32': 'uint32', 'System.Int64': 'int64', 'System.UInt64': 'uint64', 'System.IntPtr': 'nativeint', 'System.UIntPtr': 'unativeint',
  'System.Single': 'float32', 'System.Double': 'float', 'System.Decimal': 'decimal', 'System.Numerics.BigInteger': 'bigint',
  'Microsoft.FSharp.Core.FSharpOption`1': 'option', 'Microsoft.FSharp.Core.FSharpValueOption`1': 'voption', 'Microsoft.FSharp.Collections.FSharpList`1': 'list',
  'Microsoft.FSharp.Core.FSharpRef`1': 'ref', 'System.Collections.Generic.IEnumerable`1': 'seq', 'Microsoft.FSharp.Collections.FSharpMap`2': 'Map',
  'Microsoft.FSharp.Collections.FSharpSet`1': 'Set', 'Microsoft.FSharp.Core.FSharpResult`2': 'Result', 'Microsoft.FSharp.Control.FSharpAsync`1': 'Async',
};

const POSTFIX = new Set(['option', 'voption', 'list', 'ref', 'seq']);

export const INTEGERS = new Set(['System.SByte', 'System.Byte', 'System.Int16', 'System.UInt16', 'System.Int32', 'System.UInt32']);
export const BIG_INTEGERS = new Set(['System.Int64', 'System.UInt64', 'System.IntPtr', 'System.UIntPtr', 'System.Numerics.BigInteger', 'System.Int128', 'System.UInt128']);
export const FLOATS = new Set(['System.Single', 'System.Double', 'System.Half']);

export const is = (type, name) => type?.fullname === name;
export const isOption = (type) => is(type, 'Microsoft.FSharp.Core.FSharpOption`1') || is(type, 'Microsoft.FSharp.Core.FSharpValueOption`1');
export const isList = (type) => is(type, 'Microsoft.FSharp.Collections.FSharpList`1');
export const isTuple = (type) => Boolean(type?.fullname?.startsWith('System.Tuple') || type?.fullname?.startsWith('System.ValueTuple'));
export const isFunction = (type) => is(type, 'Microsoft.FSharp.Core.FSharpFunc`2');
export const isUnknown = (type) => !type || is(type, 'System.Object') || type.constructor?.name === 'GenericParameter';

/** The type as one writes it in F#. */
export function typeName(type, within = false) {
  if (!type) return 'obj';
  const generics = type.generics ?? [];
  if (type.fullname === '') return `{| ${type.fields().map(([name, of]) => `${name}: ${typeName(of)}`).join('; ')} |}`;
  if (type.fullname === '[]') return `${typeName(generics[0], true)} array`;
  if (isTuple(type)) {
    const text = generics.map((one) => typeName(one, true)).join(' * ');
    return within ? `(${text})` : text;
  }
  if (isFunction(type)) {
    const text = `${typeName(generics[0], isFunction(generics[0]))} -> ${typeName(generics[1])}`;
    return within ? `(${text})` : text;
  }
  const known = NAMES[type.fullname];
  if (known && POSTFIX.has(known)) return `${typeName(generics[0], true)} ${known}`;
  const own = known ?? type.fullname.replace(/`\d+/g, '').split(/[.+/]/).at(-1);
  return generics.length > 0 && !type.enumCases ? `${own}<${generics.map((one) => typeName(one)).join(', ')}>` : own;
}
