/** Variables, agents and functions, and the graph. */
import type { Frame } from "playwright-core";
import type { Suite } from "../suite.ts";
import { contains, equal, eventually, holds } from "../tally.ts";

const TEAM = 'DESCRIBE {\n    name: "Team"\n}\n\nVARIABLE city {\n    value: "Lyon"\n}\n\nPYTHON {\n    names = ["Ada", "Grace", "Edsger"]\n    longest = max(names, key=len)\n}\n\nJAVASCRIPT {\n    const shout = longest.toUpperCase();\n}\n\nFUNCTION greet {\n    parameters: ["who"]\n    RETURN { value: "Hello ${who}" }\n}\n\nCALL {\n    function: "greet"\n    arguments: { who: "${city}" }\n    result_variable: "said"\n}\n\nACTION {\n    type: "log"\n    message: "${said} ${shout}"\n}\n\nAGENT writer {\n    role: "writes"\n}\n';
const TRIAGE = 'meta {\n  name = "triage"\n}\n\nworkflow "triage" {\n\n  node "plan" kind="reason" {\n    goal = "Plan"\n    output = "steps"\n  }\n\n  node "search" kind="reason" {\n    goal = "Search ${steps}"\n    output = "hits"\n  }\n\n  node "check" kind="reason" {\n    goal = "Check ${hits}"\n  }\n\n  edge "plan" -> "search"\n}\n';

export async function views(suite: Suite): Promise<void> {
  const { tally, workbench, editor, page } = suite;
  tally.heading("Variables, agents and functions");
  editor.write("team.tars", TEAM);
  editor.write("triage.trsx", TRIAGE);
  await workbench.openFile("team.tars");

  await tally.check("Show Variables lists what cells defined, with type, size and value", async () => {
    await workbench.command("Metascript: Run All Cells");
    await workbench.command("Metascript: Show Variables");
    await eventually("the list", async () => (await row(suite, "longest")).includes("str(6)"), 120);
    contains(await row(suite, "names"), "list(3)");
    contains(await row(suite, "names"), "'Grace'");
    contains(await row(suite, "shout"), "EDSGER");
  });
  await tally.check("agents and functions are listed, with their uses", async () => {
    await eventually("the function", async () => (await row(suite, "greet")).includes("used once"));
    contains(await row(suite, "writer"), "line");
    await workbench.screenshot("variables");
  });
  await tally.check("a click on a variable goes to the cell that defines it", async () => {
    await page.locator(".pane-body .monaco-list-row", { hasText: "shout" }).first().click();
    await eventually("cursor in the cell", async () => (await workbench.status("Ln ")).includes("Ln 14,"));
  });
  await tally.check("Restart empties the list", async () => {
    await workbench.command("Metascript: Restart Session");
    await eventually("no variable", async () => (await page.locator(".pane-body .monaco-list-row", { hasText: "longest" }).count()) === 0);
  });

  tally.heading("The audit log");
  await tally.check("Show Audit Log says that it is whole, and lists what ran", async () => {
    await workbench.command("Metascript: Show Audit Log");
    await eventually("the verdict", async () => (await row(suite, "All entries are as they were written")).includes("entries"));
    await eventually("the run", async () => (await row(suite, "team\\.tars:\\d+ javascript")).includes("ok"));
    await workbench.screenshot("audit");
  });

  tally.heading("The graph");
  await tally.check("Show Graph draws the parts and what passes between them", async () => {
    await workbench.command("Metascript: Show Graph");
    const frame = await graph(suite);
    await frame.locator(".kind-function", { hasText: "greet" }).waitFor();
    await eventually("the names on an edge", async () => (await frame.locator(".edge.data text").allTextContents()).some((text) => text.includes("longest")));
    holds((await frame.locator(".edge.call").count()) >= 1, "the call is drawn");
  });
  await tally.check("the part with the cursor is marked", async () => {
    await workbench.press("Control+1");
    await workbench.goTo(10);
    const frame = await graph(suite);
    await eventually("the cell is marked", async () => (await frame.locator(".node.current .name").allTextContents()).join() === "PYTHON");
    await workbench.screenshot("graph");
  });
  await tally.check("a click on a part goes to its text", async () => {
    const frame = await graph(suite);
    await frame.locator(".kind-function", { hasText: "greet" }).click();
    await eventually("cursor in the function", async () => (await workbench.status("Ln ")).includes("Ln 18,"));
  });
  await tally.check("adding an agent writes it into the script", async () => {
    const frame = await graph(suite);
    await frame.locator("#kind").selectOption("agent");
    await frame.locator("#name").fill("editor");
    await frame.locator("#name").press("Enter");
    await frame.locator(".kind-agent", { hasText: "editor" }).waitFor();
    await workbench.reveal("AGENT editor {");
  });
  await tally.check("the graph follows the script in front", async () => {
    await workbench.openFile("triage.trsx");
    const frame = await graph(suite);
    await frame.locator(".kind-node", { hasText: "search" }).waitFor();
    equal(await frame.locator(".edge.flow").count(), 1, "edges of the workflow");
  });
  await tally.check("drawing an edge writes it into the workflow", async () => {
    const frame = await graph(suite);
    await frame.locator("#edge").click();
    await frame.locator(".kind-node", { hasText: "search" }).click();
    await frame.locator(".kind-node", { hasText: "check" }).click();
    await eventually("the edge is drawn", async () => (await frame.locator(".edge.flow").count()) === 2);
    await workbench.press("Control+1");
    await workbench.line(['edge "search" -> "check"']);
    await workbench.screenshot("workflow-graph");
  });
  await workbench.closeAll();
}

/** The text of a row in our side bar. */
async function row({ page }: Suite, name: string): Promise<string> {
  const found = page.locator(".pane-body .monaco-list-row").filter({ has: page.locator(".label-name", { hasText: new RegExp(`^${name}$`) }) }).first();
  return ((await found.textContent({ timeout: 1_000 }).catch(() => "")) ?? "").replaceAll("\u00a0", " ");
}

/** The frame that the graph is drawn in. */
async function graph({ page }: Suite): Promise<Frame> {
  return await eventually("the graph's window", async () => {
    for (const frame of page.frames()) {
      if ((await frame.locator("#drawing").count().catch(() => 0)) > 0) return frame;
    }
    return undefined;
  });
}
