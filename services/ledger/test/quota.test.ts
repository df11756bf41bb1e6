// Goal: what somebody does whom nobody admitted costs a fixed little and stands in nobody's way; what a member does is bounded by
// rates that say until when; and nothing of it is remembered as wrong. Method: a ledger in a folder, and partners written by hand.
import { budgets } from "@handfast/protocol/budgets";
import type { Frame } from "@handfast/protocol/frame";
import { unpin } from "@handfast/protocol/ids";
import { type Author, createAuthor } from "@handfast/testkit/author";
import { describe, expect, it } from "vitest";
import { createEndpoints } from "../src/endpoints.ts";
import type { OpenLedger } from "../src/ledger.ts";
import { admitGuests, append, attestFounding, draft, ledgerFolder, network, startMs, taken } from "./node.ts";

const { net } = network;
const ingest = (ledger: OpenLedger, frame: Frame) => ledger.rounds.ingest(frame, 1);
const bring = async (ledger: OpenLedger, author: Author, from = 0): Promise<unknown> => {
  if (from === 0) await ingest(ledger, author.frame(0, 1));
  return ingest(ledger, author.frame(Math.max(1, from), author.size));
};
const writeMany = (author: Author, count: number, entry: Parameters<Author["write"]>[0] = {}): void => {
  for (let each = 0; each < count; each += 1) author.write(entry);
};
/** Two founders who attested, and a newcomer whom one of them sponsors. */
function begin() {
  const founders = [createAuthor(net, "millrace"), createAuthor(net, "ferry")] as const;
  const newcomer = createAuthor(net, "newcomer");
  founders.forEach(attestFounding);
  return { founders, newcomer };
}
const sponsor = (by: Author, whom: Author) =>
  by.write({ type: "member.sponsored", x: { root: whom.by, log: whom.log } });
const held = (ledger: OpenLedger, { log }: Author) => ledger.rounds.held.replica.logs.get(log)?.held ?? 0;

