/** What the graph's window and the extension say to each other. */
import type { Graph } from "../protocol.ts";

/** To the window. */
export type ToWindow =
  | { type: "graph"; title: string; graph: Graph; editable: boolean }
  /** The part that the cursor is in. */
  | { type: "cursor"; node: number | undefined };

/** From the window. */
export type FromWindow =
  | { type: "ready" }
  | { type: "reveal"; node: number }
  | { type: "addEdge"; from: string; to: string }
  | { type: "addNode"; kind: string; name: string };
