import * as vscode from "vscode";
import { toRange, whyStale, type OutputStore, type PlacedOutput } from "./store.ts";

const STATES = ["passed", "failed", "stale", "running"] as const;

type State = (typeof STATES)[number];

/** Changes that come within this time are drawn together, in milliseconds. */
const DRAW_DELAY_MS = 50;

/** How the last run of a cell went, beside its header. */
export class OutputGutter implements vscode.Disposable {
  readonly #store: OutputStore;
  readonly #icons: Readonly<Record<State, vscode.TextEditorDecorationType>>;
  readonly #subscriptions: vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;

  constructor(store: OutputStore, extension: vscode.Uri) {
    this.#store = store;
    const icon = (state: State): vscode.TextEditorDecorationType =>
      vscode.window.createTextEditorDecorationType({
        gutterIconPath: vscode.Uri.joinPath(extension, "images", `cell-${state}.svg`),
        gutterIconSize: "contain",
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      });
    this.#icons = { passed: icon("passed"), failed: icon("failed"), stale: icon("stale"), running: icon("running") };
    this.#subscriptions = [
      ...Object.values(this.#icons),
      store.onDidChange(({ changed, moved }) => {
        // Decorations move with the text by themselves.
        if (changed.size === 0 && moved.size > 0) return;
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined;
          for (const editor of vscode.window.visibleTextEditors) this.#draw(editor);
        }, DRAW_DELAY_MS);
      }),
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        for (const editor of editors) this.#draw(editor);
      }),
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #draw(editor: vscode.TextEditor): void {
    const outputs = this.#store.of(editor.document.uri);
    for (const state of STATES) {
      const ranges = outputs.filter((placed) => stateOf(placed) === state).map(({ span }) => toRange({ start: span.start, end: span.start }));
      editor.setDecorations(this.#icons[state], ranges);
    }
  }
}

function stateOf(placed: PlacedOutput): State {
  if (placed.output.running) return "running";
  if (whyStale(placed) !== undefined || placed.fromEarlierSession) return "stale";
  return placed.output.status === "ok" ? "passed" : "failed";
}
