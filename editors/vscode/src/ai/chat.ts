import * as vscode from "vscode";
import { ExecuteCommandRequest } from "vscode-languageclient/node";
import type { AiAnswer, AiArgument } from "../protocol.ts";
import type { Supervisor } from "../server/supervisor.ts";
import type { Proposals } from "./proposals.ts";

/** What stands behind the participant's slash commands; without one, the agent works on the script in front. */
const COMMANDS: Record<string, string> = {
  explain: "metascript.aiExplain",
  review: "metascript.aiReview",
  generate: "metascript.aiGenerate",
  fix: "metascript.aiFix",
};

/**
 * `@metascript` in the editor's chat, where it has one: the same commands and the same providers as elsewhere. A change is
 * shown as a diff and written only when it is accepted.
 */
export function chatParticipant(supervisor: Supervisor, proposals: Proposals): vscode.Disposable {
  // Editors without a chat have the name without anything behind it, or not even the name.
  const chat = (vscode as { chat?: Partial<typeof vscode.chat> }).chat;
  if (chat?.createChatParticipant === undefined) return new vscode.Disposable(() => undefined);
  let count = 0;
  const participant = chat.createChatParticipant("metascript.chat", async (request, _context, stream, token) => {
    const client = supervisor.client;
    if (client === undefined) {
      stream.markdown("The Metascript server is not running.");
      return;
    }
    const command = request.command === undefined ? "metascript.aiAgent" : COMMANDS[request.command];
    const argument = command === undefined ? undefined : about(command, request.prompt);
    if (command === undefined || argument === undefined) {
      stream.markdown("Open a metascript first.");
      return;
    }
    const name = `chat-${++count}`;
    const words = supervisor.onAiOutput(({ stream: of, event }) => {
      if (of !== name) return;
      if (event.kind === "step") stream.progress(event.message);
      if (event.kind === "text") stream.markdown(event.text);
    });
    try {
      const sent = { ...argument, propose: true, stream: name };
      const answer = (await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [sent as never] }, token)) as AiAnswer | undefined;
      if (answer?.status === "proposed" && answer.proposal !== undefined) {
        await proposals.show(argument.uri === undefined ? undefined : vscode.Uri.parse(argument.uri), answer.proposal);
        stream.markdown("\n\nThe change is shown as a diff: accept or discard it there.");
      } else if (answer?.status === "refused") {
        stream.markdown(`\n\nThe proposal does not hold, and nothing was changed: ${(answer.faults ?? []).join("; ")}`);
      } else if (answer?.status === "unchanged") {
        stream.markdown("\n\nThe script stays as it is.");
      }
    } catch (error) {
      if (!token.isCancellationRequested) stream.markdown(error instanceof Error ? error.message : String(error));
    } finally {
      words.dispose();
    }
  });
  participant.iconPath = new vscode.ThemeIcon("sparkle");
  return participant;
}

function about(command: string, prompt: string): AiArgument | undefined {
  const editor = vscode.window.activeTextEditor;
  const text = prompt.trim() === "" ? {} : { text: prompt };
  if (command === "metascript.aiGenerate") return text;
  if (editor?.document.languageId !== "metascript") return undefined;
  const { start, end } = editor.selection;
  const uri = editor.document.uri.toString();
  return command === "metascript.aiExplain" || command === "metascript.aiFix" ? { uri, range: { start, end }, ...text } : { uri, ...text };
}