describe("somebody whom nobody admitted", () => {
  it("has a fixed number of entries taken, at once or one by one, and the rest after admission; also over restarts", async () => {
    using folder = await ledgerFolder();
    const { founders, newcomer } = begin();
    const { entries } = budgets.newcomer;
    {
      await using ledger = await folder.open();
      sponsor(founders[0], newcomer);
      for (const founder of founders) await bring(ledger, founder);
      writeMany(newcomer, entries + 100);
      expect(await bring(ledger, newcomer)).toMatchObject({ ok: false, code: "not-yet", size: 1 });
      expect(await ingest(ledger, newcomer.frame(1, entries, entries + 20))).toMatchObject({
        ok: true,
        size: entries,
      });
      expect(await ingest(ledger, newcomer.frame(entries, entries + 1))).toMatchObject({
        code: "not-yet",
        size: entries,
      });
      expect(
        createEndpoints(ledger)
          .heads()
          .logs.find(({ log }) => log === newcomer.log),
      ).toMatchObject({ most: entries });
    }
    await using ledger = await folder.open();
    expect(await ingest(ledger, newcomer.frame(entries, entries + 1))).toMatchObject({ code: "not-yet" });
    // Held already: no more to keep.
    expect(await ingest(ledger, newcomer.frame(1, entries, entries + 20))).toMatchObject({
      ok: true,
      accepted: 0,
    });
    const [before, other] = founders.map(({ size }) => size);
    admitGuests(founders, [newcomer]);
    await bring(ledger, founders[0], before);
    await bring(ledger, founders[1], other);
    expect(createEndpoints(ledger).standing().partners).toContainEqual(
      expect.objectContaining({ partner: newcomer.by, isAdmitted: true, isActive: false }),
    );
    expect(await bring(ledger, newcomer, entries)).toMatchObject({ ok: true, size: newcomer.size });
    expect(ledger.rounds.held.standing.isActive(newcomer.by)).toBe(true);
  });

  it("has a fixed number of bytes taken, over all its logs and a restart", async () => {
    using folder = await ledgerFolder();
    const { founders, newcomer } = begin();
    const second = createAuthor(net, "newcomer", { log: `${"B".repeat(21)}A` });
    const third = createAuthor(net, "newcomer", { log: `${"C".repeat(21)}A` });
    for (const author of [newcomer, second, third]) sponsor(founders[0], author);
    writeMany(newcomer, 20, { x: { note: "n".repeat(1_900) } });
    writeMany(second, 20, { x: { note: "n".repeat(1_900) } });
    {
      await using ledger = await folder.open();
      for (const founder of founders) await bring(ledger, founder);
      expect(await bring(ledger, newcomer)).toMatchObject({ ok: true, size: 21 });
      expect(await bring(ledger, second)).toMatchObject({ ok: false, code: "not-yet", size: 1 });
      expect(await ingest(ledger, third.frame(0, 1))).toMatchObject({ ok: false, code: "not-yet" });
    }
    await using ledger = await folder.open();
    expect(await bring(ledger, second, 1)).toMatchObject({ ok: false, code: "not-yet", size: 1 });
    expect(await ingest(ledger, second.frame(1, 3, 21))).toMatchObject({ ok: true, size: 3 });
  });

  it("has no more taken by signing further histories of its log", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open();
    const { founders, newcomer } = begin();
    const again = createAuthor(net, "newcomer");
    sponsor(founders[0], newcomer);
    for (const founder of founders) await bring(ledger, founder);
    writeMany(newcomer, 40);
    writeMany(again, 40, { x: { note: "another history" } });
    expect(await bring(ledger, newcomer)).toMatchObject({ ok: true, size: 41 });
    expect(await ingest(ledger, again.frame(1, 41))).toMatchObject({ ok: false, code: "not-yet" });
    const left = budgets.newcomer.entries - 41;
    expect(await ingest(ledger, again.frame(1, 1 + left, 41))).toMatchObject({ ok: true, accepted: left });
    expect(await ingest(ledger, again.frame(1 + left, 2 + left, 41))).toMatchObject({ code: "not-yet" });
    // What is held of either history costs nothing more.
    expect(await ingest(ledger, again.frame(1, 1 + left, 41))).toMatchObject({ ok: true, accepted: 0 });
    expect(await bring(ledger, newcomer, 1)).toMatchObject({ ok: true, accepted: 0 });
  });

  it("has as many entries taken whichever history they are of, and those beyond that a member names", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open();
    const { founders, newcomer } = begin();
    const { entries } = budgets.newcomer;
    sponsor(founders[0], newcomer);
    for (const founder of founders) await bring(ledger, founder);
    writeMany(newcomer, entries - 1);
    const beside = Array.from({ length: 3 }, (_, history) => {
      const other = createAuthor(net, "newcomer");
      writeMany(other, entries - 1, { x: { history } });
      return other;
    }) as [Author, Author, Author];
    expect(await bring(ledger, newcomer)).toMatchObject({ ok: true, size: entries });
    for (const other of beside) expect(await bring(ledger, other, 1)).toMatchObject({ code: "not-yet" });

    // Ferry was given another history first, and is about to be held up by it.
    const [, ferry] = founders;
    ferry.write({ at: [startMs, 0], parents: [beside[1].ref(40)] });
    expect(await bring(ledger, ferry, ferry.size - 1)).toMatchObject({ ok: true, pending: 1 });
    expect(await ingest(ledger, beside[0].frame(1, 41))).toMatchObject({ code: "not-yet" });
    expect(await ingest(ledger, beside[1].frame(1, 41, entries))).toMatchObject({ ok: true, size: 41 });
    expect(held(ledger, ferry)).toBe(ferry.size);
    expect(await ingest(ledger, beside[1].frame(41, entries))).toMatchObject({ code: "not-yet" });
  });

  it("sponsors nobody: a log is taken only when a sponsorship with effect names it; also after a restart", async () => {
    using folder = await ledgerFolder();
    const { founders, newcomer } = begin();
    const friend = createAuthor(net, "friend");
    sponsor(founders[0], newcomer);
    sponsor(newcomer, friend);
    for (const _open of [1, 2]) {
      await using ledger = await folder.open();
      for (const author of [...founders, newcomer]) await bring(ledger, author);
      expect(held(ledger, newcomer)).toBe(2);
      expect(await ingest(ledger, friend.frame(0, 1))).toMatchObject({ ok: false, code: "unknown-log" });
    }
    await using ledger = await folder.open();
    const from = founders[1].size;
    sponsor(founders[1], friend);
    await bring(ledger, founders[1], from);
    expect(await ingest(ledger, friend.frame(0, 1))).toMatchObject({ ok: true, size: 1 });
  });

  it("is named by nobody: not at network level, nor about a thing, until it is a member", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open();
    const { founders, newcomer } = begin();
    const { refs } = taken(await ledger.rounds.append(append([draft()])));
    const [proposed = ""] = refs;
    sponsor(founders[0], newcomer);
    for (const founder of founders) await bring(ledger, founder);
    const headsOf = (subject: string) => [...ledger.rounds.held.heads.of(subject)];
    const [network, thing] = [headsOf(net), headsOf(unpin(proposed))];
    newcomer.write({ type: "member.left" });
    const join = { type: "initiative.joined", subject: unpin(proposed), parents: [proposed] };
    newcomer.write({ ...join, at: [startMs + 1, 0] });
    expect(await bring(ledger, newcomer)).toMatchObject({ ok: true, size: 3 });
    expect([headsOf(net), headsOf(unpin(proposed))]).toEqual([network, thing]);

    const sizes = founders.map(({ size }) => size);
    admitGuests(founders, [newcomer]);
    newcomer.write({ ...join, at: [startMs + 3, 0] });
    for (const [index, founder] of founders.entries()) await bring(ledger, founder, sizes[index]);
    expect(await bring(ledger, newcomer, 3)).toMatchObject({ ok: true, size: newcomer.size });
    expect(headsOf(net)).toContain(newcomer.ref(newcomer.size - 2));
    expect(headsOf(unpin(proposed))).toEqual([newcomer.ref(newcomer.size - 1)]);
  });
});

