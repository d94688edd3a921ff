/** A server that lived this long was well: its next end starts the count anew. */
const HEALTHY_MS = 60_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** Ends in a row after which we stop and let the user decide. */
const MOST_RESTARTS = 8;

/** Decides when to start a server again that ended by itself. */
export class Backoff {
  #restarts = 0;

  /**
   * @param livedMs how long the server lived that has just ended, in milliseconds
   * @returns the wait before the next start in milliseconds, or `undefined` when it is time to give up
   */
  next(livedMs: number): number | undefined {
    if (livedMs >= HEALTHY_MS) this.#restarts = 0;
    if (this.#restarts >= MOST_RESTARTS) return undefined;
    const delay = Math.min(FIRST_DELAY_MS * 2 ** this.#restarts, LONGEST_DELAY_MS);
    this.#restarts += 1;
    return delay;
  }

  reset(): void {
    this.#restarts = 0;
  }
}
