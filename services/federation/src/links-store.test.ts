// Goal: what a node promised a peer is there after any end of the process, and for its owner's eyes only.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLinkAccount } from "@handfast/nats-operator/accounts";
import { createUserKey } from "@handfast/nats-operator/keys";
import { toB64u } from "@handfast/protocol/bytes";
import { generateKey } from "@handfast/tlog/signer";
import { afterEach, beforeEach, expect, it } from "vitest";
import { multikeyOf } from "../test/partner.ts";
import { openLinksStore } from "./links-store.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "handfast-links-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const peer = multikeyOf(generateKey());
const net = toB64u(new Uint8Array(32));
const endpoints = ["tls://localhost:1"];
const account = createLinkAccount(net);
const hosted = { role: "host", peer, name: "Mill", ...account, isClosed: false } as const;

it("keeps links of both roles, one an account, over a new start", () => {
  const { network: _network, ...link } = hosted;
  const dialled = {
    ...link,
    role: "dialer",
    seed: createUserKey().seed,
    jwt: "e30.e30.e30",
    expires: 5,
    endpoints,
    caPem: "PEM",
  } as const;
  {
    using store = openLinksStore(join(dir, "federation"));
    store.keep(link);
    store.keep(dialled);
    store.keep({ ...dialled, expires: 9 });
  }
  using store = openLinksStore(join(dir, "federation"));
  expect(store.links()).toEqual([
    { id: 1, ...link },
    { id: 2, ...dialled, expires: 9 },
  ]);
  expect(store.keep({ ...link, isClosed: true }).id).toBe(1);
  expect(statSync(join(dir, "federation", "links.db")).mode & 0o077).toBe(0);
});

it("keeps who used an invitation", () => {
  const hash = toB64u(new Uint8Array(32).fill(7));
  const invitation = { hash, expires: 5, endpoints, usedBy: null, lobby: null };
  {
    using store = openLinksStore(dir);
    expect(store.invitation(hash)).toBeNull();
    store.keepInvitation(invitation);
    store.keepInvitation({ ...invitation, usedBy: { peer, log: "A".repeat(22) } });
  }
  using store = openLinksStore(dir);
  expect(store.invitation(hash)?.usedBy).toEqual({ peer, log: "A".repeat(22) });
});
