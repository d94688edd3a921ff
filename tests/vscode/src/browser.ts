/** The browser that shows the editor. It reaches this machine and nothing else. */
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

export class Windows {
  readonly #browser: Browser;
  /** Addresses outside this machine that a page asked for. */
  readonly blocked = new Set<string>();

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(executablePath: string, home: string): Promise<Windows> {
    const browser = await chromium.launch({
      executablePath,
      env: { ...process.env, HOME: home },
      args: [
        // Tests run as root in containers, where Chromium's own sandbox cannot start; pages come from this machine only.
        "--no-sandbox",
        "--disable-gpu",
        // Nobody looks at the window; that must not make it slower.
        "--disable-renderer-backgrounding",
        "--disable-backgrounding-occluded-windows",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-features=LocalNetworkAccessChecks",
      ],
    });
    return new Windows(browser);
  }

  /** A fresh window: nothing is remembered from other ones. */
  async open(size = { width: 1280, height: 1150 }): Promise<{ context: BrowserContext; page: Page }> {
    const context = await this.#browser.newContext({ viewport: size });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await context.route("**/*", (route) => {
      const url = new URL(route.request().url());
      const local = url.hostname === "127.0.0.1" || url.hostname.endsWith("localhost") || !/^(https?|wss?):$/.test(url.protocol);
      if (local) return route.continue();
      this.blocked.add(url.origin);
      return route.abort();
    });
    return { context, page: await context.newPage() };
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
