import * as vscode from "vscode";
import { ExecuteCommandRequest } from "vscode-languageclient/node";
import type { Cells } from "./cells.ts";
import { NOTEBOOK_TYPE } from "./notebook/serializer.ts";
import type { OutputBlocks } from "./output/blocks.ts";
import type { OutputPanel } from "./output/panel.ts";
import { plainText } from "./output/render.ts";
import type { OutputStore, PlacedOutput } from "./output/store.ts";
import type { Cell, RunSummary, RunTarget } from "./protocol.ts";
import type { Supervisor } from "./server/supervisor.ts";
import { FIRST_SCRIPT } from "./template.ts";

interface Parts {
  supervisor: Supervisor;
  cells: Cells;
  store: OutputStore;
  blocks: OutputBlocks;
  panel: OutputPanel;
  log: vscode.LogOutputChannel;
}

type Handler = (...args: never[]) => unknown;

/** The commands of the extension. Lenses and menus call them with an argument, keys and the palette without. */
export class Commands implements vscode.Disposable {
  readonly #parts: Parts;
  readonly #registrations: vscode.Disposable[];

  constructor(parts: Parts) {
    this.#parts = parts;
    const handlers: Record<string, Handler> = {
      "metascript.runCell": (target?: unknown) => this.#runCell(target, false),
      "metascript.runCellAndAdvance": (target?: unknown) => this.#runCell(target, true),
      "metascript.runAbove": (target?: unknown) => this.#runAbove(target),
      "metascript.runAll": (target?: unknown) => this.#runAll(target),
      "metascript.runStale": () => this.#runStale(),
      "metascript.interrupt": (target?: unknown) => this.#session("metascript.interrupt", target),
      "metascript.rerunLost": (target?: unknown) => this.#session("metascript.rerunLost", target),
      "metascript.showRunPolicy": (target?: unknown) => this.#session("metascript.showRunPolicy", target),
      "metascript.restart": (target?: unknown) => this.#session("metascript.restart", target),
      "metascript.nextCell": () => this.#move("after"),
      "metascript.previousCell": () => this.#move("before"),
      "metascript.clearOutputs": () => {
        const editor = activeScript();
        if (editor === undefined) return;
        parts.store.clear(editor.document.uri);
        void parts.supervisor.client?.sendNotification("metascript/forgetOutputs", { textDocument: { uri: editor.document.uri.toString() } });
      },
      "metascript.clearOutput": (thread?: unknown) => {
        const placed = this.#output(thread);
        if (placed !== undefined) parts.store.remove(placed);
      },
      "metascript.copyOutput": (thread?: unknown) => this.#copy(this.#output(thread)),
      "metascript.openOutput": (thread?: unknown) => {
        const placed = this.#output(thread);
        if (placed !== undefined) parts.panel.show(placed);
      },
      "metascript.collapseOutputs": () => {
        this.#collapse(true);
      },
      "metascript.expandOutputs": () => {
        this.#collapse(false);
      },
      "metascript.newScript": () => newScript(),
      "metascript.restartServer": () => parts.supervisor.restart(),
      "metascript.showServerLog": () => {
        parts.log.show();
      },
    };
    this.#registrations = Object.entries(handlers).map(([name, handler]) =>
      vscode.commands.registerCommand(name, async (...args: never[]) => {
        await handler(...args);
      }),
    );
  }

  dispose(): void {
    for (const registration of this.#registrations) registration.dispose();
  }

  async #runCell(given: unknown, advance: boolean): Promise<void> {
    if (isTarget(given)) {
      await this.#execute("metascript.runCell", given);
      return;
    }
    if (isLine(given)) {
      const position = { line: given.lineNumber - 1, character: 0 };
      await this.#execute("metascript.runCell", { uri: given.uri.toString(), position });
      return;
    }
    const editor = activeScript();
    if (editor === undefined) return;
    const { document, selection } = editor;
    const cell = await this.#parts.cells.at(document, selection.active.line);
    if (cell === undefined) {
      if (this.#parts.supervisor.client === undefined) await this.#execute("metascript.runCell", undefined);
      // Outside cells the keys keep the meaning that they have in every editor.
      else await vscode.commands.executeCommand(advance ? "default:type" : "editor.action.insertLineAfter", { text: "\n" });
      return;
    }
    const next = advance ? await this.#parts.cells.after(document, cell.range.start.line) : undefined;
    const done = this.#execute("metascript.runCell", { uri: document.uri.toString(), cell: cell.index });
    if (next !== undefined) reveal(editor, next);
    await done;
  }

  async #runAbove(given: unknown): Promise<void> {
    const editor = activeScript();
    const target = isTarget(given)
      ? given
      : isLine(given)
        ? { uri: given.uri.toString(), position: { line: given.lineNumber - 1, character: 0 } }
        : editor && { uri: editor.document.uri.toString(), position: { line: editor.selection.active.line, character: 0 } };
    await this.#execute("metascript.runAbove", target);
  }

  async #runAll(given: unknown): Promise<void> {
    if (!isTarget(given) && activeNotebook() !== undefined) {
      await vscode.commands.executeCommand("notebook.execute");
      return;
    }
    const uri = isTarget(given) ? given.uri : activeScript()?.document.uri.toString();
    await this.#execute("metascript.runAll", uri === undefined ? undefined : { uri });
  }

  /** Runs the cells whose results do not hold, in document order, until one fails: the server knows which. */
  async #runStale(): Promise<void> {
    const editor = activeScript();
    if (editor === undefined) return;
    const summary = await this.#execute("metascript.runStale", { uri: editor.document.uri.toString() });
    if (summary?.cells.length === 0) void vscode.window.setStatusBarMessage("No stale cells", 3000);
  }

  async #session(command: string, given: unknown): Promise<void> {
    const uri = isTarget(given) ? given.uri : (activeNotebook()?.uri ?? activeScript()?.document.uri)?.toString();
    if (uri !== undefined) await this.#execute(command, { uri });
  }

  /** Sends a command to the server; what stands in the way is told to the user. */
  async #execute(command: string, target: RunTarget | undefined): Promise<RunSummary | undefined> {
    if (!vscode.workspace.isTrusted && /^metascript\.(run|rerun)/.test(command)) {
      const manage = "Manage Trust";
      const answer = await vscode.window.showWarningMessage("Cells run only in folders that you trust.", manage);
      if (answer === manage) await vscode.commands.executeCommand("workbench.trust.manage");
      return undefined;
    }
    const client = this.#parts.supervisor.client;
    if (client === undefined) {
      const show = "Show Log";
      const answer = await vscode.window.showWarningMessage("The Metascript server is not running.", "Restart Server", show);
      if (answer === show) this.#parts.log.show();
      else if (answer !== undefined) await this.#parts.supervisor.restart();
      return undefined;
    }
    if (target === undefined) return undefined;
    try {
      const summary = (await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [{ ...target }] })) as RunSummary | null;
      void this.#offerRerun(summary, target);
      return summary ?? undefined;
    } catch (error) {
      // A server that ended is told by the supervisor, and by the mark on the output.
      if (this.#parts.supervisor.client === client) {
        void vscode.window.showErrorMessage(`Metascript: ${error instanceof Error ? error.message : String(error)}`);
      }
      return undefined;
    }
  }

  /** A cell that was stopped may take variables with it: the cells that make them can run again. */
  async #offerRerun(summary: RunSummary | null, target: RunTarget): Promise<void> {
    // The commands that steer a session answer otherwise, or nothing.
    const cells = summary !== null && "cells" in summary ? summary.cells : [];
    const lost = cells.flatMap((cell) => cell.lost ?? []);
    if (lost.length === 0) return;
    const again = "Run Their Cells Again";
    const answer = await vscode.window.showWarningMessage(`The runtime was replaced; gone are ${lost.join(", ")}.`, again);
    if (answer === again) await this.#execute("metascript.rerunLost", { uri: target.uri });
  }

  async #move(direction: "after" | "before"): Promise<void> {
    const editor = activeScript();
    if (editor === undefined) return;
    const { line } = editor.selection.active;
    const cell = await this.#parts.cells[direction](editor.document, line);
    if (cell !== undefined) reveal(editor, cell);
  }

  async #copy(placed: PlacedOutput | undefined): Promise<void> {
    if (placed === undefined) return;
    await vscode.env.clipboard.writeText(plainText(placed.output));
    void vscode.window.setStatusBarMessage("Output copied", 2000);
  }

  #collapse(collapsed: boolean): void {
    const editor = activeScript();
    if (editor !== undefined) this.#parts.blocks.collapse(editor.document.uri, collapsed);
  }

  /** The output that a menu of a block means, or else the one at the cursor. */
  #output(given: unknown): PlacedOutput | undefined {
    const thread = threadOf(given);
    if (thread !== undefined) return this.#parts.blocks.outputOf(thread);
    const editor = activeScript();
    return editor && this.#parts.store.at(editor.document.uri, editor.selection.active.line);
  }
}

