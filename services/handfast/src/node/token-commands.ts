/** `handfast token`: tokens are kept by the gateway in its own file, so that they can be made before the node is up. */
import { existsSync, linkSync, rmSync } from "node:fs";
import type { Role } from "@handfast/api/verb";
import { openTokens, type TokenRow } from "@handfast/gateway/tokens";
import { countIn } from "./counts.ts";
import { assertNode, commandIn, type DataFolder, readSecret, writeSecret } from "./data-folder.ts";
import { usage } from "./fault.ts";
import { givenName } from "./given-name.ts";

export type TokenFlags = { readonly name: string; readonly role: Role; readonly days?: string };
export type TokenMade = {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly token: string;
  readonly expiresAt: string | null;
};

export function createTokenCommand(folder: DataFolder, flags: TokenFlags, nowMs: number): TokenMade {
  assertNode(folder);
  const name = givenName(flags.name, "--name");
  const days =
    flags.days === undefined
      ? null
      : countIn(
          "--days",
          flags.days,
          { from: 1, to: 3_650 },
          "for example --days 90; without --days it is valid until revoked",
        );
  const expiresAt = days === null ? null : nowMs + days * 86_400_000;
  using tokens = openTokens(folder.gateway);
  const made = tokens.create({ name, role: flags.role, ...(expiresAt === null ? {} : { expiresAt }) }, nowMs);
  return {
    id: made.id,
    name: made.name,
    role: made.role,
    token: made.text,
    expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
  };
}

export function revokeTokenCommand(folder: DataFolder, id: string, nowMs: number): void {
  assertNode(folder);
  using tokens = openTokens(folder.gateway);
  if (!tokens.revoke(id, nowMs)) throw usage(`there is no token ${id}`, commandIn(folder, "token list"));
}

export function listTokensCommand(folder: DataFolder): readonly TokenRow[] {
  assertNode(folder);
  using tokens = openTokens(folder.gateway);
  return tokens.list(Date.now());
}

/** The token by which the command line on this machine speaks to its own node; made when it is first needed. */
export function cliToken(folder: DataFolder, nowMs: number): string {
  if (!existsSync(folder.cliToken)) makeCliToken(folder, nowMs);
  return readSecret(folder.cliToken).trim();
}

/** Two processes may need it at once: the file appears whole, and only for one of them. */
function makeCliToken(folder: DataFolder, nowMs: number): void {
  const draft = `${folder.cliToken}.${process.pid}`;
  const { id, token } = createTokenCommand(folder, { name: "command line", role: "steward" }, nowMs);
  writeSecret(draft, token);
  try {
    linkSync(draft, folder.cliToken);
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== "EEXIST") throw err;
    revokeTokenCommand(folder, id, nowMs);
  } finally {
    rmSync(draft, { force: true });
  }
}
