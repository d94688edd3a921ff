import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EditLog, follow, type Change, type Span } from "../src/output/anchors.ts";

/** The offset of a position in a text. */
function offset(text: string, line: number, character: number): number {
  const lines = text.split("\n").slice(0, line);
  return lines.reduce((sum, one) => sum + one.length + 1, 0) + character;
}

function point(text: string, at: number): { line: number; character: number } {
  const lines = text.slice(0, at).split("\n");
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

function span(text: string, from: number, to: number): Span {
  return { start: point(text, from), end: point(text, to) };
}

function slice(text: string, { start, end }: Span): string {
  return text.slice(offset(text, start.line, start.character), offset(text, end.line, end.character));
}

function applied(text: string, { range, text: inserted }: Change): string {
  const from = offset(text, range.start.line, range.start.character);
  return text.slice(0, from) + inserted + text.slice(from + slice(text, range).length);
}

const TEXT = "// top\nPYTHON {\n    1\n}\n// end\n";
const CELL = span(TEXT, TEXT.indexOf("PYTHON"), TEXT.indexOf("}") + 1);

function edit(old: string, inserted: string): Change {
  const from = TEXT.indexOf(old);
  return { range: span(TEXT, from, from + old.length), text: inserted };
}

describe("a span follows an edit", () => {
  const cases: [name: string, change: Change, cell: string, touched: boolean][] = [
    ["before it, in other lines", edit("// top\n", ""), "PYTHON {\n    1\n}", false],
    ["before it, with more lines", edit("// top", "// a\n// b\n// c"), "PYTHON {\n    1\n}", false],
    ["right before it, in its line", { range: { start: CELL.start, end: CELL.start }, text: "  " }, "PYTHON {\n    1\n}", false],
    ["right after it", { range: { start: CELL.end, end: CELL.end }, text: " // x" }, "PYTHON {\n    1\n}", false],
    ["after it", edit("// end", "// the\n// end"), "PYTHON {\n    1\n}", false],
    ["inside it", edit("    1", "    1 + 1\n    2"), "PYTHON {\n    1 + 1\n    2\n}", true],
    ["over its end", edit("}\n// end", "}"), "PYTHON {\n    1\n}", true],
    ["over its start", edit("top\nPYTHON", "top\nJS"), "top\nJS {\n    1\n}", true],
  ];
  for (const [name, change, expected, touched] of cases) {
    it(name, () => {
      const moved = follow(CELL, change);
      assert.equal(slice(applied(TEXT, change), moved.span), expected);
      assert.equal(moved.touched, touched);
      assert.equal(moved.swallowed, false);
    });
  }

  it("is swallowed when all of it is replaced", () => {
    assert.equal(follow(CELL, { range: span(TEXT, 0, TEXT.length), text: "" }).swallowed, true);
  });

  it("keeps what it marks through any edits elsewhere", () => {
    // A linear congruential generator: the same edits in every run.
    let seed = 42;
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    const inserts = ["", "x", "\n", "a\nb", "// c\n", "\n\n\n"];
    let text = TEXT;
    let cell = CELL;
    for (let round = 0; round < 2_000; round += 1) {
      const from = offset(text, cell.start.line, cell.start.character);
      const to = offset(text, cell.end.line, cell.end.character);
      const inFront = random(2) === 0;
      const start = inFront ? random(from + 1) : to + random(text.length - to + 1);
      const end = Math.min(start + random(8), inFront ? from : text.length);
      const change = { range: span(text, start, end), text: inserts[random(inserts.length)] ?? "" };
      text = applied(text, change);
      const moved = follow(cell, change);
      assert.equal(moved.touched, false);
      cell = moved.span;
      assert.equal(slice(text, cell), "PYTHON {\n    1\n}");
    }
  });
});

describe("the edit log", () => {
  it("brings a range of an older version to the newest text", () => {
    const log = new EditLog();
    log.record(2, [edit("// top", "// a\n// b")]);
    log.record(3, [{ range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, text: "\n" }]);
    assert.deepEqual(log.toNewest(CELL, 1)?.span.start, { line: 3, character: 0 });
    assert.deepEqual(log.toNewest(CELL, 2)?.span.start, { line: 2, character: 0 });
    assert.deepEqual(log.toNewest(CELL, 3)?.span, CELL);
  });

  it("says so when the text is gone", () => {
    const log = new EditLog();
    log.record(2, [{ range: span(TEXT, 0, TEXT.length), text: "" }]);
    assert.equal(log.toNewest(CELL, 1), undefined);
  });
});
