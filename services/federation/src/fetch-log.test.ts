// Goal: a link that claims a log and gives nothing of it, or hardly anything, is overtaken by one that gives it; and the author is
// asked first. Method: links whose answers and whose time a test sets; frames of a real author.
import { budgets } from "@handfast/protocol/budgets";
import { fromUtf8, toBytes } from "@handfast/protocol/bytes";
import { RangeCall } from "@handfast/protocol/federation";
import { formatFrame, parseFrame } from "@handfast/protocol/frame";
import type { PartnerId } from "@handfast/protocol/ids";
import { createAuthor, partnerIdOf, testCharter } from "@handfast/testkit/author";
import { expect, it } from "vitest";
import { createEvents } from "./events.ts";
import { createFetchLog } from "./fetch-log.ts";
import { createPeerLink, type PeerLink } from "./peer-link.ts";
import type { Sizes } from "./sizes.ts";
import type { Timers } from "./timers.ts";

const { net } = testCharter("orchard");
const author = createAuthor(net, "ferry");
for (let entry = 1; entry < 40; entry += 1) author.write();
const { log, by, size } = author;
type Answer = (from: number, limit: number) => Promise<Uint8Array>;

/** Time that goes on when the test says so. */
function createTime() {
  let nowMs = 0;
  const waiting = new Set<{ readonly atMs: number; readonly work: () => void }>();
  const timers: Timers = {
    after: (ms, work) => {
      const one = { atMs: nowMs + ms, work };
      waiting.add(one);
      return { [Symbol.dispose]: () => void waiting.delete(one) };
    },
    every: () => ({ [Symbol.dispose]: () => {} }),
    random: () => 0.5,
  };
  const goOn = async (ms: number): Promise<void> => {
    for (const until = nowMs + ms; nowMs < until; nowMs += 10) {
      for (const one of [...waiting].filter(({ atMs }) => atMs <= nowMs)) {
        waiting.delete(one);
        one.work();
      }
      await new Promise(setImmediate);
    }
  };
  return { timers, clock: { now: () => nowMs }, goOn };
}

function begin() {
  const { timers, clock, goOn } = createTime();
  let held = 0;
  const links = new Map<PartnerId, PeerLink>();
  const sizes = {
    of: () => held,
    authorOf: () => (held > 0 ? by : null),
    mostOf: () => null,
    grew: (_log: string, now: number) => {
      held = Math.max(held, now);
    },
  } as unknown as Sizes;
  const { fetch } = createFetchLog({
    net,
    sizes,
    firstMost: () => 1_000,
    linkOf: (partner: PartnerId) => links.get(partner),
    receive: async (_link, bytes) => {
      const frame = parseFrame(bytes);
      if ("malformed" in frame) return { ok: false, code: "malformed" };
      return { ok: true, size: Math.max(held, frame.to), accepted: frame.to - frame.from, pending: 0 };
    },
    clock,
    timers,
    events: createEvents(undefined, clock.now),
    onArrived: () => {},
    onNeed: () => {},
    onApart: () => {},
  });
  const link = (name: string, answer: Answer, claimed = size): PeerLink => {
    const opened = createPeerLink(
      { peer: partnerIdOf(name), name, role: "host", account: name },
      {
        send: async (_op, data) => {
          const { from, limit } = RangeCall.parse(JSON.parse(fromUtf8(data) ?? ""));
          return answer(from, limit);
        },
        serverVersion: () => null,
        hasConnection: () => true,
        clock,
        onUp: () => {},
        onDown: () => {},
        isHeld: () => held > 0,
      },
    );
    opened.heard();
    opened.knows(log, by, claimed);
    links.set(opened.peer, opened);
    return opened;
  };
  return { fetch, link, goOn, timers, held: () => held };
}
const range: Answer = async (from, limit) =>
  formatFrame(author.frame(from, from === 0 ? 1 : Math.min(size, from + limit), from === 0 ? 1 : size));
const never: Answer = () => new Promise(() => {});
const busy: Answer = async () => toBytes(JSON.stringify({ ok: false, code: "busy", retryAfterMs: 500 }));

it.each<[string, (time: { readonly goOn: (ms: number) => Promise<void> }) => Answer]>([
  ["says nothing", () => never],
  ["is always busy", () => busy],
])("overtakes a link that %s after a second, without waiting for it", async (_what, answer) => {
  const world = begin();
  const slow = world.link("slow", answer(world));
  const honest = world.link("honest", range);
  void world.fetch(slow, log, size);
  await world.goOn(50);
  const fetched = world.fetch(honest, log, size);
  await world.goOn(budgets.link.overtakeMs - 200);
  expect(world.held()).toBe(0);
  await world.goOn(600);
  expect(world.held()).toBe(size);
  expect(await fetched).toBe(true);
});

it("lets another link go on where one gives a little at a time", async () => {
  const world = begin();
  // Never so slow that nothing moves for a second.
  const trickle = world.link("trickle", (from) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    world.timers.after(500, resolve);
    return promise.then(() => range(from, 1));
  });
  const honest = world.link("honest", range);
  const first = world.fetch(trickle, log, size);
  const second = world.fetch(honest, log, size);
  await world.goOn(budgets.link.runMs - 500);
  expect(world.held()).toBeLessThan(size);
  await world.goOn(2_500);
  expect(world.held()).toBe(size);
  await world.goOn(20_000);
  await Promise.all([first, second]);
});

it("asks the author first, and the link that claimed it only for what the author has not", async () => {
  const world = begin();
  const asked: string[] = [];
  const noting =
    (name: string): Answer =>
    (from, limit) => {
      asked.push(name);
      return range(from, limit);
    };
  const claimant = world.link("claimant", noting("claimant"));
  world.link("ferry", noting("ferry"));
  const fetched = world.fetch(claimant, log, size);
  await world.goOn(100);
  expect(await fetched).toBe(true);
  expect([world.held(), new Set(asked)]).toEqual([size, new Set(["ferry"])]);
});

it("goes on over the link that was asked where the author's own says nothing", async () => {
  const world = begin();
  const relay = world.link("relay", range);
  world.link("ferry", never);
  const fetched = world.fetch(relay, log, size);
  await world.goOn(3 * budgets.link.overtakeMs);
  expect(world.held()).toBe(size);
  expect(await fetched).toBe(true);
});

it("does not ask again at once for a log that a peer claims and puts off", async () => {
  const world = begin();
  const slow = world.link("slow", busy);
  const fetched = world.fetch(slow, log, size);
  await world.goOn(budgets.link.busyMs + 1_000);
  expect(await fetched).toBe(false);
  expect(slow.isDoubted(log)).toBe(true);
  await world.goOn(budgets.link.doubtMs);
  expect(slow.isDoubted(log)).toBe(false);
});
