// Goal: what a node decides and what everybody folds are one thing. Method: after a random history a partner gives a
// random command by what it has heard; what is accepted is appended as a ledger would (parents: heads of what was read),
// and folded by that node and by one that has heard everything.
import { guards, reasons } from "@handfast/protocol/reasons";
import { plans, play } from "@handfast/testkit/random-histories";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { owedIn } from "../src/follow-ups.ts";
import { append, commandOf, decide, rolls } from "./commands.ts";
import { verdictsIn, viewOf, worldOf } from "./told.ts";

const told = fc.tuple(
  plans(),
  fc.array(fc.tuple(rolls, fc.nat({ max: 100 })), { minLength: 1, maxLength: 8 }),
);
const known: ReadonlySet<string> = new Set([...reasons, ...guards]);

describe("a decision", { timeout: 240_000 }, () => {
  it("once accepted is effective where it was taken, and never without effect elsewhere", () => {
    const accepted = new Map<string, number>();
    fc.assert(
      fc.property(told, ([plan, commands]) => {
        const history = play(plan);
        for (const [roll, by] of commands) {
          const who = by % history.partners.length;
          const command = commandOf(roll, history, who);
          if (command === null) continue;
          const decision = decide(command, viewOf(history, who));
          if (!decision.ok) {
            expect(known).toContain(decision.refusal);
            continue;
          }
          accepted.set(command.name, (accepted.get(command.name) ?? 0) + 1);
          const entries = append(decision, history, who);
          const here = verdictsIn(worldOf(history, history.heardBy(who)).now, entries);
          const everywhere = verdictsIn(worldOf(history).now, entries);
          for (const { ref, header } of entries) {
            expect(here[ref], `${command.name}: ${header.type}`).toBe("effective");
            expect(["effective", "crossed"], `${command.name}: ${header.type}`).toContain(everywhere[ref]);
          }
        }
      }),
      { numRuns: 800 },
    );
    // Commands that are rarely possible at random are shown by the stories beside the code.
    expect(accepted.size).toBeGreaterThan(20);
  });

  it("that a node takes by itself is effective, and nothing is owed for it twice", () => {
    let owed = 0;
    fc.assert(
      fc.property(plans(), (plan) => {
        const history = play({ ...plan, theme: plan.steps.length % 2 === 0 ? "carrying" : "handoff" });
        for (const who of history.partners.keys()) {
          for (let rounds = 0; rounds < 10; rounds++) {
            const view = viewOf(history, who);
            const decision = owedIn(view, null)[0]?.decide(view);
            if (decision?.ok !== true) break;
            owed++;
            const entries = append(decision, history, who);
            const here = verdictsIn(worldOf(history, history.heardBy(who)).now, entries);
            for (const { ref, header } of entries) expect(here[ref], header.type).toBe("effective");
            expect(rounds).toBeLessThan(9);
          }
        }
      }),
      { numRuns: 400 },
    );
    expect(owed).toBeGreaterThan(20);
  });
});
