/** Checks with a name, counted and shown as they go. */

export class Tally {
  passed = 0;
  failed = 0;
  readonly #only: string | undefined;
  /** Called when a check fails, to keep what can be seen. */
  onFailure: ((name: string) => Promise<void>) | undefined;

  constructor(only: string | undefined) {
    this.#only = only;
  }

  /** Whether a part of the tests is asked for. */
  wants(part: string): boolean {
    return this.#only === undefined || part.includes(this.#only);
  }

  async check(name: string, body: () => unknown): Promise<boolean> {
    const begun = performance.now();
    try {
      await body();
      this.passed += 1;
      this.#line("ok", name, begun);
      return true;
    } catch (error) {
      this.failed += 1;
      this.#line("FAILED", name, begun);
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.stdout.write(`${text.replace(/^/gm, "       ")}\n`);
      await this.onFailure?.(name).catch(() => undefined);
      return false;
    }
  }

  heading(text: string): void {
    process.stdout.write(`\n${text}\n`);
  }

  #line(mark: string, name: string, begun: number): void {
    process.stdout.write(`  ${mark.padEnd(6)} ${name} (${((performance.now() - begun) / 1000).toFixed(1)} s)\n`);
  }
}

export function equal<T>(actual: T, expected: T, what = "value"): void {
  const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== e) throw new Error(`${what}: expected ${e}, got ${a}`);
}

export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(`does not hold: ${what}`);
}

export function contains(text: string, part: string): void {
  if (!text.includes(part)) throw new Error(`expected ${JSON.stringify(part)} in:\n${text}`);
}

/** Waits are for what must come, however busy the machine is: they end early when it comes, and cost time only when it does not. */
export const PATIENCE = 3;

/** Waits until `probe` answers something that is neither undefined, null nor false. */
export async function eventually<T>(what: string, probe: () => Promise<T> | T, seconds = 20): Promise<NonNullable<T>> {
  const end = Date.now() + seconds * PATIENCE * 1000;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== null && value !== false) return value as NonNullable<T>;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`never happened in ${seconds * PATIENCE} s: ${what} (last: ${String(last)})`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
