// Goal: the laws every fold obeys, whatever partners say and however they hear of it. Method: random histories of two to
// four partners that meet now and then, with wrong clocks and with entries no honest partner would write.
import { events } from "@handfast/protocol/events";
import { type Plan, plans, play } from "@handfast/testkit/random-histories";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareFacts } from "../src/fact.ts";
import { everythingIn, verdictsIn, worldOf } from "./told.ts";

const thorough = { numRuns: 400 };

describe("the fold", { timeout: 240_000 }, () => {
  it("comes to the same, byte for byte, in any order of arrival and with any repetition", () => {
    const arrivals = plans().chain((plan) => {
      const history = play(plan);
      const doubled = [...history.facts, ...history.facts];
      return fc
        .shuffledSubarray(doubled, { minLength: doubled.length })
        .map((arrived) => ({ history, arrived }));
    });
    fc.assert(
      fc.property(arrivals, ({ history, arrived }) => {
        const inOrder = worldOf(history);
        const shuffled = worldOf(history, arrived);
        expect(everythingIn(shuffled.now, history.facts)).toBe(everythingIn(inOrder.now, history.facts));
        for (const { subject } of history.facts) {
          expect(shuffled.headsOf(subject)).toEqual(inOrder.headsOf(subject));
        }
      }),
      thorough,
    );
  });

  it("comes to the same when it was asked after every arrival (nothing stale is kept)", () => {
    const asked = plans({ maxSteps: 24 }).chain((plan) => {
      const history = play(plan);
      return fc
        .shuffledSubarray([...history.facts], { minLength: history.facts.length })
        .map((arrived) => ({ history, arrived }));
    });
    fc.assert(
      fc.property(asked, ({ history, arrived }) => {
        const world = worldOf(history, []);
        for (const fact of arrived) {
          world.add(fact);
          everythingIn(world.now, history.facts);
        }
        expect(everythingIn(world.now, history.facts)).toBe(
          everythingIn(worldOf(history).now, history.facts),
        );
      }),
      { numRuns: 150 },
    );
  });

  it("brings partners that were apart to the same state once they have heard the same", () => {
    fc.assert(
      fc.property(plans(), (plan) => {
        const history = play(plan);
        const nodes = history.partners.map((_, who) => worldOf(history, history.heardBy(who)));
        for (const node of nodes) everythingIn(node.now, history.facts);
        for (const node of nodes) for (const fact of history.facts) node.add(fact);
        const states = new Set(nodes.map((node) => everythingIn(node.now, history.facts)));
        expect(states.size).toBe(1);
      }),
      thorough,
    );
  });

  it("never takes an effect away, and never gives one late: news can only cross, or clear what crossed", () => {
    fc.assert(
      fc.property(plans(), (plan) => {
        const history = play(plan);
        const whole = verdictsIn(worldOf(history).now, history.facts);
        for (const who of history.partners.keys()) {
          const heard = history.heardBy(who);
          const counts = (verdict: string | undefined) => verdict === "effective" || verdict === "crossed";
          for (const [ref, verdict] of Object.entries(verdictsIn(worldOf(history, heard).now, heard))) {
            if (counts(verdict))
              expect(counts(whole[ref]), `${ref} was ${verdict}, is ${whole[ref]}`).toBe(true);
            else expect(whole[ref], ref).toBe(verdict);
          }
        }
      }),
      thorough,
    );
  });

  it("asks no clock who was right: with other clocks every entry fares the same", () => {
    const clocks = fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(plans(), clocks, (plan: Plan, ahead) => {
        const [one, other] = [play(plan), play({ ...plan, ahead })];
        const standing = (history: typeof one) => {
          const { now } = worldOf(history);
          return {
            verdicts: verdictsIn(now, history.facts),
            members: now.members.partners.map(({ id, state }) => [id, state]),
            seats: history.facts.map(({ ref }) => {
              const initiative = now.initiative(ref);
              return (
                initiative && [initiative.lead, initiative.term, initiative.participants, initiative.status]
              );
            }),
            handoffs: history.facts.map(({ ref }) =>
              now
                .initiative(ref)
                ?.handoffs.map((at) => at.state)
                .sort(),
            ),
            help: history.facts.map(({ ref }) => {
              const challenge = now.challenge(ref);
              return challenge && [challenge.state, challenge.offers.map((offer) => offer.state).sort()];
            }),
          };
        };
        expect(standing(other)).toEqual(standing(one));
      }),
      thorough,
    );
  });

  it("reaches what its stories are about (the generator gets far)", () => {
    const reached = new Map<string, Set<string>>();
    for (const plan of fc.sample(plans({ maxSteps: 60 }), { numRuns: 1_200, seed: 12 })) {
      const history = play(plan);
      const verdicts = verdictsIn(worldOf(history).now, history.facts);
      for (const { ref, header } of history.facts) {
        reached.set(header.type, (reached.get(header.type) ?? new Set()).add(verdicts[ref] ?? ""));
      }
    }
    for (const [type, verdicts] of reached) {
      if (type !== "com.example.noted") expect(verdicts, type).toContain("effective");
    }
    for (const type of ["handoff.accepted", "handoff.completed", "help.accepted", "commitment.accepted"]) {
      expect(reached.get(type), type).toContain("crossed");
    }
    // Every type there is, and one of somebody else's; but a proven fork takes signatures.
    const told = Object.keys(events).filter((type) => type !== "fork.proven");
    expect([...reached.keys()].sort()).toEqual([...told, "com.example.noted"].sort());
  });
});

describe("a cut", { timeout: 240_000 }, () => {
  it("at a recorded moment is the fold of what was recorded by then", () => {
    const moments = fc.tuple(plans(), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(moments, ([plan, part]) => {
        const history = play(plan);
        const sorted = [...history.facts].sort(compareFacts);
        const atMs = sorted[Math.floor(part * (sorted.length - 1))]?.at[0] ?? 0;
        const known = history.facts.filter((fact) => fact.at[0] <= atMs);
        const cut = worldOf(history).asOf({ atMs, timeline: "recorded" });
        expect(everythingIn(cut, known)).toBe(everythingIn(worldOf(history, known).now, known));
      }),
      thorough,
    );
  });

  it("of all there is, is now, on either time line", () => {
    fc.assert(
      fc.property(plans(), fc.constantFrom("recorded", "occurred"), (plan, timeline) => {
        const history = play(plan);
        const world = worldOf(history);
        const cut = world.asOf({ atMs: Number.MAX_SAFE_INTEGER, timeline });
        expect(everythingIn(cut, history.facts)).toBe(everythingIn(world.now, history.facts));
      }),
      { numRuns: 100 },
    );
  });
});
