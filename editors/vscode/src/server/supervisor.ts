import * as vscode from "vscode";
import { CloseAction, ErrorAction, ExecuteCommandRequest, RevealOutputChannelOn, State } from "vscode-languageclient/node";
import {
  PROTOCOL_VERSION,
  type AiOutputParams,
  type CellOutputParams,
  type InitializationOptions,
  type KeptOutputsParams,
  type ServerExtensions,
  type SessionStatusParams,
  type StaleCellsParams,
} from "../protocol.ts";
import type { Keys } from "../ai/keys.ts";
import { Backoff } from "./backoff.ts";
import { MetascriptClient } from "./client.ts";
import { oneView } from "./middleware.ts";
import { locateServer, ServerNotFound, type Server } from "./locate.ts";
import { isSupported, SUPPORTED_SERVERS } from "./version.ts";

const DOCUMENTS = [
  { scheme: "file", language: "metascript" },
  { scheme: "untitled", language: "metascript" },
  { notebook: "metascript" },
];

/** Milliseconds that a server may take to say goodbye. */
const STOP_TIMEOUT_MS = 3_000;

export type Health =
  | { state: "stopped" }
  | { state: "starting" }
  | { state: "running"; server: Server; extensions: ServerExtensions | undefined }
  | { state: "waiting"; reason: string; delayMs: number }
  | { state: "failed"; reason: string };

/** What the supervisor works with. */
interface Parts {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly trace: vscode.LogOutputChannel;
  /** Keys of AI providers for the server's environment. */
  readonly keys: Keys;
}

