// Tests the VS Code extension in a real VS Code: `node main.mjs --server PATH [--artefacts FOLDER] [--only WORD]`.
// With `--bench` it prints how quick the extension is instead.
// Ends with the line `N passed, N failed`.
//
// This file runs on whatever Node there is. It brings the pinned Node, VS Code and browser driver, and goes on with those.
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { install } from "./install.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const { packages, node, chromium } = await install(here);

// Packages are found from where the sources lie, so the sources go where the packages are.
const run = mkdtempSync(path.join(tmpdir(), "metascript-vscode-"));
cpSync(path.join(here, "src"), path.join(run, "src"), { recursive: true });
cpSync(path.join(here, "package.json"), path.join(run, "package.json"));
cpSync(path.join(here, "tsconfig.json"), path.join(run, "tsconfig.json"));
symlinkSync(packages, path.join(run, "node_modules"));

const child = spawn(node, [path.join(run, "src/main.ts"), ...process.argv.slice(2)], {
  stdio: "inherit",
  env: {
    ...process.env,
    METASCRIPT_REPOSITORY: path.resolve(here, "../.."),
    METASCRIPT_PACKAGES: packages,
    METASCRIPT_CHROMIUM: chromium,
    METASCRIPT_RUN: run,
  },
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => {
  rmSync(run, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  process.exitCode = code ?? 1;
});
