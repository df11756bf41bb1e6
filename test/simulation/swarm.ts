/**
 * Which faults a run has, drawn from its seed: each run a random few of them, since faults hide each other when all of them happen
 * all the time.
 */

import type { Link } from "./links.ts";
import { founders } from "./partners.ts";
import { createRandom, type Random } from "./random.ts";
import type { WireFaults } from "./wires.ts";

export type Swarm = {
  readonly seed: number;
  /** Nodes that follow the protocol. */
  readonly honest: readonly string[];
  /** Who does not; null in half of the runs. */
  readonly liar: string | null;
  /** How many things it does that it should not. */
  readonly lies: number;
  /** Whether it signs two histories. */
  readonly isForker: boolean;
  readonly links: readonly Link[];
  readonly wires: WireFaults;
  /** People's acts while faults last. */
  readonly acts: number;
  /** How long that is, in simulated milliseconds. */
  readonly faultsMs: number;
  readonly kills: number;
  /** Kills in the middle of writing. */
  readonly killsInWriting: number;
  readonly partitions: number;
  readonly fullDisks: number;
  /** Clocks that are wrong by up to so much, and set while running. */
  readonly skewMs: number;
  readonly restores: number;
};

/** Messages on their way without any fault. */
export const calm: WireFaults = { lost: 0, doubled: 0, fastest: 2, slowest: 40 };

export function drawSwarm(seed: number): Swarm {
  const random = createRandom(seed);
  const some = (probability: number, most: number): number =>
    random.chance(probability) ? 1 + random.below(most) : 0;
  const liar = random.chance(0.5) ? random.pick(["ferry", "fox"]) : null;
  const newcomers = random.chance(0.25) ? ["weir"] : [];
  const honest = [...founders.filter((name) => name !== liar), ...newcomers];
  const isRough = random.chance(0.5);
  return {
    seed,
    honest,
    liar,
    lies: 8 + random.below(16),
    isForker: random.chance(0.5),
    links: drawLinks(honest, liar, random),
    wires: {
      lost: isRough && random.chance(0.7) ? random.next() * 0.3 : 0,
      doubled: isRough && random.chance(0.5) ? random.next() * 0.3 : 0,
      fastest: 2,
      slowest: isRough && random.chance(0.5) ? 3_000 : 40,
    },
    acts: 5 + random.below(10),
    faultsMs: 30_000,
    kills: some(0.4, 2),
    killsInWriting: some(0.4, 2),
    partitions: some(0.5, 2),
    fullDisks: some(0.15, 1),
    skewMs: random.chance(0.3) ? random.pick([2_000, 30_000, 100_000]) : 0,
    restores: random.chance(1 / 3) ? 1 : 0,
  };
}

/** All honest nodes hang together, by a chain at least; the liar is linked to one or more of them, on either side. */
function drawLinks(honest: readonly string[], liar: string | null, random: Random): readonly Link[] {
  const links: Link[] = [];
  const link = (one: string, other: string): void => {
    links.push(random.chance(0.5) ? { host: one, dialer: other } : { host: other, dialer: one });
  };
  for (const [index, name] of honest.entries()) {
    const before = honest.slice(0, index);
    if (before.length === 0) continue;
    const first = random.pick(before);
    link(name, first);
    for (const other of before) if (other !== first && random.chance(0.6)) link(name, other);
  }
  if (liar === null) return links;
  const victims = honest.filter(() => random.chance(0.7));
  // A liar that only dials is one file less; what it answers when it is asked is a lie as well.
  for (const host of victims.length > 0 ? victims : honest.slice(0, 1)) links.push({ host, dialer: liar });
  return links;
}
