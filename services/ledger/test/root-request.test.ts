// Goal: what only a root key may do is done by it alone: a new log key, a log closed at its last good size, the way on from a fork and
// from two logs at once. Method: real folders; the root key signs what was asked for, or another key does.
import { cpSync, mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toB64u, toBytes } from "@handfast/protocol/bytes";
import { formatFrame, parseFrame } from "@handfast/protocol/frame";
import { parseHeader } from "@handfast/protocol/header";
import { toMultikey, unpin } from "@handfast/protocol/ids";
import { originOf } from "@handfast/replica/authority";
import { createReplica, type Replica } from "@handfast/replica/replica";
import { type Author, createAuthor, partnerIdOf, testKey } from "@handfast/testkit/author";
import { signCheckpoint } from "@handfast/tlog/checkpoint";
import { appendLeafHash, emptyRange, rootOf } from "@handfast/tlog/compact-range";
import { formatNote } from "@handfast/tlog/note";
import { publicKeyBytes } from "@handfast/tlog/signer";
import { leafHash } from "@handfast/tlog/tree";
import { describe, expect, it } from "vitest";
import { createEndpoints } from "../src/endpoints.ts";
import { filesIn } from "../src/files.ts";
import { type OpenLedger, openLedger } from "../src/ledger.ts";
import type { RootWish } from "../src/root-request.ts";
import { append, draft, ledgerFolder, network, startMs, type TestFolder, taken } from "./node.ts";

const once = (ledger: OpenLedger) => ledger.rounds.append(append([draft()]));
const answer = (header: string, key = "orchard root"): string => {
  const bytes = toBytes(header);
  const read = parseHeader(bytes);
  if (!read.ok) throw new Error(read.detail);
  const { net, by, log } = read.value;
  return formatNote(
    signCheckpoint({ origin: originOf(net, by, log), size: 1, root: leafHash(bytes) }, testKey(key)),
  );
};
async function ask(ledger: OpenLedger, wish: RootWish = {}): Promise<string> {
  const asked = await ledger.askRoot(wish);
  if (!("header" in asked)) throw new Error(asked.detail);
  return asked.header;
}
/** The root over all that an author wrote. */
function rootAt(author: Author): Uint8Array {
  const range = emptyRange();
  for (let seq = 0; seq < author.size; seq++) appendLeafHash(range, leafHash(author.bytes(seq)));
  return rootOf(range);
}
const xOf = (header: string) => (JSON.parse(header) as { x: Record<string, unknown> }).x;
/** All frames of a log as a ledger serves them. */
async function framesOf(ledger: OpenLedger, log: string): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for (let from = 0; from < (ledger.served.get(log)?.edge.size ?? 0); ) {
    const bytes = (await createEndpoints(ledger).range({
      net: network.net,
      log,
      from,
      limit: 64,
    })) as Uint8Array;
    const frame = parseFrame(bytes);
    if ("malformed" in frame) throw new Error(frame.malformed);
    all.push(bytes);
    from = frame.to;
  }
  return all;
}
const give = async (ledger: OpenLedger, frames: readonly Uint8Array[]): Promise<void> => {
  for (const bytes of frames) await createEndpoints(ledger).ingest(bytes);
};
async function pull(peer: Replica, ledger: OpenLedger): Promise<void> {
  for (const log of [...ledger.rounds.held.replica.logs.values()].map((line) => line.log))
    for (const bytes of await framesOf(ledger, log)) {
      const frame = parseFrame(bytes);
      if (!("malformed" in frame)) peer.receive([frame], startMs + 1_000);
    }
}
/** A copy of the folder as it is, on another host. */
function elsewhere(folder: TestFolder): { open(): Promise<OpenLedger>; [Symbol.dispose](): void } {
  const temp = mkdtempDisposableSync(join(tmpdir(), "handfast-ledger-"));
  const dir = join(temp.path, "data");
  cpSync(folder.dir, dir, { recursive: true });
  const config = { dir, stateDir: join(temp.path, "state"), charter: network.bytes };
  return {
    open: () => openLedger(config, { now: () => startMs + 1 }),
    [Symbol.dispose]: () => temp.remove(),
  };
}

