import * as vscode from "vscode";
import type { CellOutputParams, KeptOutputsParams, StaleCellsParams } from "../protocol.ts";
import { EditLog, follow, overlaps, replacement, type Span } from "./anchors.ts";
import { RunOutput } from "./run.ts";

/** The output of a cell, at its place in a document. */
export interface PlacedOutput {
  readonly uri: vscode.Uri;
  readonly output: RunOutput;
  /** The cell's place in the newest text. */
  span: Span;
  /** The line of the cell in the text that the server ran: it counts error lines from there. */
  readonly startLine: number;
  /** The cell's text when it ran, to tell whether the output still belongs to it; unknown if that was another text. */
  text: string | undefined;
  /** The cell's text is no longer the one that ran. */
  stale: boolean;
  /** Why what it read is no longer what stands there, as the server tells. */
  outdated: string | undefined;
  /** The session that ran it is gone, and its variables with it. */
  fromEarlierSession: boolean;
}

export interface OutputChange {
  readonly uri: vscode.Uri;
  /** The outputs that look different now; those that are gone are no longer in the store. */
  readonly changed: ReadonlySet<PlacedOutput>;
  /** The outputs that only went to another line, which the editor shows by itself. */
  readonly moved: ReadonlySet<PlacedOutput>;
}

const NONE: ReadonlySet<PlacedOutput> = new Set();

/** Outputs of all open documents. The oldest of a document go first past this number. */
const MOST_OUTPUTS = 500;

