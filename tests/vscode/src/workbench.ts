/** What a user sees and does in the editor's window. */
import path from "node:path";
import type { Page } from "playwright-core";
import { eventually, PATIENCE } from "./tally.ts";

/** The editor draws blanks as no-break spaces. */
function visible(text: string | null): string {
  return (text ?? "").replaceAll("\u00a0", " ");
}

export class Workbench {
  readonly page: Page;
  readonly #artefacts: string;

  constructor(page: Page, artefacts: string) {
    this.page = page;
    this.#artefacts = artefacts;
    page.setDefaultTimeout(20_000 * PATIENCE);
  }

  async load(url: string): Promise<void> {
    await this.page.goto(url, { waitUntil: "domcontentloaded", timeout: 90_000 * PATIENCE });
    await this.page.locator(".monaco-workbench .part.statusbar").waitFor({ timeout: 90_000 * PATIENCE });
    await this.page.locator(".explorer-folders-view .monaco-list-row").first().waitFor({ timeout: 60_000 * PATIENCE });
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: path.join(this.#artefacts, `${name}.png`) });
  }

  /** Opens a file of the workspace by its name. */
  async openFile(name: string): Promise<void> {
    await this.page.locator(".part.editor").click({ position: { x: 400, y: 300 } });
    await this.#pick("Control+p", name, path.basename(name));
    await this.page.locator(`.tab.active[data-resource-name="${path.basename(name)}"]`).waitFor();
    await this.page.locator(".editor-instance .monaco-editor .view-line").first().waitFor();
    await this.press("Control+1");
  }

  /** Runs a command of the palette by its title. */
  async command(title: string): Promise<void> {
    await this.#pick("F1", `>${title}`, title);
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden", timeout: 1_000 }).catch(() => undefined);
  }

  /** Opens a quick pick with a key, looks for something and takes it; again, when a busy editor has missed a key or not yet seen a new file. */
  async #pick(key: string, wanted: string, shown: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input").first();
    // Where a word begins: `team.tars` is not `research-team.tars`.
    const label = new RegExp(`(?<![\\w-])${shown.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}`);
    const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: label }).first();
    await eventually(`${shown} to pick`, async () => {
      await this.page.keyboard.press(key);
      try {
        await input.waitFor({ state: "visible", timeout: 10_000 });
        await input.fill(wanted);
        await row.waitFor({ timeout: 10_000 });
        await row.click({ timeout: 5_000 });
        return true;
      } catch {
        await this.page.keyboard.press("Escape");
        return false;
      }
    }, 40);
  }

  /** Clicks a button of a notification, which the editor may have put aside, behind the bell. */
  async answer(button: string): Promise<void> {
    const found = this.page.locator(".notification-list-item a.monaco-button", { hasText: button }).last();
    await eventually(`the button ${button}`, async () => {
      if (!(await found.isVisible())) {
        await this.page.waitForTimeout(2_000);
        if (!(await found.isVisible())) await this.command("Notifications: Show Notifications");
      }
      await found.click({ timeout: 3_000 });
      return true;
    });
  }

  /** Puts the cursor at a place; both numbers are one-based, as the editor shows them. */
  async goTo(line: number, column = 1): Promise<void> {
    await this.page.keyboard.press("Control+g");
    const input = this.page.locator(".quick-input-widget input").first();
    await input.waitFor({ state: "visible" });
    await input.fill(`:${line}:${column}`);
    await this.page.keyboard.press("Enter");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
    await eventually(`cursor in line ${line}`, async () => (await this.status("Ln ")).includes(`Ln ${line},`));
  }

  /** Scrolls until the line with `part` is on the screen, and keeps at it: an output that grows moves what was there. */
  async reveal(part: string): Promise<number> {
    const seen = async (): Promise<number | undefined> => await this.topOf(part).catch(() => undefined);
    return await eventually(`line with ${part}`, async () => {
      let top = await seen();
      if (top !== undefined) return top;
      // A command may have left the keyboard elsewhere.
      await this.press("Control+1");
      await this.press("Control+Home");
      await this.page.waitForTimeout(300);
      for (let page = 0; page < 20 && (top = await seen()) === undefined; page += 1) {
        await this.press("PageDown");
        await this.page.waitForTimeout(300);
      }
      return top;
    });
  }

  /** Puts the cursor at the start of what is written in the line with `part`. */
  async goToText(part: string): Promise<void> {
    const line = await eventually(`line with ${part}`, async () => {
      const top = await this.reveal(part);
      const numbers = await this.page.locator(".editor-group-container.active .margin-view-overlays .line-numbers").evaluateAll((all) =>
        all.map((one) => ({ top: one.getBoundingClientRect().top, text: one.textContent ?? "" })),
      );
      // The text may have moved between the two looks: then there is no number beside it.
      const number = Number(numbers.find((one) => Math.abs(one.top - top) < 4)?.text);
      return number > 0 ? number : undefined;
    });
    await this.goTo(line, 1);
    await this.press("Home");
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text, { delay: 5 });
  }

  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
  }

  /** The text of the status bar's item that has `part`. */
  async status(part: string): Promise<string> {
    const item = this.page.locator(".statusbar-item:visible", { hasText: part }).first();
    return visible(await item.textContent({ timeout: 1_000 }).catch(() => ""));
  }

  /** The lines on the screen, from top to bottom, with what decorations add to them. */
  async lines(): Promise<string[]> {
    const lines = await this.page.locator(".editor-group-container.active .editor-instance .view-lines").first().evaluate((root) => {
      // What stands after a line by decoration is the content of a pseudo element.
      const text = (node: Element): string => {
        let all = "";
        for (const child of node.childNodes) {
          if (child.nodeType === Node.TEXT_NODE) all += child.textContent ?? "";
          else if (child instanceof Element) {
            const pseudo = (which: string): string => {
              const content = getComputedStyle(child, which).content;
              return content.startsWith('"') ? ` ${(JSON.parse(content.replace(/\\([0-9a-f]{1,6}) ?/gi, (_, hex: string) => String.fromCodePoint(parseInt(hex, 16)))) as string)}` : "";
            };
            all += pseudo("::before") + text(child) + pseudo("::after");
          }
        }
        return all;
      };
      return [...root.querySelectorAll(".view-line")]
        .map((line) => ({ top: line.getBoundingClientRect().top, text: text(line) }))
        .sort((a, b) => a.top - b.top)
        .map((line) => line.text);
    });
    return lines.map(visible);
  }

  /** Waits for a line on the screen that has all parts. */
  async line(parts: string[], seconds = 20): Promise<string> {
    let seen: string[] = [];
    try {
      return await eventually(
        `a line with ${parts.join(" and ")}`,
        async () => {
          seen = await this.lines();
          return seen.find((line) => parts.every((part) => line.includes(part)));
        },
        seconds,
      );
    } catch (error) {
      throw new Error(`${String(error)}\n${seen.join("\n")}`);
    }
  }

  /** The output blocks on the screen, from top to bottom. */
  async blocks(): Promise<{ title: string; text: string; top: number; height: number }[]> {
    return await this.page.locator(".review-widget").evaluateAll((widgets) =>
      widgets
        .map((widget) => {
          const box = widget.getBoundingClientRect();
          const part = (selector: string): string => widget.querySelector<HTMLElement>(selector)?.innerText.replaceAll("\u00a0", " ") ?? "";
          return { title: part(".review-title"), text: part(".body"), top: box.top, height: box.height };
        })
        .filter(({ height }) => height > 0)
        .sort((a, b) => a.top - b.top),
    );
  }

  /** Waits for an output block whose text has all parts. */
  async block(parts: string[], seconds = 20): Promise<{ title: string; text: string; top: number; height: number }> {
    let seen: { title: string; text: string }[] = [];
    try {
      return await eventually(
        `a block with ${parts.join(" and ")}`,
        async () => {
          const blocks = await this.blocks();
          seen = blocks;
          return blocks.find(({ title, text }) => parts.every((part) => `${title}\n${text}`.includes(part)));
        },
        seconds,
      );
    } catch (error) {
      throw new Error(`${String(error)}\n${JSON.stringify(seen, null, 1)}`);
    }
  }

  /** Where a line with `part` is on the screen, in pixels from the top. */
  async topOf(part: string): Promise<number> {
    const found = await this.page.locator(".editor-group-container.active .view-line").evaluateAll(
      (lines, wanted) =>
        lines.find((line) => (line.textContent ?? "").replaceAll("\u00a0", " ").includes(wanted))?.getBoundingClientRect().top,
      part,
    );
    if (found === undefined) throw new Error(`no line with ${part} on the screen`);
    return found;
  }

  /** Clicks the lens with `title` that stands above the line with `header`. */
  async lens(title: string, header: string): Promise<void> {
    await eventually(`lens ${title} above ${header}`, async () => {
      const top = await this.reveal(header);
      const lenses = this.page.locator(".codelens-decoration a", { hasText: title });
      let best: { index: number; distance: number } | undefined;
      for (const [index, lens] of (await lenses.all()).entries()) {
        const box = await lens.boundingBox();
        if (box === null) continue;
        const distance = top - box.y;
        if (distance > -2 && distance < 60 && (best === undefined || distance < best.distance)) best = { index, distance };
      }
      if (best === undefined) return false;
      await lenses.nth(best.index).click({ timeout: 2_000 });
      return true;
    });
  }

  /** Lens titles on the screen, from top to bottom. */
  async lenses(): Promise<string[]> {
    const found = await this.page.locator(".codelens-decoration").evaluateAll((all) =>
      all
        .map((lens) => ({ top: lens.getBoundingClientRect().top, text: lens.textContent ?? "" }))
        .sort((a, b) => a.top - b.top)
        .map(({ text }) => text),
    );
    return found.map(visible);
  }

  /** The hover over a word of the line with `part`. */
  async hover(part: string, word: string): Promise<string> {
    return await eventually(`hover over ${word}`, async () => {
      const place = await this.page.locator(".editor-group-container.active .view-line").evaluateAll(
        (lines, [wanted, inner]) => {
          const line = lines.find((candidate) => (candidate.textContent ?? "").replaceAll("\u00a0", " ").includes(wanted ?? ""));
          if (line === undefined) return undefined;
          const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
            const at = (node.textContent ?? "").indexOf(inner ?? "");
            if (at === -1) continue;
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + (inner?.length ?? 0));
            const box = range.getBoundingClientRect();
            return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
          }
          return undefined;
        },
        [part, word],
      );
      if (place === undefined) return undefined;
      await this.page.mouse.move(place.x - 40, place.y - 60);
      await this.page.mouse.move(place.x, place.y, { steps: 4 });
      const hover = this.page.locator(".monaco-hover:visible .hover-contents, .monaco-resizable-hover:visible .hover-contents");
      await hover.first().waitFor({ timeout: 5_000 });
      await this.page.waitForTimeout(300);
      const text = visible((await hover.allTextContents()).join("\n"));
      return text === "" ? undefined : text;
    });
  }

  async away(): Promise<void> {
    await this.page.mouse.move(5, 400);
    await this.page.locator(".monaco-hover:visible").waitFor({ state: "hidden", timeout: 3_000 }).catch(() => undefined);
  }

  /** The colour in which a word of the line with `part` is drawn. */
  async colour(part: string, word: string): Promise<string> {
    const found = await this.page.locator(".editor-group-container.active .view-line").evaluateAll(
      (lines, [wanted, inner]) => {
        const line = lines.find((candidate) => (candidate.textContent ?? "").replaceAll("\u00a0", " ").includes(wanted ?? ""));
        const span = [...(line?.querySelectorAll("span > span") ?? [])].find((candidate) => (candidate.textContent ?? "").replaceAll("\u00a0", " ").includes(inner ?? ""));
        return span === undefined ? undefined : getComputedStyle(span).color;
      },
      [part, word],
    );
    if (found === undefined) throw new Error(`no ${word} in a line with ${part}`);
    return found;
  }

  /** Labels of the completion list, once it is there. */
  async completions(): Promise<string[]> {
    const rows = this.page.locator(".suggest-widget.visible .monaco-list-row .label-name");
    await rows.first().waitFor();
    return (await rows.allTextContents()).map(visible);
  }

  /** Texts of the notifications on the screen: those that pop up, and those in the list when it is open. */
  async notifications(): Promise<string[]> {
    return (await this.page.locator(":is(.notification-toast, .notifications-center.visible) .notification-list-item-message").allTextContents()).map(visible);
  }

  /** Throws away unsaved edits and closes every editor. */
  async closeAll(): Promise<void> {
    await this.command("File: Revert File").catch(() => undefined);
    await this.command("View: Close All Editors");
    const dont = this.page.locator(".monaco-dialog-box a.monaco-button", { hasText: "Don't Save" });
    await dont.click({ timeout: 1_500 }).catch(() => undefined);
    await this.page.locator(".tab").first().waitFor({ state: "detached" });
  }
}
