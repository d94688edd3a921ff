/** The AI commands, against a scripted model: words stream, a change is a diff that is accepted or discarded. */
import type { Model } from "../model.ts";
import type { Suite } from "../suite.ts";
import { contains, equal, eventually, holds } from "../tally.ts";

const SCRIPT = 'DESCRIBE {\n    name: "demo"\n}\n\nJAVASCRIPT {\n    const double = (x) => x + x;\n}\n';

const fenced = (code: string): string => `Like this:\n\`\`\`\n${code}\n\`\`\`\n`;

export function ai(model: Model): (suite: Suite) => Promise<void> {
  const suite = async ({ tally, workbench, editor }: Suite): Promise<void> => {
    tally.heading("AI commands");
    editor.write("ai.tars", SCRIPT);
    await workbench.openFile("ai.tars");
    const page = workbench.page;
    const diff = page.locator(".editor-instance .monaco-diff-editor");
    const shown = async (): Promise<string> =>
      (await diff.locator(".editor.modified .view-line").allTextContents()).join("\n").replaceAll("\u00a0", " ");
    const script = async (): Promise<string> => (await workbench.lines()).join("\n");

    await tally.check("an explanation streams into a document beside the script", async () => {
      model.says = "It doubles a number, whatever it is.";
      await workbench.goToText("const double");
      await workbench.command("Explain with AI");
      await eventually("the words", async () => {
        const all = (await page.locator(".editor-instance .view-line").allTextContents()).join("\n").replaceAll("\u00a0", " ");
        return all.includes("It doubles a number, whatever it is.");
      });
      contains(model.bodies.at(-1) ?? "", "const double");
      await workbench.screenshot("ai-explain");
    });
    await workbench.closeAll();
    await workbench.openFile("ai.tars");
    await tally.check("a change is shown as a diff, and discarding it changes nothing", async () => {
      model.says = fenced('DESCRIBE {\n    name: "better"\n}');
      await workbench.goToText("name:");
      await workbench.command("Document with AI");
      await eventually("the diff", async () => (await shown()).includes('name: "better"'));
      await workbench.screenshot("ai-proposal");
      await workbench.command("Discard Proposal");
      await diff.waitFor({ state: "detached" });
      await eventually("the script as it was", async () => (await script()).includes('name: "demo"'));
    });
    await tally.check("accepting makes the change, and one undo takes it back", async () => {
      await workbench.goToText("name:");
      await workbench.command("Document with AI");
      await eventually("the diff", async () => (await shown()).includes('name: "better"'));
      await workbench.answer("Accept");
      await diff.waitFor({ state: "detached" });
      await eventually("the change", async () => (await script()).includes('name: "better"'));
      await workbench.press("Control+z");
      await eventually("no change", async () => (await script()).includes('name: "demo"'));
    });
    await tally.check("what breaks the policy is refused with the reason and never shown", async () => {
      model.says = fenced("JAVASCRIPT {\n    eval(location.hash);\n}");
      await workbench.goToText("const double");
      await workbench.command("Optimise with AI");
      await eventually("the reason", async () => (await workbench.notifications()).some((text) => text.includes("JS-EVAL")));
      holds((await diff.count()) === 0, "no diff is shown");
    });
    await tally.check("cancelling closes the connection to the model", async () => {
      model.says = "It goes on and";
      model.hangs = true;
      const before = model.left;
      await workbench.command("Review Script with AI");
      await workbench.answer("Cancel");
      await eventually("the end of the connection", () => model.left > before);
      model.hangs = false;
    });

    tally.heading("Setting a provider up");
    const input = page.locator(".quick-input-widget input").first();
    const step = async (prompt: string, text: string): Promise<void> => {
      await page.locator(".quick-input-widget", { hasText: prompt }).waitFor();
      await input.fill(text);
      await page.keyboard.press("Enter");
    };
    await tally.check("the wizard asks for address, model and key", async () => {
      await workbench.command("Set Up an AI Provider");
      await step("(1/4)", "Another server");
      await step("(2/4)", model.address);
      await page.locator(".quick-input-list .monaco-list-row", { hasText: "another-model" }).waitFor();
      await step("(3/4)", "another-model");
      await page.locator(".quick-input-widget", { hasText: "(4/4)" }).waitFor();
      equal(await input.getAttribute("type"), "password", "the key is not shown");
      await step("(4/4)", "key-for-this-test");
      await eventually("the answer", async () => (await workbench.notifications()).some((text) => text.includes("answers from now on")));
    });
    await tally.check("the key reaches the provider and stands in no settings", async () => {
      model.says = "It doubles a number.";
      await workbench.goToText("const double");
      await workbench.command("Explain with AI");
      await eventually("a request with the key", () => model.keys.at(-1) === "Bearer key-for-this-test");
      contains(model.bodies.at(-1) ?? "", "another-model");
      const settings = editor.settingsText();
      contains(settings, "METASCRIPT_KEY_CUSTOM");
      holds(!settings.includes("key-for-this-test"), "the key stands in the settings");
    });
    await workbench.closeAll();
  };
  Object.defineProperty(suite, "name", { value: "ai" });
  return suite;
}

/** A suggestion from a real llama.cpp server, in the text. */
export async function realModel({ tally, workbench, editor }: Suite): Promise<void> {
  tally.heading("A real model");
  editor.write("model.tars", 'ACTION {\n    type: "log"\n\n}\n');
  await workbench.openFile("model.tars");
  await tally.check("llama.cpp's suggestion is seen in the text, and Tab writes it", async () => {
    await workbench.goTo(3, 1);
    await workbench.type("    ");
    await workbench.press("Escape");
    const ghost = workbench.page.locator(".editor-group-container.active [class*='ghost-text']");
    // The server of a window that has just opened may still be starting.
    await eventually("ghost text", async () => {
      await workbench.command("Trigger Inline Suggestion");
      await workbench.page.waitForTimeout(1_500);
      return (await ghost.allTextContents()).join("").replaceAll("\u00a0", " ").includes("from a real model");
    });
    await workbench.screenshot("ai-model");
    await workbench.press("Tab");
    await workbench.line(['message: "from a real model"']);
  });
  await workbench.closeAll();
}
