import * as vscode from "vscode";
import type { Supervisor } from "../server/supervisor.ts";
import { Keys } from "./keys.ts";

/** A provider as the settings have it. */
interface Provider {
  name: string;
  kind: string;
  base_url?: string;
  model?: string;
  api_key_env?: string;
}

/** Who can be set up, and what is usual there. */
interface Offer {
  readonly label: string;
  readonly name: string;
  readonly kind: string;
  readonly description: string;
  readonly address?: string;
  readonly key: boolean;
  /** A path below the address that lists the models. */
  readonly models: string;
}

const OFFERS: readonly Offer[] = [
  { label: "Ollama", name: "ollama", kind: "ollama", description: "on this machine", address: "http://127.0.0.1:11434", key: false, models: "/api/tags" },
  { label: "llama.cpp", name: "llamacpp", kind: "llamacpp", description: "on this machine", address: "http://127.0.0.1:8080", key: false, models: "/v1/models" },
  { label: "OpenAI", name: "openai", kind: "openai", description: "remote", key: true, models: "" },
  { label: "Anthropic", name: "anthropic", kind: "anthropic", description: "remote", key: true, models: "" },
  { label: "Groq", name: "groq", kind: "openai", description: "remote", address: "https://api.groq.com/openai/v1", key: true, models: "" },
  { label: "Mistral", name: "mistral", kind: "mistral", description: "remote", key: true, models: "" },
  { label: "Cohere", name: "cohere", kind: "cohere", description: "remote", key: true, models: "" },
  { label: "Another server that speaks OpenAI's protocol", name: "custom", kind: "openai", description: "vLLM, LM Studio, ...", address: "http://127.0.0.1:1234/v1", key: false, models: "/models" },
];

/** How long a server on this machine may take to tell its models, in milliseconds. */
const PATIENCE_MS = 3000;

/** Sets providers of AI up step by step. Keys go into the editor's secret storage, never into settings. */
export class ProviderSetup implements vscode.Disposable {
  readonly #keys: Keys;
  readonly #supervisor: Supervisor;
  readonly #commands: vscode.Disposable[];

  constructor(supervisor: Supervisor, keys: Keys) {
    this.#supervisor = supervisor;
    this.#keys = keys;
    this.#commands = [
      vscode.commands.registerCommand("metascript.setUpProvider", () => this.#setUp()),
      vscode.commands.registerCommand("metascript.forgetProvider", () => this.#forget()),
    ];
  }

  dispose(): void {
    for (const command of this.#commands) command.dispose();
  }

  async #setUp(): Promise<void> {
    const picked = await vscode.window.showQuickPick(
      OFFERS.map((offer) => ({ label: offer.label, description: offer.description, offer })),
      { title: "Set Up an AI Provider (1/4)", placeHolder: "Who shall answer?", ignoreFocusOut: true },
    );
    if (picked === undefined) return;
    const { offer } = picked;
    const provider: Provider = { name: offer.name, kind: offer.kind };
    if (offer.address !== undefined) {
      const address = await vscode.window.showInputBox({
        title: "Set Up an AI Provider (2/4)",
        prompt: `The address of ${offer.label}`,
        value: offer.address,
        ignoreFocusOut: true,
        validateInput: (text) => (isAddress(text) ? undefined : "An address begins with http:// or https://"),
      });
      if (address === undefined) return;
      provider.base_url = address.replace(/\/+$/, "");
    }
    const model = await chooseModel(offer, provider.base_url);
    if (model === undefined) return;
    if (model !== "") provider.model = model;
    const key = await vscode.window.showInputBox({
      title: "Set Up an AI Provider (4/4)",
      prompt: offer.key ? "The API key. It is kept in the editor's secret storage." : "An API key, if the server wants one",
      password: true,
      ignoreFocusOut: true,
      validateInput: (text) => (offer.key && text.trim() === "" ? "This provider needs a key" : undefined),
    });
    if (key === undefined) return;
    if (key.trim() !== "") {
      provider.api_key_env = Keys.variable(provider.name);
      await this.#keys.keep(provider.name, key.trim());
    }
    await write(provider);
    await this.#supervisor.restart();
    void vscode.window.showInformationMessage(`Metascript: ${offer.label} answers from now on. Suggestions and commands ask it first.`);
  }

  async #forget(): Promise<void> {
    const configuration = vscode.workspace.getConfiguration("metascript.ai");
    const providers = configuration.get<Provider[]>("providers", []);
    const picked = await vscode.window.showQuickPick(
      providers.map(({ name, kind, model }) => ({ label: name, description: [kind, model].filter(Boolean).join(" · ") })),
      { title: "Forget an AI Provider", placeHolder: providers.length === 0 ? "No provider is set up" : "Its key is deleted too" },
    );
    if (picked === undefined) return;
    await this.#keys.forget(picked.label);
    await configuration.update("providers", providers.filter(({ name }) => name !== picked.label), vscode.ConfigurationTarget.Global);
    const tasks = configuration.get<Record<string, string[]>>("tasks", {});
    const left = Object.entries(tasks).map(([task, names]) => [task, names.filter((name) => name !== picked.label)]);
    await configuration.update("tasks", Object.fromEntries(left), vscode.ConfigurationTarget.Global);
    await this.#supervisor.restart();
  }
}

function isAddress(text: string): boolean {
  try {
    return ["http:", "https:"].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

/** The models that the server tells, else a name to be typed. Undefined when the user left; empty for the provider's own. */
async function chooseModel(offer: Offer, address: string | undefined): Promise<string | undefined> {
  const known = address === undefined || offer.models === "" ? [] : await models(address + offer.models);
  const title = "Set Up an AI Provider (3/4)";
  if (known.length > 0) return vscode.window.showQuickPick(known, { title, placeHolder: "Which model?", ignoreFocusOut: true });
  return vscode.window.showInputBox({ title, prompt: "The model's name; empty for the usual one", ignoreFocusOut: true });
}

async function models(address: string): Promise<string[]> {
  try {
    const answer = (await (await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) })).json()) as {
      models?: { name?: string }[];
      data?: { id?: string }[];
    };
    const names = [...(answer.models ?? []).map(({ name }) => name), ...(answer.data ?? []).map(({ id }) => id)];
    return [...new Set(names.filter((name) => name !== undefined))];
  } catch {
    return [];
  }
}

/** Puts a provider into the user's settings, in the place of one of the same name, and first in the tasks that it can do. */
async function write(provider: Provider): Promise<void> {
  const configuration = vscode.workspace.getConfiguration("metascript.ai");
  const others = configuration.get<Provider[]>("providers", []).filter(({ name }) => name !== provider.name);
  await configuration.update("providers", [provider, ...others], vscode.ConfigurationTarget.Global);
  const tasks = configuration.get<Record<string, string[]>>("tasks", {});
  const first = (task: string, last: string[]): string[] => {
    const rest = (tasks[task] ?? last).filter((name) => name !== provider.name);
    return [provider.name, ...rest];
  };
  await configuration.update("tasks", { ...tasks, inline: first("inline", ["embedded"]), chat: first("chat", []) }, vscode.ConfigurationTarget.Global);
}
