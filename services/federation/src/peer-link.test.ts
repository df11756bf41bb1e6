// Goal: a link is called connected only while there is a connection.
// Method: a link over a connection that ends between a question and its answer.
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
