/** Everything a partner could say about a commitment at some point of a scene, sensible or not. */
import type { Fact } from "../../src/fact.ts";
import { due, from, type Name, pinned, type Scene } from "./scene.ts";

export type Candidate = {
  readonly by: Name;
  readonly type: string;
  readonly x: { readonly [member: string]: unknown };
};

const stating = new Set([
  "commitment.requested",
  "commitment.offered",
  "commitment.pledged",
  "commitment.countered",
  "commitment.revision-proposed",
]);
const naming = [
  "accepted",
  "declined",
  "retracted",
  "reaffirmed",
  "let-go",
  "revision-accepted",
  "revision-declined",
  "revision-retracted",
].map((word) => `commitment.${word}`);
const bare = ["progressed", "claimed", "disputed", "released", "withdrawn", "pledge-declined"].map(
  (word) => `commitment.${word}`,
);

export function candidatesOf(scene: Scene, subject: Fact, by: Name): readonly Candidate[] {
  const known = scene.knownTo(by);
  const told = (type: string) => known.filter((fact) => fact.told.ok && fact.told.event.type === type);
  const terms = known.filter(
    (fact) => fact.subject === subject.ref && fact.told.ok && stating.has(fact.told.event.type),
  );
  const parties = partiesOf(subject);
  const bases = terms.flatMap((base): readonly Candidate[] => [
    { by, type: "commitment.countered", x: { ...parties, due: "2026-08-15", base: pinned(base) } },
    { by, type: "commitment.revision-proposed", x: { base: pinned(base), due: "2026-10-01" } },
  ]);
  const named = terms.flatMap((one) => naming.map((type) => ({ by, type, x: { terms: pinned(one) } })));
  const offers = told("help.offered").map((offer) => ({
    by,
    type: "commitment.accepted",
    x: { terms: pinned(offer) },
  }));
  const carrying = told("handoff.offered").flatMap((offer) =>
    terms.map((one) => ({
      by,
      type: "commitment.carry-accepted",
      x: { offer: offer.ref, terms: pinned(one) },
    })),
  );
  const carried = told("handoff.completed").flatMap((completed) =>
    told("commitment.carry-accepted").map((accepted) => ({
      by,
      type: "commitment.carried",
      x: { completed: completed.ref, accepted: accepted.ref },
    })),
  );
  return [
    ...bases,
    ...named,
    ...offers,
    ...carrying,
    ...carried,
    ...bare.map((type) => ({ by, type, x: {} })),
    { by, type: "commitment.confirmed", x: { as: "full" } },
    { by, type: "commitment.confirmed", x: { as: "partial" } },
    { by, type: "subject.merged", x: {} },
  ];
}

function partiesOf(subject: Fact): { readonly [member: string]: unknown } {
  const event = subject.told.ok ? subject.told.event : null;
  if (event === null || !("debtor" in event.x)) return from("millrace", "orchard");
  return { debtor: event.x.debtor, beneficiaries: event.x.beneficiaries, due };
}

/** A commitment at some point of its life. */
export type Stage = { readonly scene: Scene; readonly subject: Fact };
export const says = (scene: Scene, subject: Fact, { by, type, x }: Candidate): Fact =>
  scene.say(by, type, subject, x);
