/** Cells that run, and their output under them. */
import type { Suite } from "../suite.ts";
import { contains, equal, eventually, holds } from "../tally.ts";

export async function running({ tally, workbench, editor }: Suite): Promise<void> {
  tally.heading("Running cells");
  await workbench.openFile("hello.tars");

  await tally.check("a click on Run cell shows the Python output under the cell", async () => {
    await workbench.lens("Run cell", "import statistics");
    const block = await workbench.block(["5 readings, the highest is 18.9", "14.74"], 120);
    holds(block.top > (await workbench.topOf("statistics.mean(readings)")), "the block stands below the cell's last line");
    holds(block.top < (await workbench.topOf("JAVASCRIPT {")), "the block stands above the next cell");
    contains(block.title, "Python");
  });
  await tally.check("the cell's closing brace tells success and time", async () => {
    await workbench.line(["}", "✓", "s"]);
  });
  await tally.check("Ctrl+Enter in a cell shows the JavaScript output under it", async () => {
    await workbench.goToText("const words");
    await workbench.press("Control+Enter");
    const block = await workbench.block(["plain text notebook", "[", "5", "4", "8"], 60);
    contains(block.title, "JavaScript");
  });
  await tally.check("Shift+Enter runs the cell and goes to the next", async () => {
    await workbench.goToText("const words");
    await workbench.press("Shift+Enter");
    await eventually("cursor in the next cell", async () => (await workbench.status("Ln ")).includes("Ln 26"));
  });
  await tally.check("a later cell sees the variables of an earlier one; its single line stands beside the brace", async () => {
    await workbench.press("Control+Enter");
    await workbench.line(["}", "✓", "6.4 degrees between the coldest and the warmest"], 60);
  });
  await tally.check("Ctrl+Enter outside cells makes a line, as everywhere", async () => {
    await workbench.goTo(1, 1);
    await workbench.press("Control+Enter");
    await eventually("cursor in line 2", async () => (await workbench.status("Ln ")).includes("Ln 2,"));
    await workbench.press("Control+z");
  });
  await workbench.away();
  await workbench.screenshot("hello");

  await tally.check("a table, a big integer, a date and a nested map come back from five languages", async () => {
    await workbench.openFile("round-trip.tars");
    await workbench.command("Metascript: Run All Cells");
    // Where no Rust toolchain is, its cell is left out, and the last one says what it misses.
    const wanted = (await editor.runsRust()) ? ["table", "huge", "day", "place"].map((name) => `${name} True`) : ["name 'table4' is not defined"];
    await eventually("the last cell's output", async () => {
      await workbench.press("Control+End");
      const shown = (await workbench.blocks()).map(({ text }) => text).join("\n");
      return wanted.every((part) => shown.includes(part));
    }, 60);
    await workbench.screenshot("round-trip");
    await workbench.openFile("hello.tars");
  });

  tally.heading("Output and edits");
  await tally.check("output follows an edit above it", async () => {
    const top = (await workbench.block(["5 readings"])).top;
    await workbench.goTo(1, 1);
    await workbench.press("Control+Shift+Enter");
    await workbench.type("// a comment\nand another");
    await eventually("the block moved down", async () => (await workbench.block(["5 readings"])).top > top + 20);
    // The closing brace is the line after the last one of the code; the block hangs right below it.
    await eventually("the block is right below its cell", async () => {
      const distance = (await workbench.block(["5 readings"])).top - (await workbench.topOf("statistics.mean(readings)"));
      return distance > 25 && distance < 60;
    });
    await workbench.line(["}", "✓", "6.4 degrees"]);
  });
  await tally.check("an edit inside a cell marks its output as stale", async () => {
    await workbench.goToText("statistics.mean");
    await workbench.press("End");
    await workbench.type(" + 1");
    await workbench.line(["}", "stale"]);
    contains((await workbench.block(["5 readings", "stale"])).title, "stale");
    await workbench.screenshot("stale");
  });
  await tally.check("taking the edit back takes the mark back", async () => {
    await eventually("not stale", async () => {
      await workbench.press("Control+z");
      return !(await workbench.blocks()).some(({ title }) => title.includes("stale"));
    });
  });
  await tally.check("Alt+Enter runs the stale cells alone", async () => {
    await workbench.goToText("statistics.mean");
    await workbench.press("End");
    await workbench.type(" + 1");
    await workbench.block(["5 readings", "stale"]);
    await workbench.press("Alt+Enter");
    await workbench.block(["5 readings", "15.74"], 60);
    await eventually("not stale", async () => !(await workbench.blocks()).some(({ title }) => title.includes("stale")));
  });
  await tally.check("the copy button of a block copies its output", async () => {
    await button(workbench, "15.74", "Copy Output");
    await eventually("clipboard", async () => (await workbench.page.evaluate(() => navigator.clipboard.readText())).includes("5 readings, the highest is 18.9\n15.74"));
  });
  await tally.check("outputs fold away and come back", async () => {
    await workbench.command("Metascript: Collapse Outputs");
    await eventually("no block", async () => (await workbench.blocks()).length === 0);
    await workbench.command("Metascript: Expand Outputs");
    await workbench.block(["5 readings"]);
  });
  await tally.check("a block opens to the side, whole", async () => {
    await button(workbench, "15.74", "Open Output to the Side");
    await eventually("webview", async () => {
      for (const frame of workbench.page.frames()) {
        const text = await frame.locator("body").innerText({ timeout: 300 }).catch(() => "");
        if (text.includes("5 readings") && text.includes("15.74")) return true;
      }
      return false;
    });
    await workbench.screenshot("panel");
    await workbench.page.locator(".tab", { hasText: "Output:" }).click({ button: "middle" });
  });
  await tally.check("the clear button of a block takes it away, and only it", async () => {
    await workbench.openFile("hello.tars");
    await button(workbench, "15.74", "Clear This Output");
    await eventually("gone", async () => !(await workbench.blocks()).some(({ text }) => text.includes("15.74")));
    await workbench.block(["plain text notebook"]);
  });
  await tally.check("Clear Outputs takes all away", async () => {
    await workbench.command("Metascript: Clear Outputs");
    await eventually("nothing left", async () => (await workbench.blocks()).length === 0 && !(await workbench.lines()).some((line) => line.includes("✓")));
  });
  await tally.check("Run all runs every cell in order", async () => {
    await workbench.command("Metascript: Run All Cells");
    await workbench.block(["5 readings"], 60);
    await workbench.block(["plain text notebook"], 60);
    await workbench.line(["}", "✓", "6.4 degrees"], 60);
  });
  await workbench.closeAll();
}

