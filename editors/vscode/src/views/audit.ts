import * as vscode from "vscode";
import type { Audit, AuditEntry } from "../protocol.ts";
import type { Supervisor } from "../server/supervisor.ts";

/** Entries that are asked for. */
const LIMIT = 1000;

type Node = { kind: "whole"; audit: Audit } | { kind: "trouble"; text: string } | { kind: "run"; run: Run } | { kind: "call"; entry: AuditEntry };

/** One run of a cell: how it began and ended, and what it asked of the host. */
interface Run {
  begin: AuditEntry;
  end: AuditEntry | undefined;
  calls: AuditEntry[];
}

/** The audit log: whether it is whole, then the runs of cells, the last one first, with their calls of the host. */
export class AuditView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #supervisor: Supervisor;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #subscriptions: vscode.Disposable[];
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
    const refresh = (): void => {
      this.#changed.fire(undefined);
    };
    this.#subscriptions = [
      this.#changed,
      vscode.window.createTreeView("metascript.audit", { treeDataProvider: this }),
      supervisor.onDidChangeHealth(refresh),
      supervisor.onSessionStatus(({ state }) => {
        if (state === "idle") refresh();
      }),
      vscode.commands.registerCommand("metascript.refreshAudit", refresh),
      vscode.commands.registerCommand("metascript.showAudit", () => vscode.commands.executeCommand("metascript.audit.focus")),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async getChildren(parent?: Node): Promise<Node[]> {
    if (parent?.kind === "run") return parent.run.calls.map((entry) => ({ kind: "call", entry }));
    if (parent !== undefined) return [];
    const client = this.#supervisor.client;
    if (client === undefined) return [];
    try {
      const audit = await client.sendRequest<Audit>("metascript/audit", { limit: LIMIT });
      return [
        { kind: "whole", audit },
        ...audit.troubles.map((text): Node => ({ kind: "trouble", text })),
        ...runs(audit.entries).map((run): Node => ({ kind: "run", run })),
      ];
    } catch (error) {
      return [{ kind: "trouble", text: error instanceof Error ? error.message : String(error) }];
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case "whole": {
        const good = node.audit.troubles.length === 0;
        const item = new vscode.TreeItem(good ? "All entries are as they were written" : "Entries are not as they were written");
        item.iconPath = new vscode.ThemeIcon(good ? "verified" : "warning");
        item.description = `${node.audit.lines} entries`;
        item.tooltip = node.audit.folder;
        return item;
      }
      case "trouble": {
        const item = new vscode.TreeItem(node.text);
        item.iconPath = new vscode.ThemeIcon("error");
        return item;
      }
      case "run":
        return runItem(node.run);
      case "call":
        return callItem(node.entry);
    }
  }
}

function runs(entries: readonly AuditEntry[]): Run[] {
  const found = new Map<string, Run>();
  for (const entry of entries) {
    if (entry.run === undefined) continue;
    if (entry.event === "cell.begin") found.set(entry.run, { begin: entry, end: undefined, calls: [] });
    const run = found.get(entry.run);
    if (run === undefined) continue;
    if (entry.event === "cell.end") run.end = entry;
    else if (entry.event !== "cell.begin") run.calls.push(entry);
  }
  return [...found.values()].reverse();
}

function runItem({ begin, end, calls }: Run): vscode.TreeItem {
  const state = calls.length === 0 ? vscode.TreeItemCollapsibleState.None : vscode.TreeItemCollapsibleState.Collapsed;
  const item = new vscode.TreeItem(`${begin.script ?? ""}:${begin.line ?? ""} ${begin.language ?? ""}`, state);
  const refused = calls.filter(({ event }) => event === "host.refused").length;
  const words = [end?.status ?? "running", begin.policy ?? "", calls.length === 0 ? "" : `${calls.length} calls`, refused === 0 ? "" : `${refused} refused`];
  item.description = words.filter((word) => word !== "").join(" · ");
  item.iconPath = new vscode.ThemeIcon(refused > 0 ? "shield" : end?.status === "ok" ? "pass" : end === undefined ? "sync" : "error");
  item.tooltip = JSON.stringify(begin, undefined, 2);
  return item;
}

function callItem(entry: AuditEntry): vscode.TreeItem {
  const refused = entry.event === "host.refused";
  const item = new vscode.TreeItem(`${entry.operation ?? entry.event} ${entry.target ?? ""}`);
  if (refused) item.description = entry.reason ?? entry.code ?? "refused";
  item.iconPath = new vscode.ThemeIcon(refused ? "circle-slash" : "arrow-right");
  item.tooltip = JSON.stringify(entry, undefined, 2);
  return item;
}
