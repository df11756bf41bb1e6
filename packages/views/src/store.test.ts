// Goal: a row is what its thing folds to, whatever came in which page, at any time of day; and so is the past. Method: random
// histories in random pages, every row and every moment beside a fold in memory from nothing.
import type { Collection } from "@handfast/api/verbs";
import type { Moment } from "@handfast/domain/facts";
import { createWorld, type World } from "@handfast/domain/world";
import type { History } from "@handfast/testkit/histories";
import { histories } from "@handfast/testkit/random-histories";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openTestStore, type TestStore } from "../test/open-store.ts";
import { kindOf } from "./read-things.ts";
import { thingOf } from "./thing.ts";
import { partnerView } from "./views/partner.ts";
import { openReading } from "./views/reading.ts";

type Things = keyof typeof kindOf;
const collections = Object.keys(kindOf) as Things[];
/** Entries of folds that stay in memory: with little room, most are folded anew from what may count. */
const room = fc.constantFrom(1, 10, 20_000);
const pages = fc.infiniteStream(fc.integer({ min: 1, max: 12 }));

const worldOf = ({ net, charter, facts }: History): World => {
  const world = createWorld({ network: net, charter });
  for (const fact of facts) world.add(fact);
  return world;
};
function takeInPages(store: TestStore, { facts }: History, sizes: Iterator<number>): void {
  for (let start = 0; start < facts.length; ) {
    const size = sizes.next().value as number;
    store.take(facts.slice(start, start + size));
    start += size;
  }
}
/** What a collection comes to in memory, in order of arrival. */
function expectedIn(
  collection: Things,
  history: History,
  world: World,
  store: TestStore,
  at: Moment | null,
  nowMs: number,
) {
  const cut = at === null ? world.now : world.asOf(at);
  const sources = { ...store.store.sources, headsOf: world.headsOf };
  const reading = openReading(sources, cut, at?.atMs ?? nowMs, at === null);
  const views = history.facts.flatMap(({ ref }) => thingOf(kindOf[collection], ref, reading)?.view ?? []);
  const talk = history.facts.toReversed().flatMap(({ ref }) => cut.conversation(ref) ?? []);
  return views.map((view) =>
    "openQuestions" in view
      ? view
      : {
          ...view,
          conversations: talk
            .filter(({ about, promotions }) =>
              [about, ...promotions.map(({ into }) => into)].some((thing) => thing?.ref === view.id),
            )
            .slice(0, 20)
            .map(({ ref: id, by }) => ({ id, title: null, by: sources.named(by) })),
        },
  );
}

/** Filters of conversations are held against looking at each. */
function expectTalkFound(store: TestStore, pick: number): void {
  const list = (filter: object) =>
    store.reads.list("conversations", { at: null, after: 0, limit: 200, ...filter }).items;
  const all = list({});
  for (const as of ["post", "decision", "meeting", "thanks"] as const)
    expect(list({ state: as })).toEqual(all.filter((one) => one.as === as));
  expect(list({ waiting: "for-you" })).toEqual(all.filter(({ yourMoves }) => yourMoves.length > 0));
  expect(list({ waiting: "for-others" })).toEqual(all.filter(({ waitingFor }) => waitingFor.length > 0));
  expect(list({ dueBefore: "2026-04-02" })).toEqual(
    all.filter(({ reviewOn }) => reviewOn !== undefined && reviewOn < "2026-04-02"),
  );
  const things = all.flatMap(({ about, promoted }) => [...(about ? [about] : []), ...promoted]);
  const thing = things[pick % Math.max(1, things.length)];
  if (thing !== undefined)
    expect(list({ about: thing.id })).toEqual(
      all.filter(
        ({ about, promoted }) => about?.id === thing.id || promoted.some(({ id }) => id === thing.id),
      ),
    );
}

