import * as vscode from "vscode";
import { chatParticipant } from "./ai/chat.ts";
import { AiCommands } from "./ai/commands.ts";
import { Keys } from "./ai/keys.ts";
import { Proposals } from "./ai/proposals.ts";
import { ProviderSetup } from "./ai/setup.ts";
import { Cells } from "./cells.ts";
import { Commands } from "./commands.ts";
import { GraphPanel } from "./graph/panel.ts";
import { NotebookRunner } from "./notebook/controller.ts";
import { NOTEBOOK_TYPE, ScriptSerializer } from "./notebook/serializer.ts";
import { openAsNotebook, openAsText } from "./notebook/views.ts";
import { OutputBlocks } from "./output/blocks.ts";
import { OutputGutter } from "./output/gutter.ts";
import { OutputLines } from "./output/lines.ts";
import { OutputPanel } from "./output/panel.ts";
import { plainText } from "./output/render.ts";
import { OutputStore, whyStale } from "./output/store.ts";
import { Supervisor, type Health } from "./server/supervisor.ts";
import { AuditView } from "./views/audit.ts";
import { settingsHelp } from "./settings/completion.ts";
import { PartsView } from "./views/parts.ts";
import { VariablesView } from "./views/variables.ts";
import { Status } from "./status.ts";

/** What the extension offers to other extensions and to its tests. */
export interface MetascriptApi {
  readonly health: () => Health;
  /** The outputs of a script, in the order in which their cells ran first. */
  readonly outputs: (uri: vscode.Uri) => { line: number; status: string; stale: boolean; text: string }[];
  /** Milliseconds that activation took. */
  readonly activationMs: number;
}

/** Settings that the server reads once, at its start. */
const NEEDS_RESTART = ["metascript.server.path", "metascript.server.arguments", "metascript.server.environment", "metascript.run", "metascript.output.keep", "metascript.fsharp", "metascript.ai"];

let running: Supervisor | undefined;

export function activate(context: vscode.ExtensionContext): MetascriptApi {
  const begun = performance.now();
  const log = vscode.window.createOutputChannel("Metascript", { log: true });
  const trace = vscode.window.createOutputChannel("Metascript Trace", { log: true });
  const keys = new Keys(context.secrets);
  const supervisor = new Supervisor({ context, log, trace, keys });
  const proposals = new Proposals();
  running = supervisor;
  const store = new OutputStore();
  const cells = new Cells(supervisor);
  const blocks = new OutputBlocks(store);
  const panel = new OutputPanel(store);
  const serializer = new ScriptSerializer(supervisor);
  const notebooks = new NotebookRunner(supervisor);
  const graph = new GraphPanel(supervisor, context.extensionUri);
  context.subscriptions.push(
    log,
    trace,
    supervisor,
    store,
    blocks,
    panel,
    new OutputLines(store),
    new OutputGutter(store, context.extensionUri),
    settingsHelp(),
    new Status(supervisor),
    proposals,
    new AiCommands(supervisor, proposals),
    new ProviderSetup(supervisor, keys),
    chatParticipant(supervisor, proposals),
    new Commands({ supervisor, cells, store, blocks, panel, log }),
    notebooks,
    graph,
    new VariablesView(supervisor),
    new PartsView(supervisor),
    new AuditView(supervisor),
    vscode.commands.registerCommand("metascript.showGraph", () => {
      graph.show();
    }),
    vscode.commands.registerCommand("metascript.showVariables", () => vscode.commands.executeCommand("metascript.variables.focus")),
    vscode.workspace.registerNotebookSerializer(NOTEBOOK_TYPE, serializer, {
      // A script has no place for outputs: they live as long as the notebook is open.
      transientOutputs: true,
    }),
    vscode.commands.registerCommand("metascript.openAsNotebook", (uri?: unknown) => openAsNotebook(serializer, uri)),
    vscode.commands.registerCommand("metascript.openAsText", (uri?: unknown) => openAsText(uri)),
    supervisor.onCellOutput((params) => {
      if (!notebooks.receive(params)) store.receive(params);
    }),
    supervisor.onStaleCells((params) => {
      store.setOutdated(params);
    }),
    supervisor.onKeptOutputs((params) => {
      store.receiveKept(params);
    }),
    supervisor.onSessionStatus(({ uri, state }) => {
      if (state === "restarted" || state === "ended") store.sessionRestarted(vscode.Uri.parse(uri));
    }),
    supervisor.onDidChangeHealth(({ state }) => {
      if (state !== "running" && state !== "starting") store.loseRunning();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => supervisor.restart()),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (!NEEDS_RESTART.some((section) => event.affectsConfiguration(section))) return;
      // Without a server nothing is lost; with one, its sessions are.
      if (supervisor.client === undefined) {
        await supervisor.restart();
        return;
      }
      const restart = "Restart Server";
      const answer = await vscode.window.showInformationMessage("The new Metascript settings count from the server's next start.", restart);
      if (answer === restart) await supervisor.restart();
    }),
  );
  // The editor does not wait for the server.
  void supervisor.start();
  const activationMs = performance.now() - begun;
  log.debug(`Activated in ${activationMs.toFixed(1)} ms`);
  return {
    activationMs,
    health: () => supervisor.health,
    outputs: (uri) =>
      store.of(uri).map((placed) => ({
        line: placed.span.end.line,
        status: placed.output.status,
        stale: whyStale(placed) !== undefined,
        text: plainText(placed.output),
      })),
  };
}

/** The editor waits for this: the server says goodbye before its process ends. */
export async function deactivate(): Promise<void> {
  await running?.stop();
}
