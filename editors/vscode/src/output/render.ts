/** A run's output as what the editor can show: a line, Markdown sections, plain text. */
import type { MimeBundle } from "../protocol.ts";
import type { RunOutput, RunStatus, Segment } from "./run.ts";
import { coloured, escapeHtml, excerpt, plain, terminalLines } from "./text.ts";

/** Units of a one-line result that still read well after a closing brace. */
const LONGEST_LINE_RESULT = 100;
/** Base64 units of a picture shown in the text; larger ones open to the side. */
const LARGEST_INLINE_IMAGE = 1_500_000;
const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

const LANGUAGE_NAMES: Readonly<Record<string, string>> = {
  fsharp: "F#",
  csharp: "C#",
  python: "Python",
  javascript: "JavaScript",
  typescript: "TypeScript",
  rust: "Rust",
  sql: "SQL",
  bash: "Bash",
  powershell: "PowerShell",
  cuda: "CUDA",
};

export function languageName(language: string): string {
  return LANGUAGE_NAMES[language] ?? language;
}

export interface Section {
  /** Shown in bold above the text. */
  readonly title: string;
  readonly markdown: string;
  /** The Markdown holds HTML of ours around escaped text; Markdown that a cell wrote never does. */
  readonly html: boolean;
}

/** How long, for people: `8 ms`, `1.2 s`, `3 min 4 s`. */
export function duration(microseconds: number): string {
  const ms = microseconds / 1000;
  if (ms < 1) return "< 1 ms";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

const ENDINGS: Readonly<Record<Exclude<RunStatus, "queued" | "running">, { mark: string; words: string }>> = {
  ok: { mark: "✓", words: "" },
  failed: { mark: "✗", words: "failed after " },
  interrupted: { mark: "■", words: "interrupted after " },
  timedOut: { mark: "✗", words: "stopped at its time limit, after " },
  outOfMemory: { mark: "✗", words: "stopped at its memory limit, after " },
  lost: { mark: "✗", words: "the server ended, after " },
};

/** The state of a run in a few words: `✓ 12 ms`. */
export function statusLine(output: RunOutput, now: number): string {
  if (output.status === "queued") return "◌ waiting";
  if (output.status === "running") return `◌ running ${duration((now - (output.startedAt ?? now)) * 1000)}`;
  const { mark, words } = ENDINGS[output.status];
  const time = output.durationUs === undefined ? "" : duration(output.durationUs);
  return `${mark} ${words}${time}`.replace(/, after $/, "").replace(/ after $/, "").trimEnd();
}

/** The whole output when it is one short line of plain text. */
export function singleLine(output: RunOutput): string | undefined {
  const [only, ...rest] = output.segments.filter((segment) => segment.kind !== "stream" || segment.text.trim() !== "");
  if (only === undefined || rest.length > 0 || only.kind === "error") return undefined;
  const text = only.kind === "stream" ? only.text : onlyPlain(only.data);
  if (text === undefined) return undefined;
  const lines = terminalLines(text);
  const line = plain(lines[0] ?? "");
  return lines.length === 1 && line.length <= LONGEST_LINE_RESULT ? line : undefined;
}

/** The first line of the output, shortened. */
export function firstLine(output: RunOutput): string {
  const error = output.error;
  const text = error === undefined ? plainText(output) : `${error.name}: ${error.message}`;
  const line = plain(terminalLines(text)[0] ?? "");
  return line.length > LONGEST_LINE_RESULT ? `${line.slice(0, LONGEST_LINE_RESULT - 1)}…` : line;
}

function onlyPlain(data: MimeBundle): string | undefined {
  const kinds = Object.keys(data);
  return kinds.length === 1 && kinds[0] === "text/plain" ? textOf(data, "text/plain") : undefined;
}

function textOf(data: MimeBundle, kind: string): string | undefined {
  const value = data[kind];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((part) => typeof part === "string")) return value.join("");
  return JSON.stringify(value, null, 2);
}

/** Everything as plain text, for the clipboard and for a hover. */
export function plainText(output: RunOutput): string {
  return output.segments
    .map((segment) => plain(terminalLines(segmentText(segment)).join("\n")))
    .filter((text) => text !== "")
    .join("\n");
}

