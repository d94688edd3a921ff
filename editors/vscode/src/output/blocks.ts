import * as vscode from "vscode";
import { languageName, sections, singleLine, type Section } from "./render.ts";
import { toRange, whyStale, type OutputStore, type PlacedOutput } from "./store.ts";

export const CONTROLLER = "metascript.output";

/** A stream is drawn at most this often, in milliseconds. */
const DRAW_INTERVAL_MS = 100;

/** Lines above and below what is seen whose blocks are made at once, so that scrolling meets them. */
const NEAR_LINES = 60;

/**
 * A block takes the editor's window many milliseconds to make: those below what is seen wait for a pause in typing this
 * long. Those above do not wait, because they move what is seen when they come.
 */
const PAUSE_MS = 500;

/** Blocks out of sight that are made in one go. */
const FAR_AT_ONCE = 6;

/**
 * The editor moves the widgets itself; it learns the places that we know when the text has been at rest this long, in
 * milliseconds. Told earlier, a place could be older than the next edit and pull the widget away from its cell.
 */
const MOVE_DELAY_MS = 2_000;

interface Block {
  readonly thread: vscode.CommentThread;
  /** What is drawn, to leave the widget alone when nothing changed. */
  revision: number;
  body: string;
}

/**
 * Output of several lines, below its cell. A comment thread is the only widget of the stable API that takes
 * room between two lines of a plain text editor; the editor moves it with the text, folds it and shows it to
 * screen readers.
 */
export class OutputBlocks implements vscode.Disposable {
  readonly #store: OutputStore;
  readonly #controller = vscode.comments.createCommentController(CONTROLLER, "Metascript output");
  readonly #blocks = new Map<PlacedOutput, Block>();
  readonly #waiting = new Set<PlacedOutput>();
  readonly #moved = new Set<PlacedOutput>();
  readonly #subscriptions: vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;
  /** When a script was edited last, in milliseconds since the epoch. */
  #editedAt = 0;
  #moveTimer: NodeJS.Timeout | undefined;

