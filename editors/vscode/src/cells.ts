import * as vscode from "vscode";
import type { Cell } from "./protocol.ts";
import type { Supervisor } from "./server/supervisor.ts";

/** The cells of documents, asked from the server once for each version. */
export class Cells {
  readonly #supervisor: Supervisor;
  readonly #known = new WeakMap<vscode.TextDocument, { version: number; cells: Promise<Cell[]> }>();

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
    supervisor.onDidChangeHealth(() => {
      for (const document of vscode.workspace.textDocuments) this.#known.delete(document);
    });
  }

  /** In document order; empty while the server is not up. */
  of(document: vscode.TextDocument): Promise<Cell[]> {
    const client = this.#supervisor.client;
    if (client === undefined || document.languageId !== "metascript") return Promise.resolve([]);
    const known = this.#known.get(document);
    if (known?.version === document.version) return known.cells;
    const ask = (): Promise<Cell[] | null> =>
      client.sendRequest<Cell[] | null>("metascript/cells", { textDocument: { uri: document.uri.toString() } });
    // The server may refuse a question about a text that has just changed: the second one is about the new text.
    const cells = ask()
      .catch(ask)
      .then((found) => found ?? []);
    this.#known.set(document, { version: document.version, cells });
    cells.catch(() => this.#known.delete(document));
    return cells;
  }

  /** The cell on a line, from its header to its closing brace. */
  async at(document: vscode.TextDocument, line: number): Promise<Cell | undefined> {
    return (await this.of(document)).find(({ range }) => range.start.line <= line && line <= lastLine(range));
  }

  /** The first cell that begins after a line. */
  async after(document: vscode.TextDocument, line: number): Promise<Cell | undefined> {
    return (await this.of(document)).find(({ range }) => range.start.line > line);
  }

  /** The last cell that ends before a line. */
  async before(document: vscode.TextDocument, line: number): Promise<Cell | undefined> {
    return (await this.of(document)).findLast(({ range }) => lastLine(range) < line);
  }
}

/** A range that ends at the start of a line does not have that line. */
function lastLine(range: Cell["range"]): number {
  return range.end.character === 0 && range.end.line > range.start.line ? range.end.line - 1 : range.end.line;
}
