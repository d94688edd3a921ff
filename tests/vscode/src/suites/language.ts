/** What the editor shows of a script before anything runs. */
import type { Suite } from "../suite.ts";
import { contains, equal, eventually, holds } from "../tally.ts";

export async function language({ tally, workbench, editor }: Suite): Promise<void> {
  tally.heading("Reading and writing a script");
  await workbench.openFile("hello.tars");

  await tally.check("the file is recognised as a metascript", async () => {
    await eventually("language in the status bar", () => workbench.status("Metascript"));
  });
  await tally.check("the server starts and the status item says so", async () => {
    await workbench.page.locator(".statusbar-item .codicon-check").first().waitFor();
    holds(editor.languageServers().length === 1, "one language server runs");
  });
  await tally.check("block keywords, property names and strings have colours of their own", async () => {
    const colours = await eventually("colours", async () => {
      const found = [
        await workbench.colour("VARIABLE", "VARIABLE"),
        await workbench.colour("value:", "value"),
        await workbench.colour("value:", "Hello from"),
      ];
      return new Set(found).size === 3 ? found : undefined;
    });
    equal(new Set(colours).size, 3, "different colours");
  });
  await tally.check("the code of a Python cell is coloured as Python", async () => {
    await eventually("colours", async () => (await workbench.colour("import statistics", "import")) !== (await workbench.colour("import statistics", "statistics")));
    const comment = await workbench.colour("# State lives", "State");
    holds(comment !== (await workbench.colour("spread =", "spread")), "a Python comment is coloured as a comment");
  });
  await tally.check("the code of a JavaScript cell is coloured as JavaScript", async () => {
    const keyword = await workbench.colour("const words", "const");
    holds(keyword !== (await workbench.colour("const words", "words")), "const is a keyword");
  });
  await tally.check("after a cell the script's own colours go on", async () => {
    // The server's colours come a moment after the grammar's.
    await eventually("one colour", async () => (await workbench.colour("ACTION {", "ACTION")) === (await workbench.colour("VARIABLE", "VARIABLE")));
  });
  await tally.check("every cell has a run lens, the first has Run all", async () => {
    const lenses = await eventually("lenses", async () => {
      const found = await workbench.lenses();
      return found.filter((text) => text.includes("Run cell")).length === 3 ? found : undefined;
    });
    holds(lenses[0]?.includes("Run all") === true, `Run all above the first cell: ${lenses.join(" / ")}`);
    holds(lenses[1]?.includes("Run all above") === true, "Run all above stands over the second cell");
  });
  await workbench.screenshot("script");

  await tally.check("hover explains a block keyword", async () => {
    contains(await workbench.hover("DESCRIBE {", "DESCRIBE"), "What this script is");
    await workbench.screenshot("hover");
    await workbench.away();
  });
  await tally.check("the outline names the blocks", async () => {
    await workbench.press("Control+Shift+o");
    await workbench.page.locator(".quick-input-list .monaco-list-row", { hasText: /greeting|PYTHON|python/i }).first().waitFor();
    await workbench.screenshot("outline");
    await workbench.press("Escape");
  });
  await tally.check("blocks fold", async () => {
    await workbench.command("Fold All");
    await eventually("folded", async () => !(await workbench.lines()).some((line) => line.includes("import statistics")));
    await workbench.command("Unfold All");
    await workbench.line(["import statistics"]);
  });
  await tally.check("Ctrl+/ comments a block line with //", async () => {
    await workbench.goToText("version:");
    await workbench.press("Control+/");
    await workbench.line(['// version: "1.0"']);
    await workbench.press("Control+/");
    await workbench.line(['    version: "1.0"']);
  });
  await tally.check("Ctrl+/ comments a line of a Python cell with #", async () => {
    await workbench.goToText("print(f");
    await workbench.press("Control+/");
    await workbench.line(["# print(f"]);
    await workbench.press("Control+/");
    await eventually("uncommented", async () => !(await workbench.lines()).some((line) => line.includes("# print(f")));
  });
  await workbench.closeAll();

  tally.heading("Mistakes");
  await workbench.openFile("mistakes.tars");
  await tally.check("a mistake is underlined", async () => {
    await workbench.page.locator(".squiggly-error, .squiggly-warning").first().waitFor();
    await workbench.screenshot("mistakes");
  });
  await tally.check("hover over a mistake says what to write", async () => {
    const text = await workbench.hover("vlaue", "vlaue");
    contains(text, "value");
    await workbench.screenshot("mistake-hover");
    await workbench.away();
  });
  await tally.check("the mark goes away when the mistake is mended", async () => {
    const marks = (): Promise<number> => workbench.page.locator(".squiggly-error, .squiggly-warning").count();
    const before = await marks();
    await workbench.goToText("vlaue");
    await workbench.press("Control+Shift+ArrowRight");
    await workbench.type("value");
    await eventually("fewer marks", async () => (await marks()) < before);
  });
  await workbench.closeAll();

  tally.heading("Typing");
  editor.write("typing.tars", "\n");
  await workbench.openFile("typing.tars");
  await tally.check("completion offers block keywords", async () => {
    await workbench.type("ACT");
    await workbench.press("Control+Space");
    const labels = await workbench.completions();
    holds(labels.some((label) => label.startsWith("ACTION")), `ACTION in ${labels.slice(0, 8).join(", ")}`);
    await workbench.screenshot("completion");
    await workbench.press("Escape");
    await workbench.press("Shift+Home");
    await workbench.press("Delete");
  });
  await tally.check("braces close and the line between them is indented", async () => {
    await workbench.type("DESCRIBE {");
    await workbench.press("Enter");
    await workbench.type("name: 1");
    await workbench.line(["    name: 1"]);
    equal((await workbench.lines()).filter((line) => line.trim() === "}").length, 1, "closing braces");
  });
  await tally.check("completion in a block offers its properties", async () => {
    await workbench.press("Enter");
    await workbench.type("desc");
    await workbench.press("Control+Space");
    const labels = await workbench.completions();
    holds(labels.some((label) => label.startsWith("description")), `description in ${labels.slice(0, 8).join(", ")}`);
    await workbench.press("Escape");
  });
  await tally.check("a snippet makes a cell", async () => {
    await workbench.press("Control+End");
    await workbench.press("Enter");
    await workbench.command("Insert Snippet");
    await workbench.type("python");
    await workbench.page.locator(".quick-input-list .monaco-list-row", { hasText: "A code cell in Python" }).first().click();
    await workbench.line(["PYTHON {"]);
    await workbench.line(['print("hello")']);
  });
  await workbench.closeAll();
}