/** Starts the language server, starts it again when it ends by itself, and knows how it is. */
export class Supervisor implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #log: vscode.LogOutputChannel;
  readonly #trace: vscode.LogOutputChannel;
  readonly #backoff = new Backoff();
  readonly #healthChanged = new vscode.EventEmitter<Health>();
  readonly #cellOutput = new vscode.EventEmitter<CellOutputParams>();
  readonly #sessionStatus = new vscode.EventEmitter<SessionStatusParams>();
  readonly #staleCells = new vscode.EventEmitter<StaleCellsParams>();
  readonly #keptOutputs = new vscode.EventEmitter<KeptOutputsParams>();
  readonly #aiOutput = new vscode.EventEmitter<AiOutputParams>();
  readonly #forwarders = new Map<string, vscode.Disposable>();
  readonly #keys: Keys;
  #health: Health = { state: "stopped" };
  #client: MetascriptClient | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Grows with every start and stop: what belongs to an older one is ignored. */
  #generation = 0;

  readonly onDidChangeHealth = this.#healthChanged.event;
  readonly onCellOutput = this.#cellOutput.event;
  readonly onSessionStatus = this.#sessionStatus.event;
  readonly onStaleCells = this.#staleCells.event;
  readonly onKeptOutputs = this.#keptOutputs.event;
  readonly onAiOutput = this.#aiOutput.event;

  constructor({ context, log, trace, keys }: Parts) {
    this.#context = context;
    this.#log = log;
    this.#trace = trace;
    this.#keys = keys;
  }

  get health(): Health {
    return this.#health;
  }

  /** The client of a server that is up. */
  get client(): MetascriptClient | undefined {
    return this.#client?.state === State.Running ? this.#client : undefined;
  }

  /** The client, once a server that is starting is up; `undefined` when it will not be, or not so soon. */
  async running(patienceMs: number): Promise<MetascriptClient | undefined> {
    if (this.client !== undefined || this.#health.state === "failed") return this.client;
    return await new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        subscription.dispose();
        resolve(this.client);
      };
      const timer = setTimeout(done, patienceMs);
      const subscription = this.onDidChangeHealth(({ state }) => {
        if (state === "running" || state === "failed") done();
      });
    });
  }

  /** Starts the server; a start that fails is told to the user and to {@link health}. */
  async start(): Promise<void> {
    const generation = ++this.#generation;
    clearTimeout(this.#timer);
    this.#become({ state: "starting" });
    try {
      const server = await this.#locate();
      if (generation !== this.#generation) return;
      await this.#connect(server, generation);
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#fail(error instanceof Error ? error.message : String(error), error instanceof ServerNotFound);
    }
  }

  async stop(): Promise<void> {
    this.#generation += 1;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    this.#become({ state: "stopped" });
    // A server that is gone or hangs must not keep us from going on; the client ends its process.
    await client?.dispose(STOP_TIMEOUT_MS).catch((error: unknown) => {
      this.#log.debug(`Stopping the server: ${String(error)}`);
    });
  }

  async restart(): Promise<void> {
    await this.stop();
    this.#backoff.reset();
    await this.start();
  }

  dispose(): void {
    void this.stop();
    for (const forwarder of this.#forwarders.values()) forwarder.dispose();
    for (const emitter of [this.#healthChanged, this.#cellOutput, this.#sessionStatus, this.#staleCells, this.#keptOutputs, this.#aiOutput]) emitter.dispose();
  }

  async #locate(): Promise<Server> {
    const server = await locateServer({
      setting: vscode.workspace.getConfiguration("metascript.server").get<string>("path", "").trim(),
      workspaceFolder: vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === "file")?.uri.fsPath,
      extensionFolder: this.#context.extensionPath,
      searchPath: process.env.PATH ?? "",
    });
    this.#log.info(`Server ${server.version} from ${server.origin}: ${server.path}`);
    if (!isSupported(server.version)) {
      const message = `The server at ${server.path} is version ${server.version}; this extension works with ${SUPPORTED_SERVERS}.`;
      this.#log.warn(message);
      void this.#tell(vscode.window.showWarningMessage, message);
    }
    return server;
  }

  async #connect(server: Server, generation: number): Promise<void> {
    const startedAt = Date.now();
    const settings = vscode.workspace.getConfiguration("metascript.server");
    const providers = vscode.workspace.getConfiguration("metascript.ai").get<{ api_key_env?: string }[]>("providers", []);
    const keys = await this.#keys.environment(providers);
    if (generation !== this.#generation) return;
    const client = new MetascriptClient(
      "metascript",
      "Metascript",
      {
        command: server.path,
        args: ["lsp", ...settings.get<string[]>("arguments", [])],
        options: { env: { ...process.env, ...keys, ...settings.get<Record<string, string>>("environment", {}) } },
      },
      {
        documentSelector: DOCUMENTS,
        outputChannel: this.#log,
        traceOutputChannel: this.#trace,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        initializationOptions: initializationOptions,
        middleware: oneView(() => this.#client),
        // A failed start is told once, by us.
        initializationFailedHandler: () => false,
        errorHandler: {
          error: () => ({ action: ErrorAction.Continue, handled: true }),
          closed: () => {
            this.#ended(generation, Date.now() - startedAt);
            return { action: CloseAction.DoNotRestart, handled: true };
          },
        },
      },
    );
    this.#client = client;
    client.onNotification("metascript/cellOutput", (params: CellOutputParams) => {
      this.#cellOutput.fire(params);
    });
    client.onNotification("metascript/sessionStatus", (params: SessionStatusParams) => {
      this.#sessionStatus.fire(params);
    });
    client.onNotification("metascript/staleCells", (params: StaleCellsParams) => {
      this.#staleCells.fire(params);
    });
    client.onNotification("metascript/keptOutputs", (params: KeptOutputsParams) => {
      this.#keptOutputs.fire(params);
    });
    client.onNotification("metascript/aiOutput", (params: AiOutputParams) => {
      this.#aiOutput.fire(params);
    });
    await client.start();
    if (generation !== this.#generation) {
      await client.dispose(STOP_TIMEOUT_MS).catch(() => undefined);
      return;
    }
    const experimental = client.initializeResult?.capabilities.experimental as { metascript?: ServerExtensions } | undefined;
    const extensions = experimental?.metascript;
    if (extensions !== undefined && extensions.version !== PROTOCOL_VERSION) {
      await this.stop();
      throw new Error(
        `The server ${server.path} speaks version ${extensions.version} of the Metascript protocol; this extension speaks ${PROTOCOL_VERSION}. Install the two from one release.`,
      );
    }
    await this.#forwardCommands(client);
    this.#become({ state: "running", server, extensions });
  }

  /** Commands of the server that the extension does not know (fixes, for example) go to it as they are. */
  async #forwardCommands(client: MetascriptClient): Promise<void> {
    const offered = client.initializeResult?.capabilities.executeCommandProvider?.commands ?? [];
    const known = new Set(await vscode.commands.getCommands());
    for (const command of offered) {
      if (known.has(command) || this.#forwarders.has(command)) continue;
      const forward = (...args: unknown[]): Promise<unknown> | undefined =>
        this.client?.sendRequest(ExecuteCommandRequest.type, { command, arguments: args as never[] });
      this.#forwarders.set(command, vscode.commands.registerCommand(command, forward));
    }
  }

  #ended(generation: number, livedMs: number): void {
    if (generation !== this.#generation) return;
    this.#generation += 1;
    this.#client = undefined;
    const delayMs = this.#backoff.next(livedMs);
    if (delayMs === undefined) {
      this.#fail("The server ended several times in a row.", false);
      return;
    }
    const reason = "The server ended unexpectedly.";
    this.#log.warn(`${reason} It starts again in ${delayMs} ms.`);
    this.#become({ state: "waiting", reason, delayMs });
    this.#timer = setTimeout(() => void this.start(), delayMs);
  }

  #fail(reason: string, canBeSet: boolean): void {
    this.#log.error(reason);
    this.#become({ state: "failed", reason });
    void this.#tell(vscode.window.showErrorMessage, `Metascript: ${reason}`, canBeSet);
  }

  async #tell(
    show: (message: string, ...items: string[]) => Thenable<string | undefined>,
    message: string,
    canBeSet = true,
  ): Promise<void> {
    const choices = canBeSet ? ["Open Settings", "Show Log"] : ["Restart", "Show Log"];
    switch (await show(message, ...choices)) {
      case "Open Settings":
        await vscode.commands.executeCommand("workbench.action.openSettings", "metascript.server");
        break;
      case "Restart":
        await this.restart();
        break;
      case "Show Log":
        this.#log.show();
        break;
      default:
    }
  }

  #become(health: Health): void {
    this.#health = health;
    this.#healthChanged.fire(health);
  }
}

