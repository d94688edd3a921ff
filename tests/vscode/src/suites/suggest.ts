/** Suggestions as ghost text while one types, without any provider in the settings. */
import type { Suite } from "../suite.ts";
import { eventually, holds } from "../tally.ts";

export async function suggest({ tally, workbench, editor }: Suite): Promise<void> {
  tally.heading("Suggestions");
  editor.write("suggest.tars", 'DESCRIBE {\n    name: "Ghosts"\n    version: "1.0"\n}\n\nACTION {\n    type: "log"\n    message: "first"\n}\n\n');
  await workbench.openFile("suggest.tars");
  const ghost = async (): Promise<string> =>
    (await workbench.page.locator(".editor-group-container.active [class*='ghost-text']").allTextContents()).join("").replaceAll("\u00a0", " ").trim();
  const typed = async (): Promise<number> => (await workbench.lines()).filter((line) => line.includes('type: "log"')).length;

  await workbench.press("Control+End");
  await tally.check("ghost text goes on with what is typed", async () => {
    await workbench.type("ACTION {");
    await workbench.press("Enter");
    await workbench.type("ty");
    // The list of completions is another thing, and would take the key.
    await workbench.page.waitForTimeout(600);
    await workbench.press("Escape");
    const text = await eventually("ghost text", async () => {
      await workbench.command("Trigger Inline Suggestion");
      return await eventually("an answer", async () => {
        const found = await ghost();
        return found === "" ? undefined : found;
      }, 3).catch(() => undefined);
    });
    holds(text.includes('pe: "log"'), `it goes on behind "ty": ${text}`);
    await workbench.screenshot("suggestion");
  });
  await tally.check("Tab writes it", async () => {
    await workbench.press("Tab");
    await eventually("a second action of that type", async () => (await typed()) >= 2 || (await workbench.lines()).some((line) => line.trim().startsWith("type:") && !line.includes('"log"')));
    await eventually("no ghost text in that place", async () => !(await ghost()).includes('pe: "log"'));
  });
  await workbench.closeAll();
}
