/**
 * What lies between two machines: messages that are late, lost, doubled or overtaken, and partitions that both sides notice only
 * after a while, as TCP does. Which of it happens is the seed's choice.
 */
import type { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

export type WireFaults = {
  /** Of messages, from 0 to 1. */
  readonly lost: number;
  readonly doubled: number;
  /** Latency in milliseconds; the spread is what makes messages overtake each other. */
  readonly fastest: number;
  readonly slowest: number;
};

export interface Wires {
  faults: WireFaults;
  /** Parts two machines, or joins them again. */
  part(one: string, other: string, isParted: boolean): void;
  arePartedNow(one: string, other: string): boolean;
  joinAll(): void;
  /** Called at every parting and joining of machines. */
  onChange(listener: () => void): void;
  /** Carries one message, or does not. */
  carry(from: string, to: string, deliver: () => void): void;
}

export function createWires(scheduler: Scheduler, random: Random, faults: WireFaults): Wires {
  const parted = new Set<string>();
  const listeners: (() => void)[] = [];
  const pair = (one: string, other: string): string => [one, other].sort().join(" ");
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const wires: Wires = {
    faults,
    part: (one, other, isParted) => {
      if (isParted) parted.add(pair(one, other));
      else parted.delete(pair(one, other));
      changed();
    },
    arePartedNow: (one, other) => parted.has(pair(one, other)),
    joinAll: () => {
      parted.clear();
      changed();
    },
    onChange: (listener) => {
      listeners.push(listener);
    },
    carry: (from, to, deliver) => {
      const { lost, doubled, fastest, slowest } = wires.faults;
      const count = random.chance(lost) ? 0 : random.chance(doubled) ? 2 : 1;
      for (let copy = 0; copy < count; copy += 1)
        scheduler.after(random.between(fastest, slowest + 1), () => {
          if (!parted.has(pair(from, to))) deliver();
        });
    },
  };
  return wires;
}
