import type * as vscode from "vscode";

/** What the variables are called that hand keys to the server. */
const PREFIX = "METASCRIPT_KEY_";

/** Keys of providers: in the editor's secret storage, and in the environment of the server alone. */
export class Keys {
  readonly #secrets: vscode.SecretStorage;

  constructor(secrets: vscode.SecretStorage) {
    this.#secrets = secrets;
  }

  /** The variable that a provider's settings name. */
  static variable(provider: string): string {
    return PREFIX + provider.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
  }

  async keep(provider: string, key: string): Promise<void> {
    await this.#secrets.store(Keys.variable(provider), key);
  }

  async forget(provider: string): Promise<void> {
    await this.#secrets.delete(Keys.variable(provider));
  }

  /** The variables that the server's environment gets: those that a provider's settings ask for and that are kept here. */
  async environment(providers: readonly { api_key_env?: string }[]): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const { api_key_env: name } of providers) {
      if (name?.startsWith(PREFIX) !== true) continue;
      const key = await this.#secrets.get(name);
      if (key !== undefined) found[name] = key;
    }
    return found;
  }
}
