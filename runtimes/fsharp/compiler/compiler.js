// Fable behind a small face: cells in, JavaScript or diagnostics out.

import { init } from 'metascript-build/fable.js';
import { members } from 'metascript-build/members.js';
import { prelude } from 'metascript-build/prelude.js';
import { names as references, read } from 'metascript-build/references.js';
import { MESSAGES, righted } from './messages.js';
import { calleeAt, signatureOf } from './signatures.js';
import { OPENED, wrap } from './wrap.js';

globalThis.metascriptMembers = new Set(members);
globalThis.metascriptOpened = OPENED;

const PROJECT = 'cells.fsproj';
const OPTIONS = ['--define:FABLE_COMPILER', '--define:INTERACTIVE', '--define:METASCRIPT', '--strict-indentation-', '--langversion:preview'];
/** Warnings that say nothing to the author of a cell. */
const QUIET = new Set([192, 988, 1182, 3370, 3559, 3560]);
const OPEN = /^\s*open\s+(?!type\b)[\w.`]+\s*(?:\/\/.*)?$/;
/** What Fable says of a member that it has, but not with these arguments: a call of it fails. */
const LACKS = /not supported|only handles|isn't supported|don't support|doesn't support/;
const MOST_DIAGNOSTICS = 200;
const MOST_COMPLETIONS = 500;
/** Texts whose check is remembered: an editor asks about one text several times, and what it shows runs next. */
const REMEMBERED = 16;

/** Runs an F# `Async` that never waits. */
function runAsync(computation) {
  let failed = null;
  let done = false;
  computation({
    onSuccess: () => (done = true),
    onError: (error) => (failed = error),
    onCancel: (error) => (failed = error),
    cancelToken: { isCancelled: false, addListener() {}, removeListener() {} },
    trampoline: { incrementAndCheck: () => false, hijack: (next) => next() },
  });
  if (!done) throw failed ?? new Error('Fable did not finish');
}

/** A short name for a text, the same for the same text. */
function digest(text) {
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (let at = 0; at < text.length; at++) {
    a = Math.imul(a ^ text.charCodeAt(at), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(at), 0x85ebca6b) ^ (b >>> 13);
  }
  return (a >>> 0).toString(36) + (b >>> 0).toString(36);
}

/** What the compiler says of a name, as people write F#: it puts spaces between all tokens. */
function tidied(text) {
  return text
    .replaceAll(/Cell_\w+\s*\.\s*/g, '')
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/(?<=[\w>]) ?\. (?=[\w`])/g, '.')
    .replaceAll(/ (?=[:,)])|(?<=\() /g, '')
    .replaceAll(/ ?< (?=['\w])/g, '<')
    .replaceAll(/(?<=[\w'>\])]) >/g, '>')
    .replaceAll(/\? (?=\w)/g, '?')
    .replaceAll(/(?<=\w) \((?=\)|\??\w+:|\[<)/g, '(')
    .trim();
}

const toCodePoints = (line, units) => [...line.slice(0, units)].length;
const toUnits = (line, points) => [...line].slice(0, points).join('').length;

export class Compiler {
  #fable = init();
  #checker = this.#fable.CreateChecker(references, read, OPTIONS);
  /** Sources by name, so that one name never stands for two texts. */
  #names = new Map();
  /** What the last checks found, by file and text. */
  #checks = new Map();

  get version() {
    return `Fable ${this.#fable.Version}`;
  }

  #name(units, code, declarations) {
    const text = [...units.map((unit) => unit.name), ...declarations, code].join('\n');
    const stem = `Cell_${digest(text)}`;
    for (let more = 0; ; more++) {
      const name = more === 0 ? stem : `${stem}_${more}`;
      const known = this.#names.get(name);
      if (known === undefined || known === text) {
        if (this.#names.size > 5_000) this.#names.clear();
        this.#names.set(name, text);
        return name;
      }
    }
  }

  #wrap({ units, declarations, code }, plain) {
    const name = this.#name(units, code, declarations);
    return { name, file: wrap(code, name, units.flatMap((unit) => opens(unit.source)), declarations, plain) };
  }

  #check(request, plain) {
    const { name, file } = this.#wrap(request, plain);
    const path = `${name}.fs`;
    const known = this.#checks.get(path);
    if (known?.file.source === file.source) return known;
    const { units } = request;
    const names = [...prelude.map((one) => one.name), ...units.map((unit) => `${unit.name}.fs`), path];
    const sources = [...prelude.map((one) => one.source), ...units.map((unit) => unit.source), file.source];
    const results = this.#fable.ParseAndCheckFileInProject(this.#checker, path, PROJECT, names, sources, OPTIONS);
    const made = { name, path, file, results };
    this.#checks.delete(path);
    this.#checks.set(path, made);
    if (this.#checks.size > REMEMBERED) this.#checks.delete(this.#checks.keys().next().value);
    return made;
  }

  /** Checks a cell. A namespace that does not exist is no error as long as nothing of it is used. */
  #checked(request, plain) {
    const made = this.#checkedAsIs(request, plain);
    const lines = request.code.split('\n');
    const unknown = made.diagnostics.filter((one) => one.severity === 'error' && one.code === 'FS0039' && one.start && OPEN.test(lines[one.start.line] ?? ''));
    if (unknown.length === 0) return made;
    for (const { start } of unknown) lines[start.line] = '';
    const again = this.#checkedAsIs({ ...request, code: lines.join('\n') }, plain);
    again.diagnostics.unshift(...unknown.map((one) => ({ ...one, severity: 'warning' })));
    return again;
  }

  /** Checks once, or twice if what was added about the cell's values is itself wrong. */
  #checkedAsIs(request, plain) {
    const lines = request.code.replace(/\r\n?/g, '\n').split('\n');
    let made = this.#check(request, plain);
    let diagnostics = this.#diagnostics(made, lines);
    if (diagnostics.some((one) => one.severity === 'error' && !one.start) && !diagnostics.some((one) => one.severity === 'error' && one.start)) {
      made = this.#check(request, true);
      diagnostics = this.#diagnostics(made, lines);
      // What is still wrong below the cell is something that the cell left open.
      const last = lines.findLastIndex((line) => line.trim() !== '');
      for (const one of diagnostics) one.start ??= one.end = { line: Math.max(0, last), column: [...(lines[last] ?? '')].length };
    }
    return { ...made, lines, diagnostics };
  }

  #diagnostics({ path, file, results }, lines) {
    const found = [];
    for (const note of file.notes) {
      const start = { line: note.line, column: note.column };
      found.push({ severity: 'warning', code: 'FS0000', message: note.message, start, end: { line: note.line, column: note.column + note.length } });
    }
    const seen = new Set();
    const raw = results.checkProjectResults.diagnostics;
    results.Errors.forEach((error, at) => {
      if (error.FileName !== path) return;
      const { errorNum: number, numberPrefix: prefix } = raw[at];
      if (error.IsWarning && QUIET.has(number)) return;
      const one = this.#diagnostic(file, lines, error, `${prefix}${String(number).padStart(4, '0')}`, MESSAGES[number]);
      const key = JSON.stringify(one);
      if (seen.has(key) || found.length >= MOST_DIAGNOSTICS) return;
      seen.add(key);
      found.push(one);
    });
    return found;
  }

  #diagnostic(file, lines, error, code, fallback) {
    const place = (line, column) => {
      const found = file.back(line, column);
      if (!found) return null;
      const text = lines[found.line] ?? '';
      return { line: found.line, column: toCodePoints(text, Math.min(found.column, text.length)) };
    };
    const start = place(error.StartLine, error.StartColumn);
    const message = error.Message.startsWith('internal error') && fallback ? fallback : righted(error.Message.trim());
    return {
      severity: error.IsWarning ? 'warning' : 'error',
      code,
      message: message.replaceAll(/Cell_\w+\./g, '').toWellFormed(),
      start,
      end: start && (place(error.EndLine, error.EndColumn) ?? start),
    };
  }

  compile(request) {
    const { name, path, file, results, lines, diagnostics } = this.#checked(request, false);
    if (diagnostics.some((one) => one.severity === 'error')) return { diagnostics, program: null };
    const made = this.#fable.CompileToTargetAst('fable-library', results, path, undefined, 'JavaScript');
    for (const error of made.FableErrors) {
      if (/Fable only supports a subset|(?:argument|NumberStyle \d+) is ignored$/.test(error.Message)) continue;
      const one = this.#diagnostic(file, lines, error, 'FABLE', undefined);
      if (LACKS.test(one.message)) one.severity = 'warning';
      one.message = one.message.replace(/^FABLE: /, '').replace(/(?: \(static\))? is not supported by Fable/, ' does not exist in the sandbox');
      if (diagnostics.length < MOST_DIAGNOSTICS && !diagnostics.some((known) => known.message === one.message)) diagnostics.push(one);
    }
    if (diagnostics.some((one) => one.severity === 'error')) return { diagnostics, program: null };

    let javascript = '';
    const mappings = [];
    const writer = {
      Write(text) {
        javascript += text;
        return (context) => context.onSuccess(undefined);
      },
      MakeImportPath: (imported) => imported,
      AddSourceMapping([line, column, generatedLine, generatedColumn]) {
        const place = file.back(line, column);
        if (place) mappings.push(generatedLine - 1, generatedColumn, place.line, toCodePoints(lines[place.line] ?? '', place.column));
      },
      Dispose() {},
    };
    runAsync(this.#fable.PrintTargetAst(made, writer));
    return { diagnostics, program: { unit: { name, source: file.source }, javascript, mappings, values: file.values, others: file.others } };
  }

  /** Errors and warnings alone, of the text that `compile` reads: a cell that runs next is not checked again. */
  check(request) {
    const { diagnostics } = this.#checked(request, false);
    // What was added about the cell's values is in no line of it, and wrong only where the cell is.
    return diagnostics.filter((one) => one.start || one.severity !== 'error');
  }

  /** The cell as later cells see it, unchecked. */
  outline(request) {
    const { name, file } = this.#wrap(request, false);
    return { unit: { name, source: file.source }, values: file.values, others: file.others };
  }

  #at(request, position) {
    const { file, results } = this.#check(request, false);
    const lines = request.code.replace(/\r\n?/g, '\n').split('\n');
    const place = file.forth(position.line, toUnits(lines[position.line] ?? '', position.column));
    return place && { results, place, text: file.source.split('\n')[place.line - 1] };
  }

  complete(request, position) {
    const at = this.#at(request, position);
    if (!at) return [];
    const word = /[\p{L}\p{N}_']*$/u.exec(at.text.slice(0, at.place.column))[0].toLowerCase();
    return this.#fable
      .GetCompletionsAtLocation(at.results, at.place.line, at.place.column + 1, at.text)
      .filter(({ Name: label }) => label.toLowerCase().startsWith(word))
      .slice(0, MOST_COMPLETIONS)
      .map(({ Name: label, Glyph: glyph }) => ({ label, kind: String(glyph).toLowerCase().replace('value', 'variable').replace('field', 'property') }));
  }

  inspect(request, position) {
    const at = this.#at(request, position);
    return at ? this.#describe(at) : [];
  }

  #describe(at) {
    return this.#fable
      .GetToolTipText(at.results, at.place.line, at.place.column + 1, at.text)
      .map(tidied)
      .filter((text) => text && text !== 'Cannot find ident for tooltip' && !/^Full name: \w+$/.test(text));
  }

  /** Signatures of what is called around the position, and the parameter that it stands at. */
  signatures(request, position) {
    const lines = request.code.replace(/\r\n?/g, '\n').split('\n');
    const units = toUnits(lines[position.line] ?? '', position.column);
    const callee = calleeAt(lines.slice(0, position.line + 1), units);
    if (!callee) return null;
    const at = this.#at(request, { line: callee.line, column: toCodePoints(lines[callee.line], callee.column) });
    if (!at) return null;
    const found = this.#describe(at).map((text) => signatureOf(text, callee)).filter((one) => one);
    return found.length > 0 ? { signatures: found, active: callee.argument } : null;
  }

  /** The JavaScript of the prelude: for the build of the runner. */
  compilePrelude() {
    return prelude.map(({ name }, at) => {
      const names = prelude.slice(0, at + 1).map((one) => one.name);
      const sources = prelude.slice(0, at + 1).map((one) => one.source);
      const results = this.#fable.ParseAndCheckFileInProject(this.#checker, name, PROJECT, names, sources, OPTIONS);
      const errors = results.Errors.filter((error) => !error.IsWarning && error.FileName === name);
      const made = errors.length === 0 ? this.#fable.CompileToTargetAst('fable-library', results, name, undefined, 'JavaScript') : null;
      const all = [...errors, ...(made?.FableErrors ?? []).filter((error) => !error.IsWarning)];
      if (all.length > 0) throw new Error(all.map((error) => `${name}(${error.StartLine},${error.StartColumn}): ${error.Message}`).join('\n'));
      let javascript = '';
      runAsync(this.#fable.PrintTargetAst(made, {
        Write(text) {
          javascript += text;
          return (context) => context.onSuccess(undefined);
        },
        MakeImportPath: (imported) => imported,
        AddSourceMapping() {},
        Dispose() {},
      }));
      return { name, javascript };
    });
  }
}

/** What later cells open: the module or namespace at the head of a file. */
function moduleOf(source) {
  return /^(?:module|namespace)\s+(?:rec\s+)?(?:(?:public|internal|private)\s+)?(``[^`]+``|[\w.]+)/m.exec(source)?.[1] ?? 'Metascript.Cells';
}

/** What a later cell opens for an earlier one: what that one opened itself, then its own definitions. */
function opens(source) {
  const found = [...source.matchAll(/^open\s+((?:type\s+)?(?:``[^`]+``|[\w.]+))/gm)].map(([, name]) => name)
    .filter((name) => !name.startsWith('Cell_') && name !== 'Metascript.Cells');
  // A module of its own can be opened only once the cell is.
  const own = new Set([...source.matchAll(/^module\s+(?:rec\s+)?(?:(?:public|internal|private)\s+)?(\w+)\s*=/gm)].map(([, name]) => name));
  const isOwn = (name) => own.has(name.replace(/^type\s+/, '').split('.')[0]);
  return [...found.filter((name) => !isOwn(name)), moduleOf(source), ...found.filter(isOwn)];
}
