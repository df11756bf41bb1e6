// Goal: two programs that share nothing but docs/reference/fold.md say the same of the same entries: every row, and of
// every entry whether it has effect and why not. Method: random histories become real logs and a real bundle; the domain
// folds the entries, the auditor verifies and replays the bundle; whole, and cut at random on both time lines.
//
// HANDFAST_DIFFERENTIAL_RUNS says how many histories (300 unless told), HANDFAST_DIFFERENTIAL_SEED repeats a run.
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cases, historyOf, momentsOf } from "./cases.ts";
import { byAuditor, byDomain, legible } from "./tellings.ts";

const runs = Number(process.env["HANDFAST_DIFFERENTIAL_RUNS"] ?? 300);
const seed = process.env["HANDFAST_DIFFERENTIAL_SEED"];

describe("the domain and the auditor", { timeout: 60_000 + runs * 500 }, () => {
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
});
