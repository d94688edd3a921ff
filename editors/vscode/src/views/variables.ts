import * as vscode from "vscode";
import { languageName } from "../output/render.ts";
import type { SessionVariable, VariablesAnswer } from "../protocol.ts";
import { ask, frontScript, reveal, type Script } from "../script.ts";
import type { Supervisor } from "../server/supervisor.ts";

/** What the session of the script in front holds: name, type, size and value of each variable. */
export class VariablesView implements vscode.TreeDataProvider<SessionVariable>, vscode.Disposable {
  readonly #supervisor: Supervisor;
  readonly #view: vscode.TreeView<SessionVariable>;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #subscriptions: vscode.Disposable[];
  readonly onDidChangeTreeData = this.#changed.event;
  #script: Script | undefined;
  #last: { uri: string; variables: SessionVariable[] } | undefined;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
    this.#view = vscode.window.createTreeView("metascript.variables", { treeDataProvider: this });
    this.#subscriptions = [
      this.#view,
      this.#changed,
      supervisor.onSessionStatus(({ state }) => {
        if (state !== "busy") this.refresh();
      }),
      supervisor.onDidChangeHealth(() => {
        this.refresh();
      }),
      vscode.window.onDidChangeActiveTextEditor(() => {
        this.#follow();
      }),
      vscode.window.onDidChangeActiveNotebookEditor(() => {
        this.#follow();
      }),
      vscode.commands.registerCommand("metascript.refreshVariables", () => {
        this.refresh();
      }),
      vscode.commands.registerCommand("metascript.copyVariable", (variable?: SessionVariable) =>
        variable === undefined ? undefined : vscode.env.clipboard.writeText(variable.preview),
      ),
      vscode.commands.registerCommand("metascript.revealVariable", async (variable?: SessionVariable) => {
        const range = variable?.range;
        if (range !== null && range !== undefined && this.#script?.kind === "text") await reveal(this.#script.uri, range);
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  async getChildren(parent?: SessionVariable): Promise<SessionVariable[]> {
    if (parent !== undefined) return [];
    this.#script = frontScript() ?? this.#script;
    if (this.#script === undefined) return [];
    const uri = this.#script.uri.toString();
    const answer = await ask<VariablesAnswer>(this.#supervisor, "metascript/variables", this.#script.uri);
    // While a cell runs nobody can be asked: what was known stays.
    if (answer?.busy === true) return this.#last?.uri === uri ? this.#last.variables : [];
    const variables = answer?.variables ?? [];
    this.#last = { uri, variables };
    return variables;
  }

  getTreeItem(variable: SessionVariable): vscode.TreeItem {
    const { name, type, preview, size, language, range } = variable;
    const item = new vscode.TreeItem(name);
    item.id = name;
    item.description = `${type}${size === null ? "" : `(${size})`}  ${preview}`;
    item.tooltip = new vscode.MarkdownString()
      .appendCodeblock(preview, language ?? "json")
      .appendText([type, size === null ? "" : `size ${size}`, language === null ? "declared by the script" : `held by ${languageName(language)}`, range === null ? "" : `line ${range.start.line + 1}`].filter((part) => part !== "").join(" · "));
    item.iconPath = new vscode.ThemeIcon(icon(type));
    item.contextValue = "variable";
    item.accessibilityInformation = { label: `${name}, ${type}, ${preview}` };
    if (range !== null) item.command = { command: "metascript.revealVariable", title: "Go to Its Cell", arguments: [variable] };
    return item;
  }

  #follow(): void {
    const front = frontScript();
    if (front !== undefined && front.uri.toString() !== this.#script?.uri.toString()) this.refresh();
  }
}

function icon(type: string): string {
  const word = type.toLowerCase();
  if (/str|text|char/.test(word)) return "symbol-string";
  if (/int|float|number|double|decimal|big/.test(word)) return "symbol-number";
  if (word.includes("bool")) return "symbol-boolean";
  if (/list|array|tuple|set|seq/.test(word)) return "symbol-array";
  if (/func|lambda|method|->/.test(word)) return "symbol-function";
  if (/table|frame/.test(word)) return "table";
  if (/dict|map|object|record/.test(word)) return "symbol-object";
  return "symbol-variable";
}
