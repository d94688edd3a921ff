/** Terminal text made fit for showing: carriage returns, colours, bounds. */
import Anser from "anser";

/** Units of one line that are shown; longer lines would freeze any renderer. */
const LONGEST_LINE = 2_000;

// Everything a terminal obeys but colours (`ESC [ … m`): cursor movement, titles, charset switches.
const NON_COLOUR_ESCAPES = /\u001b\[[0-9;?]*[A-Za-ln-z]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[()][A-Z0-9]/g;
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f]/g;

/** The lines a terminal would show at the end: a carriage return starts its line again. */
export function terminalLines(text: string): string[] {
  const lines = text.replaceAll("\r\n", "\n").replace(NON_COLOUR_ESCAPES, "").split("\n");
  if (lines.length > 1 && lines.at(-1) === "") lines.pop();
  return lines.map((line) => clip(overwritten(line).replace(CONTROLS, "")));
}

function overwritten(line: string): string {
  if (!line.includes("\r")) return line;
  let shown = "";
  for (const part of line.split("\r")) shown = part + shown.slice(part.length);
  return shown;
}

function clip(line: string): string {
  if (line.length <= LONGEST_LINE) return line;
  return `${line.slice(0, LONGEST_LINE)} … ${line.length - LONGEST_LINE} more characters`;
}

/** The text without its colours. */
export function plain(text: string): string {
  return Anser.ansiToText(text);
}

const COLOURS = ["Black", "Red", "Green", "Yellow", "Blue", "Magenta", "Cyan", "White"];

/**
 * Lines with ANSI colours as the inside of an HTML `<pre>`. The colours are those of the editor's terminal theme.
 * Every character of the text is escaped: it can start neither a tag nor Markdown.
 *
 * @param otherwise the colour of text that has none of its own, as CSS
 */
export function coloured(lines: readonly string[], otherwise?: string): string {
  return Anser.ansiToJson(lines.join("\n"), { json: true, remove_empty: true, use_classes: true })
    .map((piece) => {
      const colour = colourOf(piece.fg, piece.fg_truecolor) ?? otherwise;
      const text = escapeHtml(piece.content);
      const strong = piece.decorations.includes("bold") ? `<strong>${text}</strong>` : text;
      return colour === undefined ? strong : `<span style="color:${colour};">${strong}</span>`;
    })
    .join("");
}

function colourOf(name: string | null, rgb: string | null): string | undefined {
  if (name === null) return undefined;
  if (name === "ansi-truecolor" && rgb !== null) {
    const parts = rgb.split(",").map((part) => Number.parseInt(part, 10) & 0xff);
    return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  }
  const index = COLOURS.findIndex((colour) => name.endsWith(`-${colour.toLowerCase()}`));
  if (index === -1) return undefined;
  return `var(--vscode-terminal-ansi${name.includes("bright") ? "Bright" : ""}${COLOURS[index]})`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

export interface Excerpt {
  readonly lines: string[];
  /** Lines left out between the first and the second half. */
  readonly omitted: number;
}

/** At most `most` lines: the first ones and the last ones. */
export function excerpt(lines: readonly string[], most: number): Excerpt {
  if (lines.length <= most) return { lines: [...lines], omitted: 0 };
  const tail = Math.floor(most / 2);
  const head = most - tail;
  const omitted = lines.length - head - tail;
  const gap = `⋯ ${omitted} ${omitted === 1 ? "line" : "lines"} not shown ⋯`;
  return { lines: [...lines.slice(0, head), gap, ...lines.slice(lines.length - tail)], omitted };
}
