import * as vscode from "vscode";
import type { MimeBundle } from "../protocol.ts";
import { languageName, statusLine } from "./render.ts";
import type { OutputStore, PlacedOutput } from "./store.ts";
import type { Segment } from "./run.ts";
import { coloured, escapeHtml, terminalLines } from "./text.ts";

const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
/** Nodes of a JSON value that are drawn. */
const MOST_JSON_NODES = 5_000;

/** The whole output of one run, to the side of the script: pictures, HTML, a tree for JSON. Nothing in it can run. */
export class OutputPanel implements vscode.Disposable {
  readonly #subscription: vscode.Disposable;
  #panel: vscode.WebviewPanel | undefined;
  #shown: PlacedOutput | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: OutputStore) {
    this.#subscription = store.onDidChange(({ uri, changed }) => {
      const shown = this.#shown;
      if (shown?.uri.toString() !== uri.toString()) return;
      // A new run of the same cell takes the place of the old one.
      const successor = [...changed].find(({ span }) => span.start.line === shown.span.start.line);
      if (successor === undefined) return;
      this.#shown = successor;
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#draw();
      }, 100);
    });
  }

  show(placed: PlacedOutput): void {
    this.#shown = placed;
    if (this.#panel === undefined) {
      const beside = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
      this.#panel = vscode.window.createWebviewPanel("metascript.output", "Output", beside, {
        enableScripts: false,
        enableFindWidget: true,
        localResourceRoots: [],
      });
      this.#panel.onDidDispose(() => {
        this.#panel = undefined;
        this.#shown = undefined;
      });
    } else {
      this.#panel.reveal(undefined, true);
    }
    this.#draw();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#subscription.dispose();
    this.#panel?.dispose();
  }

  #draw(): void {
    if (this.#panel === undefined || this.#shown === undefined) return;
    const { output } = this.#shown;
    const name = languageName(output.language);
    this.#panel.title = `Output: ${name}`;
    this.#panel.webview.html = page(
      `<h1>${escapeHtml(name)} <small>${escapeHtml(statusLine(output, Date.now()))}</small></h1>${output.segments.map(segmentHtml).join("\n")}`,
    );
  }
}

/** Scripts are off, and the policy lets nothing be loaded: not even a picture can tell an outsider that it was seen. */
function page(body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-src 'self' data: about:">
<style>
  body { padding: 0 1rem 2rem; color: var(--vscode-editor-foreground); font-family: var(--vscode-font-family); }
  h1 { font-size: 1.1rem; } h1 small { font-weight: normal; opacity: .75; margin-left: .75em; }
  h2 { font-size: .95rem; margin: 1.2rem 0 .3rem; } .error h2 { color: var(--vscode-errorForeground); }
  pre, details { font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
  pre { overflow-x: auto; margin: 0; } img { max-width: 100%; }
  details { padding-left: 1rem; } .leaf { padding-left: 2rem; } summary { cursor: pointer; margin-left: -1rem; }
  .key { color: var(--vscode-symbolIcon-propertyForeground, inherit); }
  iframe { width: 100%; height: 60vh; border: 0; background: #fff; color-scheme: light; }
</style>
</head>
<body>${body}</body>
</html>`;
}

function segmentHtml(segment: Segment): string {
  switch (segment.kind) {
    case "stream":
      return segment.text.trim() === "" ? "" : `<section><h2>${segment.name}</h2>${pre(segment.text)}</section>`;
    case "error":
      return `<section class="error"><h2>${escapeHtml(`${segment.name}: ${segment.message}`)}</h2>${pre(segment.traceback)}</section>`;
    case "data":
      return `<section><h2>${segment.role}</h2>${bundleHtml(segment.data)}</section>`;
  }
}

function pre(text: string): string {
  return `<pre>${coloured(terminalLines(text))}</pre>`;
}

/** The richest form that we can show. */
function bundleHtml(data: MimeBundle): string {
  for (const kind of IMAGES) {
    const base64 = text(data[kind])?.replaceAll(/\s/g, "");
    if (base64 !== undefined && /^[A-Za-z0-9+/=]+$/.test(base64)) return `<img alt="${kind}" src="data:${kind};base64,${base64}">`;
  }
  const svg = text(data["image/svg+xml"]);
  if (svg !== undefined) return `<img alt="image/svg+xml" src="data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}">`;
  const html = text(data["text/html"]);
  // The frame has no permission at all: its own origin, no scripts, no forms, no way up.
  if (html !== undefined) return `<iframe sandbox="" title="HTML output" srcdoc="${escapeHtml(html)}"></iframe>`;
  const json = data["application/json"];
  if (json !== undefined) return tree("", json, { left: MOST_JSON_NODES }, 0);
  const other = Object.entries(data).find(([kind]) => kind.startsWith("text/"));
  return pre(text(data["text/plain"]) ?? text(other?.[1]) ?? JSON.stringify(data, null, 2));
}

function text(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return Array.isArray(value) && value.every((part) => typeof part === "string") ? value.join("") : undefined;
}

function tree(key: string, value: unknown, budget: { left: number }, depth: number): string {
  const name = key === "" ? "" : `<span class="key">${escapeHtml(key)}</span>: `;
  if (typeof value !== "object" || value === null || depth > 60) {
    return `<div class="leaf">${name}${escapeHtml(JSON.stringify(value))}</div>`;
  }
  const entries = Object.entries(value);
  const kind = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  const children: string[] = [];
  for (const [inner, child] of entries) {
    if (budget.left-- <= 0) {
      children.push('<div class="leaf">…</div>');
      break;
    }
    children.push(tree(inner, child, budget, depth + 1));
  }
  return `<details${depth < 2 ? " open" : ""}><summary>${name}${kind}</summary>${children.join("")}</details>`;
}
