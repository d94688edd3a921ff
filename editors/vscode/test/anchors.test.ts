import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EditLog, follow, replacement, type Change, type Span } from "../src/output/anchors.ts";

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

interface Edit {
  range: Span;
  text: string;
}

function change({ range, text }: Edit): Change {
  return replacement(range, text);
}

function applied(text: string, { range, text: inserted }: Edit): string {
  const from = offset(text, range.start.line, range.start.character);
  return text.slice(0, from) + inserted + text.slice(from + slice(text, range).length);
}

const TEXT = "// top\nPYTHON {\n    1\n}\n// end\n";
const CELL = span(TEXT, TEXT.indexOf("PYTHON"), TEXT.indexOf("}") + 1);

function edit(old: string, inserted: string): Edit {
  const from = TEXT.indexOf(old);
  return { range: span(TEXT, from, from + old.length), text: inserted };
}

describe("a span follows an edit", () => {
  const cases: [name: string, made: Edit, cell: string, touched: boolean][] = [
    ["before it, in other lines", edit("// top\n", ""), "PYTHON {\n    1\n}", false],
    ["before it, with more lines", edit("// top", "// a\n// b\n// c"), "PYTHON {\n    1\n}", false],
    ["right before it, in its line", { range: { start: CELL.start, end: CELL.start }, text: "  " }, "PYTHON {\n    1\n}", false],
    ["right after it", { range: { start: CELL.end, end: CELL.end }, text: " // x" }, "PYTHON {\n    1\n}", false],
    ["after it", edit("// end", "// the\n// end"), "PYTHON {\n    1\n}", false],
    ["inside it", edit("    1", "    1 + 1\n    2"), "PYTHON {\n    1 + 1\n    2\n}", true],
    ["over its end", edit("}\n// end", "}"), "PYTHON {\n    1\n}", true],
    ["over its start", edit("top\nPYTHON", "top\nJS"), "top\nJS {\n    1\n}", true],
  ];
  for (const [name, made, expected, touched] of cases) {
    it(name, () => {
      const moved = follow(CELL, change(made));
      assert.equal(slice(applied(TEXT, made), moved.span), expected);
      assert.equal(moved.touched, touched);
      assert.equal(moved.swallowed, false);
    });
  }

  it("knows every kind of line end in what was inserted", () => {
    const at = { start: { line: 2, character: 5 }, end: { line: 2, character: 5 } };
    assert.deepEqual(
      ["", "ab", "a\nbc", "a\r\nb", "a\rb\n"].map((text) => replacement(at, text).end),
      [
        { line: 2, character: 5 },
        { line: 2, character: 7 },
        { line: 3, character: 2 },
        { line: 3, character: 1 },
        { line: 4, character: 0 },
      ],
    );
  });

  it("is swallowed when all of it is replaced", () => {
    assert.equal(follow(CELL, change({ range: span(TEXT, 0, TEXT.length), text: "" })).swallowed, true);
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
      const made = { range: span(text, start, end), text: inserts[random(inserts.length)] ?? "" };
      const moved = follow(cell, change(made));
      text = applied(text, made);
      assert.equal(moved.touched, false);
      cell = moved.span;
      assert.equal(slice(text, cell), "PYTHON {\n    1\n}");
    }
  });
});

describe("the edit log", () => {
  it("brings a range of an older version to the newest text", () => {
    const log = new EditLog();
    log.record(2, [change(edit("// top", "// a\n// b"))]);
    log.record(3, [replacement({ start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, "\n")]);
    assert.deepEqual(log.toNewest(CELL, 1)?.span.start, { line: 3, character: 0 });
    assert.deepEqual(log.toNewest(CELL, 2)?.span.start, { line: 2, character: 0 });
    assert.deepEqual(log.toNewest(CELL, 3)?.span, CELL);
  });

  it("says so when the text is gone", () => {
    const log = new EditLog();
    log.record(2, [replacement(span(TEXT, 0, TEXT.length), "")]);
    assert.equal(log.toNewest(CELL, 1), undefined);
  });
});
