import * as vscode from "vscode";
import type { NotebookAnswer } from "../protocol.ts";
import type { Supervisor } from "../server/supervisor.ts";
import { cellsOf, endOfLines, textOf, wholeScript, type CellText, type Origin, type Style } from "./text.ts";

export const NOTEBOOK_TYPE = "metascript";

/** How long a notebook waits for a server that is starting, in milliseconds. */
const SERVER_PATIENCE_MS = 15_000;

/** Reads a script as a notebook and writes it back; what nobody edited keeps every byte. */
export class ScriptSerializer implements vscode.NotebookSerializer {
  readonly #supervisor: Supervisor;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  async deserializeNotebook(bytes: Uint8Array): Promise<vscode.NotebookData> {
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new Error("This file is not UTF-8 text. Open it with the text editor.");
    }
    return await this.read(text);
  }

  /** The notebook of a text that need not be in a file. */
  async read(text: string): Promise<vscode.NotebookData> {
    const answer = await this.#ask(text);
    const cells = cellsOf(text, answer?.pieces ?? (text === "" ? [] : [wholeScript(text)]));
    const data = new vscode.NotebookData(cells.map(toData));
    const style: Style = { style: answer?.style ?? "brace", eol: endOfLines(text) };
    data.metadata = { metascript: style };
    return data;
  }

  serializeNotebook(data: vscode.NotebookData): Uint8Array {
    const kept = data.metadata?.metascript as Partial<Style> | undefined;
    const style: Style = { style: kept?.style ?? "brace", eol: kept?.eol ?? "\n" };
    return new TextEncoder().encode(textOf(data.cells.map(fromData), style));
  }

  async #ask(text: string): Promise<NotebookAnswer | undefined> {
    const client = await this.#supervisor.running(SERVER_PATIENCE_MS);
    // Without a server the script is one cell: nothing is lost, and it can be edited.
    return await client?.sendRequest<NotebookAnswer>("metascript/notebook", { text }).catch(() => undefined);
  }
}

function toData({ kind, language, text, origin }: CellText): vscode.NotebookCellData {
  const cell = new vscode.NotebookCellData(kind === "markup" ? vscode.NotebookCellKind.Markup : vscode.NotebookCellKind.Code, text, language);
  if (origin !== undefined) cell.metadata = { metascript: origin };
  return cell;
}

function fromData(cell: vscode.NotebookCellData): CellText {
  const origin = cell.metadata?.metascript as Origin | undefined;
  return {
    kind: cell.kind === vscode.NotebookCellKind.Markup ? "markup" : "code",
    language: cell.languageId,
    text: cell.value,
    ...(origin === undefined ? {} : { origin }),
  };
}
