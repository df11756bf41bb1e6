// Goal: what the ledger promises its own node, over a real nats-server: two nodes exchange everything through the endpoints
// alone, and its listeners hear of it.

import {
  AppendReply,
  AppendRequest,
  CheckpointsReply,
  CheckpointsRequest,
  type HeadNotice,
  HeadsReply,
  IngestReply,
  KeepPayloadsReply,
  KeepPayloadsRequest,
  LedgerStatus,
  MissingPayloadsReply,
  MissingPayloadsRequest,
  PayloadsReply,
  PayloadsRequest,
  ProofReply,
  ProofRequest,
  ReadReply,
  ReadRequest,
  RecallReply,
  RecallRequest,
  SignReply,
  SignRequest,
  type TextsNotice,
} from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus, BusMessage } from "@handfast/bus/bus";
import { decodeJson, encodeJson, type Schema } from "@handfast/bus/json";
import { fromB64u, toB64u, toBytes } from "@handfast/protocol/bytes";
import { statementMessage } from "@handfast/protocol/federation";
import { parseFrame } from "@handfast/protocol/frame";
import { startHomeBus } from "@handfast/testkit/nats-server";
import { testStateDir } from "@handfast/testkit/state-folder";
import { parseCheckpoint } from "@handfast/tlog/checkpoint";
import { verify } from "@handfast/tlog/ed25519";
import { rootsFromConsistencyProof } from "@handfast/tlog/proofs";
import { describe, expect, it } from "vitest";
import { filesIn, readLogKey } from "../src/files.ts";
import { startLedger } from "../src/service.ts";
import { append, draft, ledgerFolder, network, startMs, taken } from "./node.ts";

const timeoutMs = 5_000;
const raw = async (bus: Bus, verb: string, data: Uint8Array): Promise<Uint8Array> =>
  (await bus.request(subjects.service("ledger", verb), data, { timeoutMs })).data;

/** Asks as a service does; both shapes are checked here, since the ledger's replies are its promise. */
async function ask<Request extends object, Reply>(
  bus: Bus,
  verb: string,
  [requests, replies]: readonly [Schema<Request>, Schema<Reply>],
  request: Request,
): Promise<Reply> {
  expect(requests.safeParse(request).success).toBe(true);
  const reply = decodeJson(replies, await raw(bus, verb, encodeJson(request)));
  if (!reply.ok) throw new Error(`${verb} answered in another shape`, { cause: reply.error });
  return reply.value;
}

/** A partner's node as far as its ledger: own folder, own nats-server. */
async function startNode(name: string) {
  const cleanup = new AsyncDisposableStack();
  const folder = cleanup.use(await ledgerFolder(name));
  const home = cleanup.use(await startHomeBus(name));
  const ledger = cleanup.use(
    await startLedger(
      { dir: folder.dir, stateDir: testStateDir(), charter: network.bytes },
      { bus: home.bus, now: () => startMs },
    ),
  );
  const bus = await home.connect("test");
  return { folder, bus, ledger, [Symbol.asyncDispose]: () => cleanup.disposeAsync() };
}
type Node = Awaited<ReturnType<typeof startNode>>;

const range = (node: Node, log: string, from: number, limit = 1_024): Promise<Uint8Array> =>
  raw(node.bus, "range", toBytes(JSON.stringify({ net: network.net, log, from, limit })));
const ingest = async (node: Node, frame: Uint8Array): Promise<IngestReply> =>
  IngestReply.parse(JSON.parse(new TextDecoder().decode(await raw(node.bus, "ingest", frame))));
const heads = async (node: Node) =>
  HeadsReply.parse(JSON.parse(new TextDecoder().decode(await raw(node.bus, "heads", toBytes("{}")))));

/** Brings all of one node's own log to another. */
async function pull(from: Node, to: Node): Promise<void> {
  const { log } = from.ledger.identity;
  const { logs } = await heads(from);
  const size = logs.find((each) => each.log === log)?.size ?? 0;
  for (let at = 0; at < size; ) {
    const reply = await ingest(to, await range(from, log, at));
    if (!reply.ok) throw new Error(JSON.stringify(reply));
    at = reply.size;
  }
}

