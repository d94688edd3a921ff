// `System.IO`: text of paths here, files through the host, which knows what the script may touch.

import { Exception } from 'fable-library/Util.js';
import { get_UTF8 } from 'fable-library/Encoding.js';
import { Task } from '../loop.js';
import { HostException, call } from '../host.js';
import { TextWriter } from './console.js';

class IOException extends Exception {}
class FileNotFoundException extends IOException {}
class DirectoryNotFoundException extends IOException {}
class UnauthorizedAccessException extends Exception {}
class EndOfStreamException extends IOException {}

function ask(operation, parameters) {
  try {
    return call(operation, parameters);
  } catch (error) {
    if (!(error instanceof HostException)) throw error;
    switch (error.code) {
      case 'not-found': throw new FileNotFoundException(`Could not find file '${parameters.path}'.`);
      case 'denied': throw new UnauthorizedAccessException(`Access to the path '${parameters.path}' is denied: ${error.message}`);
      case 'unknown-operation': throw new UnauthorizedAccessException('a cell reads and writes no files here');
      default: throw new IOException(error.message);
    }
  }
}

function info(path) {
  try {
    return call('fs.info', { path });
  } catch (error) {
    if (error instanceof HostException) return null;
    throw error;
  }
}

const readText = (path) => ask('fs.read-text', { path });
const writeText = (path, text) => void ask('fs.write-text', { path, text: text ?? '' });
const appendText = (path, text) => void ask('fs.append-text', { path, text: text ?? '' });
const readBytes = (path) => Uint8Array.from(ask('fs.read-bytes', { path }));
const writeBytes = (path, bytes) => void ask('fs.write-bytes', { path, bytes: Uint8Array.from(bytes) });
const lines = (text) => {
  const all = text.split(/\r\n|\r|\n/);
  if (all.at(-1) === '') all.pop();
  return all;
};
const joined = (all) => Array.from(all, (line) => `${line}\n`).join('');
const later = (work) => (...values) => new Task((resolve) => resolve(work(...values)));

