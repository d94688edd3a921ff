/** Help in the settings file, the marks beside cells, and the menu of line numbers. */
import type { Suite } from "../suite.ts";
import { contains, eventually, holds } from "../tally.ts";

export async function settingsFile({ tally, workbench, editor, page }: Suite): Promise<void> {
  tally.heading("Settings and marks");
  editor.write(".metascript.toml", "[run]\n\n");
  editor.write("marks.tars", "PYTHON {\n    6 * 7\n}\n\nPYTHON {\n    1 / 0\n}\n");
  await workbench.openFile("marks.tars");
  await tally.check("a cell that ran is marked beside its header, by how it went", async () => {
    await workbench.command("Metascript: Run All Cells");
    await workbench.line(["}", "✗", "failed"], 60);
    await eventually("a mark of success and one of failure", async () => {
      const marks = await gutter(page);
      return marks.some((mark) => mark.includes("cell-passed")) && marks.some((mark) => mark.includes("cell-failed"));
    });
    await workbench.screenshot("gutter");
  });
  await tally.check("the menu of a line number runs the cell", async () => {
    await workbench.command("Metascript: Clear Outputs");
    await eventually("no marks", async () => (await gutter(page)).length === 0);
    await page.locator(".editor-group-container.active .margin .line-numbers", { hasText: /^2$/ }).first().click({ button: "right" });
    const item = page.locator(".monaco-menu .action-label", { hasText: "Run Cell" }).first();
    await item.click();
    await workbench.line(["}", "✓", "42"], 60);
  });
  await tally.check("Show Run Policy tells limits and grants", async () => {
    await workbench.command("Metascript: Show Run Policy");
    await eventually("the policy", async () => (await workbench.notifications()).some((text) => text.includes("under the policy") && text.includes("network: none")));
  });
  await workbench.openFile(".metascript.toml");
  await tally.check("the settings file completes keys and values, and explains them", async () => {
    await workbench.goTo(2);
    await workbench.type("pol");
    await workbench.press("Control+Space");
    await eventually("the key", async () => (await workbench.completions()).some((label) => label.startsWith("policy")));
    await workbench.press("Enter");
    await eventually("the values", async () => (await workbench.completions()).some((label) => label.startsWith("moderate")));
    await workbench.screenshot("settings");
    await workbench.press("Escape");
    await workbench.press("Escape");
    contains(await workbench.hover("policy", "policy"), "The policy that holds when none is named");
    holds((await workbench.lines()).some((line) => line.includes("policy = ")), "the key is written with its value");
  });
  await workbench.press("Control+s");
  editor.remove(".metascript.toml");
  await workbench.closeAll();
}

/** The pictures that stand beside lines. */
async function gutter(page: Suite["page"]): Promise<string[]> {
  return page.locator(".editor-group-container.active .glyph-margin-widgets .cgmr").evaluateAll((marks) => marks.map((mark) => getComputedStyle(mark).backgroundImage));
}
