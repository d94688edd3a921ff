// Members of .NET that Fable lacks, or does otherwise than a script expects; names are those of .NET's metadata.

import collections from './collections.js';
import console from './console.js';
import files from './files.js';
import machine from './machine.js';
import tasks from './tasks.js';
import values from './values.js';

/** The name under which the compiler imports a member. */
export const mangled = (type, member) => `${type}.${member}`.replace(/[^\w]/g, '_');

const tables = [collections, console, files, machine, tasks, values];

/** Names of the members: `System.Threading.Thread.Sleep`. */
export const names = tables.flatMap((table) => Object.entries(table).flatMap(([type, members]) => Object.keys(members).map((member) => `${type}.${member}`)));

export const library = Object.fromEntries(
  tables.flatMap((table) => Object.entries(table).flatMap(([type, members]) => Object.entries(members).map(([member, work]) => [mangled(type, member), work]))),
);
