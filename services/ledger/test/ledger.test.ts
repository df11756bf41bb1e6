// Goal: what is appended is exactly what was decided: heads compared, parents chosen, references put in, times above all they
// come after, one batch for all that wait; and a key is answered once. Method: a ledger in a folder, without a bus.
import { budgets } from "@handfast/protocol/budgets";
import { type Frame, parseFrame } from "@handfast/protocol/frame";
import { compareAt, type Header, parseHeader } from "@handfast/protocol/header";
import { hashOf, type PinnedRef, pin, refOf, unpin } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { createReplica } from "@handfast/replica/replica";
import { type Author, createAuthor } from "@handfast/testkit/author";
import { eventually } from "@handfast/testkit/eventually";
import { describe, expect, it } from "vitest";
import { createEndpoints } from "../src/endpoints.ts";
import type { OpenLedger } from "../src/ledger.ts";
import type { Durable } from "../src/rounds.ts";
import { admitGuests, append, attestFounding, draft, ledgerFolder, network, startMs, taken } from "./node.ts";

const { net, charter } = network;
const key = (letter: string): string => `${letter.repeat(42)}A`;

async function headerOf(ledger: OpenLedger, ref: PinnedRef): Promise<Header> {
  const [bytes] = await ledger.stores.logs.read(
    ref.slice(0, 22),
    Number(unpin(ref).slice(23)),
    Number(unpin(ref).slice(23)) + 1,
  );
  const parsed = parseHeader(bytes ?? new Uint8Array());
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
}
const ingest = async (ledger: OpenLedger, author: Author, from: number, to: number) =>
  ledger.rounds.ingest(author.frame(from, to), 1);
const headsOf = (ledger: OpenLedger, subject: string) => [...ledger.rounds.held.heads.of(subject)];

