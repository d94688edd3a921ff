import * as vscode from "vscode";
import { NOTEBOOK_TYPE, type ScriptSerializer } from "./serializer.ts";

/** Shows a script as a notebook instead of as text. */
export async function openAsNotebook(serializer: ScriptSerializer, given: unknown): Promise<void> {
  const active = vscode.window.activeTextEditor?.document;
  const uri = given instanceof vscode.Uri ? given : active?.uri;
  if (uri === undefined) return;
  const text = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (uri.scheme === "untitled") {
    const data = await serializer.read(text?.getText() ?? "");
    await vscode.window.showNotebookDocument(await vscode.workspace.openNotebookDocument(NOTEBOOK_TYPE, data));
    return;
  }
  // The notebook is read from the file: it must have what the text editor has.
  if (text?.isDirty === true && !(await text.save())) return;
  const shown = tabsOf(uri, (input) => input instanceof vscode.TabInputText);
  await vscode.commands.executeCommand("vscode.openWith", uri, NOTEBOOK_TYPE);
  await vscode.window.tabGroups.close(shown);
}

/** Shows the script of a notebook as text. */
export async function openAsText(given: unknown): Promise<void> {
  const notebook = vscode.window.activeNotebookEditor?.notebook;
  const uri = given instanceof vscode.Uri ? given : notebook?.uri;
  if (uri === undefined || uri.scheme === "untitled") return;
  if (notebook?.uri.toString() === uri.toString() && notebook.isDirty && !(await notebook.save())) return;
  const shown = tabsOf(uri, (input) => input instanceof vscode.TabInputNotebook);
  await vscode.commands.executeCommand("vscode.openWith", uri, "default");
  await vscode.window.tabGroups.close(shown);
}

function tabsOf(uri: vscode.Uri, wanted: (input: unknown) => boolean): vscode.Tab[] {
  const key = uri.toString();
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => wanted(input) && (input as vscode.TabInputText | vscode.TabInputNotebook).uri.toString() === key);
}
