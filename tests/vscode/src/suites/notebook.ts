/** A script as a notebook: cells, outputs, and the file that comes out. */
import type { Suite } from "../suite.ts";
import { equal, eventually, holds } from "../tally.ts";

const STREAM = "PYTHON {\n    import time\n    for step in range(3):\n        print('step', step, flush=True)\n        time.sleep(2)\n}\n\nPYTHON {\n    print('endless', flush=True)\n    while True:\n        pass\n}\n\nPYTHON {\n    never = 1\n}\n";

export async function notebook(suite: Suite): Promise<void> {
  const { tally, workbench, editor, page } = suite;
  tally.heading("The notebook view");
  const original = editor.read("hello.tars");
  editor.write("book.tars", original);
  editor.write("stream.tars", STREAM);
  await workbench.openFile("book.tars");

  await tally.check("Open as Notebook shows the cells of the script", async () => {
    await workbench.command("Metascript: Open as Notebook");
    await page.locator(".notebookOverlay .cell-list-container").first().waitFor();
    await eventually("the cells", async () => (await cells(suite)) === 6);
    // The text tab is gone: the script has one view.
    await eventually("one tab", async () => (await page.locator(".tab").count()) === 1);
  });
  await tally.check("Run All shows the output of every cell, one session for all languages", async () => {
    await workbench.command("Notebook: Run All");
    await shown(suite, ["5 readings, the highest is 18.9", "14.74", "plain text notebook", "6.4 degrees between"], 180);
    await workbench.screenshot("notebook");
  });
  await tally.check("a run does not change the script", async () => {
    holds((await page.locator(".tab.dirty").count()) === 0, "the notebook is not dirty");
    equal(editor.read("book.tars"), original);
  });
  await tally.check("an edit in a cell changes its bytes and no other", async () => {
    await focus(suite, "const words");
    await workbench.press("Control+End");
    await workbench.type(".reverse()");
    await eventually("dirty", async () => (await page.locator(".tab.dirty").count()) > 0);
    await workbench.press("Control+s");
    await eventually("saved", () => editor.read("book.tars") !== original);
    equal(editor.read("book.tars"), original.replace("words.map((word) => word.length)", "words.map((word) => word.length).reverse()"));
  });
  await tally.check("Ctrl+Enter runs the cell with its edit", async () => {
    await focus(suite, "const words");
    await workbench.press("Control+Enter");
    await eventually("the reversed result", async () => /8,\s*4,\s*5/.test(await outputs(suite)), 60);
  });
  await tally.check("Restart forgets the variables of the notebook", async () => {
    await workbench.command("Metascript: Restart Session");
    await focus(suite, "State lives in the session");
    await eventually("NameError", async () => {
      await workbench.press("Control+Enter");
      return (await outputs(suite)).includes("NameError");
    }, 60);
    await workbench.screenshot("notebook-error");
  });
  await tally.check("Open as Text shows the script again", async () => {
    await workbench.command("Metascript: Open as Text");
    await workbench.line(["PYTHON {"]);
    await workbench.line(["word.length).reverse()"]);
  });
  await tally.check("after the notebook the text has its help again", async () => {
    await workbench.lens("Run cell", "const words");
    await workbench.block(["plain text notebook"], 60);
  });
  await workbench.closeAll();

  await workbench.openFile("stream.tars");
  await tally.check("output appears while the cell runs", async () => {
    await workbench.command("Metascript: Open as Notebook");
    await eventually("the cells", async () => (await cells(suite)) === 3);
    await workbench.command("Notebook: Run All");
    await eventually("a step, and not all", async () => {
      const text = await outputs(suite);
      return text.includes("step 0") && !text.includes("step 2");
    }, 60);
    await shown(suite, ["step 2"], 60);
  });
  await tally.check("Interrupt stops the cell that runs, and those behind it do not run", async () => {
    await shown(suite, ["endless"], 60);
    await workbench.command("Notebook: Interrupt");
    await eventually("nothing runs", async () => (await page.locator(".notebookOverlay .codicon-notebook-state-executing").count()) === 0, 30);
    await focus(suite, "never = 1");
    await workbench.press("Control+a");
    await workbench.type("40 + 2");
    await workbench.press("Control+Enter");
    await shown(suite, ["42"], 60);
    await workbench.screenshot("notebook-stream");
  });
  await tally.check("the script has the edit", async () => {
    await workbench.press("Control+s");
    await eventually("saved", () => editor.read("stream.tars") !== STREAM);
    equal(editor.read("stream.tars"), STREAM.replace("never = 1", "40 + 2"));
  });
  await workbench.closeAll();
}

/** How many cells are on the screen. */
async function cells({ page }: Suite): Promise<number> {
  return await page.locator(".notebookOverlay .cell-list-container .monaco-list-row").count();
}

/** What the outputs show: they stand in a frame of their own. */
async function outputs({ page }: Suite): Promise<string> {
  const texts: string[] = [];
  for (const frame of page.frames().filter((one) => one.url().includes("webview"))) {
    texts.push(await frame.locator("body").innerText({ timeout: 500 }).catch(() => ""));
  }
  return texts.join("\n").replaceAll("\u00a0", " ");
}

async function shown(suite: Suite, parts: string[], seconds: number): Promise<void> {
  let seen = "";
  await eventually(`outputs with ${parts.join(" and ")}`, async () => {
    seen = await outputs(suite);
    return parts.every((part) => seen.includes(part));
  }, seconds).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${seen}`);
  });
}

/** Puts the cursor into the cell that shows `part`. */
async function focus({ page }: Suite, part: string): Promise<void> {
  const line = page.locator(".notebookOverlay .view-line").filter({ hasText: new RegExp(part.replaceAll(" ", "[ \u00a0]")) }).first();
  await line.scrollIntoViewIfNeeded();
  await line.click();
  await page.locator(".notebookOverlay .monaco-list-row.focused .monaco-editor.focused").first().waitFor();
}
