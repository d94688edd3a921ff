/** The language server's life, as the user sees it. */
import type { Suite } from "../suite.ts";
import { eventually, holds } from "../tally.ts";

export async function server({ tally, workbench, editor }: Suite): Promise<void> {
  tally.heading("The language server");
  await workbench.openFile("lab.tars");

  await tally.check("a server that dies while a cell runs is started again, and the output says what happened", async () => {
    await workbench.goToText("while True");
    await workbench.press("Control+Enter");
    await workbench.line(["}", "running"], 60);
    const [first] = editor.languageServers();
    holds(first !== undefined, "a server runs");
    if (first !== undefined) process.kill(first.pid, "SIGKILL");
    await workbench.line(["}", "the server ended"]);
    await eventually("another server", () => editor.languageServers().find(({ pid }) => pid !== first?.pid));
    await workbench.screenshot("lost");
  });
  await tally.check("cells run on the new server", async () => {
    await workbench.page.locator(".statusbar-item .codicon-check").first().waitFor();
    await workbench.goToText("line one");
    await workbench.press("Control+Enter");
    const block = await workbench.block(["line one", "line two"], 60);
    holds(block.top > (await workbench.topOf("line two")), "the output stands under the cell that ran, though the new server counts runs anew");
  });
  await tally.check("Restart Language Server replaces it", async () => {
    const before = editor.languageServers().map(({ pid }) => pid);
    await workbench.command("Metascript: Restart Language Server");
    await eventually("a new server alone", () => {
      const now = editor.languageServers().map(({ pid }) => pid);
      return now.length === 1 && !before.includes(now[0] ?? 0);
    });
  });
  await tally.check("the status item opens a menu of actions", async () => {
    await workbench.page.locator(".statusbar-item", { hasText: "Metascript" }).filter({ has: workbench.page.locator(".codicon") }).first().click();
    await workbench.page.locator(".quick-input-list .monaco-list-row", { hasText: "Restart Language Server" }).waitFor();
    await workbench.screenshot("menu");
    await workbench.press("Escape");
  });
  await tally.check("Show Server Log opens the server's channel", async () => {
    await workbench.command("Metascript: Show Server Log");
    // This build of VS Code comes without its native log writer: the channel is there, its text is not.
    await eventually("channel", async () =>
      (await workbench.page.locator(".part.panel select.monaco-select-box").evaluateAll((all) => all.map((one) => (one as HTMLSelectElement).selectedOptions[0]?.text))).includes("Metascript"),
    );
    await workbench.page.locator(".part.panel .codicon-panel-close, .part.panel .codicon-close").first().click();
  });
  await workbench.closeAll();
}

export async function missingServer({ tally, workbench }: Suite): Promise<void> {
  tally.heading("No language server");
  await workbench.openFile("hello.tars");
  await tally.check("a server that is not there is told, with a way out", async () => {
    await eventually("message", async () => (await workbench.notifications()).find((text) => text.includes("metascript.server.path")));
    await workbench.page.locator(".notification-toast a.monaco-button", { hasText: "Open Settings" }).waitFor();
    await workbench.screenshot("no-server");
  });
  await tally.check("without a server the script is still coloured", async () => {
    await eventually("colours", async () => (await workbench.colour("VARIABLE", "VARIABLE")) !== (await workbench.colour("value:", "value")));
  });
}

export async function untrusted({ tally, workbench }: Suite): Promise<void> {
  tally.heading("A folder that is not trusted");
  await tally.check("the folder opens in restricted mode", async () => {
    await workbench.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
  });
  await workbench.openFile("hello.tars");
  await tally.check("the script is checked all the same", async () => {
    await workbench.openFile("mistakes.tars");
    await workbench.page.locator(".squiggly-error, .squiggly-warning").first().waitFor();
  });
  await tally.check("the status item says that cells do not run", async () => {
    await workbench.page.locator(".statusbar-item .codicon-shield").first().waitFor();
  });
  await tally.check("no cell runs", async () => {
    await workbench.openFile("hello.tars");
    await workbench.goToText("readings = ");
    await workbench.press("Control+Enter");
    await eventually("message", async () => (await workbench.notifications()).find((text) => text.includes("folders that you trust")));
    holds((await workbench.blocks()).length === 0, "no output");
    await workbench.page.waitForTimeout(500);
    await workbench.screenshot("untrusted");
  });
}