describe("an append", () => {
  it("becomes entries that pass the gate, under a checkpoint that anyone can verify", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open();
    const { refs, position } = taken(await ledger.rounds.append(append([draft(), draft()])));
    expect([refs.length, position]).toEqual([2, 3]);
    const other = createReplica({ net, charter });
    for (const from of [0, 1]) {
      const bytes = await createEndpoints(ledger).range({ net, log: ledger.identity.log, from, limit: 9 });
      if (!(bytes instanceof Uint8Array)) throw new Error(bytes.detail);
      const frame = parseFrame(bytes);
      if ("malformed" in frame) throw new Error(frame.malformed);
      expect(other.receive([frame], startMs).outcomes[0]?.kind).toBe("taken");
    }
    expect(other.logs.get(ledger.identity.log)?.held).toBe(3);
  });

  it("puts in references to its own earlier entries where an event holds refs, and nowhere else", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open();
    const { refs } = taken(
      await ledger.rounds.append(
        append([
          draft({ type: "challenge.shared" }),
          draft({ type: "help.offered", subject: "#0", x: { part: "#0", externalId: "#1" } }),
          draft({
            type: "commitment.pledged",
            x: {
              origin: "#1",
              beneficiaries: ["network", "#0"],
              seat: { initiative: "#0" },
              criteria: ["#1"],
            },
          }),
          draft({ type: "commitment.accepted", subject: "#2", x: { terms: "#2@", other: "#1" } }),
          draft({
            type: "com.example.noted",
            x: { terms: "#1@" },
          }),
        ]),
      ),
    );
    expect(await headerOf(ledger, refs[1] as string)).toMatchObject({
      subject: unpin(refs[0] as string),
      x: { part: "#0", externalId: "#1" },
    });
    expect(await headerOf(ledger, refs[2] as string)).toMatchObject({
      x: {
        origin: unpin(refs[1] as string),
        beneficiaries: ["network", unpin(refs[0] as string)],
        seat: { initiative: unpin(refs[0] as string) },
        criteria: ["#1"],
      },
    });
    expect(await headerOf(ledger, refs[3] as string)).toMatchObject({ x: { terms: refs[2], other: "#1" } });
    expect(await headerOf(ledger, refs[4] as string)).toMatchObject({ x: { terms: "#1@" } });
  });

  it("names as parents what it relied on and nothing else reaches", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open();
    const [millrace, ferry] = [createAuthor(net, "millrace"), createAuthor(net, "ferry")];
    const { refs } = taken(await ledger.rounds.append(append([draft()])));
    const subject = unpin(refs[0] as string);
    // Both speak of it; ferry has seen what millrace wrote.
    millrace.write({
      type: "initiative.joined",
      subject,
      at: [startMs + 1, 0],
      parents: [refs[0] as string],
    });
    ferry.write({ type: "initiative.joined", subject, at: [startMs + 2, 0], parents: [millrace.ref(1)] });
    for (const author of [millrace, ferry]) {
      await ingest(ledger, author, 0, 1);
      expect(await ingest(ledger, author, 1, 2)).toMatchObject({ ok: true, accepted: 1 });
    }
    const heads = headsOf(ledger, subject);
    expect(heads).toEqual([ferry.ref(1)]);
    const reply = await ledger.rounds.append(
      append(
        [
          draft({ type: "commitment.declined", subject, x: { terms: millrace.ref(1) } }),
          draft({ type: "commitment.declined", subject, x: { terms: ferry.ref(1) } }),
        ],
        {
          expect: [{ subject, heads }],
        },
      ),
    );
    const [first, second] = await Promise.all(taken(reply).refs.map((ref) => headerOf(ledger, ref)));
    expect(first?.parents).toEqual([ferry.ref(1)]);
    expect(second?.parents).toEqual([]);
    expect(compareAt(first?.at ?? [0, 0], ferry.header(1).at)).toBeGreaterThan(0);
    expect(headsOf(ledger, subject)).toEqual([taken(reply).refs[1]]);
  });

  it("hands out what it wrote as a reader gets it, and the heads from then on", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open();
    const millrace = createAuthor(net, "millrace");
    const { refs } = taken(await ledger.rounds.append(append([draft()])));
    const subject = unpin(refs[0] as string);
    millrace.write({
      type: "initiative.joined",
      subject,
      at: [startMs + 1, 0],
      parents: [refs[0] as string],
    });
    for (const from of [0, 1]) await ingest(ledger, millrace, from, from + 1);
    const replies = await Promise.all([
      ledger.rounds.append(
        append([draft({ subject }), draft({ subject })], {
          expect: [{ subject, heads: headsOf(ledger, subject) }],
        }),
      ),
      ledger.rounds.append(append([draft()])),
    ]);
    const [first, second] = replies.map(taken);
    const { entries } = await createEndpoints(ledger).read({ after: 0, limit: 9 });
    expect([first?.entries, second?.entries]).toEqual([entries.slice(4, 6), entries.slice(6)]);
    expect(entries.map(({ past }) => past)).toEqual([
      {},
      {},
      {},
      { [ledger.identity.log]: 1 },
      { [millrace.log]: 1 },
      {},
      {},
    ]);
    const asked = [subject, net, "nothing"];
    expect(createEndpoints(ledger).subjectHeads({ subjects: asked })).toEqual({
      subjects: [
        { subject, heads: [first?.refs[1]] },
        { subject: net, heads: headsOf(ledger, net) },
        { subject: "nothing", heads: [] },
      ],
      position: 7,
    });
  });

  it("with more than sixteen heads is preceded by merges", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open();
    const { refs } = taken(await ledger.rounds.append(append([draft()])));
    const subject = unpin(refs[0] as string);
    const founders = [createAuthor(net, "millrace"), createAuthor(net, "ferry")] as const;
    const authors = Array.from({ length: 20 }, (_, index) => createAuthor(net, `guest ${index}`));
    founders.forEach(attestFounding);
    admitGuests(founders, authors);
    for (const founder of founders) {
      await ingest(ledger, founder, 0, 1);
      await ingest(ledger, founder, 1, founder.size);
    }
    for (const author of authors) {
      author.write({
        type: "initiative.joined",
        subject,
        at: [startMs + 1, 0],
        parents: [refs[0] as string],
      });
      await ingest(ledger, author, 0, 1);
      expect(await ingest(ledger, author, 1, 3)).toMatchObject({ ok: true, accepted: 2 });
    }
    const heads = headsOf(ledger, subject);
    expect(heads).toHaveLength(20);
    const reply = taken(
      await ledger.rounds.append(append([draft({ subject })], { expect: [{ subject, heads }] })),
    );
    expect(reply.refs).toHaveLength(1);
    const written = await headerOf(ledger, reply.refs[0] as string);
    const merge = await headerOf(ledger, pin(refOf(ledger.identity.log, written.seq - 1), key("A")));
    expect(merge).toMatchObject({ type: "subject.merged", subject });
    expect([...merge.parents, ...written.parents].sort()).toEqual(heads);
    expect(headsOf(ledger, subject)).toEqual(reply.refs);
  });

  it("is refused as moved when a head is another, with the position by which one has caught up", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open();
    const { refs } = taken(await ledger.rounds.append(append([draft()])));
    const subject = unpin(refs[0] as string);
    const decide = () =>
      ledger.rounds.append(append([draft({ subject })], { expect: [{ subject, heads: [...refs] }] }));
    const [first, second] = await Promise.all([decide(), decide()]);
    expect(first).toMatchObject({ ok: true });
    // Both were decided on the same heads and share a batch: only one can have been.
    expect(second).toMatchObject({ ok: false, code: "moved", position: 2 });
    expect(await decide()).toMatchObject({ ok: false, code: "moved", position: 3 });
  });

  it.each([
    ["a control type", [draft({ type: "log.opened" })], "malformed"],
    ["a reference to itself", [draft({ subject: "#0" })], "malformed"],
    [
      "a reference to a later entry",
      [draft({ type: "help.retracted", x: { offer: "#1" } }), draft()],
      "malformed",
    ],
    ["a subject nobody holds", [draft({ subject: `${"A".repeat(22)}.0` })], "malformed"],
    [
      "a ref nobody holds",
      [draft({ type: "help.retracted", x: { offer: `${"A".repeat(22)}.7` } })],
      "malformed",
    ],
    ["half a character", [draft({ x: { text: "\ud800" } })], "malformed"],
    [
      "a body nested too deep",
      [draft({ body: JSON.parse(`{"a":${"[".repeat(20)}${"]".repeat(20)}}`) })],
      "malformed",
    ],
    ["an x above its limit", [draft({ x: { note: "n".repeat(limits.xBytes) } })], "too-large"],
    ["a body above its limit", [draft({ body: { text: "t".repeat(limits.payloadBytes) } })], "too-large"],
  ] as const)("with %s is refused, and nothing is written", async (_what, entries, code) => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open();
    expect(await ledger.rounds.append(append(entries))).toMatchObject({ ok: false, code });
    expect(ledger.stores.node.head).toBe(1);
    expect(await ledger.rounds.append(append([draft()]))).toMatchObject({ ok: true, position: 2 });
  });

  it("with a pinned ref of other bytes than are held is refused", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open();
    const millrace = createAuthor(net, "millrace");
    await ingest(ledger, millrace, 0, 1);
    const other = pin(refOf(millrace.log, 0), key("B"));
    expect(
      await ledger.rounds.append(append([draft({ type: "commitment.accepted", x: { terms: other } })])),
    ).toMatchObject({
      code: "malformed",
    });
  });
});

