import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cellsOf, endOfLines, textOf, wholeScript, type CellText, type Style } from "../src/notebook/text.ts";
import type { NotebookPiece } from "../src/protocol.ts";

const code = (before: string, content: string, after: string, language = "python"): NotebookPiece => ({ kind: "code", language, before, content, after, indented: true });
const script = (content: string, after: string): NotebookPiece => ({ kind: "script", language: "metascript", before: "", content, after, indented: false });

const PIECES = [
  script("VARIABLE a {\n    value: 1\n}", "\n\n"),
  code("PYTHON {\n", "    x = a\n\n      y = 2\n    x", '\n    output_variable: "r"\n}\n\n'),
  code("JAVASCRIPT {", " 1 + 1 ", "}\n", "javascript"),
];
const BRACE: Style = { style: "brace", eol: "\n" };
const textIn = (pieces: readonly NotebookPiece[]): string => pieces.map(({ before, content, after }) => before + content + after).join("");
const cells = (pieces: readonly NotebookPiece[] = PIECES): CellText[] => cellsOf(textIn(pieces), pieces);
const edit = (all: CellText[], at: number, change: Partial<CellText>): CellText[] => all.map((cell, index) => (index === at ? { ...cell, ...change } : cell));

describe("a script as a notebook", () => {
  it("shows code without its indentation", () => {
    assert.deepEqual(cells().map(({ text, language }) => [language, text]), [
      ["metascript", "VARIABLE a {\n    value: 1\n}"],
      ["python", "x = a\n\n  y = 2\nx"],
      ["javascript", "1 + 1 "],
    ]);
  });
  it("is saved byte for byte when nobody edits it, whatever its line ends", () => {
    for (const eol of ["\n", "\r\n", "\r"]) {
      const pieces = PIECES.map((piece) => ({ ...piece, before: piece.before.replaceAll("\n", eol), content: piece.content.replaceAll("\n", eol), after: piece.after.replaceAll("\n", eol) }));
      assert.equal(textOf(cells(pieces), { style: "brace", eol }), textIn(pieces));
    }
  });
  it("keeps a byte order mark out of the cell and in the file", () => {
    const text = "\uFEFFVARIABLE a {}\n";
    const all = cellsOf(text, [script("\uFEFFVARIABLE a {}", "\n")]);
    assert.equal(all[0]?.text, "VARIABLE a {}");
    assert.equal(textOf(all, BRACE), text);
  });
  it("does not believe pieces that are not the text", () => {
    const all = cellsOf("PYTHON {\n}\n", [script("something else", "")]);
    assert.deepEqual(all.map(({ text }) => text), ["PYTHON {\n}"]);
    assert.equal(textOf(all, BRACE), "PYTHON {\n}\n");
  });
  it("writes an edited line with the indentation of its block, and leaves every other byte", () => {
    const edited = edit(cells(), 1, { text: "x = a\n\n  y = 3\nx" });
    assert.equal(textOf(edited, BRACE), textIn(PIECES).replace("y = 2", "y = 3"));
  });
  it("keeps odd lines around an edit as they were", () => {
    const pieces = [code("PYTHON {\r\n", "    a = 1\r\n  \n    b = 2\r\n    c = 3", "\r\n}\r\n")];
    const edited = edit(cells(pieces), 0, { text: "a = 1\n\nb = 2\nc = 3\nd = 4" });
    assert.equal(textOf(edited, { style: "brace", eol: "\r\n" }), "PYTHON {\r\n    a = 1\r\n  \n    b = 2\r\n    c = 3\r\n    d = 4\r\n}\r\n");
  });
  it("gives code beside its brace lines of its own when it grows", () => {
    const edited = edit(cells(), 2, { text: "a()\nb()" });
    assert.ok(textOf(edited, BRACE).endsWith("JAVASCRIPT {\n    a()\n    b()\n}\n"));
  });
  it("fills an empty block", () => {
    const pieces = [code("PYTHON {\n", "", "}\n")];
    assert.equal(textOf(edit(cells(pieces), 0, { text: "a = 1\nb" }), BRACE), "PYTHON {\n    a = 1\n    b\n}\n");
  });
  it("writes new cells in the style of the script", () => {
    const added: CellText[] = [...cells(), { kind: "code", language: "fsharp", text: "let a = 1\na" }, { kind: "code", language: "metascript", text: "ACTION {}" }, { kind: "markup", language: "markdown", text: "# Words" }];
    assert.equal(textOf(added, BRACE), `${textIn(PIECES)}\nFSHARP {\n    let a = 1\n    a\n}\n\nACTION {}\n\n// # Words\n\n`);
    const fences: Style = { style: "fence", eol: "\n" };
    assert.equal(textOf([{ kind: "markup", language: "markdown", text: "# Words" }, { kind: "code", language: "shellscript", text: "ls" }], fences), "# Words\n\n```bash\nls\n```\n\n");
  });
  it("takes a cell out and leaves the rest as it was", () => {
    const [first, , third] = cells();
    assert.ok(first !== undefined && third !== undefined);
    assert.equal(textOf([first, third], BRACE), "VARIABLE a {\n    value: 1\n}\n\nJAVASCRIPT { 1 + 1 }\n");
    assert.equal(textOf([third, first], BRACE), "JAVASCRIPT { 1 + 1 }\n\nVARIABLE a {\n    value: 1\n}\n\n");
  });
  it("writes the block anew when the language of a cell changes", () => {
    const edited = edit(cells(), 1, { language: "javascript", text: "1" });
    assert.ok(textOf(edited, BRACE).includes("}\n\nJAVASCRIPT {\n    1\n}\n\nJAVASCRIPT { 1 + 1 }"));
  });
  it("finds the line end of a text", () => {
    assert.deepEqual(["a", "a\nb\r\n", "a\r\nb", "a\rb"].map(endOfLines), ["\n", "\n", "\r\n", "\r"]);
  });
  it("is one cell without a server", () => {
    const text = "\n  VARIABLE a {}\n\n";
    assert.deepEqual(wholeScript(text), { kind: "script", language: "metascript", before: "\n  ", content: "VARIABLE a {}", after: "\n\n", indented: false });
  });
});
