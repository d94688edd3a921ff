/** A VS Code (code-server) with the packaged extension installed, in folders of its own. */
import { execFile, type ChildProcess } from "node:child_process";
import { cpSync, createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import { carrying, end, start, type Found } from "./processes.ts";
import { eventually } from "./tally.ts";

const CODE_SERVER = "code-server/out/node/entry.js";

export interface EditorOptions {
  /** Folder of the run; everything that is written goes below it. */
  run: string;
  packages: string;
  /** The server binary; without it, the extension looks for one by itself. */
  server?: string;
  fixtures: string;
  /** Scripts of these tests alone. */
  scripts: string;
  vsix: string;
}

export class Editor {
  readonly workspace: string;
  readonly home: string;
  readonly extensions: string;
  readonly log: string;
  readonly #options: EditorOptions;
  readonly #userData: string;
  #process: ChildProcess | undefined;
  #port = 0;

  constructor(options: EditorOptions) {
    this.#options = options;
    this.workspace = path.join(options.run, "workspace");
    this.home = path.join(options.run, "home");
    this.extensions = path.join(options.run, "extensions");
    this.log = path.join(options.run, "code-server.log");
    this.#userData = path.join(options.run, "user-data");
    for (const folder of [this.home, this.extensions, this.#userData]) mkdirSync(folder, { recursive: true });
    for (const folder of [options.fixtures, options.scripts]) cpSync(folder, this.workspace, { recursive: true });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/?folder=${encodeURIComponent(this.workspace)}`;
  }

  get authority(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Replaces the user's settings. */
  settings(more: Record<string, unknown> = {}): void {
    const folder = path.join(this.#userData, "User");
    mkdirSync(folder, { recursive: true });
    const settings = {
      "metascript.server.path": this.#options.server,
      "workbench.startupEditor": "none",
      "workbench.colorTheme": "Default Dark Modern",
      "workbench.secondarySideBar.defaultVisibility": "hidden",
      "workbench.layoutControl.enabled": false,
      "window.commandCenter": false,
      "chat.disableAIFeatures": true,
      "telemetry.telemetryLevel": "off",
      "update.mode": "none",
      "extensions.autoUpdate": false,
      "extensions.autoCheckUpdates": false,
      "extensions.ignoreRecommendations": true,
      "security.workspace.trust.enabled": false,
      "editor.minimap.enabled": false,
      "editor.hover.delay": 100,
      "files.autoSave": "off",
      ...more,
    };
    writeFileSync(path.join(folder, "settings.json"), JSON.stringify(settings, null, 2));
    // What belongs to the machine that runs the extensions is read from a file of its own.
    const machine = path.join(this.#userData, "Machine");
    mkdirSync(machine, { recursive: true });
    const own = Object.entries(settings).filter(([name]) => name.startsWith("metascript."));
    writeFileSync(path.join(machine, "settings.json"), JSON.stringify(Object.fromEntries(own), null, 2));
  }

  /** The user's settings as they stand on disk. */
  settingsText(): string {
    return ["User", "Machine"].map((folder) => readFileSync(path.join(this.#userData, folder, "settings.json"), "utf8")).join("\n");
  }

  /** Installs the extension as a user does, from its package. */
  async installExtension(): Promise<string> {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [...this.#entry(), "--install-extension", this.#options.vsix],
      { env: this.#environment() },
    );
    return stdout + stderr;
  }

  async start(): Promise<void> {
    this.#port = await freePort();
    const child = start(
      process.execPath,
      [
        ...this.#entry(),
        "--bind-addr",
        this.authority,
        "--auth",
        "none",
        "--disable-telemetry",
        "--disable-update-check",
        "--disable-file-downloads",
      ],
      { env: this.#environment(), stdio: ["ignore", "pipe", "pipe"] },
    );
    const log = createWriteStream(this.log, { flags: "a" });
    child.stdout?.pipe(log);
    child.stderr?.pipe(log);
    this.#process = child;
    await eventually("code-server answers", async () => (await fetch(`http://${this.authority}/healthz`)).ok, 60);
  }

  async stop(): Promise<void> {
    if (this.#process !== undefined) await end(this.#process);
    this.#process = undefined;
  }

  /** Whether Rust cells run on this machine, as the server sees it here. */
  async runsRust(): Promise<boolean> {
    const server = this.#options.server;
    if (server === undefined) return false;
    const { stdout } = await promisify(execFile)(server, ["runtimes", "doctor"], { env: this.#environment() }).catch((failed: { stdout?: string }) => ({ stdout: failed.stdout ?? "" }));
    return /^Rust +yes/m.test(stdout);
  }

  /** Processes of this editor that are alive: the server, extension hosts, language servers. */
  processes(): Found[] {
    return carrying(`HOME=${this.home}`);
  }

  languageServers(): Found[] {
    return this.processes().filter(({ command }) => / lsp\b/.test(command) && command.includes("metascript"));
  }

  read(file: string): string {
    return readFileSync(path.join(this.workspace, file), "utf8");
  }

  write(file: string, text: string): void {
    const target = path.join(this.workspace, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  }

  /** Whether a file of the workspace is there. */
  exists(file: string): boolean {
    return existsSync(path.join(this.workspace, file));
  }

  /** Takes a file of the workspace away. */
  remove(file: string): void {
    rmSync(path.join(this.workspace, file), { force: true });
  }

  #entry(): string[] {
    const entry = path.join(this.#options.packages, CODE_SERVER);
    return [entry, "--user-data-dir", this.#userData, "--extensions-dir", this.extensions];
  }

  /** Nothing of the user's environment that could change what the editor does. */
  #environment(): NodeJS.ProcessEnv {
    const environment: NodeJS.ProcessEnv = {};
    for (const [name, value] of Object.entries(process.env)) {
      if (!/^(VSCODE_|CODE_|ELECTRON_|NODE_OPTIONS|METASCRIPT_)/.test(name)) environment[name] = value;
    }
    // The compiled runtimes are cached by content: sharing the cache saves minutes and changes no result.
    const cache = process.env.XDG_CACHE_HOME ?? path.join(process.env.HOME ?? "", ".cache");
    // A Rust toolchain is found where rustup has it, which is below the home folder unless it is named.
    const rustup = process.env.RUSTUP_HOME ?? path.join(process.env.HOME ?? "", ".rustup");
    return { ...environment, HOME: this.home, XDG_CACHE_HOME: cache, RUSTUP_HOME: rustup, METASCRIPT_TEST_LOG: path.join(this.#options.run, "host.log") };
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
