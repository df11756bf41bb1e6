/** Goal: the compact pasts say exactly what walking back over predecessors and parents says. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { createHeld, type Held } from "./held.ts";
import { createPast } from "./past.ts";

const zero = Buffer.alloc(32);

/** Logs of the given writers; each step writes one entry that names the newest entries of some others. */
function history(width: number, steps: readonly { by: number; sees: readonly number[] }[]) {
  const places = steps.map(({ by }, step) => steps.slice(0, step).filter((other) => other.by === by).length);
  const sizes = Array.from({ length: width }, (_unused, log) => steps.filter(({ by }) => by === log).length);
  const logs = sizes.map((size, log) => ({ by: `${log}`, log: `${log}`, size }));
  const charter = {
    name: "",
    founders: [],
    headers: 1 as const,
    patience: { graceDays: 2, confirmWindowDays: 14 },
  };
  const held = createHeld(
    { exportedAt: 0, exportedBy: "", net: "", software: "", payloads: 0, logs },
    charter,
  );
  const indexes = steps.map(
    ({ by }, step) => (held.logs[by] as Held["logs"][number]).base + (places[step] as number),
  );
  const direct = new Map<number, number[]>();
  for (const [step, { by, sees }] of steps.entries()) {
    const index = indexes[step] as number;
    held.atMs[index] = step;
    const parents = new Set<number>();
    for (const log of sees) {
      const newest = steps.slice(0, step).findLastIndex((other) => other.by === log % width);
      if (newest >= 0 && log % width !== by) parents.add(indexes[newest] as number);
    }
    direct.set(index, [...parents, ...((places[step] as number) > 0 ? [index - 1] : [])]);
  }
  for (const [child, targets] of [...direct].sort(([a], [b]) => a - b)) {
    for (const target of targets)
      if (target !== child - 1 || logOf(held, target) !== logOf(held, child))
        held.parents.add(child, target, zero, 0);
  }
  return { held, direct, indexes };
}

function logOf({ logs }: Held, index: number): number {
  return logs.findLastIndex(({ base, size }) => base <= index && index < base + size);
}

it("an entry is in the past of another exactly when it can be reached from it", () => {
  const step = fc.record({ by: fc.nat(3), sees: fc.array(fc.nat(3), { maxLength: 2 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { held, direct, indexes } = history(4, steps);
      const past = createPast(held);
      expect([...past.order]).toEqual(indexes);
      const reach = new Map<number, Set<number>>();
      for (const index of indexes) {
        const all = new Set<number>();
        for (const before of direct.get(index) ?? [])
          for (const far of [before, ...(reach.get(before) ?? [])]) all.add(far);
        reach.set(index, all);
      }
      for (const earlier of indexes) {
        for (const later of indexes) {
          expect(past.has(earlier, later)).toBe(reach.get(later)?.has(earlier));
          const isApart =
            earlier !== later && !reach.get(later)?.has(earlier) && !reach.get(earlier)?.has(later);
          expect(past.areConcurrent(earlier, later)).toBe(isApart);
        }
      }
    }),
    { numRuns: 300 },
  );
});
