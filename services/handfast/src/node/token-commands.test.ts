// Goal: tokens are made and ended before a node is up, their secret is shown once, and the command line makes its own.
import { mkdtempDisposableSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { initNode } from "./init.ts";
import { cliToken, createTokenCommand, listTokensCommand, revokeTokenCommand } from "./token-commands.ts";

const now = Date.UTC(2026, 0, 1);
async function open() {
  const temp = mkdtempDisposableSync(join(tmpdir(), "handfast-tokens-"));
  const folder = dataFolder(join(temp.path, "orchard"));
  await initNode(folder, "Orchard", {}, now);
  return { folder, [Symbol.dispose]: () => temp.remove() };
}

it("makes a token with a role and an end, lists it without its secret, and revokes it", async () => {
  using one = await open();
  const made = createTokenCommand(one.folder, { name: "our planner", role: "viewer", days: "1" }, now);
  expect(made).toMatchObject({ role: "viewer", expiresAt: "2026-01-02T00:00:00.000Z" });
  const listed = listTokensCommand(one.folder);
  expect(listed).toMatchObject([{ id: made.id, name: "our planner", role: "viewer" }]);
  expect(JSON.stringify(listed)).not.toContain(made.token);
  revokeTokenCommand(one.folder, made.id, now);
  expect(listTokensCommand(one.folder)).toMatchObject([{ id: made.id, state: "revoked" }]);
});

it.each(["0", "0.5", "-1", "3651", "soon", ""])("takes no %j days", async (days) => {
  using one = await open();
  expect(() => createTokenCommand(one.folder, { name: "x", role: "viewer", days }, now)).toThrow(/--days/);
});

it("refuses a name that could drive a terminal, a token that is not there, and a folder without a node", async () => {
  using one = await open();
  expect(() => createTokenCommand(one.folder, { name: "\u001b[2J", role: "viewer" }, now)).toThrow(/--name/);
  expect(() => revokeTokenCommand(one.folder, "none", now)).toThrow(/no token none/);
  expect(() => listTokensCommand(dataFolder(join(one.folder.dir, "none")))).toThrow(/no node/);
});

it("makes the command line's own token once, and only its owner can read it", async () => {
  using one = await open();
  const token = cliToken(one.folder, now);
  expect(cliToken(one.folder, now)).toBe(token);
  expect(statSync(one.folder.cliToken).mode & 0o777).toBe(0o600);
  expect(listTokensCommand(one.folder)).toMatchObject([{ role: "steward" }]);
});