describe("the ledger's clock", () => {
  it("goes up within one millisecond, and when the wall clock goes back a little", async () => {
    using folder = await ledgerFolder();
    let nowMs = startMs;
    await using ledger = await folder.open({ now: () => nowMs });
    const first = taken(await ledger.rounds.append(append([draft(), draft()])));
    nowMs -= 60_000;
    const second = taken(await ledger.rounds.append(append([draft()])));
    const ats = await Promise.all(
      [...first.refs, ...second.refs].map(async (ref) => (await headerOf(ledger, ref)).at),
    );
    expect(ats).toEqual([
      [startMs, 1],
      [startMs, 2],
      [startMs, 3],
    ]);
  });

  it("refuses to write when the log's last entry is far ahead of it", async () => {
    using folder = await ledgerFolder();
    let nowMs = startMs;
    await using ledger = await folder.open({ now: () => nowMs });
    nowMs -= 120_001;
    expect(await ledger.rounds.append(append([draft()]))).toMatchObject({ ok: false, code: "clock-ahead" });
    nowMs += 1;
    expect(await ledger.rounds.append(append([draft()]))).toMatchObject({ ok: true });
  });
});

describe("an idempotency key", () => {
  it("is answered once, also while the first is still on its way, and after a restart", async () => {
    using folder = await ledgerFolder();
    const request = append([draft()], { key: key("k"), request: key("r") });
    let first: unknown;
    {
      await using ledger = await folder.open();
      const both = await Promise.all([ledger.rounds.append(request), ledger.rounds.append(request)]);
      expect(both[0]).toMatchObject({ ok: true, replayed: false });
      expect(both[1]).toEqual({ ...both[0], replayed: true, entries: [] });
      first = both[1];
    }
    await using again = await folder.open();
    expect(await again.rounds.append(request)).toEqual(first);
    expect(await again.rounds.append({ ...request, request: key("o") })).toMatchObject({
      code: "idempotency-key-reused",
    });
    expect(again.stores.node.head).toBe(2);
  });

  it("is forgotten after seven days", async () => {
    using folder = await ledgerFolder();
    let nowMs = startMs;
    await using ledger = await folder.open({ now: () => nowMs });
    const request = append([draft()], { key: key("k"), request: key("r") });
    taken(await ledger.rounds.append(request));
    nowMs += 7 * 86_400_000;
    expect(await ledger.rounds.append(request)).toMatchObject({ replayed: true });
    nowMs += 1;
    expect(await ledger.rounds.append(request)).toMatchObject({ replayed: false });
  });
});

