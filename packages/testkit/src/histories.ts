/**
 * Histories of several partners, invented without cryptography: who said what, and what each had heard when saying it.
 *
 * Partners hear of each other only when they meet, so two who did not meet in between speak concurrently. Headers are
 * whole and well formed; only the hashes are invented. Who needs real ones passes `hashOf`, and real identities.
 */
import type { Fact } from "@handfast/domain/fact";
import { toFact } from "@handfast/domain/to-fact";
import { type Charter, defaultParameters } from "@handfast/protocol/charter";
import { type EventName, readEvent } from "@handfast/protocol/events";
import type { At, Header } from "@handfast/protocol/header";
import { type Hash, type NetworkId, pin, type Ref, toMultikey } from "@handfast/protocol/ids";

export type Identity = {
  readonly name: string;
  readonly by: string;
  readonly log: string;
  /** `x` of its `log.opened`. */
  readonly opened: Header["x"];
  /** How far ahead of the others its clock is: decides the fold order, and nothing else. */
  readonly aheadMs?: number;
};

/** A fact, and the header it was read from. */
export type Told = Fact & { readonly header: Header };

export type Saying = {
  /** The thing it is about: an earlier entry, its ref, or nothing (the default: the entry creates it). */
  readonly subject?: Told | Ref | null;
  readonly x?: Header["x"];
  /**
   * What becomes its past beside the author's own log: all that was heard (the default), or only these entries and
   * their pasts, as a ledger does that names the heads of the subjects a decision read.
   */
  readonly sees?: "all" | readonly Fact[];
};

export type Foundation = {
  /** All partners, those first who found the network. */
  readonly partners: readonly Identity[];
  readonly founders: number;
  readonly net: NetworkId;
  readonly charter: Charter;
  readonly hashOf: (header: Header, index: number) => Hash;
  /** The last word of an author on what it is about to write, everything so far at hand: its subject and its `x`. */
  readonly alters?: (header: Header, facts: readonly Told[]) => Pick<Header, "subject" | "x">;
};

export interface History {
  readonly net: NetworkId;
  readonly charter: Charter;
  readonly partners: readonly Identity[];
  /** In the order they were said. */
  readonly facts: readonly Told[];
  /** Says something; nobody else hears it yet. Partners are named by their index. */
  says(who: number, type: EventName | (string & {}), saying?: Saying): Told;
  /** Says something, and everyone hears it. */
  tells(who: number, type: EventName | (string & {}), saying?: Saying): Told;
  /** One hears all that another one heard or said. */
  hears(who: number, from: number): void;
  /** Those named (or all) hear all that any of them heard. */
  meets(...who: readonly number[]): void;
  /** What a partner has heard or said. */
  heardBy(who: number): readonly Told[];
  knows(who: number, fact: Fact): boolean;
}

const letters = "abcdefghijklmnop";
const names = ["Orchard", "Millrace", "Ferry", "Heron", "Quarry", "Lantern", "Weir", "Thicket"];
export const inventedNet: NetworkId = "A".repeat(43);
/** When invented histories begin: 2026-01-05, in the morning. */
export const beginningMs = Date.UTC(2026, 0, 5, 9);

/** Partners that look real: ids, logs and names keep the protocol's forms. */
export function inventPartners(count: number, ahead: readonly number[] = []): readonly Identity[] {
  return Array.from({ length: count }, (_, index) => {
    const by = toMultikey(new Uint8Array(32).fill(index + 1));
    return {
      name: names[index] ?? `Partner ${index}`,
      by,
      log: `${(names[index] ?? "log").toLowerCase()}${letters[index] ?? index}`
        .padEnd(21, "_")
        .slice(0, 21)
        .concat("A"),
      opened: {
        root: by,
        keys: [by],
        witness: by,
        next: "A".repeat(43),
        name: names[index] ?? `Partner ${index}`,
      },
      aheadMs: ahead[index] ?? 0,
    };
  });
}

/** The founding of an invented network. */
export function inventFoundation(partners: number, founders: number, ahead?: readonly number[]): Foundation {
  const invented = inventPartners(partners, ahead);
  return {
    partners: invented,
    founders,
    net: inventedNet,
    charter: {
      name: "Invented",
      founders: invented
        .slice(0, founders)
        .map((one) => one.by)
        .sort(),
      nonce: "A".repeat(22),
      parameters: defaultParameters,
    },
    hashOf: (_, index) => `${String(index).padStart(42, "h")}A`,
  };
}

type Known = ReadonlyMap<string, number>;

