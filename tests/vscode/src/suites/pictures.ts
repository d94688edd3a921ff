/** The pictures of the documentation: the first thing that people see of us has to be true. */
import type { Suite } from "../suite.ts";
import { eventually, holds } from "../tally.ts";

export async function pictures({ tally, workbench, page }: Suite): Promise<void> {
  tally.heading("The README's picture");
  await page.setViewportSize({ width: 960, height: 1000 });
  await workbench.openFile("hello.tars");
  await workbench.command("View: Toggle Primary Side Bar Visibility");
  await tally.check("one command shows the output of every cell", async () => {
    await workbench.command("Metascript: Run All Cells");
    await workbench.block(["5 readings, the highest is 18.9", "14.74"], 120);
    await workbench.block(["plain text notebook", "[", "5", "4", "8", "]"], 60);
    await workbench.line(["}", "✓", "6.4 degrees"], 60);
    await eventually("idle", async () => (await workbench.page.locator(".statusbar-item .codicon-check").count()) > 0);
    holds((await workbench.notifications()).length === 0, "no notification covers the script");
    await workbench.goTo(1, 1);
    await workbench.away();
    await page.waitForTimeout(500);
    await workbench.screenshot("inline-output");
  });
}