export async function longRuns({ tally, workbench }: Suite): Promise<void> {
  tally.heading("Streams, errors and endless loops");
  await workbench.openFile("lab.tars");

  await tally.check("output streams while the cell runs", async () => {
    await workbench.lens("Run cell", "import time");
    await workbench.line(["}", "running"], 60);
    await eventually("a step while the cell still runs", async () => {
      const running = (await workbench.lines()).find((line) => line.includes("running"));
      const shown = `${running ?? ""}\n${(await workbench.blocks()).map(({ text }) => text).join("\n")}`;
      return running !== undefined && shown.includes("step 0") && !shown.includes("step 2");
    });
    await workbench.screenshot("streaming");
    await workbench.block(["step 0", "step 1", "step 2"]);
    await workbench.line(["}", "✓"]);
  });
  await tally.check("a result of one line stands after the closing brace", async () => {
    await workbench.goToText("counter + 1");
    await workbench.press("Control+Enter");
    await workbench.line(["}", "✓", "42"]);
  });
  await tally.check("an error names the line of the script", async () => {
    await workbench.goToText("total / 0");
    await workbench.press("Control+Enter");
    const block = await workbench.block(["ZeroDivisionError", "division by zero"]);
    contains(block.text, "line 20");
    await workbench.line(["}", "✗", "failed"]);
  });
  await tally.check("the line that raised the error is marked", async () => {
    await workbench.line(["total / 0", "ZeroDivisionError"]);
    await workbench.screenshot("error");
  });
  await tally.check("an endless loop shows its output and its running time", async () => {
    await workbench.goToText("while True");
    await workbench.press("Control+Enter");
    await workbench.line(["}", "running 1"], 30);
    await workbench.line(["looping"]);
    await workbench.page.locator(".statusbar-item .codicon-sync").first().waitFor();
  });
  await tally.check("Interrupt ends it", async () => {
    await workbench.command("Metascript: Interrupt");
    await workbench.line(["}", "■", "interrupted"]);
    await workbench.page.locator(".statusbar-item .codicon-check").first().waitFor();
  });
  await tally.check("the editor goes on after an interrupt", async () => {
    await workbench.goToText("line one");
    await workbench.press("Control+Enter");
    await workbench.block(["line one", "line two", "9"]);
  });
  await tally.check("Restart forgets the variables", async () => {
    await workbench.command("Metascript: Restart Session");
    await workbench.goToText("counter + 1");
    await eventually("NameError", async () => {
      await workbench.press("Control+Enter");
      return (await workbench.blocks()).find(({ text }) => text.includes("NameError"));
    });
    contains((await workbench.block(["NameError", "counter"])).text, "line 14");
  });
  await tally.check("outputs of the earlier session say so", async () => {
    await workbench.block(["from an earlier session"]);
    await workbench.screenshot("restarted");
  });
  await tally.check("Run all above runs the cells before", async () => {
    await workbench.command("Metascript: Clear Outputs");
    await workbench.lens("Run all above", "counter + 1");
    await workbench.goToText("import time");
    await workbench.block(["step 2"], 60);
    await workbench.goToText("counter + 1");
    await workbench.press("Control+Enter");
    await workbench.line(["}", "✓", "42"]);
  });
  await tally.check("a long output is shortened, and says by how much", async () => {
    await workbench.goToText("for n in range(500)");
    await workbench.press("Control+Enter");
    const block = await workbench.block(["row 0", "row 499", "460 lines not shown"]);
    holds(!block.text.includes("row 250"), "the middle is left out");
    await workbench.screenshot("long");
  });
  await tally.check("deleting a cell takes its output away", async () => {
    await workbench.goTo(35);
    await workbench.press("Control+Shift+End");
    await workbench.press("Delete");
    await eventually("gone", async () => !(await workbench.blocks()).some(({ text }) => text.includes("row 499")));
  });
  await workbench.closeAll();

  tally.heading("A script that was never saved");
  await tally.check("New Script makes one, and its cells run", async () => {
    await workbench.command("Metascript: New Script");
    await workbench.line(["PYTHON {"]);
    await workbench.lens("Run cell", "squares =");
    await workbench.block(["hello from Python", "[0, 1, 4, 9, 16]"], 60);
    equal((await workbench.notifications()).length, 0, "notifications");
    await workbench.screenshot("untitled");
  });
  await workbench.closeAll();
}

/** Clicks a button in the head of the block that shows `text`. */
async function button(workbench: Suite["workbench"], text: string, title: string): Promise<void> {
  const widget = workbench.page.locator(".review-widget", { hasText: text }).first();
  await widget.hover();
  await widget.locator(`.action-label[aria-label^="${title}"]`).click();
}
