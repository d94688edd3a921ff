import * as vscode from "vscode";
import { ExecuteCommandRequest, LSPErrorCodes, ResponseError } from "vscode-languageclient/node";
import type { AiAnswer, AiArgument, AiHit, AiOutputParams } from "../protocol.ts";
import type { Supervisor } from "../server/supervisor.ts";
import { Answers } from "./answers.ts";
import type { Proposals } from "./proposals.ts";

interface Task {
  /** What the user is told while it runs. */
  readonly title: string;
  /** What the user is asked for; nothing when absent. */
  readonly prompt?: string;
  /** About the whole script, not about the place of the cursor. */
  readonly whole?: boolean;
}

const TASKS: Record<string, Task> = {
  "metascript.aiGenerate": { title: "Writing a script", prompt: "What shall the script do?", whole: true },
  "metascript.aiExplain": { title: "Explaining" },
  "metascript.aiFix": { title: "Repairing" },
  "metascript.aiReview": { title: "Reviewing", whole: true },
  "metascript.aiTests": { title: "Writing tests" },
  "metascript.aiDocument": { title: "Documenting" },
  "metascript.aiOptimise": { title: "Optimising" },
  "metascript.aiTranslate": { title: "Translating" },
  "metascript.aiAgent": { title: "Working on the script", prompt: "What shall be done?", whole: true },
};

/** The AI commands: words stream into a document beside the script, a change is a diff until it is accepted. */
export class AiCommands implements vscode.Disposable {
  readonly #supervisor: Supervisor;
  readonly #answers = new Answers();
  readonly #proposals: Proposals;
  readonly #disposables: vscode.Disposable[];
  /** Who hears the events of a command, by the name of its stream. */
  readonly #listeners = new Map<string, (event: AiOutputParams["event"]) => void>();
  #count = 0;

  constructor(supervisor: Supervisor, proposals: Proposals) {
    this.#supervisor = supervisor;
    this.#proposals = proposals;
    const command = (name: string, handler: (given?: unknown) => unknown): vscode.Disposable =>
      vscode.commands.registerCommand(name, handler);
    this.#disposables = [
      this.#answers,
      ...Object.keys(TASKS).map((name) => command(name, (given) => this.#run(name, given))),
      command("metascript.aiSearch", () => this.#search()),
      command("metascript.aiAccept", () => this.#proposals.accept()),
      command("metascript.aiDiscard", () => this.#proposals.discard()),
      supervisor.onAiOutput(({ stream, event }) => this.#listeners.get(stream)?.(event)),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async #run(command: string, given: unknown): Promise<void> {
    const task = TASKS[command];
    if (task === undefined) return;
    const argument = isArgument(given) ? { ...given } : this.#here(command, task);
    if (argument === undefined) {
      void vscode.window.showWarningMessage("Open a metascript first.");
      return;
    }
    if (task.prompt !== undefined && argument.text === undefined) {
      const text = await vscode.window.showInputBox({ title: "Metascript", prompt: task.prompt, ignoreFocusOut: true });
      if (text === undefined || text.trim() === "") return;
      argument.text = text;
    }
    if (command === "metascript.aiTranslate" && argument.language === undefined) {
      const health = this.#supervisor.health;
      const languages = health.state === "running" ? (health.extensions?.languages ?? []) : [];
      const language = await vscode.window.showQuickPick(languages, { title: "Translate the cell to" });
      if (language === undefined) return;
      argument.language = language;
    }
    const uri = argument.uri === undefined ? undefined : vscode.Uri.parse(argument.uri);
    const answer = await this.#ask(command, argument, task.title);
    if (answer === undefined) return;
    switch (answer.status) {
      case "proposed":
        if (answer.proposal !== undefined) await this.#proposals.show(uri, answer.proposal);
        break;
      case "refused":
        void vscode.window.showWarningMessage(
          `The model's proposal does not hold, and nothing was changed: ${(answer.faults ?? []).join("; ")}`,
        );
        break;
      case "unchanged":
        void vscode.window.showInformationMessage("Metascript: the script stays as it is.");
        break;
      case "answered":
      case "applied":
      case "discarded":
    }
  }

  /** The argument for the place of the cursor. */
  #here(command: string, task: Task): AiArgument | undefined {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document.languageId !== "metascript") return command === "metascript.aiGenerate" ? {} : undefined;
    // A script that is there is not written over: the new one gets a document of its own.
    if (command === "metascript.aiGenerate" && editor.document.getText().trim() !== "") return {};
    const { start, end } = editor.selection;
    const uri = editor.document.uri.toString();
    return task.whole === true ? { uri } : { uri, range: { start, end } };
  }

  /** Runs a command of the server with progress that can be cancelled; its words go to a document beside the script. */
  async #ask(command: string, argument: AiArgument, title: string): Promise<AiAnswer | undefined> {
    const stream = `vscode-${++this.#count}`;
    const words = command === "metascript.aiExplain" || command === "metascript.aiReview" ? this.#answers.open(title) : undefined;
    try {
      return await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: `Metascript: ${title}`, cancellable: true },
        async (progress, token) => {
          this.#listeners.set(stream, (event) => {
            if (event.kind === "step") progress.report({ message: event.message });
            if (event.kind === "text") words?.append(event.text);
          });
          return (await this.#execute(command, { ...argument, propose: true, stream }, token)) as AiAnswer | undefined;
        },
      );
    } finally {
      this.#listeners.delete(stream);
      words?.end();
    }
  }

  async #execute(command: string, argument: AiArgument, token?: vscode.CancellationToken): Promise<unknown> {
    const client = this.#supervisor.client;
    if (client === undefined) {
      void vscode.window.showWarningMessage("The Metascript server is not running.");
      return undefined;
    }
    try {
      return await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [argument as never] }, token);
    } catch (error) {
      if (error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled) return undefined;
      if (token?.isCancellationRequested === true) return undefined;
      void vscode.window.showErrorMessage(`Metascript: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  /** Finds blocks of the workspace by what they say. */
  async #search(): Promise<void> {
    const text = await vscode.window.showInputBox({ title: "Metascript", prompt: "Which blocks are you looking for?" });
    if (text === undefined || text.trim() === "") return;
    const found = (await this.#execute("metascript.aiSearch", { text })) as { hits: AiHit[] } | undefined;
    if (found === undefined) return;
    const picked = await vscode.window.showQuickPick(
      found.hits.map((hit) => ({
        label: hit.text.split("\n", 1)[0] ?? "",
        description: `${hit.name}:${hit.position.line + 1}`,
        detail: hit.text.split("\n").slice(1, 4).join(" ").trim(),
        hit,
      })),
      { title: `Blocks like "${text}"`, matchOnDetail: true },
    );
    if (picked === undefined) return;
    const at = new vscode.Position(picked.hit.position.line, 0);
    await vscode.window.showTextDocument(vscode.Uri.parse(picked.hit.uri), { selection: new vscode.Range(at, at) });
  }
}

function isArgument(given: unknown): given is AiArgument {
  return typeof given === "object" && given !== null && "uri" in given && typeof given.uri === "string" && !("fsPath" in given);
}
