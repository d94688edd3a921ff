// Brings what the test needs into the user's cache folder: slow once, then a look at a mark.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

/** Built-in extensions that would talk to services or eat memory, and that no test looks at. */
const UNWANTED = ["copilot", "github", "github-authentication", "microsoft-authentication", "tunnel-forwarding", "terminal-suggest"];

/** @returns {Promise<{ packages: string, node: string, chromium: string }>} */
export async function install(source) {
  const lock = readFileSync(path.join(source, "package-lock.json"));
  const key = createHash("sha256").update(lock).digest("hex").slice(0, 16);
  const base = process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache");
  const folder = path.join(base, "metascript", "vscode-test", key);
  const packages = path.join(folder, "node_modules");
  const mark = path.join(folder, "installed");
  const node = path.join(packages, `node-linux-${process.arch}`, "bin", "node");
  if (!existsSync(mark)) {
    say(`Installing VS Code for the tests into ${folder} (once, about a minute)`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const file of ["package.json", "package-lock.json"]) copyFileSync(path.join(source, file), path.join(folder, file));
    // No install script runs: they would compile native modules that the tests do not use.
    npm(["ci", "--ignore-scripts"], folder, node);
    const vscode = path.join(packages, "code-server", "lib", "vscode");
    npm(["install", "--omit=dev", "--ignore-scripts"], vscode, node);
    npm(["install", "--omit=dev", "--ignore-scripts"], path.join(vscode, "extensions"), node);
    for (const name of UNWANTED) rmSync(path.join(vscode, "extensions", name), { recursive: true, force: true });
    writeFileSync(mark, "");
  }
  return { packages, node, chromium: findChromium() };
}

function npm(args, cwd, node) {
  // The pinned Node comes with the first call; the later ones run on it.
  const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` };
  run("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], { cwd, env });
}

function findChromium() {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const find = () => {
    if (process.env.METASCRIPT_CHROMIUM) return process.env.METASCRIPT_CHROMIUM;
    for (const name of names) {
      for (const folder of (process.env.PATH ?? "").split(path.delimiter)) {
        if (folder !== "" && existsSync(path.join(folder, name))) return path.join(folder, name);
      }
    }
    return undefined;
  };
  const found = find();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    say("Installing Chromium with apt-get");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    run("apt-get", ["update", "-qq"], { env });
    run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], { env });
  }
  const installed = find();
  if (installed === undefined) {
    throw new Error(`No Chromium on the PATH (${names.join(", ")}). Install one, or name it in METASCRIPT_CHROMIUM.`);
  }
  return installed;
}

function run(program, args, options) {
  say(`${program} ${args.join(" ")}`);
  // What these print is progress: standard output belongs to the test's results.
  const { status, error } = spawnSync(program, args, { ...options, stdio: ["ignore", 2, 2] });
  if (error !== undefined) throw new Error(`${program} could not be started: ${error.message}`);
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed with ${status}`);
}

function say(text) {
  process.stderr.write(`   ${text}\n`);
}
