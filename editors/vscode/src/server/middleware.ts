import * as vscode from "vscode";
import { DidCloseTextDocumentNotification, DidOpenTextDocumentNotification, type LanguageClient, type Middleware } from "vscode-languageclient/node";
import { NOTEBOOK_TYPE } from "../notebook/serializer.ts";

/**
 * The server knows a script under one address: as text or as a notebook, not both. While a notebook is open, the text
 * editor of the same file is not told of; when the notebook is closed, it is again.
 */
export function oneView(client: () => LanguageClient | undefined): Middleware {
  const textOf = (uri: vscode.Uri): vscode.TextDocument | undefined =>
    vscode.workspace.textDocuments.find((document) => document.languageId === "metascript" && document.uri.toString() === uri.toString());
  return {
    didOpen: async (document, next) => {
      if (!isNotebook(document.uri)) await next(document);
    },
    didChange: async (event, next) => {
      if (!isNotebook(event.document.uri)) await next(event);
    },
    didClose: async (document, next) => {
      if (!isNotebook(document.uri)) await next(document);
    },
    // The notebook has buttons of its own.
    provideCodeLenses: (document, token, next) => (document.uri.scheme === "vscode-notebook-cell" ? [] : next(document, token)),
    notebooks: {
      didOpen: async (notebook, cells, next) => {
        const there = client();
        const text = textOf(notebook.uri);
        if (there !== undefined && text !== undefined) {
          await there.sendNotification(DidCloseTextDocumentNotification.type, there.code2ProtocolConverter.asCloseTextDocumentParams(text));
        }
        await next(notebook, cells);
      },
      didClose: async (notebook, cells, next) => {
        await next(notebook, cells);
        const there = client();
        const text = textOf(notebook.uri);
        if (there !== undefined && text !== undefined) {
          await there.sendNotification(DidOpenTextDocumentNotification.type, there.code2ProtocolConverter.asOpenTextDocumentParams(text));
        }
      },
    },
  };
}

function isNotebook(uri: vscode.Uri): boolean {
  return vscode.workspace.notebookDocuments.some((notebook) => notebook.notebookType === NOTEBOOK_TYPE && notebook.uri.toString() === uri.toString());
}
