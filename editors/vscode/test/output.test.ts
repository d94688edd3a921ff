import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { duration, plainText, sections, singleLine, statusLine } from "../src/output/render.ts";
import { RunOutput } from "../src/output/run.ts";
import { coloured, excerpt, terminalLines } from "../src/output/text.ts";
import type { CellEvent } from "../src/protocol.ts";

function ran(...events: CellEvent[]): RunOutput {
  const output = new RunOutput(1, "python");
  for (const event of [{ kind: "started" } as const, ...events]) output.apply(event, 1_000);
  return output;
}

const stdout = (text: string): CellEvent => ({ kind: "stream", name: "stdout", text });
const result = (text: string): CellEvent => ({ kind: "result", data: { "text/plain": text } });
const finished: CellEvent = { kind: "finished", status: "ok", durationUs: 12_345 };

describe("terminal text", () => {
  it("starts a line again at a carriage return, as a progress bar does", () => {
    assert.deepEqual(terminalLines("10%\r50%\r100%\ndone\n"), ["100%", "done"]);
    assert.deepEqual(terminalLines("longer\rab"), ["abnger"]);
  });
  it("knows Windows line ends", () => {
    assert.deepEqual(terminalLines("a\r\nb\r\n"), ["a", "b"]);
  });
  it("drops what moves the cursor and keeps colours", () => {
    assert.deepEqual(terminalLines("\u001b[2J\u001b[1;1Hhi \u001b[31mred\u001b[0m\u0007"), ["hi \u001b[31mred\u001b[0m"]);
  });
  it("becomes HTML in the theme's colours, with every character escaped", () => {
    assert.equal(coloured(["\u001b[31m<b>&\u001b[0m"]), '<span style="color:var(--vscode-terminal-ansiRed);">&lt;b&gt;&amp;</span>');
    assert.equal(coloured(["</pre><img src=x>"]), "&lt;/pre&gt;&lt;img src=x&gt;");
  });
  it("clips a line that would freeze the editor", () => {
    const [line] = terminalLines("x".repeat(100_000));
    assert.ok(line !== undefined && line.length < 2_100 && line.endsWith("98000 more characters"));
  });
  it("shows the first and the last lines of a long text", () => {
    const { lines, omitted } = excerpt(["1", "2", "3", "4", "5", "6", "7"], 4);
    assert.deepEqual(lines, ["1", "2", "⋯ 3 lines not shown ⋯", "6", "7"]);
    assert.equal(omitted, 3);
  });
});

describe("the output of a run", () => {
  it("joins pieces of a stream", () => {
    const output = ran(stdout("a"), stdout("b\n"), { kind: "stream", name: "stderr", text: "c" }, stdout("d"), finished);
    assert.deepEqual(output.segments.map((segment) => segment.kind === "stream" && segment.text), ["ab\n", "c", "d"]);
    assert.equal(plainText(output), "ab\nc\nd");
  });
  it("is a single line when it is one short text", () => {
    assert.equal(singleLine(ran(result("42"), finished)), "42");
    assert.equal(singleLine(ran(stdout("hello\n"), finished)), "hello");
    assert.equal(singleLine(ran(stdout("hello\n"), result("42"), finished)), undefined);
    assert.equal(singleLine(ran(stdout("two\nlines\n"), finished)), undefined);
    assert.equal(singleLine(ran(result("x".repeat(101)), finished)), undefined);
    assert.equal(singleLine(ran({ kind: "result", data: { "text/plain": "a", "text/html": "<b>a</b>" } }, finished)), undefined);
  });
  it("says how it went", () => {
    assert.equal(statusLine(ran(), 2_500), "◌ running 1.5 s");
    assert.equal(statusLine(ran(finished), 0), "✓ 12 ms");
    assert.equal(statusLine(ran({ kind: "finished", status: "timedOut", durationUs: 30_000_000 }), 0), "✗ stopped at its time limit, after 30.0 s");
    const lost = ran();
    lost.lose(3_000);
    assert.equal(statusLine(lost, 0), "✗ the server ended, after 2.0 s");
  });
  it("names the script's line of an error", () => {
    const [section] = sections(
      ran({ kind: "error", name: "ZeroDivisionError", message: "division by zero", traceback: "  line 15\nZeroDivisionError: division by zero", line: 14 }),
      40,
    );
    assert.equal(section?.title, "ZeroDivisionError in line 15");
    assert.match(section.markdown, /line 15/);
  });
  it("puts a result into a fence that its text cannot close", () => {
    const [section] = sections(ran(result("```\n[x](command:evil)\n````")), 40);
    assert.ok(section?.markdown.startsWith("`````python\n"));
    assert.ok(section?.markdown.endsWith("\n`````"));
  });
  it("shows a picture only when it is base64", () => {
    const picture = (data: string): string => sections(ran({ kind: "display", data: { "image/png": data, "text/plain": "<Figure>" } }), 40).map((one) => one.markdown).join("");
    assert.equal(picture("iVBORw0=\n"), "![image/png](data:image/png;base64,iVBORw0=)");
    assert.match(picture('x"onerror="1'), /<Figure>/);
  });
  it("stays bounded whatever a cell writes", () => {
    const output = ran();
    for (let i = 0; i < 10_000; i += 1) output.apply(stdout("x".repeat(1_000)), 0);
    for (let i = 0; i < 10_000; i += 1) output.apply(result(String(i)), 0);
    const size = output.segments.reduce((sum, segment) => sum + JSON.stringify(segment).length, 0);
    assert.ok(size < 5 * 1024 * 1024, String(size));
    assert.match(plainText(output), /too large/);
  });
});

describe("durations", () => {
  it("are for people", () => {
    assert.deepEqual([300, 8_400, 1_240_000, 184_000_000].map(duration), ["< 1 ms", "8 ms", "1.2 s", "3 min 4 s"]);
  });
});
