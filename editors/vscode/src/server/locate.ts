import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { homedir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { parseVersion } from "./version.ts";

const VERSION_TIMEOUT_MS = 20_000;
const PROGRAM = process.platform === "win32" ? "metascript.exe" : "metascript";

export interface Server {
  path: string;
  /** Where it was found, for people. */
  origin: "the setting metascript.server.path" | "the extension" | "the PATH";
  version: string;
}

/** Why there is no server to start; `message` is for people. */
export class ServerNotFound extends Error {}

interface Places {
  /** The setting `metascript.server.path`, or an empty string. */
  setting: string;
  workspaceFolder: string | undefined;
  extensionFolder: string;
  /** The `PATH` to search. */
  searchPath: string;
}

/** The server to start: the setting's, else the bundled one, else the first on the `PATH`. */
export async function locateServer(places: Places): Promise<Server> {
  if (places.setting !== "") {
    const file = expand(places.setting, places.workspaceFolder);
    if (!(await isExecutable(file))) {
      throw new ServerNotFound(`The setting metascript.server.path names ${file}, which is not a program that can be started.`);
    }
    return { path: file, origin: "the setting metascript.server.path", version: await versionOf(file) };
  }
  const bundled = path.join(places.extensionFolder, "server", PROGRAM);
  if (await isExecutable(bundled)) {
    return { path: bundled, origin: "the extension", version: await versionOf(bundled) };
  }
  for (const folder of places.searchPath.split(path.delimiter)) {
    // A relative entry would let an opened folder bring its own program.
    if (!path.isAbsolute(folder)) continue;
    const file = path.join(folder, PROGRAM);
    if (await isExecutable(file)) return { path: file, origin: "the PATH", version: await versionOf(file) };
  }
  throw new ServerNotFound("The program metascript was not found on the PATH. Install it, or name it in the setting metascript.server.path.");
}

function expand(setting: string, workspaceFolder: string | undefined): string {
  const home = setting.startsWith("~/") ? path.join(homedir(), setting.slice(2)) : setting;
  const file = home.replaceAll("${workspaceFolder}", workspaceFolder ?? "");
  return path.isAbsolute(file) || workspaceFolder === undefined ? file : path.join(workspaceFolder, file);
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

async function versionOf(file: string): Promise<string> {
  let printed: string;
  try {
    ({ stdout: printed } = await promisify(execFile)(file, ["--version"], { timeout: VERSION_TIMEOUT_MS, windowsHide: true }));
  } catch (error) {
    throw new ServerNotFound(`${file} --version failed: ${error instanceof Error ? error.message : String(error)}`);
  }
  const version = parseVersion(printed);
  if (version === undefined) {
    throw new ServerNotFound(`${file} does not look like metascript: its --version printed ${JSON.stringify(printed.slice(0, 80))}.`);
  }
  return version;
}
