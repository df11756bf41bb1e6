/**
 * Who may speak to the node: tokens with one role each, in the gateway's own file. A token's secret has 256 random bits, so one
 * SHA-256 of it is kept and nothing that could be used.
 */
import { timingSafeEqual } from "node:crypto";
import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Role, roles } from "@handfast/api/verb";
import { sha256 } from "@handfast/protocol/bytes";
import { createTokenText, parseTokenText } from "./token-text.ts";

/** The sender of a request: a pseudonym inside the organization, and what it may do. */
export type Principal = { readonly id: string; readonly name: string; readonly role: Role };

export type TokenState = "valid" | "expired" | "revoked";
export type TokenRow = Principal & {
  readonly state: TokenState;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
};
export type NewToken = {
  /** Who or what will use it: 1 to 64 characters. */
  readonly name: string;
  readonly role: Role;
  /** Milliseconds since 1970; without it the token is valid until it is revoked. */
  readonly expiresAt?: number;
};

/** Times are milliseconds since 1970. Another process may use the same file. */
export interface Tokens extends Disposable {
  /** The text is shown here and never again. */
  create(token: NewToken, now: number): Principal & { readonly text: string };
  /** False when there is no such token. At once: no process keeps a copy. */
  revoke(id: string, now: number): boolean;
  list(now: number): readonly TokenRow[];
  /** Whether the token of this id is known, not revoked and not expired. */
  isValid(id: string, now: number): boolean;
  /** Whose the text is, if it is a valid token's. */
  authenticate(text: string, now: number): Principal | null;
}

type Stored = {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly hash: Uint8Array;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
};

/** Opens `tokens.db` in `dir`, which is made with mode 0700 when absent. */
export function openTokens(dir: string): Tokens {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, "tokens.db");
  // SQLite would create it readable by others.
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
  const db = new DatabaseSync(file, {
    timeout: 5_000,
    allowExtension: false,
    enableDoubleQuotedStringLiterals: false,
  });
  db.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;
    CREATE TABLE IF NOT EXISTS tokens (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32),
      created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER
    ) STRICT, WITHOUT ROWID;
  `);
  const insert = db.prepare(
    "INSERT INTO tokens (id, name, role, hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const end = db.prepare("UPDATE tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?");
  const find = db.prepare("SELECT * FROM tokens WHERE id = ?");
  const all = db.prepare("SELECT * FROM tokens ORDER BY created_at, id");

  return {
    create: ({ name, role, expiresAt }, now) => {
      const { id, secret, text } = createTokenText();
      insert.run(id, name, role, sha256(secret), now, expiresAt ?? null);
      return { id, name, role, text };
    },
    revoke: (id, now) => Number(end.run(now, id).changes) > 0,
    list: (now) =>
      (all.all() as Stored[]).map((stored) => ({
        ...principalOf(stored),
        state: stateOf(stored, now),
        createdAt: stored.created_at,
        expiresAt: stored.expires_at,
        revokedAt: stored.revoked_at,
      })),
    isValid: (id, now) => {
      const stored = find.get(id) as Stored | undefined;
      return stored !== undefined && stateOf(stored, now) === "valid";
    },
    authenticate: (text, now) => {
      const token = parseTokenText(text);
      if (token === null) return null;
      const stored = find.get(token.id) as Stored | undefined;
      if (stored === undefined || !timingSafeEqual(stored.hash, sha256(token.secret))) return null;
      return stateOf(stored, now) === "valid" ? principalOf(stored) : null;
    },
    [Symbol.dispose]: () => db.close(),
  };
}

function principalOf({ id, name, role }: Stored): Principal {
  // A role that this release does not know may do the least.
  return { id, name, role: roles.find((known) => known === role) ?? "viewer" };
}

const stateOf = ({ expires_at, revoked_at }: Stored, now: number): TokenState =>
  revoked_at !== null ? "revoked" : expires_at !== null && expires_at <= now ? "expired" : "valid";