function activeScript(): vscode.TextEditor | undefined {
  const editor = vscode.window.activeTextEditor;
  // A cell of a notebook is no script: the notebook runs it.
  return editor?.document.languageId === "metascript" && editor.document.uri.scheme !== "vscode-notebook-cell" ? editor : undefined;
}

/** The notebook in front, if it is one of ours. */
function activeNotebook(): vscode.NotebookDocument | undefined {
  const notebook = vscode.window.activeNotebookEditor?.notebook;
  return notebook?.notebookType === NOTEBOOK_TYPE ? notebook : undefined;
}

function isTarget(given: unknown): given is RunTarget {
  return typeof given === "object" && given !== null && "uri" in given && typeof given.uri === "string";
}

/** What the menu of a line number passes; lines count from one. */
function isLine(given: unknown): given is { uri: vscode.Uri; lineNumber: number } {
  return typeof given === "object" && given !== null && "lineNumber" in given && "uri" in given && given.uri instanceof vscode.Uri;
}

/** Menus of a comment thread pass the thread; those of a comment pass an object that holds it. */
function threadOf(given: unknown): vscode.CommentThread | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  if ("thread" in given) return given.thread as vscode.CommentThread;
  return "collapsibleState" in given ? (given as vscode.CommentThread) : undefined;
}

function reveal(editor: vscode.TextEditor, cell: Cell): void {
  const { start } = cell.codeRange;
  const line = editor.document.lineAt(start.line).text.slice(start.character).trim() === "" ? start.line + 1 : start.line;
  const target = editor.document.lineAt(Math.min(line, cell.range.end.line));
  const position = new vscode.Position(target.lineNumber, target.firstNonWhitespaceCharacterIndex);
  editor.selection = new vscode.Selection(position, position);
  editor.revealRange(new vscode.Range(position, position), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

async function newScript(): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: "metascript", content: FIRST_SCRIPT });
  await vscode.window.showTextDocument(document);
}
