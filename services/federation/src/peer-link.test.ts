// Goal: a link is called connected only while there is a connection, and what it remembers of a peer's claims is bounded.
// Method: a link over a connection that ends between a question and its answer; more claims than are remembered.
import { budgets } from "@handfast/protocol/budgets";
import { partnerIdOf } from "@handfast/testkit/author";
import { expect, it } from "vitest";
import { createPeerLink } from "./peer-link.ts";

it("stays lost when the answer to something asked before is read after the connection ended", async () => {
  let hasConnection = true;
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  const changes: string[] = [];
  const link = createPeerLink(
    { peer: partnerIdOf("Orchard"), name: "Orchard", role: "dialer", account: "account" },
    {
      clock: { now: () => 0 },
      send: () => promise,
      serverVersion: () => null,
      hasConnection: () => hasConnection,
      onUp: () => changes.push("up"),
      onDown: (_link, state) => changes.push(state),
      isHeld: () => false,
    },
  );
  link.heard();
  const asked = link.request("sync.heads", new Uint8Array());
  hasConnection = false;
  link.become("reconnecting");
  resolve(new Uint8Array());
  await asked;
  expect([link.state, changes]).toEqual(["reconnecting", ["up", "reconnecting"]]);

  hasConnection = true;
  link.heard();
  expect([link.state, changes.at(-1)]).toEqual(["connected", "up"]);
});

it("forgets its doubts in claims once they are over, so that many of them keep no room from later ones", () => {
  let nowMs = 0;
  const link = createPeerLink(
    { peer: partnerIdOf("Orchard"), name: "Orchard", role: "dialer", account: "account" },
    {
      clock: { now: () => nowMs },
      send: () => Promise.reject(new Error("nothing is sent")),
      serverVersion: () => null,
      hasConnection: () => true,
      onUp: () => {},
      onDown: () => {},
      isHeld: () => false,
    },
  );
  const log = (index: number): string => `${String(index).padStart(21, "0")}A`;
  for (let index = 0; index < budgets.link.unknownLogs; index++) link.doubt(log(index));
  link.doubt(log(1_000));
  expect([link.isDoubted(log(0)), link.isDoubted(log(1_000))]).toEqual([true, false]);
  nowMs += budgets.link.doubtMs;
  link.doubt(log(1_000));
  expect([link.isDoubted(log(0)), link.isDoubted(log(1_000))]).toEqual([false, true]);
});
