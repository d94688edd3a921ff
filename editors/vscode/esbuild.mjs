// Bundles the extension into one file: a start that reads one file is a quick start.
import { context } from "esbuild";

const build = await context({
  entryPoints: { extension: "src/extension.ts" },
  outdir: "dist",
  outExtension: { ".js": ".cjs" },
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node22",
  external: ["vscode"],
  minify: !process.argv.includes("--watch"),
  sourcemap: process.argv.includes("--watch") ? "linked" : false,
  // The ES module builds of the language client's dependencies are the ones that esbuild can follow.
  mainFields: ["module", "main"],
  conditions: ["node"],
  logLevel: "info",
});
if (process.argv.includes("--watch")) {
  await build.watch();
} else {
  await build.rebuild();
  await build.dispose();
}
