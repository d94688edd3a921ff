/**
 * Between a script's text and the cells of its notebook, without losing a byte: each cell keeps what stood around it, and
 * a cell that nobody edited is written as it was read.
 */
import type { NotebookPiece } from "../protocol.ts";

/** What a cell keeps of the text that it came from. */
export interface Origin {
  /** The number of the cell in the text. */
  readonly index: number;
  /** The editor's name of the language that the cell was in. */
  readonly language: string;
  readonly before: string;
  readonly content: string;
  readonly after: string;
  /** What the lines of the content begin with, left out in the notebook. */
  readonly indent: string;
}

export interface CellText {
  readonly kind: "code" | "markup";
  /** The editor's name of its language. */
  readonly language: string;
  readonly text: string;
  readonly origin?: Origin;
}

export interface Style {
  /** How a new cell is written. */
  readonly style: "brace" | "fence";
  readonly eol: string;
}

/** Languages of cells that hold code alone, with the keyword of their block. */
const KEYWORDS: Readonly<Record<string, string>> = {
  python: "PYTHON",
  javascript: "JAVASCRIPT",
  typescript: "TYPESCRIPT",
  fsharp: "FSHARP",
  csharp: "CSHARP",
  rust: "RUST",
  sql: "SQL",
  shellscript: "BASH",
  powershell: "POWERSHELL",
};

/** The languages of cells, the script's own first. */
export const CELL_LANGUAGES = ["metascript", ...Object.keys(KEYWORDS)];

const LINE_END = /\r\n|\r|\n/;

export function endOfLines(text: string): string {
  return LINE_END.exec(text)?.[0] ?? "\n";
}

/** The cells of a text. Pieces that do not make up the text are not believed. */
export function cellsOf(text: string, pieces: readonly NotebookPiece[]): CellText[] {
  const whole = pieces.map(({ before, content, after }) => before + content + after).join("");
  if (whole !== text) return cellsOf(text, [wholeScript(text)]);
  return pieces.map((piece, index) => {
    const { kind, after } = piece;
    // The editor takes a byte order mark off the start of a cell.
    const mark = /^\uFEFF*/.exec(piece.content)?.[0] ?? "";
    const before = piece.before + mark;
    const content = piece.content.slice(mark.length);
    const language = editorLanguage(piece.language);
    const indent = kind === "code" && piece.indented ? commonIndent(content) : "";
    return {
      kind: kind === "markup" ? "markup" : "code",
      language,
      text: shownLines(content, indent).join("\n"),
      origin: { index, language, before, content, after, indent },
    };
  });
}

/** The script in one piece: what there is without a server that splits it. */
export function wholeScript(text: string): NotebookPiece {
  const content = text.trim();
  const start = content === "" ? text.length : text.indexOf(content);
  const end = start + content.length;
  return { kind: "script", language: "metascript", before: text.slice(0, start), content, after: text.slice(end), indented: false };
}

/** The text of the cells, in order. */
export function textOf(cells: readonly CellText[], style: Style): string {
  let text = "";
  let last: CellText | undefined;
  for (const cell of cells) {
    const follows = last?.origin !== undefined && cell.origin?.index === last.origin.index + 1;
    if (!follows && text !== "") text += blankLine(text, style.eol);
    text += written(cell, style);
    last = cell;
  }
  return text;
}

/** What is missing for an empty line at the end. */
function blankLine(text: string, eol: string): string {
  if (!/[\r\n][ \t]*$/.test(text)) return eol + eol;
  return /(?:\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n)[ \t]*$/.test(text) ? "" : eol;
}

