import * as vscode from "vscode";
import { keysOf, shapeAt, tables, valuesOf, type Shape } from "./schema.ts";
import { parts, placeAt } from "./toml.ts";

const FILES: vscode.DocumentSelector = [{ pattern: "**/.metascript.toml" }, { pattern: "**/metascript/config.toml" }];

/** Tables, keys and values of the settings files, and what they mean. */
export function settingsHelp(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerCompletionItemProvider(FILES, { provideCompletionItems: complete }, "[", ".", '"', "=", " "),
    vscode.languages.registerHoverProvider(FILES, { provideHover: explain }),
  );
}

function complete(document: vscode.TextDocument, position: vscode.Position): vscode.CompletionItem[] {
  const place = placeAt(document.getText(new vscode.Range(new vscode.Position(0, 0), position)));
  switch (place?.kind) {
    case "table": {
      const typed = new vscode.Range(position.translate(0, -place.typed.length), position);
      return tables(place.array).map(([name, shape]) => {
        const item = new vscode.CompletionItem(name, vscode.CompletionItemKind.Module);
        item.range = typed;
        if (name.includes("*")) item.insertText = new vscode.SnippetString(name.replace("*", "${1:name}"));
        return described(item, shape);
      });
    }
    case "key": {
      const typed = new vscode.Range(position.translate(0, -place.typed.length), position);
      return keysOf(place.table)
        .filter(([name]) => !place.taken.has(name))
        .map(([name, shape]) => {
          const item = new vscode.CompletionItem(name, vscode.CompletionItemKind.Property);
          item.range = typed;
          item.insertText = new vscode.SnippetString(`${name} = ${valueSnippet(shape)}`);
          return described(item, shape);
        });
    }
    case "value": {
      const shape = shapeAt(place.path);
      if (shape === undefined) return [];
      const bare = shape.type === "boolean";
      return valuesOf(shape).map((value) => {
        const item = new vscode.CompletionItem(value, vscode.CompletionItemKind.EnumMember);
        item.insertText = bare || place.quoted ? value : `"${value}"`;
        return described(item, shape);
      });
    }
    case undefined:
      return [];
  }
}

function explain(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
  const line = document.lineAt(position.line).text;
  const header = /^\s*\[\[?\s*([^\]]*?)\s*\]\]?/.exec(line)?.[1];
  const key = /^\s*([\w.-]+)\s*=/.exec(line)?.[1];
  const above = placeAt(document.getText(new vscode.Range(0, 0, position.line, 0)));
  const table = above?.kind === "key" ? above.table : [];
  const path = header !== undefined ? parts(header) : key !== undefined ? [...table, ...parts(key)] : undefined;
  const shape = path === undefined ? undefined : shapeAt(path);
  if (shape?.description === undefined) return undefined;
  const values = valuesOf(shape);
  const named = values.length === 0 ? "" : `\n\n${values.map((value) => `\`${value}\``).join(", ")}`;
  return new vscode.Hover(new vscode.MarkdownString(shape.description + named));
}

function described(item: vscode.CompletionItem, { description }: Shape): vscode.CompletionItem {
  if (description !== undefined) item.documentation = description;
  return item;
}

function valueSnippet(shape: Shape): string {
  const values = valuesOf(shape).join(",");
  if (shape.type === "boolean") return "${1|true,false|}";
  if (shape.type === "array") return values === "" ? "[$1]" : `["\${1|${values}|}"]`;
  if (shape.type === "integer" || shape.type === "number") return "$1";
  return values === "" ? '"$1"' : `"\${1|${values}|}"`;
}
