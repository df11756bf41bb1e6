// Goal: a folder that may not be the newest signs nothing, and finds its way back without a second history. Method: real folders,
// put back from older moments, copied and moved, with and without the fence of this host; peers are told of, or are replicas.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempDisposableSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseFrame } from "@handfast/protocol/frame";
import { type PartnerId, splitRef } from "@handfast/protocol/ids";
import { createReplica, type Replica } from "@handfast/replica/replica";
import { partnerIdOf } from "@handfast/testkit/author";
import { testStateDir } from "@handfast/testkit/state-folder";
import { describe, expect, it } from "vitest";
import { copyLedger } from "../src/copy-ledger.ts";
import { createEndpoints } from "../src/endpoints.ts";
import { type OpenLedger, openLedger } from "../src/ledger.ts";
import { createFences } from "../src/own-fence.ts";
import { append, draft, ledgerFolder, network, startMs, type TestFolder, taken } from "./node.ts";

const own = "orchard";
const refused = { ok: false, code: "own-log-unsure" };

async function write(folder: TestFolder, count: number): Promise<string[]> {
  await using ledger = await folder.open();
  const refs: string[] = [];
  for (let done = 0; done < count; done++)
    refs.push(...taken(await ledger.rounds.append(append([draft()]))).refs);
  return refs;
}
const once = (ledger: OpenLedger) => ledger.rounds.append(append([draft()]));
/** What a peer that holds everything so far says. */
const frames = async (ledger: OpenLedger): Promise<Uint8Array[]> => {
  const { log } = ledger.identity;
  const { range } = createEndpoints(ledger);
  const all: Uint8Array[] = [];
  for (let from = 0; from < (ledger.served.get(log)?.edge.size ?? 0); ) {
    const bytes = (await range({ net: network.net, log, from, limit: 64 })) as Uint8Array;
    const frame = parseFrame(bytes);
    if ("malformed" in frame) throw new Error(frame.malformed);
    all.push(bytes);
    from = frame.to;
  }
  return all;
};
const give = async (ledger: OpenLedger, given: readonly Uint8Array[]): Promise<void> => {
  for (const bytes of given) await createEndpoints(ledger).ingest(bytes);
};
const headOf = (ledger: OpenLedger) => {
  const { log } = ledger.identity;
  const edge = ledger.served.get(log)?.edge;
  return { log, size: edge?.size ?? 0, note: edge?.note ?? "" };
};
const peers = (...heads: readonly { log: string; size: number; note?: string }[]) => ({
  links: 1,
  isSettled: true,
  peers: [{ skewMs: null, partner: "z6MkpeerpeerpeerpeerpeerpeerpeerpeerpeerpeerpeEr", heads: [...heads] }],
});
/** A node that has taken what this ledger serves, every root checked. */
async function pull(peer: Replica, ledger: OpenLedger): Promise<void> {
  for (const { log, size } of createEndpoints(ledger).heads().logs)
    for (let from = peer.logs.get(log)?.held ?? 0; from < size; ) {
      const bytes = await createEndpoints(ledger).range({ net: network.net, log, from, limit: 64 });
      const frame = parseFrame(bytes as Uint8Array);
      if ("malformed" in frame) throw new Error(frame.malformed);
      const [outcome] = peer.receive([frame], startMs).outcomes;
      expect(outcome).toMatchObject({ kind: "taken" });
      from = frame.to;
    }
}

