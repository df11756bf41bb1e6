// Goal: a partner goes on in a later log, and nobody goes on in its name. Method: Orchard's first log with five entries, closed at
// a size by a second one that is spoilt in one place at a time; the past, the keys and the bound of logs are asked of the replica.

import { budgets } from "@handfast/protocol/budgets";
import { toB64u } from "@handfast/protocol/bytes";
import { type LogId, splitRef, toMultikey } from "@handfast/protocol/ids";
import {
  type Author,
  type AuthorOptions,
  createAuthor,
  testCharter,
  testEpochMs,
  testKey,
} from "@handfast/testkit/author";
import { parseCheckpoint } from "@handfast/tlog/checkpoint";
import { publicKeyBytes } from "@handfast/tlog/signer";
import { describe, expect, it } from "vitest";
import { rootHash } from "../src/authority.ts";
import { createReplica, type Replica } from "../src/replica.ts";

const { net, charter } = testCharter("orchard", "millrace");
const now = testEpochMs + 3_600_000;
const laterId = (place: number): LogId => toB64u(new Uint8Array(16).fill(place + 1));
const multikey = (name: string): string => toMultikey(publicKeyBytes(testKey(name)));
const rootAt = (author: Author, size: number): string => {
  const parsed = parseCheckpoint(author.note(size));
  if (!parsed.ok) throw new Error(parsed.reason);
  return toB64u(parsed.checkpoint.root);
};

/** A log that closes `earlier` at `size`, opened right after the entry it closes with. */
function later(
  earlier: Author,
  size: number,
  options: AuthorOptions & { place?: number; signed?: "log-key" } = {},
): Author {
  const { place = 0, signed, ...rest } = options;
  const at = earlier.header(size - 1).at;
  const previous = { log: earlier.log, size, root: rootAt(earlier, size), ...(signed && { signed }) };
  return createAuthor(net, "orchard", {
    log: laterId(place),
    at: [at[0] + 1, 0],
    ...rest,
    opening: { previous, ...rest.opening },
  });
}

/** Orchard with five entries, the last after one of Millrace, and a node that holds four of them. */
function story(): { orchard: Author; millrace: Author; replica: Replica } {
  const orchard = createAuthor(net, "orchard");
  const millrace = createAuthor(net, "millrace");
  orchard.write();
  orchard.write({ at: [testEpochMs + 10, 0], parents: [millrace.ref(0)] });
  for (let count = 0; count < 2; count++) orchard.write();
  const replica = createReplica({ net, charter });
  replica.receive([millrace.frame(0, 1), orchard.frame(0, 1), orchard.frame(1, 4)], now);
  return { orchard, millrace, replica };
}
const answerTo = (replica: Replica, frame: ReturnType<Author["frame"]>): string => {
  const [outcome] = replica.receive([frame], now).outcomes;
  if (outcome?.kind !== "refused") return outcome?.kind ?? "nothing";
  return `${outcome.code}: ${outcome.detail}`;
};

