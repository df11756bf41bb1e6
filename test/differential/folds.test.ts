// Goal: two programs that share nothing but docs/reference/fold.md say the same of the same entries: every row, and of
// every entry whether it has effect and why not. Method: random histories become real logs and a real bundle; the domain
// folds the entries, the auditor verifies and replays the bundle; whole, and cut at random on both time lines.
//
// HANDFAST_DIFFERENTIAL_RUNS says how many histories (300 unless told), HANDFAST_DIFFERENTIAL_SEED repeats a run.
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adversaryCommitment } from "@handfast/testkit/adversary-commitments";
import { adversaryInitiative } from "@handfast/testkit/adversary-initiatives";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retell } from "./adversaries.ts";
import { cases, historyOf, type Moment, momentsOf } from "./cases.ts";
import { byAuditor, byDomain, legible } from "./tellings.ts";

const runs = Number(process.env["HANDFAST_DIFFERENTIAL_RUNS"] ?? 300);
const seed = process.env["HANDFAST_DIFFERENTIAL_SEED"];

describe("the domain and the auditor", { timeout: 240_000 + runs * 2_000 }, () => {
  it("say the same of every history", () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "handfast-differential-"));
    fc.assert(
      fc.property(cases, (one) => {
        const history = historyOf(one);
        const [domain, auditor] = [byDomain(history), byAuditor(history, folder.path)];
        for (const moment of momentsOf(one, history)) {
          expect(legible(auditor(moment), history), JSON.stringify(moment)).toEqual(
            legible(domain(moment), history),
          );
        }
      }),
      { numRuns: runs, ...(seed === undefined ? {} : { seed: Number(seed) }) },
    );
  });

  it("say the same of what adversaries say", () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "handfast-differential-"));
    const told = fc.record({
      tell: fc.constantFrom(adversaryCommitment, adversaryInitiative),
      seed: fc.integer({ min: 1, max: 1_000_000_000 }),
      pick: fc.nat(),
      timeline: fc.constantFrom("recorded" as const, "occurred" as const),
    });
    fc.assert(
      fc.property(told, ({ tell, seed: of, pick, timeline }) => {
        const history = retell(tell(of).told);
        const [domain, auditor] = [byDomain(history), byAuditor(history, folder.path)];
        const atMs = history.facts[pick % history.facts.length]?.at[0] ?? 0;
        const whole: Moment = { atMs: Number.MAX_SAFE_INTEGER, timeline: "recorded" };
        for (const moment of [whole, { atMs, timeline }]) {
          expect(legible(auditor(moment), history), JSON.stringify(moment)).toEqual(
            legible(domain(moment), history),
          );
        }
      }),
      { numRuns: Math.ceil(runs / 5), ...(seed === undefined ? {} : { seed: Number(seed) }) },
    );
  });
});
