// Goal: the JWTs grant what protocol section 8 says, for as long as it says, and nothing more.
import { decode, type User } from "@nats-io/jwt";
import { describe, expect, it } from "vitest";
import { createLinkAccount, type LinkAccount } from "./accounts.ts";
import {
  createHomeCredentials,
  createLobbyCredentials,
  dialerValidMs,
  lobbyValidMs,
  readUserJwt,
  signDialer,
} from "./credentials.ts";
import { accountIdOf, createOperator } from "./identity.ts";
import { createAccountKey, createUserKey } from "./keys.ts";

const identity = createOperator("orchard");
const network = "n".repeat(43);
const link: LinkAccount = createLinkAccount(network);
const nowMs = 1_800_000_000_000;

describe("a dialer's JWT", () => {
  it("is for its public key, in its link's account, for 30 days", async () => {
    const { user } = createUserKey();
    const facts = readUserJwt(await signDialer(link, { user, nowMs }));
    expect(facts).toEqual({ user, account: link.account, expiresAtMs: nowMs + dialerValidMs });
  });

  it("grants exactly calls, its inbox, its asks and its network's batches", async () => {
    const { user } = createUserKey();
    const { nats } = decode<User>(await signDialer(link, { user, nowMs }));
    expect(nats).toMatchObject({
      pub: { allow: ["hf.v1.call.>"], deny: [] },
      sub: { allow: ["_INBOX.>", `hf.v1.ask.${link.account}`, `hf.v1.live.${network}.>`], deny: [] },
      allowed_connection_types: ["STANDARD"],
      bearer_token: false,
    });
  });

  it("never lasts longer, whatever is asked, and is not given for a seed or another kind of key", async () => {
    const { user, seed } = createUserKey();
    const facts = readUserJwt(await signDialer(link, { user, nowMs, validMs: 10 * dialerValidMs }));
    expect(facts?.expiresAtMs).toBe(nowMs + dialerValidMs);
    expect(() => signDialer(link, { user: seed, nowMs })).toThrow();
    expect(() => signDialer(link, { user: link.account, nowMs })).toThrow();
  });
});

describe("an invitation's user", () => {
  it("may publish its own join and read its own inbox, for 72 hours", async () => {
    const { account, seed } = createAccountKey();
    const { jwt } = await createLobbyCredentials(seed, { token: "t-1", nowMs, validMs: 1e12 });
    expect(decode<User>(jwt).nats).toMatchObject({
      pub: { allow: ["hf.v1.lobby.join.t-1"] },
      sub: { allow: ["_INBOX.t-1.>"] },
    });
    expect(readUserJwt(jwt)).toMatchObject({
      account,
      expiresAtMs: nowMs + lobbyValidMs,
    });
  });

  it.each(["*", ">", "a.b", "", "a b", "x".repeat(65), "join.>"])(
    "cannot be made for the token %j",
    async (token) => {
      await expect(createLobbyCredentials(createAccountKey().seed, { token, nowMs })).rejects.toThrow(
        TypeError,
      );
    },
  );
});

describe("reading a user JWT", () => {
  it("refuses what is altered, of another kind, or no JWT at all", async () => {
    const { jwt } = await createHomeCredentials(identity, "home");
    expect(readUserJwt(jwt)).toMatchObject({ account: accountIdOf(identity, "home"), expiresAtMs: null });
    const [header, claims = "", signature] = jwt.split(".");
    const raised = Buffer.from(claims, "base64url").toString().replace('"home"', '"root"');
    const altered = [header, Buffer.from(raised).toString("base64url"), signature].join(".");
    for (const bad of [altered, "", "a.b.c", jwt.slice(0, -4), `${jwt}.`, "x".repeat(10_000)]) {
      expect(readUserJwt(bad), bad.slice(0, 20)).toBeNull();
    }
  });
});
