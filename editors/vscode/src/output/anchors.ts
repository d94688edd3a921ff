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

/** One replacement: the text between `range.start` and `range.end` became `text`. */
export interface Change {
  readonly range: Span;
  readonly text: string;
}

export function before(a: Point, b: Point): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}

export function overlaps(a: Span, b: Span): boolean {
  return before(a.start, b.end) && before(b.start, a.end);
}

/** Where the text of `change` ends once it is in place. */
function endOfInserted(change: Change): Point {
  const lines = change.text.split(/\r\n|\r|\n/);
  const last = lines[lines.length - 1]?.length ?? 0;
  const { line, character } = change.range.start;
  return { line: line + lines.length - 1, character: lines.length === 1 ? character + last : last };
}

/** A point at or after the end of the replaced text, after the change. */
function shifted(point: Point, change: Change): Point {
  const end = endOfInserted(change);
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
      end: before(end, span.end) ? shifted(span.end, change) : endOfInserted(change),
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