describe("two ledgers", () => {
  it("exchange entries and texts through their endpoints, and tell who listens", async () => {
    await using orchard = await startNode("orchard");
    await using millrace = await startNode("millrace");
    const { log } = orchard.ledger.identity;
    const notices: HeadNotice[] = [];
    const texts: TextsNotice[] = [];
    const json = ({ data }: BusMessage) => JSON.parse(new TextDecoder().decode(data));
    const batches: BusMessage[] = [];
    for (const { bus } of [orchard, millrace])
      bus.subscribe(subjects.headNotice, (message) => void notices.push(json(message)));
    millrace.bus.subscribe(subjects.textsNotice, (message) => void texts.push(json(message)));
    millrace.bus.subscribe(subjects.batchNotice, (message) => void batches.push(message));
    orchard.bus.subscribe(subjects.batchNotice, (message) => void batches.push(message));
    await Promise.all([orchard.bus.flush(), millrace.bus.flush()]);

    const key = toB64u(new Uint8Array(32).fill(1));
    const request = append([draft({ body: { text: "by Friday" } }), draft()], { key, request: key });
    const { refs } = taken(await ask(orchard.bus, "append", [AppendRequest, AppendReply], request));
    expect(
      await ask(orchard.bus, "recall", [RecallRequest, RecallReply], { key, request: key }),
    ).toMatchObject({ refs });
    const never = { key: toB64u(new Uint8Array(32)), request: key };
    expect(await ask(orchard.bus, "recall", [RecallRequest, RecallReply], never)).toBeNull();

    await pull(orchard, millrace);
    expect((await heads(millrace)).logs.find((each) => each.log === log)).toEqual(
      (await heads(orchard)).logs.find((each) => each.log === log),
    );
    const read = [ReadRequest, ReadReply] as const;
    const there = await ask(millrace.bus, "read", read, { after: 1, limit: 9 });
    const here = await ask(orchard.bus, "read", read, { after: 0, limit: 9 });
    expect(there.entries.map(({ header }) => header)).toEqual(here.entries.map(({ header }) => header));
    expect(there.entries.map(({ position }) => position)).toEqual([2, 3, 4]);

    const missing = await ask(
      millrace.bus,
      "missing-payloads",
      [MissingPayloadsRequest, MissingPayloadsReply],
      { after: 0, limit: 9 },
    );
    expect(missing.refs).toEqual([refs[0]?.split("@")[0]]);
    const payloads = [PayloadsRequest, PayloadsReply] as const;
    const given = (await ask(orchard.bus, "payloads", payloads, { refs: missing.refs })).payloads[0];
    if (given === undefined || !("body" in given)) throw new Error("no payload");
    const keep = [KeepPayloadsRequest, KeepPayloadsReply] as const;
    const forged = { ...given, body: toB64u(toBytes('{"text":"by Monday"}')) };
    expect(await ask(millrace.bus, "keep-payloads", keep, { payloads: [forged] })).toEqual({
      kept: 0,
      refused: [{ ref: given.ref, code: "payload-mismatch" }],
    });
    expect((await ask(millrace.bus, "payloads", payloads, { refs: missing.refs })).payloads).toEqual([
      { ref: given.ref, state: "not-held" },
    ]);
    expect(await ask(millrace.bus, "keep-payloads", keep, { payloads: [given] })).toEqual({
      kept: 1,
      refused: [],
    });
    const again = await ask(millrace.bus, "payloads", payloads, {
      refs: [given.ref, `${log}.2`, `${log}.9`],
    });
    expect(again.payloads).toEqual([
      given,
      { ref: `${log}.2`, state: "unknown" },
      { ref: `${log}.9`, state: "unknown" },
    ]);
    expect(new TextDecoder().decode(fromB64u(given.body) ?? new Uint8Array())).toBe('{"text":"by Friday"}');

    await Promise.all([orchard.bus.flush(), millrace.bus.flush()]);
    expect(notices).toEqual([
      { position: 3, isOwn: true },
      { position: 2, isOwn: false },
      { position: 4, isOwn: false },
    ]);
    expect(texts).toEqual([{ refs: [given.ref] }]);
    const frames = batches.map(({ data, headers }) => ({
      frame: parseFrame(data),
      isOwn: headers["Hf-Own"] === "1",
    }));
    expect(
      frames.map(({ frame, isOwn }) => ("malformed" in frame ? frame : [frame.from, frame.to, isOwn])),
    ).toEqual([
      [1, 3, true],
      [0, 1, false],
      [1, 3, false],
    ]);
  });

  it("prove that a log only grew, and serve every checkpoint of their own", async () => {
    await using orchard = await startNode("orchard");
    const { log, net } = orchard.ledger.identity;
    for (let count = 0; count < 6; count++)
      taken(await ask(orchard.bus, "append", [AppendRequest, AppendReply], append([draft(), draft()])));
    const { notes } = await ask(orchard.bus, "checkpoints", [CheckpointsRequest, CheckpointsReply], {
      log,
      after: 1,
      limit: 9,
    });
    expect(notes.map(({ size }) => size)).toEqual([3, 5, 7, 9, 11, 13]);
    const roots = notes.map(({ note }) => {
      const parsed = parseCheckpoint(note);
      return parsed.ok ? Buffer.from(parsed.checkpoint.root).toString("base64") : parsed.reason;
    });
    const proof = await ask(orchard.bus, "proof", [ProofRequest, ProofReply], { log, from: 5, to: 11 });
    const hashes = proof.proof.map((hash) => new Uint8Array(Buffer.from(hash, "base64")));
    const ends = rootsFromConsistencyProof(5, 11, hashes);
    if (!ends.ok) throw new Error(ends.reason);
    expect(Buffer.from(ends.oldRoot).toString("base64")).toBe(roots[1]);
    expect(proof.oldRoot).toBe(roots[1]);
    expect(Buffer.from(ends.newRoot).toString("base64")).toBe(roots[4]);
    expect(new TextDecoder().decode(await range(orchard, "A".repeat(22), 0))).toContain("unknown-log");
    expect(new TextDecoder().decode(await range(orchard, log, 13))).toContain('"gap"');
    const status = LedgerStatus.parse(
      JSON.parse(new TextDecoder().decode(await raw(orchard.bus, "status", toBytes("{}")))),
    );
    expect(status).toEqual({
      net,
      partner: orchard.ledger.identity.partner,
      log,
      size: 13,
      position: 13,
      writing: "open",
      damagedTexts: 0,
      doubt: null,
      clock: { aheadOfPeersMs: 0, lastEntryAheadMs: 0 },
      waiting: { entries: 0, bytes: 0 },
      forks: [],
    });
  });

  it("sign statements by the log key, under their own label", async () => {
    await using orchard = await startNode("orchard");
    const request = { kind: "grant", text: "{}" } as const;
    const { sig } = await ask(orchard.bus, "sign", [SignRequest, SignReply], request);
    const { key } = readLogKey(filesIn(orchard.folder.dir).logKey);
    expect(verify(key.publicKey, statementMessage("grant", "{}"), fromB64u(sig) ?? new Uint8Array())).toBe(
      true,
    );
    expect(verify(key.publicKey, statementMessage("join", "{}"), fromB64u(sig) ?? new Uint8Array())).toBe(
      false,
    );
  });

  it("answer nonsense with its code", async () => {
    await using orchard = await startNode("orchard");
    for (const verb of ["append", "read", "payloads", "range", "proof", "checkpoints"])
      expect(new TextDecoder().decode(await raw(orchard.bus, verb, toBytes("nonsense"))), verb).toMatch(
        /"code":"(malformed|schema)"/,
      );
    expect(await ingest(orchard, toBytes("nonsense"))).toMatchObject({ ok: false, code: "malformed" });
  });

  it("send long texts and many entries in as many messages as it takes", async () => {
    await using orchard = await startNode("orchard");
    const long = append(Array.from({ length: 3 }, () => draft({ body: { text: "t".repeat(200_000) } })));
    const { refs } = taken(await ask(orchard.bus, "append", [AppendRequest, AppendReply], long));
    const wanted = refs.map((ref) => ref.split("@")[0] as string);
    const first = await ask(orchard.bus, "payloads", [PayloadsRequest, PayloadsReply], { refs: wanted });
    expect(first.payloads.map(({ ref }) => ref)).toEqual(wanted.slice(0, 2));
    const wide = append(Array.from({ length: 64 }, () => draft({ x: { note: "n".repeat(2_000) } })));
    for (let count = 0; count < 10; count++)
      taken(await ask(orchard.bus, "append", [AppendRequest, AppendReply], wide));
    const page = await ask(orchard.bus, "read", [ReadRequest, ReadReply], { after: 0, limit: 1_000 });
    expect(page.entries.length).toBeLessThan(page.head);
    expect(page.head).toBe(644);
  });
});