/** Holds the outputs and keeps them at their cells while the text is edited. */
export class OutputStore implements vscode.Disposable {
  readonly #outputs = new Map<string, PlacedOutput[]>();
  /** Outputs that events may still come for. A new server numbers its runs from the start again. */
  #live = new WeakSet<PlacedOutput>();
  readonly #logs = new Map<string, EditLog>();
  readonly #changed = new vscode.EventEmitter<OutputChange>();
  readonly #subscriptions: vscode.Disposable[];
  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#subscriptions = [
      this.#changed,
      vscode.workspace.onDidChangeTextDocument((event) => {
        this.#edited(event);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.clear(document.uri);
        this.#logs.delete(document.uri.toString());
      }),
    ];
  }

  of(uri: vscode.Uri): readonly PlacedOutput[] {
    return this.#outputs.get(uri.toString()) ?? [];
  }

  all(): PlacedOutput[] {
    return [...this.#outputs.values()].flat();
  }

  at(uri: vscode.Uri, line: number): PlacedOutput | undefined {
    return this.of(uri).find(({ span }) => span.start.line <= line && line <= span.end.line);
  }

  /** Takes one event of a run. */
  receive(params: CellOutputParams): void {
    const uri = vscode.Uri.parse(params.textDocument.uri, true);
    const document = openDocument(uri);
    if (document === undefined) return;
    const placed = this.#find(document.uri, params.run) ?? this.#place(document, params);
    if (placed === undefined) return;
    placed.output.apply(params.event, Date.now());
    // An earlier cell of the same run failed: this one never had its turn, and nothing is to be shown for it.
    if (params.event.kind === "finished" && placed.output.startedAt === undefined && placed.output.segments.length === 0) {
      this.remove(placed);
      return;
    }
    this.#fire(document.uri, placed);
  }

  /** Takes what was kept of earlier runs; a cell that has an output keeps that one. */
  receiveKept({ textDocument, outputs }: KeptOutputsParams): void {
    const document = openDocument(vscode.Uri.parse(textDocument.uri, true));
    if (document === undefined) return;
    const changed = new Set<PlacedOutput>();
    for (const { events, because, ...run } of outputs) {
      const queued = { ...run, textDocument, event: { kind: "queued" } } as const;
      if (this.of(document.uri).some(({ span }) => overlaps(span, run.range))) continue;
      const placed = this.#place(document, queued);
      if (placed === undefined) continue;
      this.#live.delete(placed);
      for (const event of events) placed.output.apply(event, Date.now());
      placed.fromEarlierSession = true;
      if (because !== null) {
        placed.text = undefined;
        placed.stale = true;
      }
      changed.add(placed);
    }
    if (changed.size > 0) this.#changed.fire({ uri: document.uri, changed, moved: NONE });
  }

  /** The server is gone: nothing that runs will ever finish. */
  loseRunning(): void {
    this.#live = new WeakSet();
    for (const placed of this.all()) {
      placed.fromEarlierSession = true;
      placed.output.lose(Date.now());
      this.#fire(placed.uri, placed);
    }
  }

  /** The document's session started anew: what stands there was computed with variables that are gone. */
  sessionRestarted(uri: vscode.Uri): void {
    const outputs = this.of(uri).filter(({ output }) => !output.running);
    for (const placed of outputs) placed.fromEarlierSession = true;
    if (outputs.length > 0) this.#changed.fire({ uri, changed: new Set(outputs), moved: NONE });
  }

  /** The server's list of cells whose results no longer hold, at their places in one version of the text. */
  setOutdated({ textDocument, cells }: StaleCellsParams): void {
    const document = openDocument(vscode.Uri.parse(textDocument.uri, true));
    // A newer text has a list of its own on its way.
    if (document?.version !== textDocument.version) return;
    const reasons = new Map(cells.map(({ range, because }) => [range.start.line, because]));
    // What runs will be fresh: the list is from before.
    const settled = this.of(document.uri).filter(({ output }) => !output.running);
    const changed = new Set(settled.filter((placed) => placed.outdated !== reasons.get(placed.span.start.line)));
    for (const placed of changed) placed.outdated = reasons.get(placed.span.start.line);
    if (changed.size > 0) this.#changed.fire({ uri: document.uri, changed, moved: NONE });
  }

  remove(placed: PlacedOutput): void {
    this.#keep(placed.uri, (other) => other !== placed);
  }

  /** Removes the outputs of a document; one that still runs comes back with its next event. */
  clear(uri: vscode.Uri): void {
    this.#keep(uri, () => false);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #find(uri: vscode.Uri, run: number): PlacedOutput | undefined {
    return this.of(uri).find((placed) => placed.output.run === run && this.#live.has(placed));
  }

  #place(document: vscode.TextDocument, params: CellOutputParams): PlacedOutput | undefined {
    const log = this.#logs.get(document.uri.toString());
    const { version } = params.textDocument;
    const moved = log === undefined ? { span: params.range, touched: false } : log.toNewest(params.range, version);
    if (moved === undefined) return undefined;
    const placed: PlacedOutput = {
      uri: document.uri,
      output: new RunOutput(params.run, params.language),
      span: moved.span,
      startLine: params.range.start.line,
      text: document.getText(toRange(moved.span)),
      stale: moved.touched,
      outdated: undefined,
      fromEarlierSession: false,
    };
    this.#live.add(placed);
    const others = this.of(document.uri).filter(({ span }) => !overlaps(span, placed.span));
    this.#outputs.set(document.uri.toString(), [...others, placed].slice(-MOST_OUTPUTS));
    return placed;
  }

  #edited({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (contentChanges.length === 0) return;
    const key = document.uri.toString();
    const outputs = this.#outputs.get(key);
    if (outputs === undefined && document.languageId !== "metascript") return;
    let log = this.#logs.get(key);
    if (log === undefined) this.#logs.set(key, (log = new EditLog()));
    const changes = contentChanges.map(({ range, text }) => replacement(range, text));
    log.record(document.version, changes);
    if (outputs === undefined) return;

    const changed = new Set<PlacedOutput>();
    const movedAway = new Set<PlacedOutput>();
    const kept = outputs.filter((placed) => {
      const was = placed.span;
      let touched = false;
      let swallowed = false;
      let atItsEnd = false;
      for (const change of changes) {
        const { line } = placed.span.end;
        atItsEnd ||= change.range.start.line <= line && line <= change.range.end.line;
        const moved = follow(placed.span, change);
        placed.span = moved.span;
        touched ||= moved.touched;
        swallowed ||= moved.swallowed;
      }
      if (touched) {
        const now = document.getText(toRange(placed.span));
        const gone = now !== placed.text && (swallowed || (placed.text !== undefined && !resembles(now, placed.text)));
        if (gone && !this.#reanchor(document, placed)) return false;
        placed.stale = document.getText(toRange(placed.span)) !== placed.text;
      }
      if (touched || atItsEnd) changed.add(placed);
      else if (was.end.line !== placed.span.end.line) movedAway.add(placed);
      return true;
    });
    this.#outputs.set(key, kept);
    if (changed.size + movedAway.size > 0 || kept.length !== outputs.length) {
      this.#changed.fire({ uri: document.uri, changed, moved: movedAway });
    }
  }

  /** A replacement of everything (a reload from disk, a formatter) may have left the cell as it was, elsewhere. */
  #reanchor(document: vscode.TextDocument, placed: PlacedOutput): boolean {
    if (placed.text === undefined || placed.text === "") return false;
    const offset = document.getText().indexOf(placed.text);
    if (offset === -1) return false;
    placed.span = { start: document.positionAt(offset), end: document.positionAt(offset + placed.text.length) };
    return true;
  }

  #keep(uri: vscode.Uri, wanted: (placed: PlacedOutput) => boolean): void {
    const outputs = this.of(uri);
    const kept = outputs.filter(wanted);
    if (kept.length === outputs.length) return;
    this.#outputs.set(uri.toString(), kept);
    this.#changed.fire({ uri, changed: NONE, moved: NONE });
  }

  #fire(uri: vscode.Uri, placed: PlacedOutput): void {
    this.#changed.fire({ uri, changed: new Set([placed]), moved: NONE });
  }
}

/** Why an output no longer belongs to what stands in the text, for people. */
export function whyStale({ stale, outdated }: PlacedOutput): string | undefined {
  return stale ? "the cell was edited after this run" : outdated;
}

/** Whether an edited text can still be the cell that it was: its first word or its closing character is there. */
function resembles(now: string, before: string): boolean {
  const word = (text: string): string => /^[^\s{(]*/.exec(text)?.[0] ?? "";
  const last = (text: string): string => text.trimEnd().slice(-1);
  return now !== "" && ((word(now) !== "" && word(now) === word(before)) || last(now) === last(before));
}

export function toRange(span: Span): vscode.Range {
  return new vscode.Range(span.start.line, span.start.character, span.end.line, span.end.character);
}

function openDocument(uri: vscode.Uri): vscode.TextDocument | undefined {
  const key = uri.toString();
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === key);
}
