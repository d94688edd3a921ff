/** Runs the suites and counts. */
import { mkdirSync, existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { Windows } from "./browser.ts";
import { Editor } from "./editor.ts";
import { endAll } from "./processes.ts";
import { Model } from "./model.ts";
import { ai, realModel } from "./suites/ai.ts";
import { host } from "./suites/host.ts";
import { notebook } from "./suites/notebook.ts";
import { offline } from "./suites/offline.ts";
import { packaged } from "./suites/packaged.ts";
import { pictures } from "./suites/pictures.ts";
import { keptAfterwards, keptFirst } from "./suites/kept.ts";
import { language } from "./suites/language.ts";
import { longRuns, running } from "./suites/running.ts";
import { missingServer, server, untrusted } from "./suites/server.ts";
import { settingsFile } from "./suites/settings.ts";
import { suggest } from "./suites/suggest.ts";
import type { Suite } from "./suite.ts";
import { contains, equal, eventually, holds, Tally } from "./tally.ts";
import { typing } from "./suites/typing.ts";
import { views } from "./suites/views.ts";
import { Workbench } from "./workbench.ts";

const { values } = parseArgs({ options: { server: { type: "string" }, artefacts: { type: "string" }, only: { type: "string" }, package: { type: "string" }, bench: { type: "boolean", default: false } } });
const needed = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; cargo xtask vscode-test sets it`);
  return value;
};
const repository = needed("METASCRIPT_REPOSITORY");
const packages = needed("METASCRIPT_PACKAGES");
const run = needed("METASCRIPT_RUN");
const artefacts = path.resolve(values.artefacts ?? path.join(repository, "target", "artefacts", "vscode"));
const binary = path.resolve(values.server ?? path.join(repository, "target", "debug", "metascript"));
mkdirSync(artefacts, { recursive: true });

const tally = new Tally(values.only);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => void endAll().finally(() => process.exit(1)));
}
try {
  if (values.bench) {
    await inEditor(bench);
  } else if (values.package === undefined) {
    await offline(tally, { repository, packages, run });
    await inEditor(suites);
  } else {
    await fromPackage(path.resolve(values.package));
  }
} catch (error) {
  tally.failed += 1;
  process.stdout.write(`FAILED ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
} finally {
  await endAll();
}
process.stdout.write(`\n${tally.passed} passed, ${tally.failed} failed\n`);
process.exit(tally.failed === 0 ? 0 : 1);

/** A package with a server of its own: it installs, and a cell runs without any setting. */
async function fromPackage(vsix: string): Promise<void> {
  const editor = new Editor({ run, packages, fixtures: path.join(repository, "fixtures"), scripts: path.join(repository, "tests/vscode/scripts"), vsix });
  editor.settings();
  tally.heading("From the package");
  await tally.check("the package installs", async () => {
    contains(await editor.installExtension(), "was successfully installed");
  });
  await editor.start();
  const windows = await Windows.launch(needed("METASCRIPT_CHROMIUM"), path.join(run, "home"));
  try {
    await inWindow(editor, windows, "package", [packaged]);
  } finally {
    await windows.close();
    await editor.stop();
  }
}

/** Installs the packaged extension in a fresh editor, and does the work there. */
async function inEditor(work: (editor: Editor, windows: Windows) => Promise<void>): Promise<void> {
  if (!existsSync(binary)) throw new Error(`there is no server at ${binary}; build it with cargo build, or name it with --server`);
  const vsix = path.join(repository, "editors/vscode/metascript.vsix");
  const editor = new Editor({ run, packages, server: binary, fixtures: path.join(repository, "fixtures"), scripts: path.join(repository, "tests/vscode/scripts"), vsix });
  editor.settings();
  tally.heading("Installing");
  await tally.check("the package installs", async () => {
    contains(await editor.installExtension(), "was successfully installed");
  });
  await editor.start();
  const windows = await Windows.launch(needed("METASCRIPT_CHROMIUM"), path.join(run, "home"));
  try {
    await work(editor, windows);
  } finally {
    await windows.close();
    await editor.stop();
  }
  await tally.check("no process is left", async () => {
    await eventually("all ended", () => editor.processes().length === 0, 20).catch(() => {
      const left = editor.processes();
      for (const { pid } of left) process.kill(pid, "SIGKILL");
      holds(left.length === 0, `processes that had to be killed: ${left.map(({ command }) => command.slice(0, 120)).join("; ")}`);
    });
  });
}

