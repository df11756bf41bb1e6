/**
 * A scene: partners who say things, and hear of each other only when they meet. What a partner heard is the past of what
 * it says next, so two who did not meet in between speak concurrently.
 */
import { defaultParameters } from "@handfast/protocol/charter";
import { readEvent, subjectOf } from "@handfast/protocol/events";
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import type { Commitment } from "../../src/commitment/view.ts";
import { type Fact, pinnedRefOf } from "../../src/fact.ts";
import type { Verdict } from "../../src/verdict.ts";
import type { WholeCut } from "../../src/whole.ts";
import { createWorld } from "../../src/world.ts";

export type Name = "orchard" | "millrace" | "ferry" | "heron";
export const names: readonly Name[] = ["orchard", "millrace", "ferry", "heron"];
const network = "A".repeat(43);

/** A partner's id, 48 characters as on the wire. */
export const idOf = (name: Name): PartnerId => `z6Mk${name.replaceAll("l", "L")}`.padEnd(48, "x");
export const nameOf = (id: PartnerId): string => names.find((name) => idOf(name) === id) ?? id;
export const logOf = (name: Name) => name.padEnd(22, "A");

type Saying = { readonly x: { readonly [member: string]: unknown } };
type Seen = ReadonlyMap<string, number>;

export class Scene {
  readonly facts: Fact[] = [];
  readonly #seen = new Map<Name, Seen>(names.map((name) => [name, new Map()]));
  readonly #ahead = new Map<Name, number>();

  /** @param members Who begins as a member. */
  constructor(members: readonly Name[] = names) {
    for (const by of members) this.say(by, "charter.attested", null, { charter: network });
    this.meet();
  }

  /** The same scene, to go on from in another way. */
  fork(): Scene {
    const fork = new Scene([]);
    fork.facts.push(...this.facts);
    for (const [name, seen] of this.#seen) fork.#seen.set(name, seen);
    for (const [name, ms] of this.#ahead) fork.#ahead.set(name, ms);
    return fork;
  }

  /** Sets a partner's clock ahead: that decides the fold order, and must decide nothing else. */
  setAhead(name: Name, ms: number): this {
    this.#ahead.set(name, ms);
    return this;
  }

  /** Says something; nobody hears it yet. `past` is all that its author heard, unless said otherwise. */
  say(
    by: Name,
    type: string,
    about: Fact | Ref | null,
    x: Saying["x"] = {},
    past: Seen = this.#heard(by),
  ): Fact {
    const seen = new Map(past);
    const log = logOf(by);
    const seq = (this.#heard(by).get(log) ?? -1) + 1;
    seen.set(log, seq - 1);
    const ref = `${log}.${seq}`;
    const subject = about === null || typeof about === "string" ? about : about.ref;
    const known = this.facts.filter((fact) => (seen.get(fact.log) ?? -1) >= fact.seq);
    const wall = 1_000 + this.facts.length + (this.#ahead.get(by) ?? 0);
    const fact: Fact = {
      ref,
      hash: `${by}${seq}`.padEnd(43, "A"),
      by: idOf(by),
      log,
      seq,
      at: [Math.max(wall, ...known.map((one) => one.at[0] + 1)), 0],
      subject: subjectOf({ type, net: network, log, seq, subject }),
      names: subject,
      told: readEvent({ type, subject, x: x as never }),
      past: (of) => seen.get(of) ?? -1,
    };
    this.facts.push(fact);
    this.#seen.set(by, new Map(this.#heard(by)).set(log, seq));
    return fact;
  }

  /** Says something, and everyone hears it. */
  tell(by: Name, type: string, about: Fact | Ref | null, x: Saying["x"] = {}): Fact {
    const fact = this.say(by, type, about, x);
    this.meet();
    return fact;
  }

  /** Appends as a ledger does: the entry's past is its author's own log and the heads of the subjects it read, no more. */
  append(by: Name, type: string, about: Ref | null, x: Saying["x"], reads: readonly string[]): Fact {
    const known = this.knownTo(by);
    const last = known.filter((fact) => fact.by === idOf(by)).at(-1);
    const read = [
      ...known.filter((fact) => reads.includes(fact.subject)),
      ...(last === undefined ? [] : [last]),
    ];
    const past = new Map<string, number>();
    for (const log of names.map(logOf)) {
      const seqs = read.map((fact) => (fact.log === log ? fact.seq : fact.past(log)));
      past.set(log, Math.max(-1, ...seqs));
    }
    return this.say(by, type, about, x, past);
  }

  /** Those named (or all) hear all that any of them heard. */
  meet(...who: readonly Name[]): this {
    const present = who.length === 0 ? names : who;
    const all = new Map<string, number>();
    for (const name of present) {
      for (const [log, seq] of this.#heard(name)) all.set(log, Math.max(seq, all.get(log) ?? -1));
    }
    for (const name of present) this.#seen.set(name, all);
    return this;
  }

  knownTo(name: Name): readonly Fact[] {
    const seen = this.#heard(name);
    return this.facts.filter((fact) => (seen.get(fact.log) ?? -1) >= fact.seq);
  }

  #heard(name: Name): Seen {
    return this.#seen.get(name) ?? new Map();
  }
}

export const pinned = pinnedRefOf;

const charter = {
  name: "Scene",
  founders: names.map(idOf).sort(),
  nonce: "A".repeat(22),
  parameters: defaultParameters,
};

/** Everything the facts come to. */
export function cutOf(facts: readonly Fact[]): WholeCut {
  const world = createWorld({ network, charter });
  for (const fact of facts) world.add(fact);
  return world.now;
}

export function foldOf(
  facts: readonly Fact[],
  subject: Fact,
): { readonly commitment: Commitment | null; readonly verdicts: ReadonlyMap<Ref, Verdict> } {
  const cut = cutOf(facts);
  const verdicts = cut.factsOf(subject.ref).map(({ ref }) => [ref, cut.verdictOf(ref) as Verdict] as const);
  return { commitment: cut.commitment(subject.ref), verdicts: new Map(verdicts) };
}

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
