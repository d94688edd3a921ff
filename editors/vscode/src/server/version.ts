import semver from "semver";

/** The servers that this extension works with. */
export const SUPPORTED_SERVERS = "^0.1.0";

/** The version in what `metascript --version` prints, such as `metascript 0.1.0`. */
export function parseVersion(printed: string): string | undefined {
  const word = /^metascript\s+(\S+)/m.exec(printed)?.[1];
  return word === undefined ? undefined : (semver.valid(word) ?? undefined);
}

export function isSupported(version: string): boolean {
  return semver.satisfies(version, SUPPORTED_SERVERS, { includePrerelease: true });
}
