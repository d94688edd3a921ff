import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { Backoff } from "../src/server/backoff.ts";
import { locateServer, ServerNotFound } from "../src/server/locate.ts";
import { isSupported, parseVersion } from "../src/server/version.ts";

describe("versions", () => {
  it("are read from what --version prints", () => {
    assert.equal(parseVersion("metascript 0.1.3\n"), "0.1.3");
    assert.equal(parseVersion("metascript 0.1.3-rc.1 (abc 2026-01-01)\n"), "0.1.3-rc.1");
    assert.equal(parseVersion("git version 2.39.5"), undefined);
    assert.equal(parseVersion("metascript unknown"), undefined);
  });
  it("fit or do not", () => {
    assert.deepEqual(["0.1.0", "0.1.9", "0.1.1-rc.1", "0.2.0", "1.0.0"].map(isSupported), [true, true, true, false, false]);
  });
});

describe("restarts", () => {
  it("wait longer each time, then give up", () => {
    const backoff = new Backoff();
    assert.deepEqual(Array.from({ length: 9 }, () => backoff.next(10)), [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, undefined]);
  });
  it("begin anew after a server that lived long", () => {
    const backoff = new Backoff();
    for (let i = 0; i < 8; i += 1) backoff.next(10);
    assert.equal(backoff.next(61_000), 500);
  });
});

describe("the server", { skip: process.platform === "win32" }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "metascript-locate-"));
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const program = (name: string, version: string): string => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\necho "${version}"\n`);
    chmodSync(file, 0o755);
    return file;
  };
  const places = { setting: "", workspaceFolder: folder, extensionFolder: path.join(folder, "extension"), searchPath: "" };

  it("is the one of the setting, even when others are there", async () => {
    program("bin/metascript", "metascript 0.1.1");
    const file = program("own/metascript", "metascript 0.1.7");
    const found = await locateServer({ ...places, setting: "${workspaceFolder}/own/metascript", searchPath: path.join(folder, "bin") });
    assert.deepEqual(found, { path: file, origin: "the setting metascript.server.path", version: "0.1.7" });
  });
  it("is never looked for in a relative entry of the PATH", async () => {
    await assert.rejects(locateServer({ ...places, searchPath: `.${path.delimiter}bin` }), ServerNotFound);
  });
  it("is the bundled one before the one on the PATH", async () => {
    program("bin/metascript", "metascript 0.1.1");
    assert.equal((await locateServer({ ...places, searchPath: path.join(folder, "bin") })).origin, "the PATH");
    program("extension/server/metascript", "metascript 0.1.2");
    assert.equal((await locateServer({ ...places, searchPath: path.join(folder, "bin") })).version, "0.1.2");
  });
  it("must say that it is metascript", async () => {
    const file = program("other/metascript", "something else 3.0");
    await assert.rejects(locateServer({ ...places, setting: file }), /does not look like metascript/);
    await assert.rejects(locateServer({ ...places, setting: path.join(folder, "nothing") }), /metascript.server.path names .*nothing/);
  });
});
