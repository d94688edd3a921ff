/** The script that the user looks at, as text or as a notebook. */
import * as vscode from "vscode";
import type { Range } from "vscode-languageclient";
import { NOTEBOOK_TYPE } from "./notebook/serializer.ts";
import type { Supervisor } from "./server/supervisor.ts";

export interface Script {
  readonly uri: vscode.Uri;
  readonly kind: "text" | "notebook";
}

export function frontScript(): Script | undefined {
  const notebook = vscode.window.activeNotebookEditor?.notebook;
  if (notebook?.notebookType === NOTEBOOK_TYPE) return { uri: notebook.uri, kind: "notebook" };
  const document = vscode.window.activeTextEditor?.document;
  return document?.languageId === "metascript" && document.uri.scheme !== "vscode-notebook-cell" ? { uri: document.uri, kind: "text" } : undefined;
}

/** A question about a script; `undefined` while the server cannot answer. */
export async function ask<T>(supervisor: Supervisor, method: string, uri: vscode.Uri): Promise<T | undefined> {
  const client = supervisor.client;
  const once = async (): Promise<T | null | undefined> => await client?.sendRequest<T | null>(method, { textDocument: { uri: uri.toString() } });
  // The server may refuse a question about a text that has just changed: the second one is about the new text.
  return (await once().catch(once).catch(() => undefined)) ?? undefined;
}

/** Shows a place of a script that is open as text. */
export async function reveal(uri: vscode.Uri, { start }: Range): Promise<void> {
  const at = new vscode.Position(start.line, start.character);
  const there = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
  const column = there?.viewColumn;
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(at, at), ...(column === undefined ? {} : { viewColumn: column }) });
}
