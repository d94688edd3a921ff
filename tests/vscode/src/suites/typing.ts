/** How long a key takes to be seen, with and without outputs. Printed, never asserted on. */
import type { Suite } from "../suite.ts";

const CELLS = 200;
const KEYS = 120;

export async function typing(suite: Suite): Promise<void> {
  const { tally, workbench, editor } = suite;
  tally.heading("Typing");
  editor.write("many.tars", `// here\n\n${"PYTHON {\n    print('one')\n    print('two')\n}\n\n".repeat(CELLS)}`);
  await workbench.openFile("many.tars");
  const bare = await measure(suite);
  await workbench.command("Metascript: Run All Cells");
  await tally.check(`${CELLS} cells have run`, async () => {
    await workbench.press("Control+End");
    await workbench.block(["one", "two"], 300);
  });
  const full = await measure(suite);
  const print = (what: string, times: number[]): void => {
    const at = (share: number): string => (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN).toFixed(1);
    process.stdout.write(`         ${what}: median ${at(0.5)} ms, 95th of 100 ${at(0.95)} ms\n`);
  };
  print("from a key to the screen, no output", bare);
  print(`from a key to the screen, ${CELLS} outputs`, full);
  const middle = (times: number[]): number => times[Math.floor(times.length / 2)] ?? NaN;
  process.stdout.write(`         ratio of the medians: ${(middle(full) / middle(bare)).toFixed(2)}\n`);
  await workbench.closeAll();
}

/** Milliseconds from each key to the next frame that shows it, sorted. */
async function measure({ workbench, page }: Suite): Promise<number[]> {
  await workbench.goTo(1);
  await workbench.press("End");
  await page.evaluate(() => {
    const times: number[] = [];
    (window as unknown as { keyTimes: number[] }).keyTimes = times;
    let pressed: number | undefined;
    window.addEventListener("keydown", () => (pressed = performance.now()), { capture: true });
    const lines = document.querySelector(".editor-group-container.active .view-lines");
    if (lines === null) return;
    new MutationObserver(() => {
      if (pressed === undefined) return;
      const since = pressed;
      pressed = undefined;
      requestAnimationFrame(() => times.push(performance.now() - since));
    }).observe(lines, { subtree: true, childList: true, characterData: true });
  });
  await page.keyboard.type("x".repeat(KEYS), { delay: 40 });
  await page.waitForTimeout(500);
  const times = await page.evaluate(() => (window as unknown as { keyTimes: number[] }).keyTimes);
  return times.sort((a, b) => a - b);
}