function segmentText(segment: Segment): string {
  switch (segment.kind) {
    case "stream":
      return segment.text;
    case "error":
      return errorText(segment);
    case "data":
      return textOf(segment.data, "text/plain") ?? textOf(segment.data, "application/json") ?? `[${Object.keys(segment.data).join(", ")}]`;
  }
}

function errorText(error: Extract<Segment, { kind: "error" }>): string {
  const summary = `${error.name}: ${error.message}`;
  const traceback = error.traceback.trimEnd();
  return traceback.includes(error.message) ? traceback : `${traceback}\n${summary}`.trimStart();
}

/** Whether something in the output is richer than text. */
export function isRich(output: RunOutput): boolean {
  return output.segments.some((segment) => segment.kind === "data" && Object.keys(segment.data).some((kind) => kind !== "text/plain"));
}

/** The output as sections of Markdown; at most `maxLines` lines of each stream, value and error. */
export function sections(output: RunOutput, maxLines: number): Section[] {
  const parts: Section[] = [];
  for (const { markdown, html } of inOrder(output, maxLines)) {
    const last = parts.at(-1);
    if (html && last?.html === true) parts[parts.length - 1] = { ...last, markdown: `${last.markdown}\n\n${markdown}` };
    else parts.push({ title: parts.length === 0 ? title(output) : "", markdown, html });
  }
  return parts;
}

function title(output: RunOutput): string {
  const { error } = output;
  if (error === undefined) return "Output";
  return error.line === null ? error.name : `${error.name} in line ${error.line + 1}`;
}

type Part = Omit<Section, "title">;

/** Pieces of a stream and an error that follow each other are one text, as in a terminal. */
function inOrder(output: RunOutput, maxLines: number): Part[] {
  const parts: Part[] = [];
  let text = "";
  const flush = (): void => {
    if (text !== "") parts.push({ markdown: `<pre>${text}</pre>`, html: true });
    text = "";
  };
  for (const segment of output.segments) {
    if (segment.kind === "data") {
      flush();
      parts.push(bundle(segment.data, output.language, maxLines));
      continue;
    }
    const lines = terminalLines(segment.kind === "error" ? errorText(segment) : segment.text);
    if (lines.every((line) => line === "")) continue;
    const colour = segment.kind === "error" ? "var(--vscode-errorForeground)" : segment.name === "stderr" ? "var(--vscode-editorWarning-foreground)" : undefined;
    text += `${text === "" ? "" : "\n"}${coloured(excerpt(lines, maxLines).lines, colour)}`;
  }
  flush();
  return parts;
}

function bundle(data: MimeBundle, language: string, maxLines: number): Part {
  for (const kind of IMAGES) {
    const base64 = textOf(data, kind)?.replaceAll(/\s/g, "");
    if (base64 !== undefined && base64.length <= LARGEST_INLINE_IMAGE && /^[A-Za-z0-9+/=]+$/.test(base64)) {
      return { markdown: `![${kind}](data:${kind};base64,${base64})`, html: true };
    }
  }
  const markdown = textOf(data, "text/markdown");
  if (markdown !== undefined) return { markdown, html: false };
  const json = textOf(data, "application/json");
  const text = textOf(data, "text/plain") ?? json;
  if (text === undefined) {
    const kinds = escapeHtml(Object.keys(data).join(", "));
    return { markdown: `<pre>${kinds}: open the output to the side to see it</pre>`, html: true };
  }
  const { lines } = excerpt(terminalLines(text).map(plain), maxLines);
  return { markdown: fenced(lines, json === undefined ? fenceLanguage(language) : "json"), html: true };
}

/** A result is written in the syntax of its language: its colours help to read it. */
function fenceLanguage(language: string): string {
  return language in LANGUAGE_NAMES ? language : "text";
}

/** A fence longer than any run of backticks inside it. */
function fenced(lines: readonly string[], language: string): string {
  const longest = lines.join("\n").match(/`+/g)?.reduce((most, run) => Math.max(most, run.length), 0) ?? 0;
  const fence = "`".repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${lines.join("\n")}\n${fence}`;
}
