import type { CellEvent, FinishStatus, MimeBundle } from "../protocol.ts";

export type Segment =
  | { kind: "stream"; name: "stdout" | "stderr"; text: string }
  | { kind: "data"; role: "display" | "result"; data: MimeBundle }
  | { kind: "error"; name: string; message: string; traceback: string; line: number | null };

/** `lost`: the server ended while the cell was waiting or running. */
export type RunStatus = "queued" | "running" | "lost" | FinishStatus;

/** Kept of one run, in UTF-16 units. The server bounds a run before that: this is the second line of defence. */
const MOST_TEXT = 4 * 1024 * 1024;
const MOST_SEGMENTS = 2_000;

/** What one run of one cell has put out so far. */
export class RunOutput {
  status: RunStatus = "queued";
  readonly segments: Segment[] = [];
  /** Milliseconds since the epoch. */
  startedAt: number | undefined;
  durationUs: number | undefined;
  /** Grows with everything that changes how the output looks. */
  revision = 0;
  #size = 0;
  #full = false;

  readonly run: number;
  readonly language: string;

  constructor(run: number, language: string) {
    this.run = run;
    this.language = language;
  }

  get running(): boolean {
    return this.status === "queued" || this.status === "running";
  }

  get error(): Extract<Segment, { kind: "error" }> | undefined {
    return this.segments.find((segment) => segment.kind === "error");
  }

  /** @param now milliseconds since the epoch */
  apply(event: CellEvent, now: number): void {
    this.revision += 1;
    switch (event.kind) {
      case "queued":
        this.status = "queued";
        break;
      case "started":
        this.status = "running";
        this.startedAt = now;
        break;
      case "stream": {
        const last = this.segments.at(-1);
        if (last?.kind === "stream" && last.name === event.name) {
          if (this.#fits(event.text.length)) last.text += event.text;
        } else {
          this.#push({ kind: "stream", name: event.name, text: event.text }, event.text.length);
        }
        break;
      }
      case "display":
      case "result":
        this.#push({ kind: "data", role: event.kind, data: event.data }, JSON.stringify(event.data).length);
        break;
      case "error":
        this.#push(
          { kind: "error", name: event.name, message: event.message, traceback: event.traceback, line: event.line },
          event.traceback.length,
        );
        break;
      case "finished":
        this.status = event.status;
        this.durationUs = event.durationUs;
        break;
    }
  }

  /** The server is gone: a run that had not finished never will. */
  lose(now: number): void {
    if (!this.running) return;
    this.revision += 1;
    this.status = "lost";
    this.durationUs = this.startedAt === undefined ? undefined : (now - this.startedAt) * 1000;
  }

  #push(segment: Segment, size: number): void {
    if (this.segments.length >= MOST_SEGMENTS || !this.#fits(size)) return;
    this.segments.push(segment);
  }

  #fits(size: number): boolean {
    if (this.#full) return false;
    if (this.#size + size <= MOST_TEXT) {
      this.#size += size;
      return true;
    }
    this.#full = true;
    this.segments.push({ kind: "stream", name: "stderr", text: "\nThe output is too large; the rest is not kept.\n" });
    return false;
  }
}
