/** Processes that we started, and their ends. */
import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const groups = new Set<ChildProcess>();

/** Starts a program as the leader of its own group, so that its children can be ended with it. */
export function start(program: string, args: string[], options: SpawnOptions): ChildProcess {
  const child = spawn(program, args, { ...options, detached: true });
  groups.add(child);
  child.on("exit", () => groups.delete(child));
  return child;
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  signal(child.pid, "SIGTERM");
  const late = setTimeout(() => {
    if (child.pid !== undefined) signal(child.pid, "SIGKILL");
  }, 5_000);
  await gone;
  clearTimeout(late);
}

export async function endAll(): Promise<void> {
  await Promise.all([...groups].map(end));
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // It is gone already.
  }
}

export interface Found {
  readonly pid: number;
  readonly command: string;
}

/** Processes whose environment has `mark`: what a test started carries its temporary home folder. */
export function carrying(mark: string): Found[] {
  const found: Found[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (!readFileSync(`/proc/${name}/environ`, "utf8").split("\0").includes(mark)) continue;
      found.push({ pid, command: readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim() });
    } catch {
      // It ended while we looked, or it is not ours.
    }
  }
  return found;
}
