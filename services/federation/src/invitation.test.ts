// Goal: an invitation is believed only whole, in time and from a member's own hand; nothing of it is dialled before.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromUtf8 } from "@handfast/protocol/bytes";
import { formatInvitation, Invitation, invitationHash, parseInvitation } from "@handfast/protocol/federation";
import { generateKey } from "@handfast/tlog/signer";
import { afterAll, describe, expect, it } from "vitest";
import { createNetwork, createPartner } from "../test/partner.ts";
import { createInvitation, readInvitation } from "./invitation.ts";
import { openLinksStore } from "./links-store.ts";
import { signStatement } from "./statements.ts";

const dir = mkdtempSync(join(tmpdir(), "handfast-invitation-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const root = generateKey();
const { charter, net } = createNetwork(root);
const orchard = createPartner(net, "Orchard", root);
const nowMs = 1_800_000_000_000;
const endpoints = ["tls://hub.orchard.example:7422"];
const store = openLinksStore(dir);

const allowed: string[] = [];

const create = (validHours?: number) =>
  createInvitation(
    { endpoints, validHours },
    {
      own: orchard.own,
      charter,
      caPem: "PEM",
      wire: { allowBearer: async (account) => void allowed.push(account) },
      ledger: orchard.ledger,
      store,
      nowMs,
    },
  );
const shapeOf = (text: string): Invitation => {
  const parsed = parseInvitation(text);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
};

it("is made once, lasts at most three days, and leaves only the hash of its token behind", async () => {
  const { invitation, expires } = await create(1_000);
  expect(expires).toBe(nowMs + 72 * 3_600_000);
  const read = readInvitation(invitation, nowMs);
  expect(read.ok && [read.inviter.name, read.charter.name, fromUtf8(read.charterBytes)]).toEqual([
    "Orchard",
    "Valley",
    fromUtf8(charter),
  ]);
  const { token } = shapeOf(invitation).lobby;
  expect(store.invitation(invitationHash(token))).toEqual({
    hash: invitationHash(token),
    expires,
    endpoints,
    usedBy: null,
    lobby: allowed.at(-1),
  });
  expect(store.openInvitations()).toHaveLength(1);
  expect(readInvitation(` ${invitation}\n`, nowMs).ok, "as pasted").toBe(true);
});

describe("is refused", () => {
  it("after its time", async () => {
    const { invitation, expires } = await create(1);
    expect(readInvitation(invitation, expires)).toMatchObject({ code: "invitation-expired" });
  });

  it("when anything in it was changed", async () => {
    const { invitation } = await create();
    const whole = shapeOf(invitation);
    const other = createPartner(net, "Mill");
    const changes: readonly Partial<Invitation>[] = [
      { endpoints: ["tls://evil.example:1"] },
      { caPem: "another" },
      { expires: whole.expires + 1 },
      { lobby: { ...whole.lobby, token: invitationHash("x") } },
      { inviter: { ...whole.inviter, name: "Mill" } },
      { inviter: { ...whole.inviter, partner: other.own.partner } },
      { inviter: { partner: other.own.partner, name: "Mill", opened: fromUtf8(other.own.frame) ?? "" } },
      { net: invitationHash("another network") },
      { charter: whole.charter.replace("Valley", "Hollow") },
    ];
    for (const change of changes)
      expect(
        readInvitation(formatInvitation({ ...whole, ...change }), nowMs),
        JSON.stringify(change),
      ).toMatchObject({
        code: "invitation-tampered",
      });
  });

  it("when another key than the inviter's signed it", async () => {
    const { sig: _sig, ...rest } = shapeOf((await create()).invitation);
    const forged = await signStatement<Invitation>(createPartner(net, "Mill").ledger, "invitation", rest);
    expect(readInvitation(formatInvitation(forged), nowMs)).toMatchObject({ code: "invitation-tampered" });
  });

  it.each(["", "hfinv1.", "hfinv1.AAAA", "hfinv2.e30", "hfinv1.e30", "https://example.org"])(
    "when it is none: %s",
    (text) => {
      expect(readInvitation(text, nowMs).ok).toBe(false);
    },
  );

  it.each([
    "nats://hub:1",
    "tls://hub",
    "tls://hub:1/path",
    "http://hub:1",
    "tls://u:p@hub:1",
    "tls://hub:1\n",
  ])("when it would have us dial %s", (endpoint) => {
    expect(Invitation.shape.endpoints.safeParse([endpoint]).success).toBe(false);
  });
});
