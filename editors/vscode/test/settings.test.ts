import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { keysOf, shapeAt, tables, valuesOf } from "../src/settings/schema.ts";
import { placeAt } from "../src/settings/toml.ts";

/** The place at `$0`, in a few words. */
function place(text: string): string {
  const found = placeAt(text.slice(0, text.indexOf("$0")));
  switch (found?.kind) {
    case undefined:
      return "nothing";
    case "table":
      return `${found.array ? "array of tables" : "table"} ${found.typed}`.trimEnd();
    case "key":
      return `key of ${found.table.join(".")} after ${[...found.taken].join(" ")}: ${found.typed}`.trimEnd();
    case "value":
      return `${found.quoted ? "text" : "value"} of ${found.path.join(".")}`;
  }
}

describe("places of a settings file", () => {
  for (const [text, expected] of [
    ["[$0", "table"],
    ["[run.pol$0", "table run.pol"],
    ["[[ai.$0", "array of tables ai."],
    ["[run]\npolicy = \"strict\"\npo$0", "key of run after policy: po"],
    ["[run.policies.reports]\n$0", "key of run.policies.reports after :"],
    ["[run.policies.\"my own\"]\n\n# words\nfu$0", "key of run.policies.my own after : fu"],
    ["[security]\nblock = $0", "value of security.block"],
    ["[security]\nblock = hi$0", "value of security.block"],
    ["[security]\nblock = \"$0\"", "text of security.block"],
    ["[security.rules]\n\"PY-*\" = \"$0", "text of security.rules.PY-*"],
    ["[security]\ndeny_capabilities = [\"network\", \"$0\"]", "text of security.deny_capabilities"],
    ["[security]\ndeny_capabilities = [\"network\", $0]", "value of security.deny_capabilities"],
    ["[security]\nblock = \"high\" $0", "nothing"],
    ["# [$0", "nothing"],
  ] as const) {
    it(text.replaceAll("\n", "⏎"), () => {
      assert.equal(place(text), expected);
    });
  }
});

describe("the schema of the settings", () => {
  it("has the tables that the product reads", () => {
    const names = tables(false).map(([name]) => name);
    assert.deepEqual(names, ["ai", "ai.inline", "ai.tasks", "diagnostics", "fsharp", "run", "run.policies", "run.policies.*", "security", "security.limits", "security.rules"]);
    assert.deepEqual(tables(true).map(([name]) => name), ["ai.providers"]);
  });
  it("knows keys and values below names of one's own", () => {
    assert.ok(keysOf(["run", "policies", "reports"]).some(([name]) => name === "wall_time"));
    assert.deepEqual(valuesOf(shapeAt(["security", "rules", "PY-EVAL"]) ?? {}).slice(0, 2), ["off", "on"]);
    assert.ok(keysOf(["ai", "providers"]).some(([name]) => name === "api_key_env"));
  });
  it("says of the scanner what the scanner's own schema says", () => {
    const own = JSON.parse(readFileSync(new URL("../../../server/security/policies/schema.json", import.meta.url), "utf8")) as {
      properties: Record<string, unknown>;
    };
    for (const [name, shape] of Object.entries(own.properties)) {
      if (name !== "name" && name !== "extends") assert.deepEqual(shapeAt(["security", name]), shape, name);
    }
  });
});