/** What the server is told at its start. Untrusted folders are read and checked, never run. */
function initializationOptions(): InitializationOptions {
  const run = vscode.workspace.getConfiguration("metascript.run");
  const runtimesPath = run.get<string>("runtimesPath", "").trim();
  const policy = run.get<string>("policy", "").trim();
  const seconds = run.get<number | null>("timeLimit", null);
  const mebibytes = run.get<number | null>("memoryLimit", null);
  return {
    ...(runtimesPath === "" ? {} : { runtimesPath }),
    run: {
      enabled: vscode.workspace.isTrusted && run.get<boolean>("enabled", true),
      ...(policy === "" ? {} : { policy }),
      ...(seconds === null ? {} : { timeLimitMs: Math.round(seconds * 1000) }),
      ...(mebibytes === null ? {} : { memoryLimitMb: mebibytes }),
      keepOutputs: vscode.workspace.getConfiguration("metascript.output").get<boolean>("keep", false),
      onSave: run.get<boolean>("onSave", false),
    },
    fsharp: { diagnostics: vscode.workspace.getConfiguration("metascript.fsharp").get<boolean>("diagnostics", true) },
    ai: aiSettings(),
  };
}

/** What the user has set of `metascript.ai`; the rest is left to the settings files. */
function aiSettings(): Record<string, unknown> {
  const settings = vscode.workspace.getConfiguration("metascript.ai");
  return Object.fromEntries(
    ["enabled", "providers", "tasks", "inline"].flatMap((name) => {
      const set = settings.inspect(name);
      const value = set?.workspaceFolderValue ?? set?.workspaceValue ?? set?.globalValue;
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