/** The AI commands, with a provider in the user's settings that this process plays. */
async function withModel(editor: Editor, windows: Windows): Promise<void> {
  const model = new Model();
  const provider = { name: "scripted", kind: "openai", base_url: await model.start(), model: "test-model" };
  try {
    await inWindow(editor, windows, "ai", [ai(model)], {
      "metascript.ai.providers": [provider],
      "metascript.ai.tasks": { chat: ["scripted"], inline: ["embedded"] },
    });
  } finally {
    model.stop();
  }
  if (!tally.wants("realModel")) return;
  const url = needed("METASCRIPT_MODEL_URL");
  await inWindow(editor, windows, "model", [realModel], {
    "metascript.ai.providers": [{ name: "llama", kind: "openai", base_url: `${url}/v1`, model: "one-sentence" }],
    "metascript.ai.tasks": { inline: ["llama"] },
  });
}

async function suites(editor: Editor, windows: Windows): Promise<void> {
  await inWindow(editor, windows, "main", [language, suggest, running, longRuns, server]);
  await withModel(editor, windows);
  await inWindow(editor, windows, "notebook", [notebook, views]);
  const keeping = { "metascript.output.keep": true, "metascript.run.onSave": true };
  await inWindow(editor, windows, "kept", [keptFirst], keeping);
  await inWindow(editor, windows, "kept-afterwards", [keptAfterwards], keeping);
  await inWindow(editor, windows, "settings", [settingsFile]);
  await inWindow(editor, windows, "pictures", [pictures]);
  await inWindow(editor, windows, "host", [host(repository, run)], {}, false);
  await inWindow(editor, windows, "no-server", [missingServer], { "metascript.server.path": path.join(run, "nothing-here") });
  await inWindow(editor, windows, "untrusted", [untrusted], { "security.workspace.trust.enabled": true });
  tally.heading("Afterwards");
  await tally.check("no page asked for anything outside this machine but the extension gallery's lists", () => {
    const unexpected = [...windows.blocked].filter((origin) => !/open-vsx\.org|vscode-cdn\.net/.test(origin));
    equal(unexpected, [], "outside addresses");
  });
}

/** Prints how quick the extension is in the real editor. */
async function bench(editor: Editor, windows: Windows): Promise<void> {
  await inWindow(editor, windows, "bench", [host(repository, run, "bench.ts")], {}, false);
  await inWindow(editor, windows, "typing", [typing]);
}

/** Runs suites in a window of their own; a failed check leaves a picture of what was to be seen. */
async function inWindow(
  editor: Editor,
  windows: Windows,
  name: string,
  suites: ((suite: Suite) => Promise<void>)[],
  settings: Record<string, unknown> = {},
  load = true,
): Promise<void> {
  const wanted = suites.filter((suite) => tally.wants(suite.name));
  if (wanted.length === 0) return;
  editor.settings(settings);
  const { context, page } = await windows.open();
  const workbench = new Workbench(page, artefacts);
  let failures = 0;
  tally.onFailure = () => workbench.screenshot(`failed-${name}-${++failures}`);
  try {
    if (load) await workbench.load(editor.url);
    for (const suite of wanted) {
      // What breaks one suite says nothing about the next.
      await suite({ tally, editor, page, workbench }).catch(async (error: unknown) => {
        await tally.check(`${suite.name}: all of its steps`, () => {
          throw error;
        });
        await workbench.load(editor.url);
      });
    }
  } finally {
    tally.onFailure = undefined;
    await context.close();
  }
}