describe("group commit", () => {
  it("puts everything that waits into one batch with one signature, foreign frames beside it", async () => {
    using folder = await ledgerFolder();
    const told: Durable[] = [];
    await using ledger = await folder.open({ tell: (durable) => told.push(...durable) });
    const millrace = createAuthor(net, "millrace");
    millrace.write();
    const appends = Array.from({ length: 60 }, () => ledger.rounds.append(append([draft()])));
    const frames = [ingest(ledger, millrace, 0, 1), ingest(ledger, millrace, 1, 2)];
    const replies = (await Promise.all(appends)).map(taken);
    expect(await Promise.all(frames)).toMatchObject([{ accepted: 1 }, { accepted: 1 }]);
    expect(told.map(({ isOwn, from, entries, position }) => [isOwn, from, entries.length, position])).toEqual(
      [
        [true, 1, 60, 2],
        [false, 0, 1, 62],
        [false, 1, 1, 63],
      ],
    );
    expect(replies.map(({ position }) => position)).toEqual(replies.map((_, index) => index + 2));
    expect(ledger.stores.node.checkpoints(ledger.identity.log, 0, 9).map(({ size }) => size)).toEqual([
      1, 61,
    ]);
  });

  it("never splits an append over two batches, nor makes one larger than the limit", async () => {
    using folder = await ledgerFolder();
    const told: Durable[] = [];
    await using ledger = await folder.open({ tell: (durable) => told.push(...durable) });
    const fifty = append(Array.from({ length: 50 }, () => draft({ x: { note: "n".repeat(1_900) } })));
    const replies = await Promise.all(Array.from({ length: 9 }, () => ledger.rounds.append(fifty)));
    expect(replies.every(({ ok }) => ok)).toBe(true);
    for (const { entries } of told) {
      expect(entries.length % 50).toBe(0);
      expect(entries.length).toBeLessThanOrEqual(limits.batchEntries);
      expect(entries.reduce((sum, { bytes }) => sum + bytes.length + 1, 0)).toBeLessThanOrEqual(
        limits.batchHeaderBytes,
      );
    }
    expect(told.reduce((sum, { entries }) => sum + entries.length, 0)).toBe(450);
  });
});