describe("a folder that this host saw last", () => {
  it("goes on at once, without anybody to ask", async () => {
    using folder = await ledgerFolder(own);
    await write(folder, 3);
    await write(folder, 2);
    await using ledger = await folder.open();
    expect(ledger.assurance.doubt).toBeNull();
  });

  it("goes on where the fence is a little behind, as after a kill between the two", async () => {
    using folder = await ledgerFolder(own);
    await write(folder, 2);
    copyFileSync(folder.fence, join(folder.dir, "kept"));
    await write(folder, 3);
    copyFileSync(join(folder.dir, "kept"), folder.fence);
    await write(folder, 1);
  });

  it("stops where the fence cannot be written, before anybody is told", async () => {
    using folder = await ledgerFolder(own);
    await using ledger = await folder.open();
    const fault = new Error("no fence");
    (ledger.own as { fence: unknown }).fence = {
      set: () => Promise.reject(fault),
      [Symbol.asyncDispose]: async () => {},
    };
    expect(await once(ledger)).toEqual({ ok: false, code: "outcome-unknown" });
    expect(await ledger.rounds.fatal).toMatchObject({ code: "fatal", exitCode: 70 });
    expect(createEndpoints(ledger).heads().logs[0]?.size).toBe(1);
  });

  it("is not opened with its state inside it, nor where the state cannot be written", async () => {
    using folder = await ledgerFolder(own);
    const charter = network.bytes;
    const at = (stateDir: string) => openLedger({ dir: folder.dir, stateDir, charter });
    await expect(at(join(folder.dir, "state"))).rejects.toMatchObject({ code: "state-folder", exitCode: 2 });
    writeFileSync(join(folder.dir, "file"), "");
    using elsewhere = mkdtempDisposableSync(join(tmpdir(), "handfast-state-"));
    writeFileSync(join(elsewhere.path, "file"), "");
    await expect(at(join(elsewhere.path, "file", "state"))).rejects.toMatchObject({
      code: "state-folder",
      hint: expect.stringContaining("HANDFAST_STATE_DIR"),
    });
  });
});

describe("a folder put back from an older moment", () => {
  /** The folder as it was after two entries, in the place of the one with five; what a peer holds of the five. */
  async function putBack(folder: TestFolder): Promise<Uint8Array[]> {
    await write(folder, 2);
    const old = `${folder.dir}-old`;
    cpSync(folder.dir, old, { recursive: true });
    await write(folder, 3);
    let held: Uint8Array[];
    {
      await using ledger = await folder.open();
      held = await frames(ledger);
    }
    rmSync(folder.dir, { recursive: true });
    renameSync(old, folder.dir);
    return held;
  }

  it("signs nothing, and reads and replicates on", async () => {
    using folder = await ledgerFolder(own);
    await putBack(folder);
    await using ledger = await folder.open();
    expect(ledger.assurance.doubt).toEqual({ code: "behind-fence", size: 6 });
    expect(await once(ledger)).toMatchObject({ ...refused, detail: expect.stringContaining("6 entries") });
    expect((await createEndpoints(ledger).read({ after: 0, limit: 9 })).entries).toHaveLength(3);
    // Nobody's word helps but that of somebody who holds what is missing.
    await ledger.assurance.hear(peers({ log: ledger.identity.log, size: 3 }));
    expect(await ledger.assurance.confirm()).toBe(false);
    expect(await once(ledger)).toMatchObject(refused);
  });

  it("goes on in the same log when a peer gives back all that this host had signed", async () => {
    using folder = await ledgerFolder(own);
    const held = await putBack(folder);
    {
      await using ledger = await folder.open();
      await give(ledger, held.slice(0, -1));
      expect(ledger.assurance.doubt).not.toBeNull();
      await give(ledger, held);
      expect(ledger.assurance.doubt).toBeNull();
      const [ref] = taken(await once(ledger)).refs;
      expect(splitRef(ref as string).seq).toBe(6);
    }
    await write(folder, 1);
  });

  it("closes what is left of the log, and goes on in the next one", async () => {
    using folder = await ledgerFolder(own);
    await putBack(folder);
    const peer = createReplica(network);
    const first = await (async () => {
      await using ledger = await folder.open();
      const { log } = ledger.identity;
      expect(await ledger.openNext()).toMatchObject({ previous: { log, size: 3 } });
      expect(ledger.identity.log).not.toBe(log);
      taken(await once(ledger));
      await pull(peer, ledger);
      return log;
    })();
    await using again = await folder.open();
    expect(again.assurance.doubt).toBeNull();
    taken(await once(again));
    await pull(peer, again);
    const { log } = again.identity;
    expect([peer.logs.get(first)?.held, peer.logs.get(log)?.held]).toEqual([3, 3]);
    expect(peer.pasts.of(log, 2)(first)).toBe(2);
    expect(
      await createEndpoints(again).range({ net: network.net, log: first, from: 1, limit: 9 }),
    ).toBeInstanceOf(Uint8Array);
  });

  it("together with its fence is noticed as soon as a peer proves more", async () => {
    using folder = await ledgerFolder(own);
    await write(folder, 2);
    copyFileSync(join(folder.dir, "log.db"), join(folder.dir, "kept"));
    copyFileSync(folder.fence, join(folder.dir, "kept-fence"));
    await write(folder, 3);
    let held: Uint8Array[];
    let head: ReturnType<typeof headOf>;
    {
      await using ledger = await folder.open();
      held = await frames(ledger);
      head = headOf(ledger);
    }
    copyFileSync(join(folder.dir, "kept"), join(folder.dir, "log.db"));
    copyFileSync(join(folder.dir, "kept-fence"), folder.fence);
    await using ledger = await folder.open();
    expect(ledger.assurance.doubt).toBeNull();
    // Anybody can claim; only our own key proves.
    await ledger.assurance.hear(
      peers({ log: head.log, size: 99 }, { ...head, size: 98, note: head.note.replace("6", "9") }),
    );
    expect(ledger.assurance.doubt).toBeNull();
    await ledger.assurance.hear(peers(head));
    expect(await once(ledger)).toMatchObject(refused);
    await give(ledger, held);
    expect(ledger.assurance.doubt).toEqual({ code: "peer-has-more", size: 6 });
    expect(await ledger.openNext()).toMatchObject({ previous: { log: head.log, size: 6 } });
    taken(await once(ledger));
    const peer = createReplica(network);
    await pull(peer, ledger);
    expect(peer.pasts.of(ledger.identity.log, 0)(head.log)).toBe(5);
  });
});

