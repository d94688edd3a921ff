/** Where a place of a TOML text stands: enough to know what may be written there. */

export type Place =
  /** In the name of a table: `[` or `[[`, and what was typed of the name. */
  | { kind: "table"; array: boolean; typed: string }
  /** Where a key begins or goes on. */
  | { kind: "key"; table: readonly string[]; taken: ReadonlySet<string>; typed: string }
  /** Behind `key =`; `quoted` when the cursor is inside a string. */
  | { kind: "value"; path: readonly string[]; quoted: boolean };

const HEADER = /^\s*\[\[?\s*([^\]]*?)\s*\]\]?/;
const KEY = /^\s*((?:"[^"]*"|'[^']*'|[\w.-])+)\s*=/;

/** @param before the text from its begin to the cursor */
export function placeAt(before: string): Place | undefined {
  const lines = before.split(/\r\n|\r|\n/);
  const line = lines.pop() ?? "";
  if (/^\s*#/.test(line)) return undefined;
  const header = /^\s*(\[\[?)\s*([\w.-]*)$/.exec(line);
  if (header !== null) return { kind: "table", array: header[1] === "[[", typed: header[2] ?? "" };
  const table: string[] = [];
  const taken = new Set<string>();
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const found = HEADER.exec(lines[at] ?? "");
    if (found !== null) {
      table.push(...parts(found[1] ?? ""));
      break;
    }
    const key = KEY.exec(lines[at] ?? "")?.[1];
    if (key !== undefined) taken.add(parts(key).join("."));
  }
  const key = KEY.exec(line);
  if (key !== null) {
    const value = line.slice(key[0].length);
    const quoted = (value.match(/(?<!\\)"/g)?.length ?? 0) % 2 === 1;
    // Behind a value that is complete nothing can stand.
    if (!quoted && /["\d\w\]}]\s*$/.test(value) && !/[[,{]\s*[\w"]*$/.test(value) && !/^\s*\w+$/.test(value)) return undefined;
    return { kind: "value", path: [...table, ...parts(key[1] ?? "")], quoted };
  }
  const typed = /^\s*([\w.-]*)$/.exec(line)?.[1];
  return typed === undefined ? undefined : { kind: "key", table, taken, typed };
}

/** The names of a dotted key, without their quotes. */
export function parts(key: string): string[] {
  return (key.match(/"[^"]*"|'[^']*'|[^."'\s]+/g) ?? []).map((part) => part.replace(/^["']|["']$/g, ""));
}
