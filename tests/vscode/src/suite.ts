import type { Page } from "playwright-core";
import type { Editor } from "./editor.ts";
import type { Tally } from "./tally.ts";
import type { Workbench } from "./workbench.ts";

/** What a suite works with. */
export interface Suite {
  readonly tally: Tally;
  readonly editor: Editor;
  readonly page: Page;
  readonly workbench: Workbench;
}