describe("a member", () => {
  it("has its entries taken at a rate, which says when to come again", async () => {
    using folder = await ledgerFolder();
    let nowMs = startMs;
    const member = { entriesPerHour: 3_600, hoursAtOnce: 1 / 360 };
    await using ledger = await folder.open({ now: () => nowMs }, member);
    const { founders } = begin();
    writeMany(founders[0], 20);
    expect(await bring(ledger, founders[0])).toMatchObject({ ok: true, size: 22 });
    founders[0].write();
    const busy = await ingest(ledger, founders[0].frame(22, 23));
    expect(busy).toMatchObject({ ok: false, code: "busy", retryAfterMs: expect.any(Number) });
    // Others are not held up by it.
    expect(await bring(ledger, founders[1])).toMatchObject({ ok: true });
    nowMs += ("retryAfterMs" in busy ? busy.retryAfterMs : 0) ?? 0;
    expect(await ingest(ledger, founders[0].frame(22, 23))).toMatchObject({ ok: true, size: 23 });
  });

  it("has further histories of its log taken at the same rate", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open({}, { entriesPerHour: 3_600, hoursAtOnce: 1 / 360 });
    const { founders } = begin();
    const again = createAuthor(net, "millrace");
    writeMany(founders[0], 20);
    writeMany(again, 20, { x: { note: "another history" } });
    expect(await bring(ledger, founders[0])).toMatchObject({ ok: true, size: 22 });
    expect(await ingest(ledger, again.frame(1, 10))).toMatchObject({ ok: false, code: "busy" });
  });

  it("has so many logs, and its own rate is not used up by what others send in its name", async () => {
    using folder = await ledgerFolder();
    await using ledger = await folder.open({}, { entriesPerHour: 1, hoursAtOnce: 10 });
    const { founders } = begin();
    await ingest(ledger, founders[0].frame(0, 1));
    const forged = { ...founders[0].frame(1, 2), note: founders[0].note(2, createAuthor(net, "forger").key) };
    for (let time = 0; time < 20; time += 1)
      expect(await ingest(ledger, forged)).toMatchObject({ code: "bad-checkpoint" });
    expect(await ingest(ledger, founders[0].frame(1, 2))).toMatchObject({ ok: true });
    const logs = Array.from({ length: budgets.partner.logs + 1 }, (_, index) =>
      createAuthor(net, "ferry", { log: `${String.fromCharCode(65 + index).repeat(21)}A` }),
    );
    for (const [index, author] of logs.entries())
      expect(await ingest(ledger, author.frame(0, 1)), `log ${index}`).toMatchObject(
        index < 10 ? { ok: true } : { ok: false },
      );
  });
});