describe("the opening of a next log that was cut off", () => {
  const keyIn = (folder: TestFolder, name: string): string => join(folder.dir, "keys", name);

  it("before it was durable never happened: the log goes on", async () => {
    using folder = await ledgerFolder(own);
    await write(folder, 1);
    const begun = JSON.parse(readFileSync(keyIn(folder, "log.json"), "utf8")) as { log: string };
    const text = JSON.stringify({ ...begun, log: "B".repeat(22) });
    for (const left of [text, text.slice(0, 40)]) {
      writeFileSync(keyIn(folder, "log.next.json"), left, { mode: 0o600 });
      await using ledger = await folder.open();
      expect(ledger.identity.log).toBe(begun.log);
      taken(await once(ledger));
    }
    expect(existsSync(keyIn(folder, "log.next.json"))).toBe(false);
  });

  it("after it was durable is finished by the next start, with its fence", async () => {
    using folder = await ledgerFolder(own);
    await write(folder, 1);
    copyFileSync(keyIn(folder, "log.json"), keyIn(folder, "kept"));
    let next: string;
    {
      await using ledger = await folder.open();
      await ledger.openNext();
      next = ledger.identity.log;
    }
    renameSync(keyIn(folder, "log.json"), keyIn(folder, "log.next.json"));
    renameSync(keyIn(folder, "kept"), keyIn(folder, "log.json"));
    await using ledger = await folder.open();
    expect([ledger.identity.log, ledger.assurance.doubt]).toEqual([next, null]);
    taken(await once(ledger));
  });
});