describe("rows", { timeout: 480_000 }, () => {
  it("are what their things fold to, at any time", () => {
    let nowMs = 0;
    fc.assert(
      fc.property(
        histories({ maxSteps: 40 }),
        pages,
        fc.nat({ max: 60 }),
        room,
        (history, sizes, days, kept) => {
          nowMs = (history.facts.at(-1)?.at[0] ?? 0) + days * 86_400_000;
          using store = openTestStore(history, () => nowMs, { keptEntries: kept });
          takeInPages(store, history, sizes);
          const world = worldOf(history);
          for (const collection of collections) {
            const expected = expectedIn(collection, history, world, store, null, nowMs);
            const { items, next } = store.reads.list(collection, { at: null, after: 0, limit: 200 });
            expect([items, next]).toEqual([expected, null]);
            for (const view of expected) expect(store.reads.one(collection, view.id, null)).toEqual(view);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("say the outcome of every entry, and the state of every partner", () => {
    fc.assert(
      fc.property(histories({ maxSteps: 40 }), pages, room, (history, sizes, kept) => {
        using store = openTestStore(history, () => 0, { keptEntries: kept });
        takeInPages(store, history, sizes);
        const world = worldOf(history);
        const { items } = store.reads.events({ at: null, after: 0, limit: 1_000 });
        const outcomes = items.map(({ id, effect, reason }) => [id, effect, reason]);
        const expected = history.facts.map(({ ref }) => {
          const verdict = world.now.verdictOf(ref);
          return [ref, verdict?.effect ?? "none", verdict?.effect === "none" ? verdict.reason : undefined];
        });
        expect(outcomes).toEqual(expected);
        const reading = openReading({ ...store.store.sources, headsOf: world.headsOf }, world.now, 0, true);
        for (const { id } of world.now.members.partners)
          expect(store.reads.one("partners", id, null)).toEqual(partnerView(id, reading));
      }),
      { numRuns: 40 },
    );
  });

  it("are the past as it was, on either time line", () => {
    const moments = fc.record({ pick: fc.nat(), timeline: fc.constantFrom("recorded", "occurred") });
    fc.assert(
      fc.property(histories({ maxSteps: 40 }), moments, (history, { pick, timeline }) => {
        using store = openTestStore(history);
        store.take(history.facts);
        const world = worldOf(history);
        const at = { atMs: history.facts[pick % history.facts.length]?.at[0] ?? 0, timeline };
        for (const collection of collections) {
          const expected = expectedIn(collection, history, world, store, at, 0);
          expect(store.reads.list(collection, { at, after: 0, limit: 200 }).items).toEqual(expected);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("are found by every filter as by looking at each", () => {
    fc.assert(
      fc.property(histories({ maxSteps: 40 }), fc.nat(), (history, pick) => {
        const nowMs = (history.facts.at(-1)?.at[0] ?? 0) + (pick % 90) * 86_400_000;
        using store = openTestStore(history, () => nowMs);
        store.take(history.facts);
        expectTalkFound(store, pick);
        const all = store.reads.list("commitments", { at: null, after: 0, limit: 200 }).items;
        const one = all[pick % Math.max(1, all.length)];
        if (one === undefined) return;
        const found = (filter: object) =>
          store.reads.list("commitments", { at: null, after: 0, limit: 200, ...filter }).items;
        expect(found({ state: one.state })).toEqual(all.filter(({ state }) => state === one.state));
        expect(found({ dueBefore: one.due })).toEqual(all.filter(({ due }) => due < one.due));
        expect(found({ dueAfter: one.due })).toEqual(all.filter(({ due }) => due > one.due));
        expect(found({ overdue: true })).toEqual(all.filter(({ overdue }) => overdue));
        expect(found({ overdue: false, state: one.state })).toEqual(
          all.filter(({ overdue, state }) => !overdue && state === one.state),
        );
        const parties = (view: typeof one) => [view.debtor, ...view.confirmers].map(({ id }) => id);
        const partner = one.debtor.id;
        const involved = new Set(found({ partner }).map(({ id }) => id));
        for (const view of all) if (parties(view).includes(partner)) expect(involved).toContain(view.id);
      }),
      { numRuns: 40 },
    );
  });

  it("come in pages that lose nothing and repeat nothing", () => {
    fc.assert(
      fc.property(
        histories({ maxSteps: 40 }),
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        (history, limit, isPast) => {
          using store = openTestStore(history);
          store.take(history.facts);
          const at = isPast ? ({ atMs: Number.MAX_SAFE_INTEGER, timeline: "recorded" } as const) : null;
          for (const collection of [...collections, "partners"] as Collection[]) {
            const whole = store.reads.list(collection, { at, after: 0, limit: 200 }).items;
            const paged: unknown[] = [];
            for (let after: number | null = 0; after !== null; ) {
              const page: ReturnType<typeof store.reads.list> = store.reads.list(collection, {
                at,
                after,
                limit,
              });
              expect(page.items.length).toBeLessThanOrEqual(limit);
              paged.push(...page.items);
              after = page.next;
            }
            expect(paged).toEqual(whole);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
