/** The TextMate grammar, with the very tokenizer and the embedded grammars of VS Code. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { contains, equal, holds, type Tally } from "../tally.ts";

const require = createRequire(import.meta.url);
const textmate = require("vscode-textmate") as typeof import("vscode-textmate");
const oniguruma = require("vscode-oniguruma") as typeof import("vscode-oniguruma");

interface Token {
  line: number;
  text: string;
  scopes: string;
}

export async function grammar(tally: Tally, repository: string, packages: string): Promise<void> {
  const wasm = readFileSync(path.join(packages, "vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const known = builtIn(path.join(packages, "code-server/lib/vscode/extensions"));
  known.set("source.metascript", path.join(repository, "editors/vscode/syntaxes/metascript.tmLanguage.json"));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: (scope) => {
      const file = known.get(scope);
      return Promise.resolve(file === undefined ? null : textmate.parseRawGrammar(readFileSync(file, "utf8"), file));
    },
  });
  const loaded = await registry.loadGrammar("source.metascript");
  if (loaded === null) throw new Error("the grammar cannot be loaded");

  const tokenize = (text: string): { tokens: Token[]; depth: number } => {
    let state = textmate.INITIAL;
    const tokens: Token[] = [];
    for (const [line, content] of text.split("\n").entries()) {
      const result = loaded.tokenizeLine(content, state);
      for (const { startIndex, endIndex, scopes } of result.tokens) {
        tokens.push({ line, text: content.slice(startIndex, endIndex), scopes: scopes.join(" ") });
      }
      state = result.ruleStack;
    }
    return { tokens, depth: state.depth };
  };
  const scopesOf = (text: string, word: string): string => {
    const token = tokenize(text).tokens.find((candidate) => candidate.text.trim() === word || candidate.text === word);
    if (token === undefined) throw new Error(`no token ${word} in\n${tokenize(text).tokens.map((t) => `${t.text} | ${t.scopes}`).join("\n")}`);
    return token.scopes;
  };

  const cases: [name: string, text: string, word: string, scope: string][] = [
    ["block keyword", "ACTION {\n}", "ACTION", "storage.type.block"],
    ["control keyword", "FOREACH {\n}", "FOREACH", "keyword.control.block"],
    ["a word that nobody knows is a block all the same", "DEPLOYMENT_STRATEGY {\n}", "DEPLOYMENT_STRATEGY", "entity.name.type.block"],
    ["name of a block", "VARIABLE city {\n}", "city", "entity.name.function.block"],
    ["property", 'DESCRIBE {\n    name: "x"\n}', "name", "support.type.property-name"],
    ["property with an equals sign", 'meta {\n    title = "x"\n}', "title", "support.type.property-name"],
    ["interpolation is JavaScript", 'ACTION {\n    message: "a ${total + 1} b"\n}', "total", "meta.embedded.expression.javascript"],
    ["number with a unit", "CONFIG {\n    wait: 30s\n}", "30s", "constant.numeric"],
    ["comment after a value", "CONFIG {\n    n: 1 // why\n}", " why", "comment.line.double-slash"],
    ["hash comment", "# a script\nCONFIG {\n}", " a script", "comment.line.number-sign"],
    ["a hash in a string is no comment", 'CONFIG {\n    c: "#fff"\n    n: 1\n}', "n", "support.type.property-name"],
    ["edge", 'edge "a" -> "b"', "->", "keyword.operator.arrow"],
    ["Python cell", "PYTHON {\n    import os\n}", "import", "source.metascript meta.embedded.block.python keyword.control.import.python"],
    ["a Python dictionary does not end the cell", "PYTHON {\n    d = {'a': {'b': 1}}\n    import os\n}", "import", "meta.embedded.block.python"],
    ["a brace in a Python string does not end the cell", "PYTHON {\n    s = '}'\n    import os\n}", "import", "meta.embedded.block.python"],
    ["a brace in a Python comment does not end the cell", "PYTHON {\n    # }\n    import os\n}", "import", "meta.embedded.block.python"],
    ["JavaScript cell", "JAVASCRIPT {\n    const f = () => { return `${1}}`; };\n    const g = 1;\n}", "const", "meta.embedded.block.javascript"],
    ["a string in an array of a JavaScript cell", 'JAVASCRIPT {\n    const words = ["plain", "text"];\n}', "plain", "string.quoted.double.js"],
    ["F# cell by its short name", 'F# {\n    let x = "}"\n    let y = 1\n}', "let", "meta.embedded.block.fsharp"],
    ["C# cell", "CSHARP {\n    class A { }\n}", "class", "meta.embedded.block.csharp"],
    ["cell by LANG", 'LANG("python") {\n    import os\n}', "import", "meta.embedded.block.python"],
    ["cell with arguments", 'FSHARP(output="ir") {\n    let x = 1\n}', "let", "meta.embedded.block.fsharp"],
    ["YAML block", "YAML {\n    key: value\n}", "key", "meta.embedded.block.yaml"],
    ["prose block", "REASONING {\n    We think: therefore (we) are.\n}", "We think: therefore (we) are.", "string.unquoted.prose"],
    ["literate cell", "# Title\n\n```python\nimport os\n```\n", "import", "meta.embedded.block.python"],
    ["the line after output_variable belongs to the script", 'FSHARP {\n    let x = 1\n    output_variable: "x"\n}\nACTION {\n}', "ACTION", "storage.type.block"],
  ];
  for (const [name, text, word, scope] of cases) {
    await tally.check(`grammar: ${name}`, () => {
      contains(scopesOf(text, word), scope);
    });
  }
  await tally.check("grammar: after each cell the script goes on", () => {
    for (const header of ["PYTHON", "JAVASCRIPT", "FSHARP", "CSHARP", "TYPESCRIPT", "RUST", "SQL", "BASH", "POWERSHELL", "CUDA", "JULIA", "YAML", "TEXT", "WOLFRAM"]) {
      const text = `${header} {\n    a\n}\nACTION {\n}`;
      const { tokens, depth } = tokenize(text);
      equal(tokens.find((token) => token.text === "ACTION")?.scopes, "source.metascript storage.type.block.metascript", header);
      equal(depth, 1, `${header}: open rules at the end`);
    }
  });
  await tally.check("grammar: a string that was left open ends at the next block", () => {
    const { tokens } = tokenize('AGENT guide {\n    role: "city guide\n}\n\nACTION {\n}');
    equal(tokens.find((token) => token.text === "ACTION")?.scopes, "source.metascript storage.type.block.metascript", "scopes");
  });
  for (const file of readdirSync(path.join(repository, "fixtures"), { recursive: true, encoding: "utf8" })) {
    if (!/\.(tars|trsx|flux|metascript)$/.test(file)) continue;
    await tally.check(`grammar: ${file} is coloured to its end`, () => {
      const text = readFileSync(path.join(repository, "fixtures", file), "utf8");
      const { tokens, depth } = tokenize(text);
      // A script that is broken on purpose may end inside something.
      holds(depth <= 2 || file.includes("broken"), `nothing is left open at the end (${depth})`);
      holds(tokens.some(({ scopes }) => scopes !== "source.metascript"), "something is coloured");
    });
  }
}

/** Scope name to file of the grammars that VS Code brings. */
function builtIn(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of readdirSync(folder)) {
    const manifest = path.join(folder, name, "package.json");
    try {
      const { contributes } = JSON.parse(readFileSync(manifest, "utf8")) as { contributes?: { grammars?: { scopeName: string; path: string }[] } };
      for (const grammar of contributes?.grammars ?? []) found.set(grammar.scopeName, path.join(folder, name, grammar.path));
    } catch {
      // Not an extension.
    }
  }
  return found;
}
