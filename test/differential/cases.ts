/**
 * Random histories for the differential test, and moments to cut them at: what `packages/testkit` invents, with real
 * keys, and with things in `x` that an author may add or get wrong.
 */
import type { Timeline } from "@handfast/domain/facts";
import type { Header } from "@handfast/protocol/header";
import type { History, Told } from "@handfast/testkit/histories";
import { type Plan, plans, play, turns } from "@handfast/testkit/random-histories";
import fc from "fast-check";
import { signedFoundation } from "./signed-network.ts";

export type Moment = { readonly atMs: number; readonly timeline: Timeline };

/** What an author may add to an entry or get wrong in it. */
type Change = (header: Header, other: Told) => Partial<Pick<Header, "subject" | "x">>;
const sets =
  (x: Header["x"]): Change =>
  (header) => ({ x: { ...header.x, ...x } });
/** Names something else in a member that is there. */
const swaps =
  (member: string, value: (other: Told) => Header["x"][string]): Change =>
  (header, other) => ({
    x: Object.hasOwn(header.x, member) ? { ...header.x, [member]: value(other) } : header.x,
  });
const refOf = ({ ref }: Told): string => ref;
const pinned = ({ ref, hash }: Told): string => `${ref}@${hash}`;
const byOf = ({ by }: Told): string => by;

const changes: readonly Change[] = [
  sets({ externalId: "KEP-1" }),
  sets({ externalId: "KEP-2", externalStatus: "implemented" }),
  sets({ externalStatus: "provisional", note: "an unknown member" }),
  sets({ must: [] }),
  sets({ must: ["note"] }),
  sets({ must: ["externalId"], externalId: "KEP-3" }),
  sets({ must: [7] }),
  sets({ must: "note" }),
  sets({ externalId: "" }),
  sets({ externalId: "left\u200bright" }),
  sets({ externalId: "soft\u00adhyphen" }),
  sets({ externalId: "e\u0301" }),
  sets({ externalStatus: 4 }),
  sets({ occurredAt: "yesterday" }),
  sets({ occurredAt: 4_102_444_800_001 }),
  sets({ due: "2026-02-30" }),
  sets({ due: "0000-02-29" }),
  sets({ beneficiaries: [] }),
  sets({ criteria: ["a", ""] }),
  sets({ criteria: ["first", "second"] }),
  sets({ part: 0 }),
  sets({ part: 100 }),
  sets({ part: "half" }),
  sets({ term: 0 }),
  sets({ term: 2 }),
  sets({ until: 5 }),
  sets({ until: "2026-02-01", ackBy: "2026-02-01" }),
  sets({ seat: "open" }),
  sets({ as: "partial" }),
  sets({ charter: `${"B".repeat(42)}A` }),
  sets({ terms: `${"B".repeat(21)}A.3@${"C".repeat(42)}A` }),
  ...["opening", "offer", "accept", "origin", "completed", "accepted"].map((member) => swaps(member, refOf)),
  ...["about", "of", "to", "question", "answer", "request", "asked", "into", "agreed", "from"].map((member) =>
    swaps(member, refOf),
  ),
  sets({ as: "none" }),
  sets({ as: "a text of 17 lett" }),
  sets({ as: "a text of 16 let" }),
  sets({ by: "2026-02-30" }),
  sets({ to: [] }),
  ...["to", "from"].map((member) => swaps(member, ({ by }) => [by])),
  ...["to", "from"].map((member) => swaps(member, ({ by }) => [by, by])),
  swaps("from", ({ by }) => Array.from({ length: 33 }, () => by)),
  ...["base", "terms"].map((member) => swaps(member, pinned)),
  ...["base", "terms"].map((member) => swaps(member, ({ ref }) => `${ref}@${"C".repeat(42)}A`)),
  ...["debtor", "to", "root"].map((member) => swaps(member, byOf)),
  swaps("log", ({ log }) => log),
  swaps("beneficiaries", ({ ref, by }) => [by, "network", ref]),
  swaps("beneficiaries", ({ by }) => [by, by]),
  (header, { by }) => ({ x: { ...header.x, confirmers: [by] } }),
  (header, { by }) => ({ x: { ...header.x, beneficiaries: [by], confirmers: [] } }),
  (header, { ref }) => ({ x: { ...header.x, seat: { initiative: ref, term: 1 } } }),
  (header, { ref }) => ({ x: { ...header.x, seat: { initiative: ref, term: 1, more: 1 } } }),
  (_header, { ref }) => ({ subject: ref }),
  (_header, { subject }) => ({ subject }),
  () => ({ subject: null }),
  () => ({ subject: `${"B".repeat(21)}A.3` }),
];

export type Case = {
  readonly plan: Plan;
  readonly variant: number;
  /** By the index of the entry: what is changed in it (below 0: nothing), and how long ago it happened. */
  readonly extras: readonly { readonly roll: number; readonly other: number; readonly agoMs: number }[];
  /** Which entries' times to cut at. */
  readonly cuts: readonly { readonly pick: number; readonly timeline: Timeline; readonly offMs: number }[];
};

export const cases: fc.Arbitrary<Case> = fc.record({
  plan: fc
    .tuple(plans({ minSteps: 30, maxSteps: 60 }), fc.option(turns(), { freq: 2, nil: [] }))
    .map(([plan, own]) => ({ ...plan, turns: own })),
  variant: fc.nat({ max: 2 }),
  extras: fc.array(
    fc.record({
      roll: fc.oneof(
        { weight: 12, arbitrary: fc.constant(-1) },
        { weight: 1, arbitrary: fc.nat({ max: 1_000 }) },
      ),
      other: fc.nat({ max: 1_000 }),
      agoMs: fc.constantFrom(0, 0, 0, 0, 3_000, 20_000, 200_000),
    }),
    { minLength: 60, maxLength: 60 },
  ),
  cuts: fc.array(
    fc.record({
      pick: fc.nat({ max: 1_000 }),
      timeline: fc.constantFrom<Timeline>("recorded", "occurred"),
      offMs: fc.constantFrom(0, 0, -1, 1),
    }),
    { minLength: 2, maxLength: 4 },
  ),
});

export function historyOf({ plan, variant, extras }: Case): History {
  const foundation = signedFoundation({ ...plan, variant });
  return play(plan, {
    ...foundation,
    alters: (header, facts) => {
      const extra = extras[facts.length];
      // The founding is as it must be: else hardly anything would count.
      if (extra === undefined || header.type === "log.opened" || header.seq < 2) return header;
      const told = extra.agoMs === 0 ? header : occurred(header, extra.agoMs);
      const other = facts[extra.other % facts.length];
      const change = extra.roll < 0 ? undefined : changes[extra.roll % changes.length];
      const changed = other === undefined ? {} : change?.(told, other);
      // Only a network's own subject is not a ref.
      return { ...told, ...changed, ...(changed?.subject === header.net ? { subject: null } : {}) };
    },
  });
}

const occurred = (header: Header, agoMs: number): Header => ({
  ...header,
  x: { occurredAt: header.at[0] - agoMs, ...header.x },
});

export function momentsOf({ cuts }: Case, { facts }: History): readonly Moment[] {
  const whole: Moment = { atMs: Number.MAX_SAFE_INTEGER, timeline: "recorded" };
  return [
    whole,
    ...cuts.map(({ pick, timeline, offMs }): Moment => {
      const fact = facts[pick % facts.length];
      const occurredAt = fact?.header.x["occurredAt"];
      const at = timeline === "occurred" && typeof occurredAt === "number" ? occurredAt : fact?.at[0];
      return { atMs: (at ?? 0) + offMs, timeline };
    }),
  ];
}
