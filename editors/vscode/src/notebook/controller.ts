import * as vscode from "vscode";
import { ExecuteCommandRequest } from "vscode-languageclient/node";
import type { Cell, CellEvent, CellOutputParams, RunSummary } from "../protocol.ts";
import type { Supervisor } from "../server/supervisor.ts";
import { bundleItems, errorItem, streamItem } from "./items.ts";
import { NOTEBOOK_TYPE } from "./serializer.ts";
import { CELL_LANGUAGES } from "./text.ts";

/** A cell of a notebook that runs. */
interface Running {
  readonly execution: vscode.NotebookCellExecution;
  /** The server's runs that belong to it: a piece of a script may hold several cells. */
  readonly runs: Set<number>;
  /** The stream that the last output shows, to go on with it. */
  stream: { name: "stdout" | "stderr"; output: vscode.NotebookCellOutput } | undefined;
  /** Outputs appear one after the other. */
  shown: Promise<void>;
  /** Runs whose last event has come. */
  readonly finished: Set<number>;
  /** Called when a run's last event has come. */
  wake: () => void;
}

/** The answer to a command can overtake the last output; this long it is waited for, in milliseconds. */
const OUTPUT_PATIENCE_MS = 5_000;

/** Runs the cells of notebooks, in every language: one session for each notebook, as for each script. */
export class NotebookRunner implements vscode.Disposable {
  readonly #supervisor: Supervisor;
  readonly #controller: vscode.NotebookController;
  readonly #subscriptions: vscode.Disposable[];
  /** What runs in each notebook, and what waits behind it. */
  readonly #queues = new Map<string, Promise<void>>();
  readonly #running = new Map<string, Running>();
  /** Notebooks whose waiting cells are not wanted any more. */
  readonly #interrupted = new Set<string>();
  #order = 0;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
    const controller = vscode.notebooks.createNotebookController("metascript.sandbox", NOTEBOOK_TYPE, "Metascript Sandbox");
    controller.supportedLanguages = CELL_LANGUAGES;
    controller.supportsExecutionOrder = true;
    controller.description = "Cells run in a WebAssembly sandbox, one session for each notebook";
    controller.executeHandler = (cells, notebook) => this.#execute(cells, notebook);
    controller.interruptHandler = (notebook) => this.interrupt(notebook);
    this.#controller = controller;
    this.#subscriptions = [
      controller,
      vscode.workspace.onDidCloseNotebookDocument((notebook) => {
        this.#queues.delete(notebook.uri.toString());
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** Takes an event of a run; `false` when it is not about a notebook. */
  receive({ textDocument, run, event }: CellOutputParams): boolean {
    const uri = vscode.Uri.parse(textDocument.uri, true).toString();
    if (!vscode.workspace.notebookDocuments.some((notebook) => notebook.notebookType === NOTEBOOK_TYPE && notebook.uri.toString() === uri)) return false;
    const running = this.#running.get(uri);
    if (running === undefined) return true;
    // One request at a time is on its way for a notebook: a run that begins meanwhile is its run.
    if (event.kind === "queued") running.runs.add(run);
    if (!running.runs.has(run)) return true;
    running.shown = running.shown.then(() => show(running, event)).catch(() => undefined);
    if (event.kind === "finished") {
      running.finished.add(run);
      running.wake();
    }
    return true;
  }

  async interrupt(notebook: vscode.NotebookDocument): Promise<void> {
    const uri = notebook.uri.toString();
    if (this.#running.has(uri)) this.#interrupted.add(uri);
    await this.#supervisor.client?.sendRequest(ExecuteCommandRequest.type, { command: "metascript.interrupt", arguments: [{ uri }] });
  }

  #execute(cells: readonly vscode.NotebookCell[], notebook: vscode.NotebookDocument): Promise<void> {
    const uri = notebook.uri.toString();
    const executions = cells.map((cell) => this.#controller.createNotebookCellExecution(cell));
    const before = this.#queues.get(uri) ?? Promise.resolve();
    const all = before.then(async () => {
      let failed = false;
      for (const execution of executions) {
        // As in a script: what stands behind a cell that failed does not run.
        if (failed || this.#interrupted.has(uri)) {
          execution.start();
          execution.end(undefined);
          continue;
        }
        failed = !(await this.#run(uri, execution));
      }
      this.#interrupted.delete(uri);
    });
    this.#queues.set(uri, all);
    return all;
  }

  /** Runs what is in one cell of the notebook; answers whether all went well. */
  async #run(uri: string, execution: vscode.NotebookCellExecution): Promise<boolean> {
    execution.executionOrder = this.#order += 1;
    execution.start(Date.now());
    await execution.clearOutput();
    const running: Running = { execution, runs: new Set(), stream: undefined, shown: Promise.resolve(), finished: new Set(), wake: () => undefined };
    this.#running.set(uri, running);
    let ok = true;
    try {
      const cell = execution.cell.document.uri.toString();
      for (const index of await this.#scriptCells(execution.cell)) {
        const summary = await this.#request<RunSummary>("metascript.runCell", { uri: cell, cell: index }, execution.token);
        await finished(running, summary);
        ok = summary.status === "ok";
        if (!ok) break;
      }
    } catch (error) {
      ok = false;
      await running.shown;
      await execution.replaceOutput(new vscode.NotebookCellOutput([vscode.NotebookCellOutputItem.error(asError(error))]));
    }
    await running.shown;
    this.#running.delete(uri);
    execution.end(ok, Date.now());
    return ok;
  }

  /** The numbers, in the script, of the code that a cell of the notebook holds. */
  async #scriptCells(cell: vscode.NotebookCell): Promise<number[]> {
    const client = await this.#client();
    const ask = (): Promise<Cell[] | null> =>
      client.sendRequest<Cell[] | null>("metascript/cells", { textDocument: { uri: cell.document.uri.toString() } });
    // The server may refuse a question about a text that has just changed: the second one is about the new text.
    const cells = (await ask().catch(ask)) ?? [];
    const stopped = cells.find(({ runnable, reason }) => !runnable && reason !== null);
    const runnable = cells.filter((one) => one.runnable);
    if (runnable.length === 0 && stopped !== undefined && cell.document.getText().trim() !== "") throw new Error(stopped.reason ?? "the cell cannot run");
    return runnable.map(({ index }) => index);
  }

  async #request<T>(command: string, argument: object, token: vscode.CancellationToken): Promise<T> {
    const client = await this.#client();
    return (await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [argument as never] }, token)) as T;
  }

  async #client(): Promise<NonNullable<Supervisor["client"]>> {
    if (!vscode.workspace.isTrusted) throw new Error("Cells run only in folders that you trust.");
    const client = await this.#supervisor.running(15_000);
    if (client === undefined) throw new Error("The Metascript server is not running.");
    return client;
  }
}

/** Waits until every output of these runs has come. */
async function finished(running: Running, summary: RunSummary): Promise<void> {
  const end = Date.now() + OUTPUT_PATIENCE_MS;
  while (summary.cells.some(({ run }) => !running.finished.has(run)) && Date.now() < end) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, end - Date.now());
      running.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

async function show(running: Running, event: CellEvent): Promise<void> {
  const { execution } = running;
  const append = async (items: vscode.NotebookCellOutputItem[]): Promise<vscode.NotebookCellOutput> => {
    const output = new vscode.NotebookCellOutput(items);
    await execution.appendOutput(output);
    return output;
  };
  switch (event.kind) {
    case "stream":
      if (running.stream?.name === event.name) await execution.appendOutputItems(streamItem(event.name, event.text), running.stream.output);
      else running.stream = { name: event.name, output: await append([streamItem(event.name, event.text)]) };
      break;
    case "display":
    case "result":
      running.stream = undefined;
      await append(bundleItems(event.data));
      break;
    case "error":
      running.stream = undefined;
      await append([errorItem(event)]);
      break;
    case "queued":
    case "started":
    case "finished":
      break;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