function written(cell: CellText, style: Style): string {
  const { origin } = cell;
  if (origin === undefined) return fresh(cell, style) + style.eol;
  if (origin.language !== cell.language) return fresh(cell, style) + blankTail(origin.after, style.eol);
  const lines = cell.text.split(LINE_END);
  const were = shownLines(origin.content, origin.indent);
  if (same(lines, were)) return origin.before + origin.content + origin.after;
  const isCode = cell.kind === "code" && cell.language in KEYWORDS;
  const ownLines = /[\r\n][ \t]*$/.test(origin.before);
  // Code beside its brace becomes lines of its own when there is more than one.
  if (isCode && !ownLines && lines.length > 1 && were.length === 1) {
    return `${origin.before.trimEnd()}${style.eol}${indented(lines, "    ", style.eol)}${style.eol}${origin.after.trimStart()}`;
  }
  const content = edited(lines, were, origin, style.eol);
  const needsEnd = isCode && ownLines && content !== "" && !/^[ \t]*[\r\n]/.test(origin.after);
  return origin.before + content + (needsEnd ? style.eol : "") + origin.after;
}

/** The content with new lines where they differ; the lines around them keep their bytes. */
function edited(lines: readonly string[], were: readonly string[], origin: Origin, eol: string): string {
  const most = Math.min(lines.length, were.length);
  let head = 0;
  while (head < most && lines[head] === were[head]) head += 1;
  let tail = 0;
  while (tail < most - head && lines[lines.length - 1 - tail] === were[were.length - 1 - tail]) tail += 1;
  const raw = [...origin.content.matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)].slice(0, were.length).map(([, text, end]) => ({ text: text ?? "", end: end ?? "" }));
  // Code that was empty has no line to learn the indentation from.
  const indent = origin.indent === "" && origin.content === "" && /\{\s*$/.test(origin.before) ? "    " : origin.indent;
  const kept = (at: number): { text: string; end: string } => raw[at] ?? { text: "", end: eol };
  const all = [
    ...Array.from({ length: head }, (_, at) => kept(at)),
    ...lines.slice(head, lines.length - tail).map((line) => ({ text: line === "" ? "" : indent + line, end: eol })),
    ...Array.from({ length: tail }, (_, at) => kept(were.length - tail + at)),
  ];
  return all.map(({ text, end }, at) => (at === all.length - 1 ? text : text + (end === "" ? eol : end))).join("");
}

/** A cell that was not in the text before, with its line end. */
function fresh(cell: CellText, { style, eol }: Style): string {
  const lines = cell.text.split(LINE_END);
  const keyword = KEYWORDS[cell.language];
  if (cell.kind === "markup") {
    const text = style === "fence" ? lines : lines.map((line) => (line === "" ? "//" : `// ${line}`));
    return text.join(eol) + eol;
  }
  if (keyword === undefined) return lines.join(eol) + eol;
  if (style === "fence") {
    const longest = Math.max(0, ...lines.map((line) => /^\s*(`{3,})/.exec(line)?.[1]?.length ?? 0));
    const fence = "`".repeat(Math.max(3, longest + 1));
    return `${fence}${cell.language === "shellscript" ? "bash" : cell.language}${eol}${lines.join(eol)}${eol}${fence}${eol}`;
  }
  return `${keyword} {${eol}${indented(lines, "    ", eol)}${eol}}${eol}`;
}

function indented(lines: readonly string[], indent: string, eol: string): string {
  return lines.map((line) => (line === "" ? "" : indent + line)).join(eol);
}

/** The blank lines after a block, which stay when the block is written anew. */
function blankTail(after: string, eol: string): string {
  const tail = /\s*$/.exec(after)?.[0] ?? "";
  const first = LINE_END.exec(tail);
  return first === null ? eol : tail.slice(first.index + first[0].length);
}

function shownLines(content: string, indent: string): string[] {
  return content.split(LINE_END).map((line) => {
    if (indent === "") return line;
    return line.startsWith(indent) ? line.slice(indent.length) : "";
  });
}

/** The blanks that every line begins with, lines without a word left out. A line of blanks alone must not lose any. */
function commonIndent(content: string): string {
  let common: string | undefined;
  for (const line of content.split(LINE_END)) {
    if (line.trim() === "") continue;
    const blanks = /^[ \t]*/.exec(line)?.[0] ?? "";
    common ??= blanks;
    while (!blanks.startsWith(common)) common = common.slice(0, -1);
  }
  return common ?? "";
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, at) => line === other[at]);
}

function editorLanguage(language: string): string {
  return language === "bash" ? "shellscript" : language;
}