/** A history in which every partner has opened its log and every founder has attested; all have heard of all. */
export function createHistory(foundation: Foundation): History {
  const { partners, net, charter } = foundation;
  const facts: Told[] = [];
  const byPlace = new Map<Ref, Told>();
  /** What each partner received, and what its log's last entry has in its past. */
  const heard: Map<string, number>[] = partners.map(() => new Map());
  const written: Known[] = partners.map(() => new Map());
  let wallMs = beginningMs;

  const identity = (who: number): Identity => {
    const found = partners[who];
    if (found === undefined) throw new RangeError(`no partner ${who}`);
    return found;
  };
  const of = (known: readonly Known[], who: number): Known => known[who] ?? new Map();

  const says = (who: number, type: string, { subject = null, x = {}, sees = "all" }: Saying = {}): Told => {
    const { by, log, aheadMs = 0 } = identity(who);
    const before = of(written, who);
    const seen = merged(before, ...(sees === "all" ? [of(heard, who)] : sees.map(upTo)));
    const seq = (before.get(log) ?? -1) + 1;
    const news = [...seen].filter(([other, upTo]) => other !== log && (before.get(other) ?? -1) < upTo);
    const heads = news.map(([other, upTo]) => byPlace.get(`${other}.${upTo}`) as Told);
    const parents = heads
      .filter((head) => !heads.some((other) => other !== head && other.past(head.log) >= head.seq))
      .map((head) => pin(head.ref, head.hash))
      .sort();
    wallMs += 1_000;
    const previous = byPlace.get(`${log}.${seq - 1}`);
    const at = after(wallMs + aheadMs, [...heads, ...(previous === undefined ? [] : [previous])]);
    const named = subject === null || typeof subject === "string" ? subject : subject.ref;
    const drafted: Header = {
      v: 1,
      net,
      by,
      log,
      seq,
      at,
      parents,
      type,
      subject: named,
      audience: "network",
      payload: null,
      x,
    };
    const header = { ...drafted, ...foundation.alters?.(drafted, facts) };
    const past = new Map(seen).set(log, seq - 1);
    const hash = foundation.hashOf(header, facts.length);
    const read = toFact(header, hash, (other) => past.get(other) ?? -1, readEvent(header));
    const told: Told = { ...read, header };
    facts.push(told);
    byPlace.set(told.ref, told);
    written[who] = new Map(seen).set(log, seq);
    heard[who] = new Map(merged(of(heard, who), written[who]));
    return told;
  };

  const meets = (...who: readonly number[]): void => {
    const present = who.length === 0 ? partners.map((_, index) => index) : who;
    const all = merged(...present.map((one) => of(heard, one)));
    for (const one of present) heard[one] = new Map(all);
  };
  const tells: History["tells"] = (who, type, saying) => {
    const told = says(who, type, saying);
    meets();
    return told;
  };
  const knows = (who: number, fact: Fact): boolean => (of(heard, who).get(fact.log) ?? -1) >= fact.seq;

  for (const [who, { opened }] of partners.entries()) says(who, "log.opened", { x: opened, sees: [] });
  for (let who = 0; who < foundation.founders; who++) {
    says(who, "charter.attested", { x: { charter: net }, sees: [] });
  }
  meets();

  return {
    net,
    charter,
    partners,
    facts,
    says,
    tells,
    hears: (who, from) => {
      heard[who] = new Map(merged(of(heard, who), of(heard, from)));
    },
    meets,
    heardBy: (who) => facts.filter((fact) => knows(who, fact)),
    knows,
  };

  function upTo(fact: Fact): Known {
    const known = new Map<string, number>();
    for (const { log } of partners) {
      const seq = log === fact.log ? fact.seq : fact.past(log);
      if (seq >= 0) known.set(log, seq);
    }
    return known;
  }
}

/** Strictly after every parent, and not before the clock on the wall. */
function after(wallMs: number, before: readonly { readonly at: At }[]): At {
  let at: At = [wallMs, 0];
  for (const one of before) {
    if (one.at[0] > at[0] || (one.at[0] === at[0] && one.at[1] >= at[1])) at = [one.at[0], one.at[1] + 1];
  }
  return at;
}

function merged(...known: readonly Known[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const one of known) {
    for (const [log, seq] of one) if ((all.get(log) ?? -1) < seq) all.set(log, seq);
  }
  return all;
}

/** Entries of a subject that no other entry of it has in its past: what a ledger names as parents. */
export function headsAmong(facts: readonly Told[], subject: string): readonly Told[] {
  const mine = facts.filter((fact) => fact.subject === subject);
  return mine.filter((fact) => !mine.some((other) => other !== fact && other.past(fact.log) >= fact.seq));
}
