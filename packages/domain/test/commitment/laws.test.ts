// Goal: the laws hold for every history that can be invented, also ones no honest partner would write. Method: partners
// who meet now and then say anything at all, mostly about terms that exist, from a stage of a commitment's life on.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fact } from "../../src/fact.ts";
import { type Candidate, candidatesOf, type Stage, says } from "./candidates.ts";
import { comparable } from "./comparable.ts";
import { commitmentIn, foldOf, idOf, logOf, type Name, names, Scene, verdictIn } from "./scene.ts";
import { stageNames, stageOf } from "./stages.ts";

const name = fc.constantFrom<Name>(...names);
/** Who says which of the things they could say, whether that has to count by itself, and who meets afterwards. */
const step = fc.record({
  by: name,
  pick: fc.nat(10_000),
  sensible: fc.integer({ min: 0, max: 9 }).map((n) => n > 1),
  leaves: fc.integer({ min: 0, max: 39 }).map((n) => n === 0),
  meets: fc.oneof(
    { weight: 3, arbitrary: fc.constant<readonly Name[]>([]) },
    { weight: 2, arbitrary: fc.tuple(name, name) },
    { weight: 1, arbitrary: fc.constant<readonly Name[]>(names) },
  ),
});
const history = fc.record({
  stage: fc.constantFrom(...stageNames),
  steps: fc.array(step, { minLength: 2, maxLength: 9 }),
});
type History = typeof history extends fc.Arbitrary<infer Value> ? Value : never;

/** Plays a history, with everyone's clock as far ahead as said: choices never depend on clocks. */
function play({ stage, steps }: History, ahead: Readonly<Partial<Record<Name, number>>> = {}): Stage {
  const { scene, subject } = stageOf(stage);
  for (const by of names) scene.setAhead(by, ahead[by] ?? 0);
  for (const { by, pick, sensible, leaves, meets } of steps) {
    if (leaves) scene.say(by, "member.left", `${logOf(by)}.0`);
    else sayOne({ scene, subject }, by, pick, sensible);
    if (meets.length > 0) scene.meet(...meets);
  }
  return { scene, subject };
}

function sayOne({ scene, subject }: Stage, by: Name, pick: number, sensible: boolean): void {
  if (!scene.knownTo(by).some((fact) => fact.ref === subject.ref)) return;
  const all = candidatesOf(scene, subject, by);
  const from = pick % all.length;
  const fits = (candidate: Candidate) => {
    const fork = scene.fork();
    const entry = says(fork, subject, candidate);
    return candidate.type !== "subject.merged" && counts(fork.facts, subject, entry);
  };
  const turned = [...all.slice(from), ...all.slice(0, from)];
  const chosen = sensible ? turned.find(fits) : turned[0];
  if (chosen !== undefined) says(scene, subject, chosen);
}

const counts = (facts: readonly Fact[], subject: Fact, entry: Fact): boolean =>
  foldOf(facts, subject).verdicts.get(entry.ref)?.effect !== "none";

const thorough = { numRuns: 250 };

describe("the laws of a commitment", { timeout: 480_000 }, () => {
  it("arrival in any order, and any number of times, comes to the same", () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (told, random) => {
        const { scene, subject } = play(told);
        const shuffled = [...scene.facts, ...scene.facts.slice(0, 5)]
          .map((fact) => ({ fact, key: random.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ fact }) => fact);
        expect(foldOf(shuffled, subject)).toEqual(foldOf(scene.facts, subject));
      }),
      thorough,
    );
  });

  it("nobody's clock decides anything between partners", () => {
    fc.assert(
      fc.property(
        history,
        fc.tuple(fc.nat(60), fc.nat(60), fc.nat(60)),
        (told, [millrace, orchard, ferry]) => {
          const one = play(told);
          const other = play(told, { millrace, orchard, ferry });
          expect(comparable(commitmentIn(other.scene, other.subject))).toEqual(
            comparable(commitmentIn(one.scene, one.subject)),
          );
          expect(new Map(foldOf(other.scene.facts, other.subject).verdicts)).toEqual(
            new Map(foldOf(one.scene.facts, one.subject).verdicts),
          );
        },
      ),
      thorough,
    );
  });

  it("what counted once never stops counting, whatever arrives later; at most it is crossed", () => {
    fc.assert(
      fc.property(history, (told) => {
        const { scene, subject } = play(told);
        const end = foldOf(scene.facts, subject).verdicts;
        for (const viewer of names) {
          const known = scene.knownTo(viewer);
          for (const [ref, verdict] of foldOf(known, subject).verdicts) {
            if (verdict.effect !== "none") expect(end.get(ref)?.effect, ref).not.toBe("none");
            else expect(end.get(ref), ref).toEqual(verdict);
          }
        }
      }),
      thorough,
    );
  });

  it("nobody is bound without having named these very terms (L1)", () => {
    fc.assert(
      fc.property(history, (told) => {
        const { scene, subject } = play(told);
        const { bound, terms, debtor } = commitmentIn(scene, subject);
        const binding = [...terms.all].filter((one) => one.standing === "bound");
        expect(binding).toHaveLength(bound ? 1 : 0);
        for (const { signers, pinned, by } of binding) {
          for (const signer of signers) expect(signedBy(scene, signer, pinned, by), signer).toBe(true);
        }
        if (bound) expect(scene.facts.some((fact) => fact.by === debtor)).toBe(true);
      }),
      thorough,
    );
  });

  it("what crossed binds nobody, and leaves the debtor where it was (L5)", () => {
    fc.assert(
      fc.property(history, (told) => {
        const { scene, subject } = play(told);
        const commitment = commitmentIn(scene, subject);
        if (commitment.state === "crossed") {
          expect(commitment.bound).toBe(false);
          expect(commitment.claims).toEqual([]);
        }
        const rivals = commitment.revisions.filter((one) => one.standing === "crossed");
        for (const rival of rivals) expect(commitment.terms.current.pinned).not.toBe(rival.pinned);
        if (commitment.kind !== "pledge") {
          const [first] = commitment.terms.all;
          expect(commitment.debtor).toBe(first?.debtor);
        }
      }),
      thorough,
    );
  });

  it("only who owes it tells of progress, claims or withdraws", () => {
    fc.assert(
      fc.property(history, (told) => {
        const { scene, subject } = play(told);
        for (const fact of scene.facts) {
          const type = fact.told.ok ? fact.told.event.type : "";
          if (!["commitment.claimed", "commitment.withdrawn", "commitment.progressed"].includes(type))
            continue;
          if (verdictIn(scene, subject, fact) !== "effective") continue;
          expect([idOf("millrace"), idOf("ferry")]).toContain(fact.by);
        }
      }),
      thorough,
    );
  });
});

/** By stating the terms, by accepting them, or by the offer of help they came from. */
function signedBy(scene: Scene, signer: string, terms: string, statedBy: string): boolean {
  if (signer === statedBy) return true;
  return scene.facts.some((fact) => {
    const event = fact.told.ok ? fact.told.event : null;
    if (event?.type === "commitment.accepted") return fact.by === signer && event.x.terms === terms;
    return event?.type === "help.offered" && fact.by === signer;
  });
}

it("a scene's choices do not depend on clocks", () => {
  expect(new Scene().facts.map((fact) => fact.ref)).toEqual(
    new Scene().setAhead("ferry", 9).facts.map((fact) => fact.ref),
  );
});