describe("a foreign log", () => {
  it("is served on in ranges and cuts that a third node verifies", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open();
    const millrace = createAuthor(net, "millrace");
    while (millrace.size < 40) millrace.write();
    await ingest(ledger, millrace, 0, 1);
    await ingest(ledger, millrace, 1, 30);
    await ledger.rounds.ingest(millrace.frame(30, 33, 40), 1);
    const endpoints = createEndpoints(ledger);
    const third = createReplica({ net, charter });
    for (let from = 0; from < 33; ) {
      const bytes = await endpoints.range({ net, log: millrace.log, from, limit: 7 });
      if (!(bytes instanceof Uint8Array)) throw new Error(bytes.detail);
      const frame = parseFrame(bytes);
      if ("malformed" in frame) throw new Error(frame.malformed);
      expect(third.receive([frame], startMs).outcomes[0]).toMatchObject({ kind: "taken", size: frame.to });
      from = frame.to;
    }
    expect(await endpoints.range({ net, log: millrace.log, from: 33, limit: 1 })).toMatchObject({
      code: "gap",
      size: 33,
    });
    expect(endpoints.proof({ log: millrace.log, from: 20, to: 40 })).toHaveProperty("proof");
    expect(endpoints.proof({ log: millrace.log, from: 20, to: 36 })).toMatchObject({ code: "gap" });
    expect(endpoints.heads().logs).toContainEqual({
      most: budgets.member.entries,
      by: millrace.by,
      log: millrace.log,
      size: 33,
      note: millrace.note(40),
      tip: hashOf(millrace.ref(32)),
    });
  });

  it("with two histories is kept with both, proven once, also after a restart, and gives each to who asks for it", async () => {
    using folder = await ledgerFolder();
    const [one, two] = [createAuthor(net, "millrace"), createAuthor(net, "millrace")];
    for (let count = 0; count < 3; count++) {
      one.write({ type: "charter.noted", x: { branch: 1, count } });
      two.write({ type: "charter.noted", x: { branch: 2, count } });
    }
    const known = async (ledger: OpenLedger) => {
      const { forks } = createEndpoints(ledger).status();
      const { entries } = await createEndpoints(ledger).read({ after: 0, limit: 100 });
      return { forks, lines: entries.map(({ line }) => line ?? ""), entries };
    };
    let before: Awaited<ReturnType<typeof known>>;
    {
      await using ledger = await folder.open();
      await ingest(ledger, one, 0, 1);
      await ingest(ledger, one, 1, 3);
      expect(await ingest(ledger, two, 1, 3)).toMatchObject({ ok: true, size: 3, accepted: 2 });
      await eventually("the proof", () => createEndpoints(ledger).status().forks[0]?.isProven);
      before = await known(ledger);
      const branch = before.lines.find((line) => line !== "") ?? "";
      expect(before.forks).toEqual([{ log: one.log, by: one.by, from: 1, branches: 1, isProven: true }]);
      const proof = before.entries.at(-1);
      expect(proof?.fork).toEqual({ log: one.log, from: 2 });
      expect(JSON.parse(proof?.header ?? "").type).toBe("fork.proven");
      // Our own entry names nothing that is in doubt.
      for (const parent of JSON.parse(proof?.header ?? "").parents as string[])
        expect(parent.startsWith(`${one.log}.`) ? parent : one.ref(0)).toBe(one.ref(0));
      expect(
        createEndpoints(ledger)
          .heads()
          .logs.filter(({ log }) => log === one.log),
      ).toMatchObject([
        { size: 3, note: one.note(3) },
        { size: 3, note: two.note(3), branch: { line: branch, base: one.log, size: 1 } },
      ]);
    }
    await using again = await folder.open();
    expect(await known(again)).toEqual(before);
    // Both go on, and are given out from anywhere.
    expect(await ingest(again, two, 3, 4)).toMatchObject({ ok: true, size: 4 });
    expect(await ingest(again, one, 3, 4)).toMatchObject({ ok: true, size: 4 });
    const third = createReplica({ net, charter });
    for (const author of [one, two])
      for (const from of [0, 1]) {
        const tip = { seq: 3, hash: hashOf(author.ref(3)) };
        const bytes = await createEndpoints(again).range({ net, log: one.log, from, limit: 9, tip });
        third.receive([parseFrame(bytes as Uint8Array) as Frame], startMs);
      }
    expect(third.lines.of(one.log).map(({ held }) => held)).toEqual([4, 4]);
    const proofs = (await known(again)).entries.filter(({ fork }) => fork !== undefined);
    expect(proofs).toHaveLength(1);
  });
});
