import * as vscode from "vscode";
import { firstLine, isRich, plainText, singleLine, statusLine } from "./render.ts";
import { whyStale, type OutputStore, type PlacedOutput } from "./store.ts";

/** How often the running time is drawn, in milliseconds. */
const TICK_MS = 250;
/** Units of output in a hover. */
const LONGEST_HOVER = 10_000;

type Tone = "plain" | "good" | "bad" | "stale";

const FRAME = { margin: "0 0 0 2em", fontStyle: "normal" };

/** What stands after the closing brace of a cell: how its last run went, and its output when that is one short line. */
export class OutputLines implements vscode.Disposable {
  readonly #store: OutputStore;
  readonly #colours: Readonly<Record<Tone, vscode.TextEditorDecorationType>> = {
    plain: decoration("before", "metascript.outputForeground"),
    good: decoration("before", "metascript.outputSuccess"),
    bad: decoration("before", "metascript.outputError", "metascript.outputError"),
    stale: decoration("before", "metascript.outputStale"),
  };
  readonly #value = decoration("after", "editor.foreground");
  readonly #failedLine = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor("diffEditor.removedLineBackground"),
    overviewRulerColor: new vscode.ThemeColor("metascript.outputError"),
    overviewRulerLane: vscode.OverviewRulerLane.Right,
    after: { color: new vscode.ThemeColor("metascript.outputError"), ...FRAME },
  });
  readonly #subscriptions: vscode.Disposable[];
  readonly #dirty = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #ticker: NodeJS.Timeout | undefined;

  constructor(store: OutputStore) {
    this.#store = store;
    this.#subscriptions = [
      store.onDidChange(({ uri, changed, moved }) => {
        // Decorations move with the text by themselves.
        if (changed.size > 0 || moved.size === 0) this.#later(uri);
      }),
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        for (const editor of editors) this.#draw(editor);
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("metascript.output")) this.#drawAll();
      }),
      ...Object.values(this.#colours),
      this.#value,
      this.#failedLine,
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#ticker);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** A stream of many small pieces is one drawing. */
  #later(uri: vscode.Uri): void {
    this.#dirty.add(uri.toString());
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const editor of vscode.window.visibleTextEditors) {
        if (this.#dirty.has(editor.document.uri.toString())) this.#draw(editor);
      }
      this.#dirty.clear();
      this.#tick();
    }, 16);
  }

  #drawAll(): void {
    for (const editor of vscode.window.visibleTextEditors) this.#draw(editor);
  }

  /** The clock of running cells goes only while one runs. */
  #tick(): void {
    const running = this.#store.all().some(({ output }) => output.running);
    if (!running) {
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    } else {
      this.#ticker ??= setInterval(() => {
        this.#drawAll();
        this.#tick();
      }, TICK_MS);
    }
  }

  #draw(editor: vscode.TextEditor): void {
    const outputs = this.#store.of(editor.document.uri);
    const layout = vscode.workspace.getConfiguration("metascript.output", editor.document.uri).get<string>("layout", "auto");
    const marks: Record<Tone, vscode.DecorationOptions[]> = { plain: [], good: [], bad: [], stale: [] };
    const values: vscode.DecorationOptions[] = [];
    const failed: vscode.DecorationOptions[] = [];
    const now = Date.now();
    for (const placed of outputs) {
      const at = endOfCell(editor.document, placed);
      const line = layout === "block" ? undefined : layout === "line" ? firstLine(placed.output) : singleLine(placed.output);
      const hover = hoverOf(placed, layout);
      const status = `${statusLine(placed.output, now)}${whyStale(placed) === undefined ? "" : " · stale"}`;
      marks[colour(placed)].push(attached("before", at, status, hover));
      if (line !== undefined && line !== "") values.push(attached("after", at, line, hover));
      const error = failedLine(editor.document, placed);
      if (error !== undefined) failed.push(error);
    }
    for (const tone of ["plain", "good", "bad", "stale"] as const) editor.setDecorations(this.#colours[tone], marks[tone]);
    editor.setDecorations(this.#value, values);
    editor.setDecorations(this.#failedLine, failed);
  }
}

/** At one position, the editor draws what is attached before it first, then what is attached after it. */
type Side = "before" | "after";

function decoration(side: Side, colour: string, ruler?: string): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    [side]: { color: new vscode.ThemeColor(colour), ...FRAME },
    ...(ruler === undefined ? {} : { overviewRulerColor: new vscode.ThemeColor(ruler), overviewRulerLane: vscode.OverviewRulerLane.Right }),
  });
}

function attached(side: Side, at: vscode.Position, contentText: string, hoverMessage: vscode.MarkdownString | undefined): vscode.DecorationOptions {
  return {
    range: new vscode.Range(at, at),
    // The editor collapses plain blanks: columns of a result must keep theirs.
    renderOptions: { [side]: { contentText: contentText.replaceAll(" ", "\u00a0") } },
    ...(hoverMessage === undefined ? {} : { hoverMessage }),
  };
}

function colour(placed: PlacedOutput): Tone {
  if (placed.output.running) return "plain";
  if (whyStale(placed) !== undefined) return "stale";
  return placed.output.status === "ok" ? "good" : "bad";
}

function endOfCell(document: vscode.TextDocument, placed: PlacedOutput): vscode.Position {
  const { line } = placed.span.end;
  return document.lineAt(Math.min(line, document.lineCount - 1)).range.end;
}

/** The hover has what the line leaves out. */
function hoverOf(placed: PlacedOutput, layout: string): vscode.MarkdownString | undefined {
  if (layout !== "line" && !isRich(placed.output)) return undefined;
  const text = plainText(placed.output);
  if (text === "") return undefined;
  const hover = new vscode.MarkdownString();
  hover.appendCodeblock(text.length > LONGEST_HOVER ? `${text.slice(0, LONGEST_HOVER)}\n…` : text, "text");
  return hover;
}

/** The line of the script that raised the error, while the cell is still what ran. */
function failedLine(document: vscode.TextDocument, placed: PlacedOutput): vscode.DecorationOptions | undefined {
  const error = placed.output.error;
  if (error?.line === undefined || error.line === null || placed.stale) return undefined;
  const line = error.line + placed.span.start.line - placed.startLine;
  if (line < placed.span.start.line || line > placed.span.end.line || line >= document.lineCount) return undefined;
  const { end } = document.lineAt(line).range;
  const message = error.message.split("\n", 1)[0] ?? "";
  return attached("after", end, `${error.name}: ${message}`.slice(0, 200), undefined);
}
