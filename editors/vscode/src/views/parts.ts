import * as vscode from "vscode";
import type { Graph, GraphNode } from "../protocol.ts";
import { ask, frontScript, reveal, type Script } from "../script.ts";
import type { Supervisor } from "../server/supervisor.ts";

/** After the last edit, in milliseconds. */
const DELAY_MS = 400;

/** What is listed, in this order. */
const GROUPS: readonly (readonly [kind: string, title: string, icon: string])[] = [
  ["agent", "Agents", "person"],
  ["task", "Tasks", "checklist"],
  ["function", "Functions", "symbol-function"],
  ["node", "Workflow nodes", "type-hierarchy"],
  ["rule", "Rules", "replace"],
];

type Entry = { title: string; icon: string; nodes: number[] } | { node: number };

/** Agents, functions and workflow nodes of the script in front. */
export class PartsView implements vscode.TreeDataProvider<Entry>, vscode.Disposable {
  readonly #supervisor: Supervisor;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #subscriptions: vscode.Disposable[];
  readonly onDidChangeTreeData = this.#changed.event;
  #script: Script | undefined;
  #graph: Graph | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
    this.#subscriptions = [
      this.#changed,
      vscode.window.createTreeView("metascript.parts", { treeDataProvider: this }),
      supervisor.onDidChangeHealth(() => {
        this.#later();
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.uri.toString() === this.#script?.uri.toString()) this.#later();
      }),
      vscode.window.onDidChangeActiveTextEditor(() => {
        const front = frontScript();
        if (front !== undefined && front.uri.toString() !== this.#script?.uri.toString()) this.#later();
      }),
      vscode.commands.registerCommand("metascript.revealPart", async (entry?: Entry) => {
        const node = entry !== undefined && "node" in entry ? this.#graph?.nodes[entry.node] : undefined;
        if (node !== undefined && this.#script?.kind === "text") await reveal(this.#script.uri, node.selection);
      }),
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async getChildren(parent?: Entry): Promise<Entry[]> {
    if (parent === undefined) {
      this.#script = frontScript() ?? this.#script;
      this.#graph = this.#script === undefined ? undefined : await ask<Graph>(this.#supervisor, "metascript/graph", this.#script.uri);
      return GROUPS.flatMap(([kind, title, icon]) => {
        const nodes = this.#indexes((node) => node.kind === kind);
        return nodes.length === 0 ? [] : [{ title, icon, nodes }];
      });
    }
    if ("nodes" in parent) return parent.nodes.map((node) => ({ node }));
    return this.#indexes((node) => node.parent === parent.node).map((node) => ({ node }));
  }

  getTreeItem(entry: Entry): vscode.TreeItem {
    if ("nodes" in entry) {
      const item = new vscode.TreeItem(entry.title, vscode.TreeItemCollapsibleState.Expanded);
      item.description = String(entry.nodes.length);
      item.iconPath = new vscode.ThemeIcon(entry.icon);
      return item;
    }
    const node = this.#graph?.nodes[entry.node];
    const children = this.#indexes((other) => other.parent === entry.node).length;
    const item = new vscode.TreeItem(node?.name ?? "", children === 0 ? vscode.TreeItemCollapsibleState.None : vscode.TreeItemCollapsibleState.Collapsed);
    const uses = this.#graph?.edges.filter(({ to, kind }) => to === entry.node && kind !== "data").length ?? 0;
    const line = (node?.range.start.line ?? 0) + 1;
    item.description = uses === 0 ? `line ${line}` : `line ${line}, used ${uses === 1 ? "once" : `${uses} times`}`;
    item.tooltip = `${node?.kind ?? ""} ${node?.name ?? ""}`;
    item.command = { command: "metascript.revealPart", title: "Go to It", arguments: [entry] };
    return item;
  }

  #indexes(wanted: (node: GraphNode) => boolean): number[] {
    return (this.#graph?.nodes ?? []).flatMap((node, at) => (wanted(node) ? [at] : []));
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#changed.fire(undefined);
    }, DELAY_MS);
  }
}
