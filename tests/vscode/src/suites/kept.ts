/** Results that outlive the window, and cells that run when the script is saved. */
import type { Suite } from "../suite.ts";
import { contains, eventually } from "../tally.ts";

const SCRIPT = "PYTHON {\n    print('first one')\n    print('first two')\n}\n\nPYTHON {\n    40 + 2\n}\n";

/** The first window: saving runs the cells, and their results are kept. */
export async function keptFirst({ tally, workbench, editor }: Suite): Promise<void> {
  tally.heading("Kept results");
  editor.write("kept.tars", SCRIPT);
  await workbench.openFile("kept.tars");
  await tally.check("saving runs the cells that have not run", async () => {
    await workbench.goTo(5);
    await workbench.type("// saved");
    await workbench.press("Control+s");
    await workbench.block(["first one", "first two"], 60);
    await workbench.line(["}", "✓", "42"], 60);
  });
  await tally.check("and, after an edit, only the stale one", async () => {
    await workbench.goToText("40 + 2");
    await workbench.press("End");
    await workbench.type("0");
    await workbench.press("Control+s");
    await workbench.line(["}", "✓", "60"], 60);
  });
  await workbench.closeAll();
}

/** The second window shows them before anything runs. */
export async function keptAfterwards({ tally, workbench, editor }: Suite): Promise<void> {
  editor.write("kept.tars", `PYTHON {\n    0\n}\n\n${SCRIPT.replace("40 + 2", "40 + 20").replace("first two", "first 2")}`);
  await workbench.openFile("kept.tars");
  await tally.check("a window opened later shows the results at their cells", async () => {
    await workbench.line(["}", "✓", "60"], 60);
    await workbench.screenshot("kept");
  });
  await tally.check("one whose cell was edited in between says so", async () => {
    const block = await workbench.block(["first one", "first two"]);
    contains(block.title, "stale: the cell was edited after this run");
  });
  await tally.check("clearing the outputs forgets them for good", async () => {
    await workbench.command("Metascript: Clear Outputs");
    await eventually("the file is gone", () => !editor.exists(".metascript/outputs/kept.tars.json"));
  });
  await workbench.closeAll();
}