describe("a folder that this host did not see", () => {
  it.each([
    ["whose fence is gone", (folder: TestFolder) => rmSync(folder.fence), "no-fence"],
    ["whose fence is unreadable", (folder: TestFolder) => writeFileSync(folder.fence, "hello"), "no-fence"],
    [
      "that was copied",
      (folder: TestFolder) => {
        cpSync(folder.dir, `${folder.dir}-copy`, { recursive: true });
        rmSync(folder.dir, { recursive: true });
        renameSync(`${folder.dir}-copy`, folder.dir);
      },
      "other-place",
    ],
  ])("%s waits for a peer that holds no more, and is known from then on", async (_what, change, code) => {
    using folder = await ledgerFolder(own);
    await write(folder, 2);
    change(folder);
    {
      await using ledger = await folder.open();
      expect(ledger.assurance.doubt).toEqual({ code });
      expect(await once(ledger)).toMatchObject(refused);
      const { log } = ledger.identity;
      await ledger.assurance.hear({ links: 0, peers: [], isSettled: true });
      await ledger.assurance.hear({ ...peers({ log, size: 3 }), isSettled: false });
      await ledger.assurance.hear(peers({ log, size: 4 }));
      expect(await once(ledger)).toMatchObject(refused);
      await ledger.assurance.hear(peers({ log, size: 3 }));
      taken(await once(ledger));
    }
    await write(folder, 1);
  });

  it("goes on when its operator says that it is the newest", async () => {
    using folder = await ledgerFolder(own);
    rmSync(folder.fence);
    await using ledger = await folder.open();
    expect(await ledger.assurance.confirm()).toBe(true);
    taken(await once(ledger));
  });

  it("that is a copy made while its ledger ran never goes on in its log", async () => {
    using folder = await ledgerFolder(own);
    using copy = mkdtempDisposableSync(join(tmpdir(), "handfast-ledger-"));
    await using ledger = await folder.open();
    taken(await once(ledger));
    cpSync(join(folder.dir, "keys"), join(copy.path, "keys"), { recursive: true });
    expect(await copyLedger(folder.dir, copy.path)).toBe(2);
    const at = { dir: copy.path, stateDir: `${copy.path}-state`, charter: network.bytes };
    await using opened = await openLedger(at, { now: () => startMs });
    expect(opened.assurance.doubt).toEqual({ code: "copy" });
    const { log } = opened.identity;
    expect(await opened.assurance.confirm()).toBe(false);
    expect(await opened.assurance.hear({ links: 1, peers: [], isSettled: true })).toBe("wait");
    expect(await opened.assurance.hear(peers({ log, size: 2 }))).toBe("open-next");
    expect(await opened.openNext()).toMatchObject({ previous: { log, size: 2 } });
    taken(await once(opened));
    rmSync(at.stateDir, { recursive: true, force: true });
  });

  it("is kept out while its original runs on this host", async () => {
    using folder = await ledgerFolder(own);
    using copy = mkdtempDisposableSync(join(tmpdir(), "handfast-ledger-"));
    cpSync(folder.dir, copy.path, { recursive: true });
    await using _ledger = await folder.open();
    const opening = openLedger({ dir: copy.path, stateDir: testStateDir(), charter: network.bytes });
    await expect(opening).rejects.toMatchObject({ code: "locked", exitCode: 73 });
  });

  it("of a partner that went on elsewhere writes in its next log only", async () => {
    using folder = await ledgerFolder(own);
    using copy = mkdtempDisposableSync(join(tmpdir(), "handfast-ledger-"));
    cpSync(folder.dir, copy.path, { recursive: true });
    let later: Uint8Array[];
    {
      await using ledger = await folder.open();
      await ledger.openNext();
      taken(await once(ledger));
      later = await frames(ledger);
    }
    const charter = network.bytes;
    await using ledger = await openLedger(
      { dir: copy.path, stateDir: testStateDir(), charter },
      { now: () => startMs },
    );
    await give(ledger, later);
    expect(ledger.assurance.doubt).toEqual({ code: "superseded" });
    const next = await ledger.openNext();
    expect(next).toMatchObject({ previous: { size: 2 } });
    taken(await once(ledger));
  });
});

