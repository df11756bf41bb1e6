// Goal: accounts say word for word what protocol section 8 lists; vectors are the specification's own JSON.
import { type Account, decode } from "@nats-io/jwt";
import { expect, it } from "vitest";
import {
  createLinkAccount,
  LinkAccount,
  lobbyLimits,
  signLinkAccount,
  signLobbyAccount,
  signNodeJwts,
} from "./accounts.ts";
import { accountIdOf, createOperator } from "./identity.ts";
import { createAccountKey } from "./keys.ts";

const identity = createOperator("orchard");
const fed = accountIdOf(identity, "fed");
const network = "n".repeat(43);

it("FED exports the four subjects of the specification and nothing else", async () => {
  const { nats } = decode<Account>((await signNodeJwts(identity)).fed);
  expect(nats.exports).toEqual([
    { name: "rpc", type: "service", subject: "hf.v1.rpc.*.>", account_token_position: 4 },
    { name: "ask", type: "stream", subject: "hf.v1.ask.*", account_token_position: 4 },
    { name: "live", type: "stream", subject: "hf.v1.live.>" },
    { name: "lobby", type: "service", subject: "hf.v1.lobby.>" },
  ]);
  expect(nats.imports).toBeUndefined();
});

it("HOME is imported by nobody and imports nothing; an invitation's account imports the lobby, and LOBBY lets nobody in", async () => {
  const jwts = await signNodeJwts(identity);
  const home = decode<Account>(jwts.home).nats;
  expect([home.imports, home.exports]).toEqual([undefined, undefined]);
  expect(decode<Account>(jwts.lobby).nats).toMatchObject({ limits: { conn: 0 } });
  const lobby = decode<Account>(await signLobbyAccount(identity, createAccountKey().account)).nats;
  expect(lobby.limits).toMatchObject({ conn: lobbyLimits.connections });
  expect(lobby.imports).toEqual([{ name: "lobby", type: "service", account: fed, subject: "hf.v1.lobby.>" }]);
});

it("a link imports its own calls and asks and its network's batches, within its limits", async () => {
  const link = createLinkAccount(network);
  const { nats, iss } = decode<Account>(await signLinkAccount(identity, link));
  expect(nats.imports).toEqual([
    {
      name: "call",
      type: "service",
      account: fed,
      subject: `hf.v1.rpc.${link.account}.>`,
      local_subject: "hf.v1.call.>",
    },
    { name: "ask", type: "stream", account: fed, subject: `hf.v1.ask.${link.account}` },
    { name: "live", type: "stream", account: fed, subject: `hf.v1.live.${network}.>` },
  ]);
  expect(nats.exports).toBeUndefined();
  expect(nats.limits).toMatchObject({
    conn: 4,
    subs: 64,
    payload: 1_048_576,
    leaf: 0,
    mem_storage: 0,
    disk_storage: 0,
    disallow_bearer: true,
  });
  expect(iss).toMatch(/^O/);
});

it("a link account survives its file, and a network id cannot widen its subjects", () => {
  const link = createLinkAccount(network);
  expect(LinkAccount.parse(JSON.parse(JSON.stringify(link)))).toEqual(link);
  for (const bad of [">", "*", "a.b", "", "x".repeat(65)]) expect(() => createLinkAccount(bad)).toThrow();
});