// Text of paths, with the separator of Unix.
const slash = (path) => path.replaceAll('\\', '/');
function combine(...parts) {
  const all = parts.length === 1 && Array.isArray(parts[0]) ? parts[0] : parts;
  return all.filter((part) => part !== '').reduce((path, part) => (path === '' || /^(?:[A-Za-z]:)?[\\/]/.test(part) ? part : /[\\/]$/.test(path) ? path + part : `${path}/${part}`), '');
}
const fileName = (path) => (path == null ? null : slash(path).split('/').at(-1));
const extension = (path) => {
  const name = fileName(path) ?? '';
  const dot = name.lastIndexOf('.');
  return dot < 0 || dot === name.length - 1 ? '' : name.slice(dot);
};
const withoutExtension = (path) => {
  const name = fileName(path) ?? '';
  const dot = name.lastIndexOf('.');
  return dot < 0 ? name : name.slice(0, dot);
};
function folderName(path) {
  if (path == null) return null;
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  if (at < 0) return path === '' ? null : '';
  return at === 0 ? (path.length > 1 ? path.slice(0, 1) : null) : path.slice(0, at);
}
function fullPath(path) {
  const parts = [];
  for (const part of slash(path).split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return (path.startsWith('/') ? '/' : '') + parts.join('/');
}

const pattern = (text) => new RegExp(`^${text.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 'i');

function list(folder, wanted = '*', option = 0, kind = null) {
  const found = [];
  const matches = pattern(wanted === '*.*' ? '*' : wanted);
  const visit = (path) => {
    const entries = ask('fs.list', { path });
    for (const entry of entries) {
      const inside = combine(path, entry.name);
      if ((kind === null || entry.kind === kind) && matches.test(entry.name)) found.push(inside);
      if (entry.kind === 'folder' && option === 1) visit(inside);
    }
  };
  visit(folder);
  return found;
}
const times = (path) => new Date(info(path)?.modified ?? 0);

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }
  line() {
    if (this.at >= this.text.length) return null;
    const end = this.text.indexOf('\n', this.at);
    const line = this.text.slice(this.at, end < 0 ? undefined : end);
    this.at = end < 0 ? this.text.length : end + 1;
    return line.replace(/\r$/, '');
  }
  rest() {
    const rest = this.text.slice(this.at);
    this.at = this.text.length;
    return rest;
  }
  Dispose() {}
}

function fileWriter(path, append) {
  let text = '';
  const made = new TextWriter((more) => void (text += more));
  const save = () => {
    if (append) appendText(path, text);
    else writeText(path, text);
    append = true;
    text = '';
  };
  if (!append) writeText(path, '');
  made.Flush = save;
  made.Dispose = () => text && save();
  return made;
}

class Entry {
  constructor(path) {
    this.path = path;
  }
  toString() {
    return this.path;
  }
}

class Memory {
  constructor(bytes = new Uint8Array()) {
    this.bytes = Array.from(bytes);
    this.at = 0;
  }
  Dispose() {}
}

/** A writer to memory: every text is in the stream at once. */
function memoryWriter(memory) {
  const made = new TextWriter((more) => void memory.bytes.push(...get_UTF8().getBytes(more)));
  made.Flush = () => undefined;
  return made;
}

const File = {
  'ReadAllText': readText, 'ReadAllTextAsync': later(readText),
  'ReadAllLines': (path) => lines(readText(path)), 'ReadAllLinesAsync': later((path) => lines(readText(path))), 'ReadLines': (path) => lines(readText(path)),
  'ReadAllBytes': readBytes, 'ReadAllBytesAsync': later(readBytes),
  'WriteAllText': writeText, 'WriteAllTextAsync': later(writeText),
  'WriteAllLines': (path, all) => writeText(path, joined(all)), 'WriteAllLinesAsync': later((path, all) => writeText(path, joined(all))),
  'WriteAllBytes': writeBytes, 'WriteAllBytesAsync': later(writeBytes),
  'AppendAllText': appendText, 'AppendAllTextAsync': later(appendText),
  'AppendAllLines': (path, all) => appendText(path, joined(all)), 'AppendAllLinesAsync': later((path, all) => appendText(path, joined(all))),
  'Exists': (path) => (path == null ? false : info(path)?.kind === 'file'),
  'Delete': (path) => void (info(path) && ask('fs.remove', { path })),
  'Copy': (path, to, over = false) => {
    if (!over && info(to)) throw new IOException(`The file '${to}' already exists.`);
    writeBytes(to, readBytes(path));
  },
  'Move': (path, to) => {
    writeBytes(to, readBytes(path));
    ask('fs.remove', { path });
  },
  'OpenText': (path) => new Reader(readText(path)),
  'CreateText': (path) => fileWriter(path, false),
  'AppendText': (path) => fileWriter(path, true),
  'GetLastWriteTime': times, 'GetLastWriteTimeUtc': times, 'GetCreationTime': times, 'GetCreationTimeUtc': times,
};

const Directory = {
  'Exists': (path) => (path == null ? false : info(path)?.kind === 'folder'),
  'CreateDirectory': (path) => (ask('fs.create-folder', { path }), new Entry(path)),
  'Delete': (path) => void ask('fs.remove', { path }),
  'GetFiles': (path, wanted, option) => list(path, wanted, option, 'file'), 'EnumerateFiles': (path, wanted, option) => list(path, wanted, option, 'file'),
  'GetDirectories': (path, wanted, option) => list(path, wanted, option, 'folder'), 'EnumerateDirectories': (path, wanted, option) => list(path, wanted, option, 'folder'),
  'GetFileSystemEntries': (path, wanted, option) => list(path, wanted, option), 'EnumerateFileSystemEntries': (path, wanted, option) => list(path, wanted, option),
  'GetCurrentDirectory': () => '.', 'SetCurrentDirectory': () => undefined, 'GetParent': (path) => new Entry(folderName(fullPath(path)) ?? ''),
  'GetLastWriteTime': times, 'GetCreationTime': times,
};

const Path = {
  'Combine': combine, 'Join': combine, 'GetFileName': fileName, 'GetExtension': extension, 'GetFileNameWithoutExtension': withoutExtension,
  'GetDirectoryName': folderName, 'GetFullPath': fullPath, 'HasExtension': (path) => extension(path) !== '',
  'ChangeExtension': (path, to) => path.slice(0, path.length - extension(path).length) + (to ? (to.startsWith('.') ? to : `.${to}`) : ''),
  'IsPathRooted': (path) => /^(?:[A-Za-z]:)?[\\/]/.test(path), 'GetPathRoot': (path) => (path.startsWith('/') ? '/' : ''),
  'GetTempPath': () => '/tmp/', 'GetTempFileName': () => `/tmp/tmp${Math.floor(Math.random() * 0x7fffffff).toString(16)}.tmp`,
  'GetRandomFileName': () => `${Math.floor(Math.random() * 0x7fffffff).toString(36).padStart(8, '0').slice(0, 8)}.${Math.floor(Math.random() * 46655).toString(36).padStart(3, '0')}`,
  'GetInvalidFileNameChars': () => ['\0', '/'], 'GetInvalidPathChars': () => ['\0'],
  'GetRelativePath': (from, to) => {
    const base = fullPath(from).split('/');
    const goal = fullPath(to).split('/');
    while (base.length > 0 && goal.length > 0 && base[0] === goal[0]) base.shift(), goal.shift();
    return [...base.filter(Boolean).map(() => '..'), ...goal].join('/') || '.';
  },
};

const reader = {
  'ReadLine': (one) => one.line(), 'ReadToEnd': (one) => one.rest(), 'ReadLineAsync': later((one) => one.line()), 'ReadToEndAsync': later((one) => one.rest()),
  'Peek': (one) => (one.at < one.text.length ? one.text.charCodeAt(one.at) : -1), 'Read': (one) => (one.at < one.text.length ? one.text.charCodeAt(one.at++) : -1),
  'Close': () => undefined, 'Dispose': () => undefined, 'get_EndOfStream': (one) => one.at >= one.text.length,
};

const exception = (Kind) => ({ '.ctor': (message, inner) => new Kind(message ?? '', inner) });

export default {
  'System.IO.File': File,
  'System.IO.Directory': Directory,
  'System.IO.Path': Path,
  'System.IO.FileInfo': {
    '.ctor': (path) => new Entry(path), 'get_Length': (one) => BigInt(info(one.path)?.size ?? 0), 'get_DirectoryName': (one) => folderName(one.path),
    'get_Exists': (one) => info(one.path)?.kind === 'file', 'get_Name': (one) => fileName(one.path), 'Delete': (one) => void ask('fs.remove', { path: one.path }),
    'get_Directory': (one) => new Entry(folderName(one.path) ?? ''), 'OpenText': (one) => new Reader(readText(one.path)),
  },
  'System.IO.DirectoryInfo': {
    '.ctor': (path) => new Entry(path), 'get_Exists': (one) => info(one.path)?.kind === 'folder', 'get_Name': (one) => fileName(fullPath(one.path)),
    'GetFiles': (one, wanted, option) => list(one.path, wanted, option, 'file').map((path) => new Entry(path)),
    'GetDirectories': (one, wanted, option) => list(one.path, wanted, option, 'folder').map((path) => new Entry(path)),
    'Create': (one) => void ask('fs.create-folder', { path: one.path }), 'get_Parent': (one) => new Entry(folderName(fullPath(one.path)) ?? ''), 'Delete': (one) => void ask('fs.remove', { path: one.path }),
  },
  'System.IO.FileSystemInfo': {
    'get_FullName': (one) => one.path, 'get_Name': (one) => fileName(one.path), 'get_Extension': (one) => extension(one.path), 'get_Exists': (one) => info(one.path) !== null,
    'get_LastWriteTime': (one) => times(one.path), 'get_LastWriteTimeUtc': (one) => times(one.path), 'get_CreationTime': (one) => times(one.path), 'get_CreationTimeUtc': (one) => times(one.path),
    'Delete': (one) => void ask('fs.remove', { path: one.path }), 'Refresh': () => undefined,
  },
  'System.IO.TextReader': reader,
  'System.IO.StreamReader': {
    ...reader,
    '.ctor': (from) => new Reader(typeof from === 'string' ? readText(from) : get_UTF8().getString(Uint8Array.from(from.bytes))),
  },
  'System.IO.StringReader': { ...reader, '.ctor': (text) => new Reader(text) },
  'System.IO.StreamWriter': {
    '.ctor': (to, append) => (to instanceof Memory ? memoryWriter(to) : fileWriter(to, append === true)),
    'Flush': (one) => one.Flush(), 'Close': (one) => one.Dispose(),
  },
  'System.IO.MemoryStream': { '.ctor': (bytes) => new Memory(Array.isArray(bytes) || ArrayBuffer.isView(bytes) ? bytes : undefined), 'ToArray': (one) => Uint8Array.from(one.bytes) },
  'System.IO.Stream': {
    'get_Length': (one) => BigInt(one.bytes.length), 'get_Position': (one) => BigInt(one.at), 'set_Position': (one, at) => void (one.at = Number(at)), 'Dispose': () => undefined, 'Close': () => undefined, 'Flush': () => undefined,
    'Write': (one, bytes, from = 0, count = bytes.length) => void one.bytes.push(...Array.from(bytes).slice(from, from + count)),
    'WriteByte': (one, byte) => void one.bytes.push(byte), 'ReadByte': (one) => (one.at < one.bytes.length ? one.bytes[one.at++] : -1),
  },
  'System.IO.IOException': exception(IOException),
  'System.IO.FileNotFoundException': exception(FileNotFoundException),
  'System.IO.DirectoryNotFoundException': exception(DirectoryNotFoundException),
  'System.IO.EndOfStreamException': exception(EndOfStreamException),
  'System.UnauthorizedAccessException': exception(UnauthorizedAccessException),
};
