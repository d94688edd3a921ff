import * as vscode from "vscode";
import type { SessionState } from "./protocol.ts";
import { frontScript } from "./script.ts";
import type { Supervisor } from "./server/supervisor.ts";
import { duration } from "./output/render.ts";

interface Action extends vscode.QuickPickItem {
  command: string;
}

/** The status bar item: how the server and the session of the script in front are. */
export class Status implements vscode.Disposable {
  readonly #supervisor: Supervisor;
  readonly #item = vscode.window.createStatusBarItem("metascript.status", vscode.StatusBarAlignment.Right, 90);
  readonly #sessions = new Map<string, SessionState>();
  readonly #subscriptions: vscode.Disposable[];

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
    this.#item.name = "Metascript";
    this.#item.command = "metascript.showMenu";
    this.#subscriptions = [
      this.#item,
      supervisor.onDidChangeHealth(({ state }) => {
        if (state !== "running") this.#sessions.clear();
        this.#draw();
      }),
      supervisor.onSessionStatus(({ uri, state }) => {
        this.#sessions.set(vscode.Uri.parse(uri).toString(), state);
        this.#draw();
      }),
      vscode.window.onDidChangeActiveTextEditor(() => {
        this.#draw();
      }),
      vscode.window.onDidChangeActiveNotebookEditor(() => {
        this.#draw();
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        this.#sessions.delete(uri.toString());
      }),
      vscode.commands.registerCommand("metascript.showMenu", () => this.#menu()),
    ];
    this.#draw();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #session(): SessionState | undefined {
    const uri = frontScript()?.uri.toString();
    return uri === undefined ? undefined : this.#sessions.get(uri);
  }

  #draw(): void {
    const busy = this.#session() === "busy";
    void vscode.commands.executeCommand("setContext", "metascript.busy", busy);
    const health = this.#supervisor.health;
    const [icon, words] = this.#words(busy);
    this.#item.text = `$(${icon}) Metascript`;
    this.#item.tooltip = this.#tooltip(words);
    this.#item.accessibilityInformation = { label: `Metascript: ${words}`, role: "button" };
    this.#item.backgroundColor = health.state === "failed" ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
    if (frontScript() !== undefined || health.state === "failed") this.#item.show();
    else this.#item.hide();
  }

  #words(busy: boolean): [icon: string, words: string] {
    const health = this.#supervisor.health;
    switch (health.state) {
      case "stopped":
        return ["circle-slash", "the server is stopped"];
      case "starting":
        return ["sync~spin", "the server starts"];
      case "waiting":
        return ["warning", `${health.reason} It starts again in ${duration(health.delayMs * 1000)}.`];
      case "failed":
        return ["error", health.reason];
      case "running":
        if (busy) return ["sync~spin", "a cell is running"];
        return vscode.workspace.isTrusted ? ["check", "ready"] : ["shield", "cells do not run: the folder is not trusted"];
    }
  }

  #tooltip(words: string): vscode.MarkdownString {
    const tooltip = new vscode.MarkdownString();
    tooltip.appendText(`Metascript: ${words}`);
    const health = this.#supervisor.health;
    if (health.state === "running") {
      tooltip.appendMarkdown("\n\n");
      tooltip.appendText(`Server ${health.server.version} from ${health.server.origin}`);
      const languages = health.extensions?.languages ?? [];
      if (languages.length > 0) {
        tooltip.appendMarkdown("\n\n");
        tooltip.appendText(`Runs ${languages.join(", ")}`);
      }
      tooltip.appendMarkdown("\n\n");
      tooltip.appendText(`Session: ${this.#session() ?? "not started"}`);
    }
    return tooltip;
  }

  async #menu(): Promise<void> {
    const actions: Action[] = [
      { label: "$(run-all) Run All Cells", command: "metascript.runAll" },
      { label: "$(debug-stop) Interrupt", command: "metascript.interrupt" },
      { label: "$(debug-restart) Restart Session", description: "variables are forgotten", command: "metascript.restart" },
      { label: "$(clear-all) Clear Outputs", command: "metascript.clearOutputs" },
      { label: "$(refresh) Restart Language Server", command: "metascript.restartServer" },
      { label: "$(output) Show Server Log", command: "metascript.showServerLog" },
    ];
    const [, words] = this.#words(this.#session() === "busy");
    const chosen = await vscode.window.showQuickPick(actions, { title: `Metascript: ${words}` });
    if (chosen !== undefined) await vscode.commands.executeCommand(chosen.command);
  }
}
