/** What `metascript lsp` adds to LSP. The contract is `docs/protocol.md`. */
import type { Position, Range } from "vscode-languageclient";

/** Version of the extensions that this client speaks. */
export const PROTOCOL_VERSION = 1;

export interface InitializationOptions {
  runtimesPath?: string;
  run: {
    enabled: boolean;
    /** What cells may do, by name; absent: as the settings files say. */
    policy?: string;
    /** Wall time of one cell, in milliseconds; absent: the policy's. */
    timeLimitMs?: number;
    /** Linear memory of one runtime, in mebibytes; absent: the policy's. */
    memoryLimitMb?: number;
    /** Results are kept beside the script and shown again when it is opened. */
    keepOutputs: boolean;
    /** Saving a script runs its stale cells. */
    onSave: boolean;
  };
  /** What the F# compiler is asked. */
  fsharp: {
    /** Whether F# cells are checked while somebody types. */
    diagnostics: boolean;
  };
  /** The editor's layer of the `[ai]` settings, see docs/ai.md. */
  ai?: Readonly<Record<string, unknown>>;
}

/** `experimental.metascript` of the server's capabilities. */
export interface ServerExtensions {
  version: number;
  cellOutput?: boolean;
  languages?: string[];
}

export interface Cell {
  index: number;
  language: string;
  range: Range;
  codeRange: Range;
  runnable: boolean;
  reason: string | null;
  state: "never" | "fresh" | "failed" | "stale";
  because: string | null;
}

export type MimeBundle = Readonly<Record<string, unknown>>;

export type FinishStatus = "ok" | "failed" | "interrupted" | "timedOut" | "outOfMemory";

export type CellEvent =
  | { kind: "queued" }
  | { kind: "started" }
  | { kind: "stream"; name: "stdout" | "stderr"; text: string }
  | { kind: "display"; data: MimeBundle }
  | { kind: "result"; data: MimeBundle }
  | { kind: "error"; name: string; message: string; traceback: string; line: number | null }
  | { kind: "finished"; status: FinishStatus; durationUs: number; lost?: string[] };

export interface CellOutputParams {
  textDocument: { uri: string; version: number };
  cell: number;
  run: number;
  language: string;
  range: Range;
  event: CellEvent;
}

/** What is kept of a document that was opened. */
export interface KeptOutputsParams {
  textDocument: { uri: string; version: number };
  outputs: {
    cell: number;
    run: number;
    language: string;
    range: Range;
    events: CellEvent[];
    /** Why it no longer belongs to the cell; null when it does. */
    because: string | null;
  }[];
}

export type SessionState = "idle" | "busy" | "restarted" | "ended";

/** All cells of a document whose results no longer hold. */
export interface StaleCellsParams {
  textDocument: { uri: string; version: number };
  cells: { cell: number; range: Range; because: string }[];
}

export interface SessionStatusParams {
  uri: string;
  state: SessionState;
}

/** One entry of the audit log. */
export interface AuditEntry {
  time: string;
  event: string;
  run?: string;
  script?: string;
  line?: number;
  language?: string;
  policy?: string;
  status?: string;
  operation?: string;
  target?: string;
  code?: string;
  reason?: string;
}

/** The end of the audit log. */
export interface Audit {
  folder: string;
  lines: number;
  troubles: string[];
  entries: AuditEntry[];
}

/** The argument of the `metascript.*` commands. */
export interface RunTarget {
  uri: string;
  cell?: number;
  position?: Position;
}

export interface RunSummary {
  status: "ok" | "failed" | "interrupted";
  /** `lost`: variables that went with the cell's runtime. */
  cells: { cell: number; run: number; status: FinishStatus; durationUs: number; lost?: string[] }[];
}

/** The argument of the `metascript.ai*` commands. */
export interface AiArgument {
  uri?: string;
  range?: Range;
  position?: Position;
  cell?: number;
  text?: string;
  problem?: string;
  language?: string;
  /** The client shows the change and applies it. */
  propose?: boolean;
  /** The name that the events are sent under. */
  stream?: string;
}

export interface AiProposal {
  edit?: { documentChanges?: { edits: { range: Range; newText: string }[] }[]; changes?: Record<string, { range: Range; newText: string }[]> };
  newText: string;
}

export interface AiAnswer {
  status: "answered" | "proposed" | "applied" | "discarded" | "refused" | "unchanged";
  text: string;
  proposal?: AiProposal;
  faults?: string[];
}

export interface AiHit {
  uri: string;
  name: string;
  position: Position;
  text: string;
  score: number;
}

export interface AiOutputParams {
  stream: string;
  event: { kind: "step"; message: string } | { kind: "text"; text: string } | { kind: "cost" };
}

/** `metascript/notebook`: the script in pieces; their texts, one after the other, are the script. */
export interface NotebookAnswer {
  dialect: string;
  style: "brace" | "fence";
  pieces: NotebookPiece[];
}

export interface NotebookPiece {
  kind: "code" | "markup" | "script";
  language: string;
  before: string;
  content: string;
  after: string;
  /** Its lines are indented below a head. */
  indented: boolean;
}

/** `metascript/variables`. */
export interface VariablesAnswer {
  live: boolean;
  busy: boolean;
  variables: SessionVariable[];
}

export interface SessionVariable {
  name: string;
  type: string;
  preview: string;
  size: number | null;
  language: string | null;
  cell: number | null;
  range: Range | null;
}

/** `metascript/graph`. */
export interface Graph {
  version: number;
  nodes: GraphNode[];
  edges: GraphEdge[];
  truncated: boolean;
}

export interface GraphNode {
  name: string;
  detail: string | null;
  kind: string;
  range: Range;
  selection: Range;
  parent: number | null;
}

export interface GraphEdge {
  from: number;
  to: number;
  kind: "data" | "call" | "flow";
  names: string[];
}
