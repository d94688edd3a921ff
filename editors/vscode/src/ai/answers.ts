import * as vscode from "vscode";

const SCHEME = "metascript-answer";

/** Milliseconds between two looks at a growing answer. */
const REFRESH_MS = 60;

/** Words of a model, in read-only documents beside the script. */
export class Answers implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #texts = new Map<string, string>();
  readonly #disposables: vscode.Disposable[];
  #count = 0;

  constructor() {
    this.#disposables = [
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
        onDidChange: this.#changed.event,
        provideTextDocumentContent: (uri) => this.#texts.get(uri.toString()) ?? "",
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document.uri.scheme === SCHEME) this.#texts.delete(document.uri.toString());
      }),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** Opens a document that grows; it is shown with its first word. */
  open(title: string): { append: (text: string) => void; end: () => void } {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title} ${++this.#count}.md` });
    const key = uri.toString();
    let timer: NodeJS.Timeout | undefined;
    let shown = false;
    const refresh = (): void => {
      timer = undefined;
      this.#changed.fire(uri);
      if (shown) return;
      shown = true;
      void vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: true });
    };
    return {
      append: (text) => {
        this.#texts.set(key, (this.#texts.get(key) ?? "") + text);
        timer ??= setTimeout(refresh, REFRESH_MS);
      },
      end: () => {
        if (timer !== undefined) {
          clearTimeout(timer);
          refresh();
        }
      },
    };
  }
}