describe("a log that the root key opens", () => {
  it("has a new log key and a new witness key, and nothing is signed from the request until the answer", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open();
    taken(await once(ledger));
    const before = createEndpoints(ledger).keys();
    const header = await ask(ledger);
    expect(await once(ledger)).toMatchObject({ ok: false, code: "own-log-unsure" });
    expect(createEndpoints(ledger).keys()).toMatchObject({ isAsked: true });
    expect(await ledger.takeRoot(answer(header, "thief"))).toMatchObject({ code: "not-signed" });
    expect(await ledger.takeRoot(answer(header, "orchard log"))).toMatchObject({ code: "not-signed" });
    expect(await ledger.takeRoot(answer(header))).toMatchObject({ previous: { log: before.log, size: 2 } });
    taken(await once(ledger));
    const after = createEndpoints(ledger).keys();
    expect(after).toMatchObject({ root: before.root, next: before.next, isAsked: false });
    expect(after.keys).not.toEqual(before.keys);
    expect(after.witness).not.toBe(before.witness);
    const kept = JSON.parse(readFileSync(filesIn(folder.dir).witnessKey, "utf8")) as { public: string };
    expect(kept.public).toBe(after.witness);
    const peer = createReplica(network);
    await pull(peer, ledger);
    expect(peer.logs.get(after.log)?.held).toBe(2);
    expect(await ledger.takeRoot(answer(header))).toMatchObject({ code: "nothing-asked" });
  });

  it("shows which keys speak: those that the root set last, whatever logs a log key opens after that", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open();
    const { partner } = ledger.identity;
    const shown = async () => (await createEndpoints(ledger).credentials({ partner })).credentials;
    const first = await shown();
    expect(first?.since).toBeUndefined();
    await ledger.openNext();
    expect(await shown(), "a log key sets no keys").toEqual(first);
    for (const count of [1, 2]) {
      const header = await ask(ledger);
      await ledger.takeRoot(answer(header));
      const now = await shown();
      expect([now?.opened, now?.since], `set ${count} times`).toMatchObject([
        first?.opened,
        [{ header, before: [] }],
      ]);
    }
    const { credentials } = await createEndpoints(ledger).credentials({ partner: partnerIdOf("ferry") });
    expect(credentials).toBeNull();
  });

  it("waits over a restart, and goes on in the old log when the request is taken back", async () => {
    using folder = await ledgerFolder();
    {
      await using ledger = await folder.open();
      await ask(ledger);
    }
    {
      await using ledger = await folder.open();
      expect(ledger.assurance.doubt).toEqual({ code: "root-asked" });
      await ledger.takeRoot(null);
      taken(await once(ledger));
    }
    await using ledger = await folder.open();
    const header = await ask(ledger);
    const { log } = ledger.identity;
    await ledger.takeRoot(answer(header));
    expect(ledger.identity.log).not.toBe(log);
    taken(await once(ledger));
  });

  it("is open for good when the process ended before the request was forgotten", async () => {
    using folder = await ledgerFolder();
    const { rootRequest } = filesIn(folder.dir);
    let opened: string;
    {
      await using ledger = await folder.open();
      const header = await ask(ledger);
      const asked = readFileSync(rootRequest);
      await ledger.takeRoot(answer(header));
      opened = ledger.identity.log;
      writeFileSync(rootRequest, asked);
    }
    await using ledger = await folder.open();
    expect(ledger.assurance.doubt).toBeNull();
    expect(ledger.identity.log).toBe(opened);
    taken(await once(ledger));
  });

  it("is not opened by a damaged request, which can be taken back", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open();
    const header = await ask(ledger);
    writeFileSync(filesIn(folder.dir).rootRequest, '{"v":1}');
    await expect(ledger.takeRoot(answer(header))).rejects.toMatchObject({ code: "unusable" });
    await ledger.takeRoot(null);
    taken(await once(ledger));
  });

  it("closes a log at its last good size, and keeps what lies beyond", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open();
    for (let count = 0; count < 3; count++) taken(await once(ledger));
    expect(await ledger.askRoot({ closeAt: 9 })).toMatchObject({ code: "not-that-long" });
    const header = await ask(ledger, { closeAt: 2 });
    const { log } = ledger.identity;
    expect(await ledger.takeRoot(answer(header))).toMatchObject({ previous: { log, size: 2 } });
    taken(await once(ledger));
    const peer = createReplica(network);
    await pull(peer, ledger);
    expect([peer.logs.get(log)?.held, peer.pasts.of(ledger.identity.log, 1)(log)]).toEqual([4, 1]);
  });

  it("is refused for a next root that the log did not commit to", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open();
    const root = { key: ledger.identity.partner, next: "B".repeat(43) };
    expect(await ledger.askRoot({ root })).toMatchObject({ code: "not-the-next-root" });
  });

  it("goes on from a log with two histories, where they part", async () => {
    using folder = await ledgerFolder();
    {
      await using ledger = await folder.open();
      taken(await once(ledger));
    }
    using copy = elsewhere(folder);
    let other: Uint8Array[];
    {
      await using ledger = await copy.open();
      await ledger.assurance.confirm();
      taken(await once(ledger));
      other = await framesOf(ledger, ledger.identity.log);
    }
    await using ledger = await folder.open();
    taken(await once(ledger));
    await give(ledger, other);
    expect(ledger.assurance.doubt).toEqual({ code: "forked" });
    expect(await ledger.openNext()).toMatchObject({ code: "root-needed" });
    const header = await ask(ledger);
    expect(xOf(header)["previous"]).toMatchObject({ size: 2 });
    await ledger.takeRoot(answer(header));
    taken(await once(ledger));
  });

  it("closes two logs that were opened at once", async () => {
    using folder = await ledgerFolder();
    using copy = elsewhere(folder);
    let other: Uint8Array[];
    let second: string;
    {
      await using ledger = await copy.open();
      await ledger.openNext();
      taken(await once(ledger));
      second = ledger.identity.log;
      other = await framesOf(ledger, second);
    }
    await using ledger = await folder.open();
    await ledger.openNext();
    const first = ledger.identity.log;
    taken(await once(ledger));
    await give(ledger, other);
    expect(await once(ledger)).toMatchObject({ ok: false, code: "own-log-unsure" });
    expect(await ledger.openNext()).toMatchObject({ code: "root-needed" });
    const header = await ask(ledger);
    expect(xOf(header)).toMatchObject({
      previous: { log: first, size: 2 },
      also: [{ log: second, size: 2 }],
    });
    await ledger.takeRoot(answer(header));
    taken(await once(ledger));
    const peer = createReplica(network);
    await pull(peer, ledger);
    const past = peer.pasts.of(ledger.identity.log, 1);
    expect([past(first), past(second)]).toEqual([1, 1]);
  });

  it("goes on from its own log where the root opened another one from an older copy", async () => {
    using folder = await ledgerFolder();
    using copy = elsewhere(folder);
    let other: Uint8Array[];
    let byRoot: string;
    {
      await using ledger = await copy.open();
      await ledger.takeRoot(answer(await ask(ledger)));
      byRoot = ledger.identity.log;
      other = await framesOf(ledger, byRoot);
    }
    await using ledger = await folder.open();
    await ledger.openNext();
    taken(await once(ledger));
    const { log } = ledger.identity;
    await give(ledger, other);
    expect(ledger.assurance.doubt).toEqual({ code: "forked" });
    const header = await ask(ledger);
    expect(xOf(header)).toMatchObject({ previous: { log, size: 2 }, also: [{ log: byRoot, size: 1 }] });
    await ledger.takeRoot(answer(header));
    taken(await once(ledger));
  });

  it("closes its own log at its last good size though a stolen log key has closed it earlier, and is stopped by nothing that key opens", async () => {
    using folder = await ledgerFolder();
    using copy = elsewhere(folder);
    let theirs: Uint8Array[];
    let later: Uint8Array[];
    {
      await using thief = await copy.open();
      await thief.openNext();
      taken(await once(thief));
      theirs = await framesOf(thief, thief.identity.log);
    }
    using again = elsewhere(folder);
    {
      await using thief = await again.open();
      await thief.openNext();
      later = await framesOf(thief, thief.identity.log);
    }
    await using ledger = await folder.open();
    for (let count = 0; count < 3; count++) taken(await once(ledger));
    await give(ledger, theirs);
    expect(ledger.assurance.doubt).toEqual({ code: "superseded" });
    const { log } = ledger.identity;
    const header = await ask(ledger, { closeAt: 3 });
    expect(xOf(header)["previous"]).toMatchObject({ log, size: 3 });
    expect(xOf(header)["also"]).toBeUndefined();
    await ledger.takeRoot(answer(header));
    taken(await once(ledger));
    // Another log by the old key, after that.
    await give(ledger, later);
    expect(ledger.assurance.doubt).toBeNull();
    taken(await once(ledger));
    expect(await ledger.openNext()).toMatchObject({ previous: { size: 3 } });
    taken(await once(ledger));
  });

  it("keeps what a stolen log key signs beside it from being in doubt: it is named, with what settled it", async () => {
    using folder = await ledgerFolder("orchard");
    await using ledger = await folder.open();
    const thistle = createAuthor(network.net, "millrace");
    const kept = thistle.write({ type: "challenge.shared" });
    thistle.write();
    const frames = [thistle.frame(0, 1), thistle.frame(1, 3)];
    const beside = createAuthor(network.net, "millrace");
    beside.write({ type: "challenge.shared", x: { externalId: "another" } });
    beside.write();
    for (const frame of [...frames, beside.frame(1, 3)]) await give(ledger, [formatFrame(frame)]);
    const about = () =>
      ledger.rounds.append(append([draft({ type: "help.offered", subject: unpin(kept), x: {} })]));
    expect(await about()).toMatchObject({ ok: false, code: "in-doubt" });
    const next = createAuthor(network.net, "millrace", {
      log: "nextnextnextnextnextnA",
      at: [thistle.header(2).at[0] + 1, 0],
      opening: {
        keys: [toMultikey(publicKeyBytes(testKey("millrace other log")))],
        previous: { log: thistle.log, size: 3, root: toB64u(rootAt(thistle)) },
      },
    });
    await give(ledger, [formatFrame(next.frame(0, 1))]);
    const refs = taken(await about()).refs;
    expect(refs).toHaveLength(1);
    const { logs } = ledger.rounds.held.replica;
    const seq = (logs.get(ledger.identity.log)?.held ?? 0) - 1;
    const past = ledger.rounds.held.replica.pasts.of(ledger.identity.log, seq);
    expect([past(thistle.log), past(next.log)]).toEqual([2, 0]);
  });
});
