/** What a cell puts out, as a notebook shows it. */
import * as vscode from "vscode";
import type { CellEvent, MimeBundle } from "../protocol.ts";

/** The most that a notebook keeps of one kind of output, in UTF-16 units. */
const LARGEST = 8 * 1024 * 1024;

export function bundleItems(data: MimeBundle): vscode.NotebookCellOutputItem[] {
  return Object.entries(data).map(([mime, value]) => {
    const text = textOf(value);
    if (/^image\/(?!svg)/.test(mime) && text !== undefined) {
      return new vscode.NotebookCellOutputItem(Buffer.from(text, "base64"), mime);
    }
    if (mime.endsWith("json")) return vscode.NotebookCellOutputItem.json(text === undefined ? value : parsed(text), mime);
    return vscode.NotebookCellOutputItem.text((text ?? JSON.stringify(value, null, 2)).slice(0, LARGEST), mime);
  });
}

export function errorItem({ name, message, traceback }: Extract<CellEvent, { kind: "error" }>): vscode.NotebookCellOutputItem {
  return vscode.NotebookCellOutputItem.error({ name, message, stack: traceback });
}

export function streamItem(name: "stdout" | "stderr", text: string): vscode.NotebookCellOutputItem {
  return name === "stdout" ? vscode.NotebookCellOutputItem.stdout(text) : vscode.NotebookCellOutputItem.stderr(text);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return Array.isArray(value) && value.every((part) => typeof part === "string") ? value.join("") : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
