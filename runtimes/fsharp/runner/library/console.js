// `System.Console` and F#'s printing functions.

import { format as dotnetFormat } from 'fable-library/String.js';
import { toString } from 'fable-library/Types.js';
import { Exception } from 'fable-library/Util.js';
import { exactFormat } from '../format.js';
import { write, writeError } from '../output.js';

const text = (values) => {
  if (values.length === 0) return '';
  const [first, ...rest] = values;
  if (rest.length > 0 && typeof first === 'string') return dotnetFormat(first, ...(rest.length === 1 && Array.isArray(rest[0]) ? rest[0] : rest));
  if (first === null || first === undefined) return '';
  if (Array.isArray(first) && first.every((one) => typeof one === 'string' && one.length === 1)) return first.join('');
  return typeof first === 'boolean' ? (first ? 'True' : 'False') : toString(first);
};

/** A `TextWriter` of its own: the console's, or one of a string. */
export class TextWriter {
  constructor(put) {
    this.put = put;
    this.NewLine = '\n';
  }
  Dispose() {}
}

const OUT = new TextWriter(write);
const ERROR = new TextWriter(writeError);
let out = OUT;
let error = ERROR;

export function resetConsole() {
  out = OUT;
  error = ERROR;
}

const noInput = () => {
  throw new Exception('a cell has no standard input: read a variable instead');
};

let foreground = 7;
let background = 0;
const ANSI = [30, 34, 32, 36, 31, 35, 33, 37, 90, 94, 92, 96, 91, 95, 93, 97];

const print = (put, end) => (format) => (typeof format === 'string' ? put(format.replaceAll('%%', '%') + end) : format.cont((made) => put(made + end)));

const writer = {
  'Write': (one, ...values) => one.put(text(values)),
  'WriteLine': (one, ...values) => one.put(`${text(values)}\n`),
  'WriteAsync': (one, ...values) => one.put(text(values)),
  'WriteLineAsync': (one, ...values) => one.put(`${text(values)}\n`),
  'Flush': () => undefined,
  'FlushAsync': () => undefined,
  'Close': () => undefined,
  'Dispose': (one) => one.Dispose(),
};

export default {
  'System.Console': {
    'Write': (...values) => out.put(text(values)),
    'WriteLine': (...values) => out.put(`${text(values)}\n`),
    'get_Out': () => out,
    'get_Error': () => error,
    'SetOut': (to) => void (out = to),
    'SetError': (to) => void (error = to),
    'ReadLine': noInput, 'Read': noInput, 'ReadKey': noInput, 'get_In': noInput,
    'get_KeyAvailable': () => false,
    'get_ForegroundColor': () => foreground,
    'set_ForegroundColor': (color) => {
      foreground = color;
      out.put(`\u001b[${ANSI[color] ?? 39}m`);
    },
    'get_BackgroundColor': () => background,
    'set_BackgroundColor': (color) => {
      background = color;
      out.put(`\u001b[${(ANSI[color] ?? 39) + 10}m`);
    },
    'ResetColor': () => {
      foreground = 7;
      background = 0;
      out.put('\u001b[0m');
    },
    'Clear': () => undefined, 'Beep': () => undefined, 'SetCursorPosition': () => undefined,
    'get_WindowWidth': () => 80, 'get_WindowHeight': () => 25, 'get_BufferWidth': () => 80, 'get_CursorLeft': () => 0, 'get_CursorTop': () => 0,
    'get_Title': () => '', 'set_Title': () => undefined, 'set_CursorVisible': () => undefined, 'get_CursorVisible': () => false,
    'get_OutputEncoding': () => null, 'set_OutputEncoding': () => undefined, 'set_InputEncoding': () => undefined,
    'get_IsInputRedirected': () => true, 'get_IsOutputRedirected': () => true,
    'add_CancelKeyPress': () => undefined,
  },
  'Microsoft.FSharp.Core.Operators': {
    'ConsoleOut': () => out, 'ConsoleError': () => error, 'ConsoleIn': noInput,
  },
  'System.IO.TextWriter': writer,
  'System.IO.StringWriter': {
    '.ctor': () => {
      const made = new TextWriter((more) => void (made.text += more));
      made.text = '';
      made.toString = () => made.text;
      return made;
    },
    'ToString': (one) => one.text,
    'GetStringBuilder': (one) => one.text,
  },
  'Microsoft.FSharp.Core.ExtraTopLevelOperators': {
    'PrintFormat': print((made) => out.put(made), ''),
    'PrintFormatLine': print((made) => out.put(made), '\n'),
    'PrintFormatToError': print((made) => error.put(made), ''),
    'PrintFormatLineToError': print((made) => error.put(made), '\n'),
    'PrintFormatToTextWriter': (to, format) => print((made) => to.put(made), '')(format),
    'PrintFormatLineToTextWriter': (to, format) => print((made) => to.put(made), '\n')(format),
  },
  'Microsoft.FSharp.Core.PrintfModule': {
    'PrintFormat': print((made) => out.put(made), ''),
    'PrintFormatLine': print((made) => out.put(made), '\n'),
    'PrintFormatToError': print((made) => error.put(made), ''),
    'PrintFormatLineToError': print((made) => error.put(made), '\n'),
    'PrintFormatToTextWriter': (to, format) => print((made) => to.put(made), '')(format),
    'PrintFormatLineToTextWriter': (to, format) => print((made) => to.put(made), '\n')(format),
  },
  // The compiler adds the type of what the format takes, which plain Fable has not.
  'Microsoft.FSharp.Core.PrintfFormat`5': { '.exact': exactFormat },
};
