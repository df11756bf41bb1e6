/**
 * Partners that mean harm, or are only unlucky: each writes several logs that rarely hear of each other, and says whatever
 * counts where it is said. What they say reaches what sensible histories seldom do (`adversary-commitments.ts`, `adversary-initiatives.ts`).
 */
import { type Fact, pinnedRefOf } from "@handfast/domain/fact";
import { createWorld, type World } from "@handfast/domain/world";
import { type Charter, defaultParameters } from "@handfast/protocol/charter";
import { levelOf, readEvent } from "@handfast/protocol/events";
import type { Header } from "@handfast/protocol/header";
import { inventedNet, inventPartners } from "./histories.ts";

/** Numbers that look random, and are the same in every run of a seed. */
export type Roll = (below: number) => number;
export function rollFrom(seed: number): Roll {
  let state = (seed * 2_654_435_761) % 2_147_483_647 || 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return Math.floor((state / 2_147_483_647) * below);
  };
}
export const oneOf = <T>(among: readonly T[], roll: Roll): T | undefined => among[roll(among.length)];

export type X = Header["x"];
/** Something to say: of which type, about what, and what it states. */
export type Saying = readonly [type: string, about: Fact, x: X];
type Log = { readonly by: string; readonly log: string; readonly aheadMs: number };

/** What an entry states, member by member; nothing where it could not be read. */
export const stated = ({ told }: Fact): { readonly [member: string]: unknown } =>
  told.ok ? told.event.x : {};
export const typeOf = ({ told }: Fact): string | null => (told.ok ? told.event.type : null);
export const namesTerms = (fact: Fact): X => ({ terms: pinnedRefOf(fact) });

export class Adversaries {
  readonly facts: Fact[] = [];
  readonly world: World;
  readonly charter: Charter;
  readonly logs: readonly Log[];
  readonly partners: readonly string[];
  readonly roll: Roll;
  readonly #heard: Map<string, number>[];

  /** Partners that founded the network, each with so many logs; the logs of one stand beside each other. */
  constructor(partners: number, logsEach: number, roll: Roll) {
    this.roll = roll;
    this.partners = inventPartners(partners).map((one) => one.by);
    this.logs = this.partners.flatMap((by, partner) =>
      Array.from({ length: logsEach }, (_, index) => ({
        by,
        log: `log${partner}${index}`.padEnd(22, "A"),
        aheadMs: roll(3) * roll(400),
      })),
    );
    this.#heard = this.logs.map(() => new Map());
    this.charter = {
      name: "Adversaries",
      founders: [...this.partners].sort(),
      nonce: "A".repeat(22),
      parameters: defaultParameters,
    };
    this.world = createWorld({ network: inventedNet, charter: this.charter });
    for (const index of this.partners.keys()) {
      this.say(index * logsEach, "charter.attested", null, { charter: inventedNet });
    }
    this.meet();
  }

  /** Says something, whether it counts or not. Authors are named by the index of the log they write. */
  say(who: number, type: string, about: Fact | null, x: X = {}): Fact {
    const fact = this.draft(who, type, about, x);
    this.facts.push(fact);
    this.world.add(fact);
    this.#heardBy(who).set(fact.log, fact.seq);
    return fact;
  }

  /** Says something if it counts there. */
  sayIfCounting(who: number, type: string, about: Fact, x: X = {}): boolean {
    const counts = this.counts(this.draft(who, type, about, x));
    if (counts) this.say(who, type, about, x);
    return counts;
  }

  draft(who: number, type: string, about: Fact | null, x: X = {}): Fact {
    const { by, log, aheadMs } = this.#logOf(who);
    const seen: ReadonlyMap<string, number> = new Map(this.#heardBy(who));
    const seq = (seen.get(log) ?? -1) + 1;
    const ref = `${log}.${seq}`;
    const isNetwork = levelOf(type) === "network";
    let after = 0;
    for (const fact of this.facts) {
      if ((seen.get(fact.log) ?? -1) >= fact.seq) after = Math.max(after, fact.at[0] + 1);
    }
    const at = Math.max(1_000 + this.facts.length * 10 + aheadMs, after);
    const dated = this.roll(6) === 0 && !isNetwork;
    const told = dated ? { ...x, occurredAt: Math.max(0, at - this.roll(400)) } : x;
    return {
      ref,
      hash: `${log.slice(0, 5)}${seq}`.padEnd(43, "A"),
      by,
      log,
      seq,
      at: [at, 0],
      subject: isNetwork ? inventedNet : (about?.ref ?? ref),
      names: about?.ref ?? null,
      told: readEvent({ type, subject: about?.ref ?? null, x: told }),
      past: (of) => seen.get(of) ?? -1,
    };
  }

  /** Whether a draft would count. */
  counts(draft: Fact): boolean {
    const [outcome] = this.world.now.outcomesOf([draft]);
    return outcome?.effect !== "none";
  }

  /** One log hears all that another one heard or said. */
  hear(who: number, from: number): void {
    const heard = this.#heardBy(who);
    for (const [log, seq] of this.#heardBy(from)) if ((heard.get(log) ?? -1) < seq) heard.set(log, seq);
  }

  /** Those named (or all) hear all that any of them heard. */
  meet(...who: readonly number[]): void {
    const present = who.length === 0 ? [...this.logs.keys()] : who;
    for (let round = 0; round < 2; round++) {
      for (const one of present) for (const other of present) this.hear(one, other);
    }
  }

  knows(who: number, fact: Fact): boolean {
    return (this.#heardBy(who).get(fact.log) ?? -1) >= fact.seq;
  }

  known(who: number, ...types: readonly string[]): readonly Fact[] {
    return this.facts.filter((fact) => types.includes(typeOf(fact) ?? "") && this.knows(who, fact));
  }

  partnerOf(who: number): string {
    return this.#logOf(who).by;
  }

  /** The logs of some partners. */
  logsOf(partners: readonly string[]): readonly number[] {
    return [...this.logs.keys()].filter((index) => partners.includes(this.partnerOf(index)));
  }

  /** Leaves the network, and comes back by the word of a majority; who is not needed for that stays deaf. */
  leave(who: number, comesBack: boolean): void {
    const { by, log } = this.#logOf(who);
    const membership = this.world.now.membership.membershipIn(by, this.draft(who, "member.left", null).past);
    const made = this.facts.find((fact) => fact.ref === membership);
    if (made === undefined) return;
    this.say(who, "member.left", made);
    if (!comesBack) return;
    const others = [...this.logs.keys()].filter((index) => this.partnerOf(index) !== by);
    const sponsor = oneOf(others, this.roll) as number;
    this.hear(sponsor, who);
    const sponsored = this.say(sponsor, "member.sponsored", null, { root: by, log });
    const needed = Math.floor((this.partners.length - 1) / 2) + 1;
    const electors = new Map([[this.partnerOf(sponsor), sponsor]]);
    for (const other of others) {
      const isFurther = electors.size < needed && !electors.has(this.partnerOf(other));
      if (isFurther) electors.set(this.partnerOf(other), other);
    }
    for (const other of electors.values()) {
      this.hear(other, sponsor);
      this.say(other, "member.endorsed", sponsored, { opening: sponsored.ref, yes: true });
      this.hear(who, other);
    }
    this.say(who, "charter.attested", sponsored, { charter: inventedNet });
  }

  #logOf(who: number): Log {
    return this.logs[who] as Log;
  }
  #heardBy(who: number): Map<string, number> {
    return this.#heard[who] as Map<string, number>;
  }
}
