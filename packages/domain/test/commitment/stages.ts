/** Commitments at many points of their lives, each told by entries; everyone knows all of them. */
import type { Fact } from "../../src/fact.ts";
import type { Stage } from "./candidates.ts";
import { due, from, idOf, type Name, pinned, Scene } from "./scene.ts";

type Line = readonly [by: Name, type: string, x?: object];
type Begin = (scene: Scene) => Fact;

const request: Begin = (scene) =>
  scene.tell("orchard", "commitment.requested", null, from("millrace", "orchard", "ferry"));
const offer: Begin = (scene) =>
  scene.tell("millrace", "commitment.offered", null, from("millrace", "orchard", "ferry"));
const pledge: Begin = (scene) =>
  scene.tell("millrace", "commitment.pledged", null, from("millrace", "network", "orchard", "ferry"));
/** A pledge made as the lead, with the lead being handed to Ferry. */
const seated: Begin = (scene) => {
  const initiative = scene.tell("millrace", "initiative.proposed", null);
  const made = scene.tell("millrace", "commitment.pledged", null, {
    ...from("millrace", "network", "orchard"),
    seat: { initiative: initiative.ref, term: 1 },
  });
  const handoff = scene.tell("millrace", "handoff.offered", initiative, { to: idOf("ferry"), term: 1 });
  const accept = scene.tell("ferry", "handoff.accepted", initiative, { offer: handoff.ref });
  const x = { offer: handoff.ref, terms: pinned(made) };
  scene.tell("ferry", "commitment.carry-accepted", made, x);
  scene.tell("millrace", "handoff.completed", initiative, { accept: accept.ref });
  return made;
};
/** A request from an offer of help that was taken back meanwhile. */
const helped: Begin = (scene) => {
  const challenge = scene.tell("orchard", "challenge.shared", null);
  const help = scene.tell("millrace", "help.offered", challenge, { due });
  scene.say("millrace", "help.retracted", challenge, { offer: help.ref });
  const accepted = scene.say("orchard", "help.accepted", challenge, { offer: help.ref });
  const origin = { origin: accepted.ref };
  const made = scene.say("orchard", "commitment.requested", null, {
    ...from("millrace", "orchard"),
    ...origin,
  });
  scene.meet();
  return made;
};

const accepted: readonly Line[] = [
  ["orchard", "commitment.accepted", { terms: "first" }],
  ["ferry", "commitment.accepted", { terms: "first" }],
];
const stages: { readonly [name: string]: readonly [Begin, ...(readonly Line[])] } = {
  requested: [request],
  "half signed request": [request, ["millrace", "commitment.accepted", { terms: "first" }]],
  offered: [offer],
  "half signed offer": [offer, ["orchard", "commitment.accepted", { terms: "first" }]],
  countered: [
    request,
    ["millrace", "commitment.countered", { ...from("millrace", "orchard", "ferry"), base: "first" }],
    ["orchard", "commitment.accepted", { terms: "last" }],
  ],
  agreed: [offer, ...accepted],
  progressed: [offer, ...accepted, ["millrace", "commitment.progressed"]],
  claimed: [offer, ...accepted, ["millrace", "commitment.claimed"]],
  disputed: [offer, ...accepted, ["millrace", "commitment.claimed"], ["orchard", "commitment.disputed"]],
  revising: [
    offer,
    ...accepted,
    ["millrace", "commitment.revision-proposed", { base: "first", due: "2026-12-31" }],
    ["ferry", "commitment.revision-accepted", { terms: "last" }],
  ],
  pledged: [pledge],
  "pledge under way": [pledge, ["millrace", "commitment.progressed"]],
  "pledge claimed": [pledge, ["millrace", "commitment.claimed"]],
  "pledge with the lead": [seated],
  "pledge with the lead under way": [seated, ["millrace", "commitment.progressed"]],
  "help crossed": [helped],
};
export const stageNames = Object.keys(stages);

export function stageOf(name: string): Stage {
  const [begin, ...lines] = stages[name] ?? [request];
  const scene = new Scene();
  const subject = begin(scene);
  for (const [by, type, x] of lines) {
    const stating = scene.facts.filter(
      (fact) => fact.subject === subject.ref && fact.told.ok && "due" in fact.told.event.x,
    );
    const name = (member: unknown) =>
      member === "first" ? pinned(subject) : member === "last" ? pinned(stating.at(-1) ?? subject) : member;
    scene.tell(
      by,
      type,
      subject,
      Object.fromEntries(Object.entries(x ?? {}).map(([key, value]) => [key, name(value)])),
    );
  }
  return { scene, subject };
}

/** Two commitments in which something crossed. */
export function crossedStages(): readonly Stage[] {
  const retracted = stageOf("half signed offer");
  const { scene, subject } = retracted;
  scene.say("millrace", "commitment.retracted", subject, { terms: pinned(subject) });
  scene.say("ferry", "commitment.accepted", subject, { terms: pinned(subject) });
  scene.meet();
  const revised = stageOf("revising");
  const revision = revised.scene.facts.find(
    (fact) => fact.told.ok && fact.told.event.type === "commitment.revision-proposed",
  );
  if (revision !== undefined) {
    const x = { terms: pinned(revision) };
    revised.scene.say("millrace", "commitment.revision-retracted", revised.subject, x);
    revised.scene.say("orchard", "commitment.revision-accepted", revised.subject, x);
    revised.scene.meet();
  }
  return [retracted, revised];
}
