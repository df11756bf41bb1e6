// Goal: a newcomer learns what is the matter where its sponsor's ledger writes nothing for a while.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppendReply } from "@handfast/api/messages/ledger";
import { createUserKey } from "@handfast/nats-operator/keys";
import { toB64u, toBytes } from "@handfast/protocol/bytes";
import { canonicalText, type Json } from "@handfast/protocol/canonical";
import { invitationHash, type Join } from "@handfast/protocol/federation";
import { generateKey } from "@handfast/tlog/signer";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createNetwork, createPartner } from "../test/partner.ts";
import { type AdmitDeps, admitNewcomer } from "./admit-newcomer.ts";
import { createEvents } from "./events.ts";
import { openLinksStore } from "./links-store.ts";
import { credentialsIn, signStatement } from "./statements.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "handfast-admit-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const root = generateKey();
const { net } = createNetwork(root);
const host = createPartner(net, "Orchard", root);
const newcomer = createPartner(net, "Mill");
const token = toB64u(new Uint8Array(32).fill(7));
const nowMs = 1_700_000_000_000;

async function joining(refusal: Extract<AppendReply, { ok: false }>["code"]) {
  using store = openLinksStore(dir);
  const invitation = invitationHash(token);
  const expires = nowMs + 60_000;
  store.keepInvitation({ hash: invitation, expires, endpoints: [], usedBy: null, lobby: null });
  const asked = await signStatement<Join>(newcomer.ledger, "join", {
    v: 1,
    net,
    invitation,
    ...credentialsIn(newcomer.own),
    userKey: createUserKey().user,
  });
  const ledger = {
    credentials: async () => ({ credentials: null }),
    ingest: async () => ({ ok: false, code: "unknown-log" }),
    subjectHeads: async () => ({ subjects: {} }),
    append: async () => ({ ok: false, code: refusal }),
  };
  const deps: Partial<AdmitDeps> = {
    net,
    self: host.own.partner,
    store,
    clock: { now: () => nowMs },
    events: createEvents(undefined),
    ledger: ledger as unknown as AdmitDeps["ledger"],
  };
  return await admitNewcomer(token, toBytes(canonicalText(asked as unknown as Json)), deps as AdmitDeps);
}

it.each(["moved", "clock-ahead", "clock-apart", "disk-full", "in-doubt", "own-log-unsure"] as const)(
  "says that the inviter is busy where its ledger answers %s",
  async (code) => {
    const detail = `the inviter's node writes nothing now (${code}): try again`;
    expect(await joining(code)).toEqual({ ok: false, code: "busy", detail });
  },
);

it("is a fault of the inviter's node where its ledger does not take what it wrote", async () => {
  await expect(joining("malformed")).rejects.toThrow(
    "could not sponsor a newcomer: the ledger says malformed",
  );
});
