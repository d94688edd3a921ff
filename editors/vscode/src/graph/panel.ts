import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { WorkspaceEdit } from "vscode-languageclient/node";
import type { Graph } from "../protocol.ts";
import { ask, frontScript, reveal, type Script } from "../script.ts";
import type { Supervisor } from "../server/supervisor.ts";
import { page } from "./page.ts";
import type { FromWindow, ToWindow } from "./messages.ts";

/** After the last edit, in milliseconds: a picture of half a word helps nobody. */
const DRAW_DELAY_MS = 250;

/** The script in front as a graph, to the side. */
export class GraphPanel implements vscode.Disposable {
  readonly #supervisor: Supervisor;
  readonly #extension: vscode.Uri;
  readonly #subscriptions: vscode.Disposable[];
  #panel: vscode.WebviewPanel | undefined;
  #script: Script | undefined;
  #graph: Graph | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ready = false;

  constructor(supervisor: Supervisor, extension: vscode.Uri) {
    this.#supervisor = supervisor;
    this.#extension = extension;
    this.#subscriptions = [
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.uri.toString() === this.#script?.uri.toString()) this.#later();
      }),
      vscode.window.onDidChangeActiveTextEditor(() => {
        this.#follow();
      }),
      vscode.window.onDidChangeActiveNotebookEditor(() => {
        this.#follow();
      }),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (textEditor.document.uri.toString() === this.#script?.uri.toString()) this.#cursor();
      }),
      supervisor.onDidChangeHealth(({ state }) => {
        if (state === "running") this.#later();
      }),
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#panel?.dispose();
  }

  show(): void {
    this.#script = frontScript() ?? this.#script;
    if (this.#panel !== undefined) {
      this.#panel.reveal(undefined, true);
      this.#later();
      return;
    }
    const built = vscode.Uri.joinPath(this.#extension, "dist");
    const panel = vscode.window.createWebviewPanel("metascript.graph", "Graph", { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }, {
      enableScripts: true,
      localResourceRoots: [built],
    });
    this.#panel = panel;
    panel.onDidDispose(() => {
      this.#panel = undefined;
      this.#ready = false;
    });
    panel.webview.onDidReceiveMessage((message: FromWindow) => this.#told(message));
    const script = panel.webview.asWebviewUri(vscode.Uri.joinPath(built, "graph.js")).toString();
    panel.webview.html = page({ script, source: panel.webview.cspSource, nonce: randomBytes(16).toString("base64") });
  }

  #follow(): void {
    const front = frontScript();
    if (this.#panel === undefined || front === undefined || front.uri.toString() === this.#script?.uri.toString()) return;
    this.#script = front;
    this.#later();
  }

  #later(): void {
    if (this.#panel === undefined || !this.#ready) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#draw(), DRAW_DELAY_MS);
  }

  async #draw(): Promise<void> {
    const script = this.#script;
    if (script === undefined) return;
    const graph = await ask<Graph>(this.#supervisor, "metascript/graph", script.uri);
    if (graph === undefined || script !== this.#script) return;
    this.#graph = graph;
    const title = script.uri.path.split("/").at(-1) ?? "";
    if (this.#panel !== undefined) this.#panel.title = `Graph: ${title}`;
    this.#post({ type: "graph", title, graph, editable: script.kind === "text" });
    this.#cursor();
  }

  #cursor(): void {
    const editor = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === this.#script?.uri.toString());
    const at = editor?.selection.active;
    const nodes = this.#graph?.nodes ?? [];
    // Inner parts stand behind the ones around them.
    const node = at === undefined ? -1 : nodes.findLastIndex(({ range }) => new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character).contains(at));
    this.#post({ type: "cursor", node: node === -1 ? undefined : node });
  }

  #post(message: ToWindow): void {
    void this.#panel?.webview.postMessage(message);
  }

  async #told(message: FromWindow): Promise<void> {
    const script = this.#script;
    switch (message.type) {
      case "ready":
        this.#ready = true;
        await this.#draw();
        break;
      case "reveal": {
        const node = this.#graph?.nodes[message.node];
        if (script?.kind === "text" && node !== undefined) await reveal(script.uri, node.selection);
        break;
      }
      case "addEdge":
        await this.#add({ what: "edge", from: message.from, to: message.to });
        break;
      case "addNode":
        await this.#add({ what: "node", name: message.name, kind: message.kind });
        break;
    }
  }

  /** What is drawn is written into the script: the text is the truth. */
  async #add(add: object): Promise<void> {
    const client = this.#supervisor.client;
    const script = this.#script;
    if (client === undefined || script?.kind !== "text") return;
    try {
      const edit = await client.sendRequest<WorkspaceEdit | null>("metascript/graphEdit", { textDocument: { uri: script.uri.toString() }, add });
      if (edit !== null) await vscode.workspace.applyEdit(await client.protocol2CodeConverter.asWorkspaceEdit(edit));
    } catch (error) {
      void vscode.window.showWarningMessage(`Metascript: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