describe("a clock", () => {
  const members = ["millrace", "ferry", "orchard"].map(partnerIdOf);
  const at = (skewsMs: readonly number[], partners: readonly PartnerId[] = members) => ({
    links: skewsMs.length,
    isSettled: true,
    peers: skewsMs.map((skewMs, index) => ({ partner: partners[index] as PartnerId, skewMs, heads: [] })),
  });

  it("ahead of the median of the peers' clocks signs nothing, until it is set", async () => {
    using folder = await ledgerFolder(own);
    await using ledger = await folder.open();
    const answerAt = async (...skewsMs: readonly number[]) => {
      await ledger.assurance.hear(at(skewsMs));
      return once(ledger);
    };
    expect(await answerAt(-121_000)).toMatchObject({ ok: false, code: "clock-apart" });
    expect(createEndpoints(ledger).status().clock.aheadOfPeersMs).toBe(121_000);
    expect(await answerAt(-600_000, -500_000, -3)).toMatchObject({ ok: false, code: "clock-apart" });
    for (const skews of [[], [-119_000], [600_000], [-600_000, 2], [-600_000, 2, 5]])
      taken(await answerAt(...skews));
  });

  it("is compared with those of members, one each: neither a newcomer nor a second link stops a node", async () => {
    using folder = await ledgerFolder(own);
    await using ledger = await folder.open();
    const [millrace, ferry] = members as [PartnerId, PartnerId];
    const newcomers = ["thistle", "quarry", "mason"].map(partnerIdOf);
    const far = -600_000;
    await ledger.assurance.hear(at([far, far, far], newcomers));
    taken(await once(ledger));
    await ledger.assurance.hear(at([far, far, 2], [...newcomers.slice(0, 2), millrace]));
    taken(await once(ledger));
    await ledger.assurance.hear(at([far, far, 2], [ferry, ferry, millrace]));
    taken(await once(ledger));
  });

  it("that was ahead leaves what lies ahead behind in a new log, whose entries others take", async () => {
    using folder = await ledgerFolder(own);
    const day = 86_400_000;
    {
      await using ledger = await folder.open({ now: () => startMs + 1_000 });
      taken(await once(ledger));
    }
    {
      await using ledger = await folder.open({ now: () => startMs + 3 * day });
      taken(await once(ledger));
    }
    const now = () => startMs + 2_000;
    await using ledger = await folder.open({ now });
    expect(await once(ledger)).toMatchObject({
      ok: false,
      code: "clock-ahead",
      detail: expect.stringContaining("log new"),
    });
    expect(createEndpoints(ledger).status().clock.lastEntryAheadMs).toBe(3 * day - 2_000);
    expect(await ledger.openNext()).toMatchObject({ previous: { size: 2 } });
    taken(await once(ledger));
    const peer = createReplica(network);
    const { log } = ledger.identity;
    for (const { log: each } of createEndpoints(ledger).heads().logs) {
      for (const from of [0, 1]) {
        const bytes = await createEndpoints(ledger).range({ net: network.net, log: each, from, limit: 1 });
        const frame = parseFrame(bytes as Uint8Array);
        if (!("malformed" in frame)) peer.receive([frame], now());
      }
    }
    expect(peer.logs.get(log)?.held).toBe(2);
  });
});

it("is read up to what was told while the first entry of a next log waits for its fence", async () => {
  using folder = await ledgerFolder();
  const fences = createFences(dirname(folder.fence), folder.dir);
  const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let opened = 0;
  const slow: typeof fences = {
    ...fences,
    open: (log, binding) => {
      const fence = fences.open(log, binding);
      opened += 1;
      if (opened === 1) return fence;
      const set: typeof fence.set = async (state) => {
        if (state.size === 1) {
          begun.resolve();
          await released.promise;
        }
        await fence.set(state);
      };
      return { ...fence, set, [Symbol.asyncDispose]: () => fence[Symbol.asyncDispose]() };
    },
  };
  await using ledger = await folder.open({ fences: slow });
  using _atTheEnd = { [Symbol.dispose]: () => released.resolve() };
  const { read } = createEndpoints(ledger);
  const opening = ledger.openNext();
  await begun.promise;
  expect(await read({ after: 0, limit: 8 })).toMatchObject({ entries: [{ position: 1 }], head: 1 });
  released.resolve();
  await opening;
  expect(await read({ after: 0, limit: 8 })).toMatchObject({
    entries: [{ position: 1 }, { position: 2 }],
    head: 2,
  });
});
