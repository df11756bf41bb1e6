// Goal: a token is good for as long as it says and not a moment longer; nothing in the file can be used as one; a mistyped one is
// known as such.
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTokenText, parseTokenText } from "./token-text.ts";
import { openTokens } from "./tokens.ts";

const day = 86_400_000;

function folder(): Disposable & { readonly dir: string } {
  const dir = mkdtempSync(join(tmpdir(), "handfast-tokens-"));
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

describe("a token", () => {
  it("is whose it was made for, until it ends", () => {
    using at = folder();
    using tokens = openTokens(at.dir);
    const made = tokens.create({ name: "Ada", role: "member", expiresAt: 5 * day }, day);
    expect(tokens.authenticate(made.text, 4 * day)).toEqual({ id: made.id, name: "Ada", role: "member" });
    expect(tokens.authenticate(made.text, 5 * day)).toBeNull();
    expect(tokens.list(5 * day)).toMatchObject([{ id: made.id, state: "expired" }]);
  });

  it("ends at once for every process when it is revoked, and stays listed", () => {
    using at = folder();
    using one = openTokens(at.dir);
    using other = openTokens(at.dir);
    const made = one.create({ name: "Ada", role: "steward" }, day);
    expect(other.authenticate(made.text, day)).not.toBeNull();
    expect(one.revoke(made.id, 2 * day)).toBe(true);
    expect(other.authenticate(made.text, 2 * day)).toBeNull();
    one.revoke(made.id, 3 * day);
    expect(other.list(3 * day)).toMatchObject([{ state: "revoked", revokedAt: 2 * day }]);
    expect(one.revoke("0000000000", day)).toBe(false);
  });

  it("is not in the file, which only its owner can read", () => {
    using at = folder();
    using tokens = openTokens(at.dir);
    const { text } = tokens.create({ name: "Ada", role: "viewer" }, day);
    const secret = parseTokenText(text)?.secret as string;
    for (const file of ["tokens.db", "tokens.db-wal"]) {
      expect(readFileSync(join(at.dir, file)).includes(secret), file).toBe(false);
    }
    expect(statSync(join(at.dir, "tokens.db")).mode & 0o777).toBe(0o600);
    expect(statSync(at.dir).mode & 0o077).toBe(0);
  });

  it("with any one character changed is known to be mistyped", () => {
    const { text } = createTokenText();
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(..."abcXYZ019_-"), (index, character) => {
        fc.pre(text[index] !== character);
        expect(parseTokenText(text.slice(0, index) + character + text.slice(index + 1))).toBeNull();
      }),
      { numRuns: 2_000 },
    );
    expect(parseTokenText(text)?.id).toHaveLength(10);
  });
});
