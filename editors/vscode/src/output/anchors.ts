/**
 * Ranges that follow edits: an output belongs to a place in the text, and the text moves.
 * Positions are zero-based, characters count UTF-16 units, as in the editor.
 */
export interface Point {
  readonly line: number;
  readonly character: number;
}

export interface Span {
  readonly start: Point;
  readonly end: Point;
}

/** One replacement: what stood in `range` ends at `end` now. */
export interface Change {
  readonly range: Span;
  readonly end: Point;
}

/** The change that puts `text` in place of `range`; reads the text once, however many spans follow it. */
export function replacement(range: Span, text: string): Change {
  let line = 0;
  let last = 0;
  for (const { 0: found, index } of text.matchAll(/\r\n|\r|\n/g)) {
    line += 1;
    last = index + found.length;
  }
  const { start } = range;
  const end = { line: start.line + line, character: (line === 0 ? start.character : 0) + text.length - last };
  return { range: { start, end: range.end }, end };
}

export function before(a: Point, b: Point): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}

export function overlaps(a: Span, b: Span): boolean {
  return before(a.start, b.end) && before(b.start, a.end);
}

/** A point at or after the end of the replaced text, after the change. */
function shifted(point: Point, change: Change): Point {
  const { end } = change;
  const old = change.range.end;
  return {
    line: point.line + end.line - old.line,
    character: point.line === old.line ? point.character - old.character + end.character : point.character,
  };
}

export interface Moved {
  readonly span: Span;
  /** The change altered text inside the span. */
  readonly touched: boolean;
  /** The change replaced the whole span: what it marked is gone. */
  readonly swallowed: boolean;
}

/** The span after one change. Text inserted right before or right after it stays outside. */
export function follow(span: Span, change: Change): Moved {
  const { start, end } = change.range;
  if (!before(start, span.end)) return { span, touched: false, swallowed: false };
  if (!before(span.start, end)) {
    return { span: { start: shifted(span.start, change), end: shifted(span.end, change) }, touched: false, swallowed: false };
  }
  const swallowed = !before(span.start, start) && !before(end, span.end);
  return {
    span: {
      start: before(span.start, start) ? span.start : start,
      end: before(end, span.end) ? shifted(span.end, change) : change.end,
    },
    touched: true,
    swallowed,
  };
}

/** How many changed versions of a document are remembered, to place ranges that the server sent for an older one. */
const REMEMBERED_VERSIONS = 256;

/** The last changes of one document. */
export class EditLog {
  readonly #entries: { version: number; changes: readonly Change[] }[] = [];

  /** @param version the document's version after the changes */
  record(version: number, changes: readonly Change[]): void {
    this.#entries.push({ version, changes });
    if (this.#entries.length > REMEMBERED_VERSIONS) this.#entries.shift();
  }

  /** The span of `version` in the newest text; `undefined` when its text is gone. */
  toNewest(span: Span, version: number): Moved | undefined {
    let moved: Moved = { span, touched: false, swallowed: false };
    for (const entry of this.#entries) {
      if (entry.version <= version) continue;
      for (const change of entry.changes) {
        const next = follow(moved.span, change);
        if (next.swallowed) return undefined;
        moved = { span: next.span, touched: moved.touched || next.touched, swallowed: false };
      }
    }
    return moved;
  }
}
