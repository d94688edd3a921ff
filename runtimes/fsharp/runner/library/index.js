// Members of .NET that Fable lacks, or does otherwise than a script expects; names are those of .NET's metadata.

import collections from './collections.js';
import console from './console.js';
import cryptography from './cryptography.js';
import files from './files.js';
import linq from './linq.js';
import machine from './machine.js';
import more from './more.js';
import sorted from './sorted.js';
import tasks from './tasks.js';
import values from './values.js';
import { Exception } from 'fable-library/Util.js';

class PlatformNotSupportedException extends Exception {}

/** The name under which the compiler imports a member. */
export const mangled = (type, member) => `${type}.${member}`.replace(/[^\w]/g, '_');

/** What the compiler could not translate: the program compiles, and fails where it gets there. */
export function missing(message) {
  const name = message.replace(/(?: \(static\))? is not supported by Fable$/, '').replace('..ctor', '');
  throw new PlatformNotSupportedException(name === message ? message : `${name} does not exist in the sandbox`);
}

const tables = [collections, console, cryptography, files, linq, machine, more, sorted, tasks, values];

/** Names of the members: `System.Threading.Thread.Sleep`. */
export const names = tables.flatMap((table) => Object.entries(table).flatMap(([type, members]) => Object.keys(members).map((member) => `${type}.${member}`)));

export const library = Object.fromEntries(
  tables.flatMap((table) => Object.entries(table).flatMap(([type, members]) => Object.entries(members).map(([member, work]) => [mangled(type, member), work]))),
);
