// Goal: a past read from the file is what was learned until then, however long the chain it is stored as. Method: random lessons of
// many logs, each past read back with nothing in memory.
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createNumbers } from "./numbers.ts";
import { createPasts } from "./pasts.ts";
import { schema } from "./schema.ts";

const logs = Array.from({ length: 12 }, (_, index) => `log ${index}`);
const lesson = fc.record({
  log: fc.nat({ max: 2 }),
  learned: fc.uniqueArray(fc.constantFrom(...logs.slice(3)), { maxLength: 3 }),
});

describe("stored pasts", () => {
  it("are what was learned, and shared where nothing was", () => {
    fc.assert(
      fc.property(fc.array(lesson, { minLength: 1, maxLength: 80 }), (lessons) => {
        using database = new DatabaseSync(":memory:");
        database.exec(schema);
        const numbers = createNumbers(database, "logs", "log");
        const pasts = createPasts(database, numbers);
        const known = logs.map(() => new Map<string, number>());
        const stored = lessons.map(({ log, learned }, seq) => {
          const before = known[log] ?? new Map();
          known[log] = new Map([...before, ...learned.map((other) => [other, seq] as const)]);
          const id = pasts.add(
            numbers.intern(logs[log] as string),
            Object.fromEntries(learned.map((other) => [other, seq])),
          );
          if (seq % 7 === 0) pasts.flush();
          return { id, past: known[log] };
        });
        pasts.flush();
        pasts.reload();
        for (const { id, past } of stored) expect(new Map(pasts.of(id))).toEqual(past);
        const quiet = new Set(stored.map(({ id }) => id)).size;
        expect(quiet).toBeLessThanOrEqual(lessons.filter(({ learned }) => learned.length > 0).length + 3);
      }),
      { numRuns: 200 },
    );
  });
});
