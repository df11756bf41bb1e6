// Goal: a partner that signs one thing to one member and another to the other parts nobody. Both name what they heard before they know;
// both come to hold both histories and the proof, and go on acting. Method: real links; the two members are apart while they are lied to.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LedgerStatus, ReadReply } from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import { verifyBundle } from "@handfast/auditor/verify";
import { writeBundle } from "@handfast/gateway/bundle";
import { openLedgerArchive } from "@handfast/gateway/ledger-archive";
import { fromUtf8, toBytes } from "@handfast/protocol/bytes";
import type { Header } from "@handfast/protocol/header";
import { type PinnedRef, splitRef } from "@handfast/protocol/ids";
import { createLedgerClient } from "@handfast/service-kit/ledger-client";
import { eventually } from "@handfast/testkit/eventually";
import { openRelay } from "@handfast/testkit/relay";
import { describe, expect, it } from "vitest";
import { createOwner } from "./ledger.ts";
import {
  charterOf,
  converged,
  earlierCharterOf,
  holds,
  join as joinNetwork,
  stateOf,
  vote,
} from "./network.ts";
import { type Node, openNode } from "./node.ts";
import { inviteStranger, servesItsLog } from "./stranger.ts";

const ask = async (node: Node, verb: string, request: object): Promise<unknown> => {
  const data = toBytes(JSON.stringify(request));
  const reply = await node.home.request(subjects.service("ledger", verb), data, { timeoutMs: 5_000 });
  return JSON.parse(fromUtf8(reply.data) ?? "");
};
const forksAt = async (node: Node) => LedgerStatus.parse(await ask(node, "status", {})).forks;
const entriesAt = async (node: Node) =>
  ReadReply.parse(await ask(node, "read", { after: 0, limit: 1_000 })).entries;
/** All that is held, by names that mean the same everywhere. */
const hashesAt = async (node: Node): Promise<readonly string[]> =>
  (await entriesAt(node)).map(({ hash }) => hash).sort();
const parentsOf = async (node: Node, ref: PinnedRef): Promise<readonly string[]> => {
  const found = (await entriesAt(node)).find(({ hash }) => ref.endsWith(hash));
  return (JSON.parse(found?.header ?? "{}") as { parents?: string[] }).parents ?? [];
};
/** What the auditor says of a bundle of this node. */
async function audited(node: Node, charter: Uint8Array) {
  const archive = openLedgerArchive(createLedgerClient(node.home), node.net);
  const about = {
    net: node.net,
    charter,
    exportedBy: node.partner,
    exportedAt: Date.now(),
    software: "test",
  };
  const dir = mkdtempSync(join(tmpdir(), "handfast-bundle-"));
  try {
    const path = join(dir, "bundle");
    writeFileSync(path, Buffer.concat(await Array.fromAsync(writeBundle(archive, about))));
    return verifyBundle(path).report;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
const noted = (says: string) => ({ type: "charter.noted", subject: null, x: { says } });

describe("a member that signs two histories,", () => {
  it.each([
    ["that differ", false],
    ["that end with the same entry", true],
  ])(
    "%s parts nobody: both are kept and proven everywhere, and everybody goes on",
    {
      timeout: 90_000,
    },
    async (_what, isSame) => {
      await using cleanup = new AsyncDisposableStack();
      const owner = createOwner("Orchard");
      // Later networks have no such entries.
      const charter = isSame ? earlierCharterOf(owner.partner) : charterOf(owner.partner);
      const orchard = cleanup.use(await openNode({ name: "Orchard", charter, owner }));
      const mill = cleanup.use(await openNode({ name: "Mill", charter }));
      const relay = cleanup.use(await openRelay(orchard.port));
      await joinNetwork(mill, orchard, { port: relay.port });
      const liar = cleanup.use(
        await inviteStranger((await orchard.federation.createInvitation()).invitation),
      );
      liar.attest([await vote(orchard, liar), await vote(orchard, liar, mill)]);
      await liar.call("sync.push", liar.frame(1, 2));
      await holds(mill, liar.log, 2);
      await converged([orchard, mill]);
      const other = cleanup.use(
        await inviteStranger((await mill.federation.createInvitation()).invitation, liar),
      );
      await eventually(
        "both know both sponsorships",
        async () => (await hashesAt(orchard)).join() === (await hashesAt(mill)).join(),
      );

      relay.cut();
      await eventually("the members are apart", () => stateOf(mill, orchard) !== "connected");
      liar.write(noted("to Orchard"));
      other.write(noted("to Mill"));
      const last = { ...noted("and more"), at: [Date.now(), 60_000] } satisfies Partial<Header>;
      other.write(last);
      if (isSame) liar.write(last);
      for (const link of [liar, other]) link.answer = servesItsLog(link);
      const { length: size } = liar.lines;
      expect(await liar.call("sync.push", liar.frame(2, size))).toMatchObject({ ok: true, size });
      expect(await other.call("sync.push", other.frame(2, 4))).toMatchObject({ ok: true, size: 4 });
      // Each acts on what it was told, and names it.
      const acts = [
        await orchard.appendAtNetwork(noted("orchard")),
        await mill.appendAtNetwork(noted("mill")),
      ];
      for (const [index, node] of [orchard, mill].entries())
        expect(
          (await parentsOf(node, acts[index] as PinnedRef)).some((ref) => ref.startsWith(liar.log)),
        ).toBe(true);

      relay.heal();
      for (const node of [orchard, mill])
        await eventually(
          `${node.name} knows the fork`,
          async () => (await forksAt(node)).some(({ branches, isProven }) => branches === 1 && isProven),
          { withinMs: 40_000, everyMs: 50 },
        );
      await eventually(
        "both hold the same",
        async () => (await hashesAt(orchard)).join() === (await hashesAt(mill)).join(),
        { withinMs: 40_000, everyMs: 50 },
      );
      expect(await forksAt(orchard)).toEqual(await forksAt(mill));
      expect(await forksAt(mill)).toMatchObject([{ log: liar.log, by: liar.partner, from: 2 }]);

      // Both go on, hear each other, and name nothing that is in doubt.
      for (const [node, peer] of [
        [orchard, mill],
        [mill, orchard],
      ] as const) {
        const ref = await node.appendAtNetwork(noted(`${node.name} goes on`));
        await holds(peer, node.log, splitRef(ref).seq + 1);
        for (const parent of await parentsOf(node, ref))
          expect(parent.startsWith(liar.log) && splitRef(parent).seq >= 2).toBe(false);
      }
      // What either exports holds both histories, and an auditor that trusts neither finds it whole.
      for (const node of [orchard, mill])
        expect(await audited(node, charter)).toMatchObject({ verdict: "verified", problems: [] });
      for (const node of [orchard, mill])
        expect(node.federation.peers().every((peer) => peer.pausedUntil === null)).toBe(true);
    },
  );
});