describe("a later log", () => {
  it("is taken when the log that it closes is held that far, and knows what that log knew there", () => {
    const { orchard, millrace, replica } = story();
    const second = later(orchard, 3);
    expect(answerTo(replica, second.frame(0, 1))).toBe("taken");
    const past = replica.pasts.of(second.log, 0);
    expect([past(orchard.log), past(millrace.log)]).toEqual([2, 0]);
    second.write();
    expect(answerTo(replica, second.frame(1, 2))).toBe("taken");
    expect(replica.pasts.of(second.log, 1)(orchard.log)).toBe(2);
  });

  it("is not yet taken while the log that it closes is held less far", () => {
    const { orchard, replica } = story();
    const second = later(orchard, 5);
    expect(answerTo(replica, second.frame(0, 1))).toMatch(/^unknown-log/);
    replica.receive([orchard.frame(4, 5)], now);
    expect(answerTo(replica, second.frame(0, 1))).toBe("taken");
  });

  it("is not taken from somebody else, nor with another root than the one held", () => {
    const { orchard, millrace, replica } = story();
    const root = rootAt(orchard, 3);
    const foreign = createAuthor(net, "millrace", {
      log: laterId(0),
      at: [testEpochMs + 100, 0],
      opening: { previous: { log: orchard.log, size: 3, root } },
    });
    expect(answerTo(replica, foreign.frame(0, 1))).toMatch(/^unknown-log/);
    const wrong = later(orchard, 3, {
      opening: { previous: { log: orchard.log, size: 3, root: rootAt(millrace, 1) } },
    });
    expect(answerTo(replica, wrong.frame(0, 1))).toMatch(/^unknown-log/);
  });

  it("begins after the entry that it closes with, by its time", () => {
    const { orchard, replica } = story();
    const early = later(orchard, 3, { at: orchard.header(2).at });
    expect(answerTo(replica, early.frame(0, 1))).toMatch(/^schema: entry 0: its time/);
  });

  it("is opened by the root, or by a log key that says so and changes no key", () => {
    const { orchard, replica } = story();
    const signedBy = (author: Author, name: string) => ({
      ...author.frame(0, 1),
      note: author.note(1, testKey(name)),
    });
    const byRoot = later(orchard, 3);
    expect(answerTo(replica, signedBy(byRoot, "orchard log"))).toMatch(/^bad-checkpoint/);
    const byKey = later(orchard, 3, { signed: "log-key" });
    expect(answerTo(replica, signedBy(byKey, "thief"))).toMatch(/^bad-checkpoint/);
    const stolen = later(orchard, 3, { signed: "log-key", opening: {} });
    const withThief = createAuthor(net, "orchard", {
      log: laterId(0),
      at: stolen.header(0).at,
      opening: { ...stolen.header(0).x, keys: [multikey("thief")] },
    });
    expect(answerTo(replica, signedBy(withThief, "orchard log"))).toMatch(/^schema: x: a log key/);
    expect(answerTo(replica, signedBy(byKey, "orchard log"))).toBe("taken");
  });

  it("may be opened by the next root that the earlier log committed to, which commits to a new one", () => {
    const { orchard, replica } = story();
    const byNext = (next: string) => {
      const author = later(orchard, 3, { opening: {} });
      const opened = createAuthor(net, "orchard", {
        log: laterId(0),
        at: author.header(0).at,
        opening: { ...author.header(0).x, root: multikey("orchard next"), next },
      });
      return { ...opened.frame(0, 1), note: opened.note(1, testKey("orchard next")) };
    };
    const old = orchard.header(0).x["next"] as string;
    expect(answerTo(replica, byNext(old))).toMatch(/^schema: x.next/);
    expect(answerTo(replica, byNext(rootHash(multikey("orchard third"))))).toBe("taken");
  });

  it("of a root nobody committed to is refused", () => {
    const { orchard, replica } = story();
    const author = later(orchard, 3, { opening: {} });
    const opened = createAuthor(net, "orchard", {
      log: laterId(0),
      at: author.header(0).at,
      opening: { ...author.header(0).x, root: multikey("thief") },
    });
    const frame = { ...opened.frame(0, 1), note: opened.note(1, testKey("thief")) };
    expect(answerTo(replica, frame)).toMatch(/^schema: x.root/);
  });

  it("closes several logs where the root signs, and has all their ends in its past", () => {
    const { orchard, replica } = story();
    const left = later(orchard, 3, { place: 0 });
    const right = later(orchard, 4, { place: 1 });
    replica.receive([left.frame(0, 1), right.frame(0, 1)], now);
    const both = later(left, 1, {
      place: 2,
      at: [testEpochMs + 100, 0],
      opening: {
        previous: { log: left.log, size: 1, root: rootAt(left, 1) },
        also: [{ log: right.log, size: 1, root: rootAt(right, 1) }],
      },
    });
    expect(answerTo(replica, both.frame(0, 1))).toBe("taken");
    const past = replica.pasts.of(both.log, 0);
    expect([past(left.log), past(right.log), past(orchard.log)]).toEqual([0, 0, 3]);
  });

  it(`is one of at most ${budgets.partner.logs} logs of its partner`, () => {
    const { orchard, replica } = story();
    let last = orchard;
    for (let place = 0; place < budgets.partner.logs - 1; place++) {
      last = later(last, 1, { place });
      expect(answerTo(replica, last.frame(0, 1))).toBe("taken");
    }
    expect(answerTo(replica, later(last, 1, { place: 20 }).frame(0, 1))).toMatch(/^unknown-log/);
  });

  it(`leaves places that only the root opens: log keys, stolen ones too, open at most ${budgets.partner.logsByLogKey}`, () => {
    const { orchard, replica } = story();
    const opened = (by: "root" | "log-key", place: number): string => {
      const log = later(orchard, 1, { place, ...(by === "root" ? {} : { signed: by }) });
      const note = log.note(1, by === "root" ? log.root : log.key);
      return answerTo(replica, { ...log.frame(0, 1), note });
    };
    const { logs, logsByLogKey } = budgets.partner;
    for (let place = 0; place < logsByLogKey; place++) expect(opened("log-key", place)).toBe("taken");
    expect(opened("log-key", 20)).toMatch(/^unknown-log/);
    for (let place = logsByLogKey; place < logs - 1; place++) expect(opened("root", place)).toBe("taken");
    expect(opened("root", 20)).toMatch(/^unknown-log/);
  });

  it("comes back from storage with its keys and its past", () => {
    const { orchard, millrace, replica } = story();
    const second = later(orchard, 3);
    replica.receive([second.frame(0, 1)], now);
    const again = createReplica({ net, charter });
    for (const author of [millrace, orchard, second]) {
      const size = replica.logs.get(author.log)?.held ?? 0;
      again.resume({ opening: author.header(0), roots: [], knows: new Map() });
      for (let seq = 0; seq < size; seq++)
        again.restore(
          {
            header: author.header(seq),
            bytes: author.bytes(seq),
            hash: replica.find(author.log, seq)?.hash ?? new Uint8Array(),
          },
          replica.pasts.learned(author.log, seq),
        );
    }
    expect(again.pasts.of(second.log, 0)(splitRef(orchard.ref(2)).log)).toBe(2);
    second.write();
    expect(answerTo(again, second.frame(1, 2))).toBe("taken");
  });
});
