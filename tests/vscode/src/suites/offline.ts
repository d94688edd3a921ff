/** What needs no editor: types, the extension's pure parts, the grammar. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { holds, type Tally } from "../tally.ts";
import { grammar } from "./grammar.ts";

interface Places {
  repository: string;
  packages: string;
  run: string;
}

export async function offline(tally: Tally, { repository, packages, run }: Places): Promise<void> {
  if (!tally.wants("offline")) return;
  tally.heading("Without an editor");
  await tally.check("the test's own types", async () => {
    await output(process.execPath, [path.join(packages, "typescript/bin/tsc"), "-p", run], run);
  });
  // The extension's unit tests count one by one.
  const folder = path.join(repository, "editors/vscode");
  const report = await output(process.execPath, ["--test", "--test-reporter=tap", "test/*.test.ts"], folder).catch((error: unknown) => String(error));
  const count = (word: string): number => Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(report)?.[1] ?? 0);
  await tally.check("unit tests of the extension", () => {
    holds(count("fail") === 0 && count("pass") > 0, report);
  });
  tally.passed += Math.max(0, count("pass") - 1);
  await grammar(tally, repository, packages);
}

async function output(program: string, args: string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, args, { cwd, maxBuffer: 32 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(" ")}\n${stdout ?? ""}${stderr ?? ""}`);
  }
}