  constructor(store: OutputStore) {
    this.#store = store;
    this.#subscriptions = [
      this.#controller,
      store.onDidChange(({ uri, changed, moved }) => {
        this.#forget(uri);
        for (const placed of changed) this.#waiting.add(placed);
        for (const placed of [...changed, ...moved]) this.#moved.add(placed);
        if (changed.size > 0) this.#later();
        clearTimeout(this.#moveTimer);
        this.#moveTimer = setTimeout(() => {
          this.#move();
        }, MOVE_DELAY_MS);
      }),
      vscode.workspace.onDidChangeTextDocument(() => {
        if (this.#waiting.size > 0) this.#editedAt = Date.now();
      }),
      vscode.window.onDidChangeTextEditorVisibleRanges(() => {
        if (this.#waiting.size > 0) this.#later();
      }),
      // An editor that is shown makes its widgets anew, from the places that it was told.
      vscode.window.onDidChangeVisibleTextEditors(() => {
        this.#move();
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("metascript.output")) {
          for (const placed of store.all()) this.#drawOne(placed, true);
        }
      }),
    ];
  }

  /** The output that a comment thread of ours shows. */
  outputOf(thread: vscode.CommentThread): PlacedOutput | undefined {
    for (const [placed, block] of this.#blocks) if (block.thread === thread) return placed;
    return undefined;
  }

  collapse(uri: vscode.Uri, collapsed: boolean): void {
    const state = collapsed ? vscode.CommentThreadCollapsibleState.Collapsed : vscode.CommentThreadCollapsibleState.Expanded;
    for (const placed of this.#store.of(uri)) {
      const thread = this.#blocks.get(placed)?.thread;
      if (thread !== undefined) thread.collapsibleState = state;
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#moveTimer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** Takes away the blocks of outputs that are no longer in the store. */
  #forget(uri: vscode.Uri): void {
    const there = new Set(this.#store.of(uri));
    const key = uri.toString();
    for (const [placed, { thread }] of this.#blocks) {
      if (placed.uri.toString() === key && !there.has(placed)) this.#remove(placed, thread);
    }
  }

  #remove(placed: PlacedOutput, thread: vscode.CommentThread): void {
    thread.dispose();
    this.#blocks.delete(placed);
    this.#waiting.delete(placed);
    this.#moved.delete(placed);
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#draw();
      if (this.#waiting.size > 0) this.#later();
    }, DRAW_INTERVAL_MS);
  }

  /** Draws what is seen or nearly, and a few of the rest. */
  #draw(): void {
    const seen = nearLines();
    const typing = Date.now() - this.#editedAt < PAUSE_MS;
    let far = FAR_AT_ONCE;
    for (const placed of this.#waiting) {
      const { line } = placed.span.end;
      const lines = seen.get(placed.uri.toString()) ?? [];
      if (!lines.some(({ first, last }) => first <= line && line <= last)) {
        const above = lines.some(({ first }) => line < first);
        if (far === 0 || (typing && !above)) continue;
        far -= 1;
      }
      this.#waiting.delete(placed);
      this.#drawOne(placed);
    }
  }

  /** The range of a thread counts when its editor is shown again. */
  #move(): void {
    for (const placed of this.#moved) {
      const block = this.#blocks.get(placed);
      const at = blockRange(placed);
      if (block?.thread.range?.isEqual(at) === false) block.thread.range = at;
    }
    this.#moved.clear();
  }

  #drawOne(placed: PlacedOutput, anew = false): void {
    if (!this.#store.of(placed.uri).includes(placed)) return;
    const block = this.#blocks.get(placed);
    if (!anew && block?.revision === placed.output.revision) {
      decorate(block.thread, placed);
      return;
    }
    const config = vscode.workspace.getConfiguration("metascript.output", placed.uri);
    const layout = config.get<string>("layout", "auto");
    const parts = sections(placed.output, config.get<number>("maxLines", 40));
    const wanted = layout !== "line" && parts.length > 0 && !(layout === "auto" && singleLine(placed.output) !== undefined);
    if (!wanted) {
      if (block !== undefined) this.#remove(placed, block.thread);
      return;
    }
    const { revision } = placed.output;
    const body = JSON.stringify(parts);
    if (block === undefined) {
      const thread = this.#controller.createCommentThread(placed.uri, blockRange(placed), comments(parts));
      thread.canReply = false;
      thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
      decorate(thread, placed);
      this.#blocks.set(placed, { thread, revision, body });
      return;
    }
    block.revision = revision;
    if (block.body !== body) {
      block.body = body;
      block.thread.comments = comments(parts);
    }
    decorate(block.thread, placed);
  }
}

/** Sets what differs: every assignment goes to the window and draws. */
function decorate(thread: vscode.CommentThread, placed: PlacedOutput): void {
  const text = label(placed);
  if (thread.label !== text) thread.label = text;
  const mood = state(placed);
  if (thread.state !== mood) thread.state = mood;
}

interface Lines {
  readonly first: number;
  readonly last: number;
}

/** What is seen of each document, and a little more. */
function nearLines(): Map<string, Lines[]> {
  const seen = new Map<string, Lines[]>();
  for (const { document, visibleRanges } of vscode.window.visibleTextEditors) {
    const key = document.uri.toString();
    const near = visibleRanges.map(({ start, end }) => ({ first: start.line - NEAR_LINES, last: end.line + NEAR_LINES }));
    seen.set(key, [...(seen.get(key) ?? []), ...near]);
  }
  return seen;
}

/** Blocks hang below the last line of the cell. */
function blockRange(placed: PlacedOutput): vscode.Range {
  const { end } = toRange(placed.span);
  return new vscode.Range(end, end);
}

/** The frame of a block that needs no attention is quiet. */
function state({ output }: PlacedOutput): vscode.CommentThreadState {
  return output.running || output.status === "ok" ? vscode.CommentThreadState.Resolved : vscode.CommentThreadState.Unresolved;
}

function label(placed: PlacedOutput): string {
  const parts = [languageName(placed.output.language)];
  if (placed.output.running) parts.push("running");
  const why = whyStale(placed);
  if (why !== undefined) parts.push(`stale: ${why}`);
  else if (placed.fromEarlierSession) parts.push("from an earlier session");
  return parts.join(" · ");
}

function comments(parts: readonly Section[]): vscode.Comment[] {
  return parts.map(({ title, markdown, html }) => {
    const body = new vscode.MarkdownString(markdown);
    body.supportHtml = html;
    return { body, mode: vscode.CommentMode.Preview, author: { name: title } };
  });
}
