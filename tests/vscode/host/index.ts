/**
 * Runs inside VS Code's extension host, with the whole API: what a user cannot see at a glance.
 * Each line that it writes to `METASCRIPT_TEST_LOG` is one JSON object.
 */
import { appendFileSync } from "node:fs";
import * as vscode from "vscode";

interface Output {
  line: number;
  status: string;
  stale: boolean;
  text: string;
}

export interface Api {
  health(): { state: string };
  outputs(uri: vscode.Uri): Output[];
  activationMs: number;
}

export const log = (entry: object): void => {
  appendFileSync(process.env.METASCRIPT_TEST_LOG ?? "/dev/null", `${JSON.stringify(entry)}\n`);
};

async function check(name: string, body: () => unknown): Promise<void> {
  try {
    await body();
    log({ name, ok: true });
  } catch (error) {
    log({ name, ok: false, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

function equal(actual: unknown, expected: unknown): void {
  const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== e) throw new Error(`expected ${e ?? "undefined"}, got ${a ?? "undefined"}`);
}

function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(`does not hold: ${what}`);
}

export async function eventually<T>(what: string, probe: () => T | Promise<T>, seconds = 60): Promise<NonNullable<T>> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== null && value !== false) return value as NonNullable<T>;
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function script(text: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument({ language: "metascript", content: text });
  await vscode.window.showTextDocument(document);
  return document;
}

async function edit(document: vscode.TextDocument, change: (edit: vscode.WorkspaceEdit) => void): Promise<void> {
  const edits = new vscode.WorkspaceEdit();
  change(edits);
  holds(await vscode.workspace.applyEdit(edits), "the edit was applied");
  holds(document.version > 0, "document");
}

function everything(document: vscode.TextDocument): vscode.Range {
  return new vscode.Range(0, 0, document.lineCount, 0);
}

const CELL = "PYTHON {\n    print('one')\n    print('two')\n}\n";

export async function run(): Promise<void> {
  try {
    await tests();
  } catch (error) {
    log({ name: "the run itself", ok: false, error: String(error) });
  } finally {
    log({ done: true });
  }
}

async function tests(): Promise<void> {
  const extension = vscode.extensions.getExtension<Api>("metascript.metascript");
  if (extension === undefined) throw new Error("the extension is not installed");
  const document = await script(`DESCRIBE {\n    name: "host"\n}\n\n${CELL}`);
  const api = await extension.activate();
  const manifest = extension.packageJSON as {
    contributes: { commands: { command: string }[]; configuration: { properties: Record<string, { description?: string; markdownDescription?: string }> }[] };
  };
  const outputs = (): Output[] => api.outputs(document.uri);

  await check("the server comes up", () => eventually("running", () => api.health().state === "running"));
  log({ measure: "activation", ms: api.activationMs });

  await check("every contributed command is there", async () => {
    const known = new Set(await vscode.commands.getCommands());
    equal(manifest.contributes.commands.map(({ command }) => command).filter((command) => !known.has(command)), []);
  });
  await check("every setting says what it does", () => {
    const silent = manifest.contributes.configuration
      .flatMap(({ properties }) => Object.entries(properties))
      .filter(([, { description, markdownDescription }]) => (description ?? markdownDescription ?? "") === "");
    equal(silent, []);
  });
  await check("a command with the argument of a lens runs its cell", async () => {
    await vscode.commands.executeCommand("metascript.runCell", { uri: document.uri.toString(), cell: 0 });
    const output = await eventually("output", () => outputs().find(({ status }) => status === "ok"), 180);
    equal([output.text, output.line, output.stale], ["one\ntwo", 7, false]);
  });
  await check("a run whose text was edited before its output came is placed right", async () => {
    const running = vscode.commands.executeCommand("metascript.runCell", { uri: document.uri.toString(), cell: 0 });
    await edit(document, (edits) => {
      edits.insert(document.uri, new vscode.Position(0, 0), "// pushed down\n");
    });
    await running;
    const output = await eventually("output", () => outputs().find(({ status }) => status === "ok"));
    equal([output.line, output.stale, outputs().length], [8, false, 1]);
  });
  await check("an output survives a replacement of the whole text that leaves its cell as it was", async () => {
    await edit(document, (edits) => {
      edits.replace(document.uri, everything(document), `// replaced\n\n\n${CELL}// end\n`);
    });
    const [output] = outputs();
    equal([output?.line, output?.stale, output?.text], [6, false, "one\ntwo"]);
  });
  await check("an output goes away with its cell, and does not come back by itself", async () => {
    await edit(document, (edits) => {
      edits.replace(document.uri, everything(document), "// nothing\n");
    });
    equal(outputs(), []);
  });
  await check("text outside the basic plane before a cell does not move its output", async () => {
    const astral = await script(`DESCRIBE {\n    name: "\u{1F680}\u{1F680} launch \u{1F680}"\n}\n\nPYTHON { print("\u{1F680}") }\n`);
    await vscode.commands.executeCommand("metascript.runCell", { uri: astral.uri.toString(), cell: 0 });
    const output = await eventually("output", () => api.outputs(astral.uri).find(({ status }) => status !== "running" && status !== "queued"));
    equal([output.line, output.status, output.text], [4, "ok", "\u{1F680}"]);
  });
  await check("Windows line ends do not move an output", async () => {
    const windows = await script(`DESCRIBE {\r\n    name: "w"\r\n}\r\n\r\n${CELL.replaceAll("\n", "\r\n")}`);
    await vscode.commands.executeCommand("metascript.runCell", { uri: windows.uri.toString(), cell: 0 });
    const output = await eventually("output", () => api.outputs(windows.uri).find(({ status }) => status === "ok"));
    equal([output.line, output.text], [7, "one\ntwo"]);
  });
  await check("two scripts have sessions of their own", async () => {
    const first = await script("PYTHON {\n    secret = 7\n    secret\n}\n");
    const second = await script("PYTHON {\n    secret\n}\n");
    await vscode.commands.executeCommand("metascript.runCell", { uri: first.uri.toString(), cell: 0 });
    await vscode.commands.executeCommand("metascript.runCell", { uri: second.uri.toString(), cell: 0 });
    equal((await eventually("output", () => api.outputs(first.uri)[0])).text, "7");
    const output = await eventually("output", () => api.outputs(second.uri).find(({ status }) => status === "failed"));
    holds(output.text.includes("NameError"), output.text);
  });
  await check("a run of all cells stops at the first that fails", async () => {
    const three = await script("PYTHON {\n    1\n}\nPYTHON {\n    1 / 0\n}\nPYTHON {\n    3\n}\n");
    await vscode.commands.executeCommand("metascript.runAll", { uri: three.uri.toString() });
    await eventually("one that ran, one that failed, none that waits", () => JSON.stringify(api.outputs(three.uri).map(({ status }) => status)) === '["ok","failed"]');
  });
  await check("a restart leaves outputs and forgets variables", async () => {
    const two = await script("PYTHON {\n    kept = 1\n}\nPYTHON {\n    kept\n}\n");
    const uri = two.uri.toString();
    await vscode.commands.executeCommand("metascript.runCell", { uri, cell: 0 });
    await vscode.commands.executeCommand("metascript.restart", { uri });
    equal(api.outputs(two.uri).length, 1);
    await vscode.commands.executeCommand("metascript.runCell", { uri, cell: 1 });
    await eventually("the variable is gone", () => (api.outputs(two.uri).at(-1)?.text ?? "").includes("NameError"));
  });
  await check("outputs go when their document is closed", async () => {
    const closing = await script(CELL);
    await vscode.commands.executeCommand("metascript.runCell", { uri: closing.uri.toString(), cell: 0 });
    equal(api.outputs(closing.uri).length, 1);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await eventually("gone", () => api.outputs(closing.uri).length === 0, 30);
  });
  await check("diagnostics come for an unsaved script and go when it is mended", async () => {
    const broken = await script('VARIABLE city {\n    vlaue: "Lyon"\n}\n');
    const complaints = (): vscode.Diagnostic[] => vscode.languages.getDiagnostics(broken.uri).filter(({ message }) => message.includes("vlaue"));
    await eventually("a diagnostic", () => complaints().length > 0);
    await edit(broken, (edits) => {
      edits.replace(broken.uri, new vscode.Range(1, 4, 1, 9), "value");
    });
    await eventually("none", () => complaints().length === 0);
  });
  await check("every diagnostic has a code with a page", async () => {
    const broken = await script('VARIABLE city {\n    vlaue: "Lyon"\n}\n');
    const found = await eventually("a diagnostic", () => vscode.languages.getDiagnostics(broken.uri)[0]);
    holds(typeof found.code === "object" && found.code.target.toString() !== "", JSON.stringify(found.code));
  });
  await check("the outline has blocks and cells with their ranges", async () => {
    const outline = await script('VARIABLE city {\n    value: "Lyon"\n}\n\nPYTHON {\n    1\n}\n');
    const symbols = await eventually("symbols", async () => {
      const found = await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>("vscode.executeDocumentSymbolProvider", outline.uri);
      return found?.length === 2 ? found : undefined;
    });
    equal(symbols.map(({ range }) => [range.start.line, range.end.line]), [[0, 2], [4, 6]]);
  });
  await check("blocks fold", async () => {
    const folding = await script('VARIABLE city {\n    value: "Lyon"\n}\n');
    const ranges = await vscode.commands.executeCommand<vscode.FoldingRange[]>("vscode.executeFoldingRangeProvider", folding.uri);
    holds(ranges.some(({ start }) => start === 0), JSON.stringify(ranges));
  });
  await check("go to definition finds the variable of an interpolation", async () => {
    const text = 'VARIABLE city {\n    value: "Lyon"\n}\n\nACTION {\n    type: "log"\n    message: "in ${city}"\n}\n';
    const source = await script(text);
    const found = await eventually("a definition", async () => {
      const places = await vscode.commands.executeCommand<(vscode.Location | vscode.LocationLink)[]>("vscode.executeDefinitionProvider", source.uri, new vscode.Position(6, 20));
      return places[0];
    });
    equal(("targetRange" in found ? found.targetRange : found.range).start.line, 0);
  });
  await notebooks();
  await measure(api);
}

/** Every script of the workspace, in every dialect, as a notebook and back. */
async function notebooks(): Promise<void> {
  const files = await vscode.workspace.findFiles("**/*.{tars,trsx,flux,metascript,meta}");
  const bytesOf = async (uri: vscode.Uri): Promise<Buffer> => Buffer.from(await vscode.workspace.fs.readFile(uri));
  const scripts: { name: string; bytes: Buffer }[] = [];
  for (const uri of files) {
    const bytes = await bytesOf(uri);
    const name = vscode.workspace.asRelativePath(uri).replaceAll("/", "-");
    scripts.push({ name, bytes });
    if (name.startsWith("syntax-")) scripts.push({ name: `windows-${name}`, bytes: Buffer.from(bytes.toString("utf8").replaceAll("\n", "\r\n")) });
  }
  scripts.push({ name: "mark.tars", bytes: Buffer.from(`\uFEFF// mixed\r\n${CELL}\tVARIABLE a { value: 1 }\r${CELL.trimEnd()}`) });
  scripts.push({ name: "empty.tars", bytes: Buffer.alloc(0) }, { name: "blank.tars", bytes: Buffer.from(" \n\r\n\t") });
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (folder === undefined) throw new Error("no folder is open");
  const open = async ({ name, bytes }: { name: string; bytes: Buffer }): Promise<vscode.NotebookDocument> => {
    const uri = vscode.Uri.joinPath(folder, "notebooks", name.replace(/\.meta$/, ".tars"));
    await vscode.workspace.fs.writeFile(uri, bytes);
    return await vscode.workspace.openNotebookDocument(uri);
  };
  /** Adds a text to the end of a cell. */
  const append = async (cell: vscode.NotebookCell, text: string): Promise<void> => {
    const { document } = cell;
    await edit(document, (edits) => {
      edits.insert(document.uri, document.lineAt(document.lineCount - 1).range.end, text);
    });
  };
  let cells = 0;
  await check("every script of every dialect is byte for byte the same after a notebook of it was edited, edited back and saved", async () => {
    for (const script of scripts) {
      const notebook = await open(script);
      cells += notebook.cellCount;
      const cell = notebook.cellCount === 0 ? undefined : notebook.cellAt(notebook.cellCount - 1);
      if (cell !== undefined) {
        await append(cell, "x");
        const end = cell.document.lineAt(cell.document.lineCount - 1).range.end;
        await edit(cell.document, (edits) => {
          edits.delete(cell.document.uri, new vscode.Range(end.translate(0, -1), end));
        });
        holds(await notebook.save(), `${script.name} is saved`);
      }
      const saved = await bytesOf(notebook.uri);
      if (!saved.equals(script.bytes)) throw new Error(`${script.name}: expected ${JSON.stringify(script.bytes.toString())}, got ${JSON.stringify(saved.toString())}`);
    }
    holds(scripts.length > 50 && cells > 150, `${scripts.length} scripts have ${cells} cells`);
  });
  await check("an edit in a cell changes the bytes of that cell alone", async () => {
    let edited = 0;
    for (const script of scripts.filter(({ name }) => /syntax-(brace|cells|literate|flux|unified|workflow)/.test(name))) {
      const notebook = await open({ name: `edited-${script.name}`, bytes: script.bytes });
      for (const cell of notebook.getCells().filter(({ document }) => document.getText() !== "")) {
        const before = await bytesOf(notebook.uri);
        await append(cell, "/*é*/");
        holds(await notebook.save(), "saved");
        const after = await bytesOf(notebook.uri);
        const at = after.indexOf("/*é*/");
        const without = Buffer.concat([after.subarray(0, at), after.subarray(at + Buffer.byteLength("/*é*/"))]);
        holds(at !== -1 && without.equals(before), `${script.name}, cell ${cell.index}: only the new text differs`);
        const end = cell.document.lineAt(cell.document.lineCount - 1).range.end;
        await edit(cell.document, (edits) => {
          edits.delete(cell.document.uri, new vscode.Range(end.translate(0, -5), end));
        });
        holds(await notebook.save(), "saved");
        edited += 1;
      }
    }
    holds(edited > 40, `${edited} cells were edited`);
  });
  await check("a script that is no text is not opened as a notebook, and keeps its bytes", async () => {
    const bytes = Buffer.from([0x50, 0xff, 0xfe, 0x0a]);
    const refused = await open({ name: "binary.tars", bytes }).then(() => "", (error: unknown) => String(error));
    holds(refused !== "", "it is refused");
    holds((await bytesOf(vscode.Uri.joinPath(folder, "notebooks", "binary.tars"))).equals(bytes), "the file is as it was");
  });
  await check("cells of a notebook complete, and have their problems", async () => {
    const notebook = await open({ name: "help.tars", bytes: Buffer.from('VARIABLE city {\n    vlaue: "Lyon"\n}\n\nPYTHON {\n    area = 1\n}\n\nACTION {\n    type: "log"\n    message: "${area}"\n}\n') });
    await vscode.window.showNotebookDocument(notebook);
    await eventually("problems", () => vscode.languages.getDiagnostics(notebook.cellAt(0).document.uri).length > 0);
    const last = notebook.cellAt(2).document;
    const found = await eventually("a definition", async () => {
      const places = await vscode.commands.executeCommand<(vscode.Location | vscode.LocationLink)[]>("vscode.executeDefinitionProvider", last.uri, new vscode.Position(2, 17));
      return places[0];
    });
    equal(("targetUri" in found ? found.targetUri : found.uri).toString(), notebook.cellAt(1).document.uri.toString());
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
  });
}

/** Typing must not feel the outputs: printed, never asserted on. */
async function measure(api: Api): Promise<void> {
  const count = 200;
  const bare = await script(`${"PYTHON {\n    1\n}\n".repeat(count)}\n// end\n`);
  log({ measure: "an edit without outputs", ms: await typing(bare) });
  await vscode.commands.executeCommand("metascript.runAll", { uri: bare.uri.toString() });
  await check(`${count} cells have ${count} outputs`, () => eventually("all", () => api.outputs(bare.uri).filter(({ status }) => status === "ok").length === count, 120));
  log({ measure: `an edit above ${count} outputs`, ms: await typing(bare) });
}

/** Mean of 50 insertions at the top, in milliseconds. */
async function typing(document: vscode.TextDocument): Promise<number> {
  const editor = await vscode.window.showTextDocument(document);
  const begun = performance.now();
  for (let i = 0; i < 50; i += 1) {
    await editor.edit((edits) => {
      edits.insert(new vscode.Position(0, 0), "//\n");
    });
  }
  return (performance.now() - begun) / 50;
}
