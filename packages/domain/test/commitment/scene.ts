/**
 * A scene: partners who say things, and hear of each other only when they meet. What a partner heard is the past of what
 * it says next, so two who did not meet in between speak concurrently.
 */

import { defaultParameters } from "@handfast/protocol/charter";
import { isNetworkLevel, readEvent } from "@handfast/protocol/events";
import type { PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import { type CommitmentFold, foldCommitment } from "../../src/commitment/commitment.ts";
import type { Commitment } from "../../src/commitment/state.ts";
import type { Cut } from "../../src/cut.ts";
import { compareFacts, type Fact } from "../../src/fact.ts";

export type Name = "orchard" | "millrace" | "ferry" | "heron";
export const names: readonly Name[] = ["orchard", "millrace", "ferry", "heron"];
export const network = "A".repeat(43);

/** A partner's id, 48 characters as on the wire. */
export const idOf = (name: Name): PartnerId => `z6Mk${name.replaceAll("l", "L")}`.padEnd(48, "x");
export const nameOf = (id: PartnerId): string => names.find((name) => idOf(name) === id) ?? id;
export const logOf = (name: Name) => name.padEnd(22, "A");

export type Saying = {
  readonly by: Name;
  readonly type: string;
  readonly about: Fact | Ref | null;
  readonly x: { readonly [member: string]: unknown };
};

export class Scene {
  readonly facts: Fact[] = [];
  readonly #seen = new Map<Name, Map<string, number>>(names.map((name) => [name, new Map()]));
  readonly #clocks: Readonly<Partial<Record<Name, number>>>;

  /** @param clocks How far ahead of the others a partner's clock is: decides the order of visiting, and nothing else. */
  constructor(clocks: Readonly<Partial<Record<Name, number>>> = {}, members: readonly Name[] = names) {
    this.#clocks = clocks;
    for (const by of members) this.say(by, "charter.attested", null, { charter: network });
    this.meet();
  }

  /** Says something; nobody hears it yet. */
  say(by: Name, type: string, about: Fact | Ref | null, x: Saying["x"] = {}): Fact {
    const seen = new Map(this.#seenBy(by));
    const log = logOf(by);
    const seq = (seen.get(log) ?? -1) + 1;
    const ref = `${log}.${seq}`;
    const subject = about === null || typeof about === "string" ? about : about.ref;
    const known = this.facts.filter((fact) => (seen.get(fact.log) ?? -1) >= fact.seq);
    const wall = 1_000 + this.facts.length + (this.#clocks[by] ?? 0);
    const read = readEvent({ type, subject, x: x as never });
    const fact: Fact = {
      ref,
      hash: `${by}${seq}`.padEnd(43, "A"),
      by: idOf(by),
      log,
      seq,
      at: [Math.max(wall, ...known.map((one) => one.at[0] + 1)), 0],
      subject: isNetworkLevel(type) ? network : (subject ?? ref),
      names: subject,
      told: read,
      past: (of) => seen.get(of) ?? -1,
    };
    this.facts.push(fact);
    this.#seenBy(by).set(log, seq);
    return fact;
  }

  /** Says something, and everyone hears it. */
  tell(by: Name, type: string, about: Fact | Ref | null, x: Saying["x"] = {}): Fact {
    const fact = this.say(by, type, about, x);
    this.meet();
    return fact;
  }

  /** Those named (or all) hear all that any of them heard. */
  meet(...who: readonly Name[]): this {
    const present = who.length === 0 ? names : who;
    const all = new Map<string, number>();
    for (const name of present) {
      for (const [log, seq] of this.#seenBy(name)) all.set(log, Math.max(seq, all.get(log) ?? -1));
    }
    for (const name of present) this.#seen.set(name, new Map(all));
    return this;
  }

  #seenBy(name: Name): Map<string, number> {
    const seen = this.#seen.get(name);
    if (seen === undefined) throw new Error(`no partner ${name}`);
    return seen;
  }
}

export const pinned = (fact: Fact): PinnedRef => `${fact.ref}@${fact.hash}`;

/** Everything the facts come to. */
export function cutOf(facts: readonly Fact[]): Cut {
  const sorted = [...new Map(facts.map((fact) => [fact.ref, fact])).values()].sort(compareFacts);
  const byRef = new Map(sorted.map((fact) => [fact.ref, fact]));
  const isActive = (partner: PartnerId, past: Fact["past"]) => {
    const own = sorted.filter((one) => one.by === partner && past(one.log) >= one.seq && one.told.ok);
    const types = own.map((one) => (one.told.ok ? one.told.event.type : ""));
    return types.lastIndexOf("charter.attested") > types.lastIndexOf("member.left");
  };
  return {
    network,
    charter: {
      name: "Scene",
      founders: names.map(idOf).sort(),
      nonce: "A".repeat(22),
      parameters: defaultParameters,
    },
    fact: (ref) => byRef.get(ref),
    factsOf: (subject) => sorted.filter((one) => one.subject === subject),
    verdictOf: (ref) => {
      const fact = byRef.get(ref);
      return fact === undefined ? undefined : { effect: "effective" };
    },
    membership: { isActive } as never,
  };
}

export const foldOf = (facts: readonly Fact[], subject: Fact): CommitmentFold =>
  foldCommitment(subject.ref, cutOf(facts));

/** What the facts come to for one commitment that must exist. */
export function commitmentIn(scene: Scene, subject: Fact): Commitment {
  const { commitment } = foldOf(scene.facts, subject);
  if (commitment === null) throw new Error("there is no such commitment");
  return commitment;
}

/** The verdict of one entry in short: `effective`, `crossed`, or the reason it has none. */
export function verdictIn(scene: Scene, subject: Fact, entry: Fact): string {
  const verdict = foldOf(scene.facts, subject).verdicts.get(entry.ref);
  return verdict === undefined ? "unfolded" : verdict.effect === "none" ? verdict.reason : verdict.effect;
}

export const due = "2026-06-30";
export const from = (debtor: Name, ...beneficiaries: readonly (Name | "network")[]) => ({
  debtor: idOf(debtor),
  beneficiaries: beneficiaries.map((one) => (one === "network" ? one : idOf(one))),
  due,
});
