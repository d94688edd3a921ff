import {
  ExecuteCommandRequest,
  LanguageClient,
  type DynamicFeature,
  type StaticFeature,
} from "vscode-languageclient/node";

/**
 * A language client that leaves `workspace/executeCommand` to us. The built-in feature registers every command of
 * the server when it starts, so commands would be missing before, and could not be called without arguments.
 */
export class MetascriptClient extends LanguageClient {
  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    if ("registrationType" in feature && feature.registrationType.method === ExecuteCommandRequest.method) return;
    super.registerFeature(feature);
  }
}
