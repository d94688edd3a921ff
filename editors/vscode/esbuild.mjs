// Bundles the extension into one file: a start that reads one file is a quick start.
import { context } from "esbuild";

const watch = process.argv.includes("--watch");
const shared = { outdir: "dist", bundle: true, minify: !watch, sourcemap: watch ? "linked" : false, logLevel: "info" };
const extension = await context({
  ...shared,
  entryPoints: { extension: "src/extension.ts" },
  outExtension: { ".js": ".cjs" },
  platform: "node",
  format: "cjs",
  target: "node22",
  external: ["vscode"],
  // The ES module builds of the language client's dependencies are the ones that esbuild can follow.
  mainFields: ["module", "main"],
  conditions: ["node"],
});
// What runs in the graph's window.
const graph = await context({ ...shared, entryPoints: { graph: "src/graph/window.ts" }, platform: "browser", format: "iife", target: "es2023" });
for (const build of [extension, graph]) {
  if (watch) {
    await build.watch();
  } else {
    await build.rebuild();
    await build.dispose();
  }
}
