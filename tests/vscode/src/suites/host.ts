/** Tests that run inside the extension host; this side starts them and reads what they say. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { Suite } from "../suite.ts";
import { eventually, PATIENCE } from "../tally.ts";

interface Entry {
  name?: string;
  ok?: boolean;
  error?: string;
  measure?: string;
  ms?: number;
  done?: boolean;
}

/** Bundles the tests; answers the file. */
export async function bundle(repository: string, run: string, entry: string): Promise<string> {
  // esbuild is one of the extension's own packages.
  const require = createRequire(path.join(repository, "editors/vscode/package.json"));
  const { build } = require("esbuild") as { build(options: object): Promise<unknown> };
  const outfile = path.join(run, "host-tests.cjs");
  await build({
    entryPoints: [path.join(repository, "tests/vscode/host", entry)],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["vscode"],
    logLevel: "warning",
  });
  return outfile;
}

export function host(repository: string, run: string, entry = "index.ts"): (suite: Suite) => Promise<void> {
  return async function host({ tally, page, editor }) {
    tally.heading("Inside the extension host");
    const tests = await bundle(repository, run, entry);
    const log = path.join(run, "host.log");
    rmSync(log, { force: true });
    writeFileSync(log, "");
    const folder = readdirSync(editor.extensions).find((name) => name.startsWith("metascript.metascript-"));
    if (folder === undefined) throw new Error("the extension is not installed");

    // A built workbench takes the tests' place from its page's configuration alone.
    const remote = (file: string): object => ({ scheme: "vscode-remote", authority: editor.authority, path: file });
    await page.route(
      (url) => url.pathname === "/" && url.host === editor.authority,
      async (route) => {
        const response = await route.fetch();
        const body = (await response.text()).replace(
          /(id="vscode-workbench-web-configuration" data-settings=")([^"]*)(")/,
          (_all, start: string, json: string, end: string) => {
            const configuration = JSON.parse(unescape(json)) as { developmentOptions?: object };
            configuration.developmentOptions = {
              ...configuration.developmentOptions,
              extensions: [remote(path.join(editor.extensions, folder))],
              extensionTestsPath: remote(tests),
            };
            return start + escape(JSON.stringify(configuration)) + end;
          },
        );
        await route.fulfill({ response, body });
      },
    );
    await page.goto(editor.url, { waitUntil: "domcontentloaded", timeout: 90_000 * PATIENCE });
    const entries = (): Entry[] =>
      (existsSync(log) ? readFileSync(log, "utf8") : "")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Entry);
    let shown = 0;
    await eventually(
      "the tests end",
      async () => {
        const all = entries();
        for (const entry of all.slice(shown)) {
          if (entry.name !== undefined) {
            await tally.check(entry.name, () => {
              if (entry.ok !== true) throw new Error(entry.error);
            });
          }
          if (entry.measure !== undefined) process.stdout.write(`         ${entry.measure}: ${entry.ms?.toFixed(1)} ms\n`);
        }
        shown = all.length;
        return all.some(({ done }) => done === true);
      },
      400,
    );
  };
}

function unescape(text: string): string {
  return text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
