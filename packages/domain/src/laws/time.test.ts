// Goal: days are those of the calendar, though nothing asks one. Method: the runtime's own calendar is the judge.
import fc from "fast-check";
import { expect, it } from "vitest";
import { dayMs, dayOf, endOf, startOf } from "./time.ts";

const moment = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });

it("a moment lies in the day the calendar says, and that day begins and ends around it", () => {
  fc.assert(
    fc.property(moment, (ms) => {
      const day = dayOf(ms);
      expect(day).toBe(new Date(ms).toISOString().slice(0, 10));
      expect(startOf(day)).toBe(Date.parse(`${day}T00:00:00Z`));
      expect(startOf(day)).toBeLessThanOrEqual(ms);
      expect(endOf(day)).toBe(startOf(day) + dayMs);
      expect(endOf(day)).toBeGreaterThan(ms);
    }),
    { numRuns: 5_000 },
  );
});
