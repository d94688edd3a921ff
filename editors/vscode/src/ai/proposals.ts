import * as vscode from "vscode";
import type { AiProposal } from "../protocol.ts";

const SCHEME = "metascript-proposal";

interface Shown {
  /** The script; none when it is yet to be written. */
  readonly script: vscode.Uri | undefined;
  readonly version: number | undefined;
  readonly proposal: AiProposal;
  readonly right: vscode.Uri;
  readonly left: vscode.Uri;
}

/** A change that a model proposes: a diff until the user accepts or discards it. One at a time. */
export class Proposals implements vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #disposables: vscode.Disposable[];
  #shown: Shown | undefined;
  #count = 0;

  constructor() {
    this.#disposables = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
        provideTextDocumentContent: (uri) => this.#texts.get(uri.toString()) ?? "",
      }),
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
        if (closed.some((tab) => this.#isOurs(tab))) this.#forget();
      }),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** Shows a proposal beside what is there now. */
  async show(script: vscode.Uri | undefined, proposal: AiProposal): Promise<void> {
    await this.discard();
    const number = ++this.#count;
    const name = script === undefined ? "new script" : (script.path.split("/").at(-1) ?? "script");
    const right = vscode.Uri.from({ scheme: SCHEME, path: `/${number}/${name}.tars` });
    const left = script ?? vscode.Uri.from({ scheme: SCHEME, path: `/${number}/nothing.tars` });
    const version = script === undefined ? undefined : documentOf(script)?.version;
    this.#texts.set(right.toString(), proposal.newText);
    this.#shown = { script, version, proposal, right, left };
    await vscode.commands.executeCommand("setContext", "metascript.proposal", true);
    await vscode.languages.setTextDocumentLanguage(await vscode.workspace.openTextDocument(right), "metascript");
    await vscode.commands.executeCommand("vscode.diff", left, right, `${name}: proposal of a model`, { preview: true });
    void this.#question(this.#shown);
  }

  /** Makes the change that is shown. */
  async accept(): Promise<void> {
    const shown = this.#shown;
    if (shown === undefined) return;
    if (shown.script === undefined) {
      await this.#close();
      const document = await vscode.workspace.openTextDocument({ language: "metascript", content: shown.proposal.newText });
      await vscode.window.showTextDocument(document);
      return;
    }
    // The text may have gone on while the user read; then the places of the edit are not where they were.
    if (documentOf(shown.script)?.version !== shown.version) {
      void vscode.window.showWarningMessage("The script has changed since the proposal was made: discard it and ask again.");
      return;
    }
    const edit = new vscode.WorkspaceEdit();
    for (const { range, newText } of changesOf(shown.proposal)) {
      edit.replace(shown.script, new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character), newText);
    }
    await this.#close();
    if (!(await vscode.workspace.applyEdit(edit))) void vscode.window.showWarningMessage("The change could not be applied.");
    await vscode.window.showTextDocument(shown.script);
  }

  /** Forgets the change that is shown. */
  async discard(): Promise<void> {
    if (this.#shown !== undefined) await this.#close();
  }

  async #question(shown: Shown): Promise<void> {
    const answer = await vscode.window.showInformationMessage("Apply the change that the model proposes?", "Accept", "Discard");
    if (this.#shown !== shown) return;
    if (answer === "Accept") await this.accept();
    else if (answer === "Discard") await this.discard();
  }

  async #close(): Promise<void> {
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => this.#isOurs(tab));
    this.#forget();
    await vscode.window.tabGroups.close(tabs);
  }

  #isOurs(tab: vscode.Tab): boolean {
    const right = this.#shown?.right.toString();
    return tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.toString() === right;
  }

  #forget(): void {
    if (this.#shown !== undefined) this.#texts.delete(this.#shown.right.toString());
    this.#shown = undefined;
    void vscode.commands.executeCommand("setContext", "metascript.proposal", false);
  }
}

function documentOf(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
}

/** The edits of a proposal: those of its one document. */
function changesOf(proposal: AiProposal): { range: vscode.Range; newText: string }[] {
  const edit = proposal.edit;
  const versioned = edit?.documentChanges?.flatMap((change) => change.edits);
  const plain = Object.values(edit?.changes ?? {}).flat();
  return (versioned ?? plain) as { range: vscode.Range; newText: string }[];
}
