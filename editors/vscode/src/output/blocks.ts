import * as vscode from "vscode";
import { languageName, sections, singleLine, type Section } from "./render.ts";
import { toRange, type OutputStore, type PlacedOutput } from "./store.ts";

export const CONTROLLER = "metascript.output";

/** A stream is drawn at most this often, in milliseconds. */
const DRAW_INTERVAL_MS = 100;

interface Block {
  readonly thread: vscode.CommentThread;
  /** What is drawn, to leave the widget alone when nothing changed. */
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
  readonly #subscriptions: vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;

  constructor(store: OutputStore) {
    this.#store = store;
    this.#subscriptions = [
      this.#controller,
      store.onDidChange(({ uri, changed }) => {
        this.#forget(uri);
        for (const placed of changed) this.#waiting.add(placed);
        this.#timer ??= setTimeout(() => {
          this.#draw();
        }, DRAW_INTERVAL_MS);
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("metascript.output")) {
          for (const placed of store.all()) this.#drawOne(placed);
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
  }

  #draw(): void {
    this.#timer = undefined;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const placed of waiting) this.#drawOne(placed);
  }

  #drawOne(placed: PlacedOutput): void {
    if (!this.#store.of(placed.uri).includes(placed)) return;
    const config = vscode.workspace.getConfiguration("metascript.output", placed.uri);
    const layout = config.get<string>("layout", "auto");
    const parts = sections(placed.output, config.get<number>("maxLines", 40));
    const block = this.#blocks.get(placed);
    const wanted = layout !== "line" && parts.length > 0 && !(layout === "auto" && singleLine(placed.output) !== undefined);
    if (!wanted) {
      if (block !== undefined) this.#remove(placed, block.thread);
      return;
    }
    const at = blockRange(placed);
    if (block === undefined) {
      const thread = this.#controller.createCommentThread(placed.uri, at, comments(parts));
      thread.canReply = false;
      thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
      thread.label = label(placed);
      thread.state = state(placed);
      this.#blocks.set(placed, { thread, body: JSON.stringify(parts) });
      return;
    }
    const body = JSON.stringify(parts);
    if (block.body !== body) {
      block.body = body;
      block.thread.comments = comments(parts);
    }
    // The editor moves the widget itself while the text is shown; the range counts when it is shown again.
    if (block.thread.range?.isEqual(at) !== true) block.thread.range = at;
    const text = label(placed);
    if (block.thread.label !== text) block.thread.label = text;
    const mood = state(placed);
    if (block.thread.state !== mood) block.thread.state = mood;
  }
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
  if (placed.stale) parts.push("stale: the cell was edited after this run");
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
