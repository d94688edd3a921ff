/** The extension with the server that it brings. */
import type { Suite } from "../suite.ts";
import { contains, eventually, holds } from "../tally.ts";

export async function packaged({ tally, workbench, editor }: Suite): Promise<void> {
  await workbench.openFile("hello.tars");
  await tally.check("the server inside the extension starts", async () => {
    const servers = await eventually("a server", () => {
      const found = editor.languageServers();
      return Promise.resolve(found.length === 1 ? found : undefined);
    });
    holds(servers.every(({ command }) => command.includes(editor.extensions)), `it is the extension's own: ${servers.map(({ command }) => command).join()}`);
  });
  await tally.check("a cell runs with the runtimes inside the extension", async () => {
    await workbench.lens("Run cell", "import statistics");
    contains((await workbench.block(["the highest is 18.9"], 120)).text, "14.74");
    await workbench.screenshot("package");
  });
  await workbench.closeAll();
}
