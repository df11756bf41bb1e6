// Goal: every unordered pair of entry types about an initiative has a stated outcome when neither knew of the other.
// Method: a scene is prepared in which both could be said, they are said concurrently, and the outcome of both is read
// off. What one partner says stands in one log and is never concurrent; nothing is concurrent with its own creation.
import { type EventName, events } from "@handfast/protocol/events";
import { createHistory, type History, inventFoundation, type Told } from "@handfast/testkit/histories";
import { describe, expect, it } from "vitest";
import { speaksOf } from "../src/kind.ts";
import { fateOf, worldOf } from "./told.ts";

const [lead, receiver, third, fourth] = [0, 1, 2, 3] as const;

/** Whose word it is: the lead's, a receiver's, or any partner's for itself. */
const roles = {
  "initiative.proposed": "creator",
  "initiative.joined": "anyone",
  "initiative.left": "anyone",
  "initiative.adopted": "lead",
  "initiative.paused": "lead",
  "initiative.resumed": "lead",
  "initiative.completed": "lead",
  "initiative.status-noted": "lead",
  "lead.stepped-up": "anyone",
  "handoff.offered": "lead",
  "handoff.accepted": "receiver",
  "handoff.declined": "receiver",
  "handoff.cancelled": "lead",
  "handoff.acceptance-retracted": "receiver",
  "handoff.reaffirmed": "lead",
  "handoff.completed": "lead",
} as const satisfies Partial<Record<EventName, string>>;
type Type = keyof typeof roles;
const types = Object.keys(roles) as readonly Type[];

/** What differs from "both stand, and neither changes the other". */
const crossings: { readonly [pair: string]: { readonly [type: string]: string } } = {
  "handoff.accepted ∥ handoff.cancelled": { "handoff.accepted": "crossed" },
  "handoff.acceptance-retracted ∥ handoff.completed": { "handoff.completed": "crossed" },
};

/** How far a handoff has to be before this can be said of it. */
const needs = {
  "handoff.accepted": "offered",
  "handoff.declined": "offered",
  "handoff.cancelled": "offered",
  "handoff.acceptance-retracted": "accepted",
  "handoff.completed": "accepted",
  "handoff.reaffirmed": "crossed",
} as const satisfies Partial<Record<Type, string>>;
type Stage = (typeof needs)[keyof typeof needs];
const stages: readonly Stage[] = ["offered", "accepted", "crossed"];

type Handed = { readonly offer: Told; readonly accept: Told | null };
type Scene = { readonly history: History; readonly proposed: Told };

function handOver(stage: Stage, to: number, { history, proposed }: Scene): Handed {
  const x = { to: history.partners[to]?.by ?? "", term: 1 };
  const offer = history.tells(lead, "handoff.offered", { subject: proposed, x });
  if (stage === "offered") return { offer, accept: null };
  const cancel = () =>
    history.says(lead, "handoff.cancelled", { subject: proposed, x: { offer: offer.ref } });
  if (stage === "crossed") cancel();
  const accept = history.says(to, "handoff.accepted", { subject: proposed, x: { offer: offer.ref } });
  history.meets();
  return { offer, accept };
}

/** Two that can be about the same handoff are. */
function stageOfBoth(a: Type, b: Type): Stage | null {
  const [one, other] = [needs[a as keyof typeof needs], needs[b as keyof typeof needs]];
  if (one === undefined || other === undefined) return null;
  // Two receivers answer two offers; one receiver's words stand in one log.
  if (roles[a] === "receiver" && roles[b] === "receiver") return null;
  const answers: readonly Type[] = ["handoff.accepted", "handoff.declined"];
  const later = stages[Math.max(stages.indexOf(one), stages.indexOf(other))] ?? null;
  return later !== "offered" && (answers.includes(a) || answers.includes(b)) ? null : later;
}

const before: Partial<Record<Type, readonly Type[]>> = {
  "initiative.paused": ["initiative.adopted"],
  "initiative.resumed": ["initiative.adopted", "initiative.paused"],
  "initiative.completed": ["initiative.adopted"],
};

function xOf(type: Type, handed: Handed | null, { history }: Scene): Told["header"]["x"] {
  switch (type) {
    case "handoff.offered":
      return { to: history.partners[fourth]?.by ?? "", term: 1 };
    case "lead.stepped-up":
      return { as: "lead" };
    case "initiative.status-noted":
      return { term: 1, externalStatus: "beta" };
    case "handoff.accepted":
    case "handoff.declined":
    case "handoff.cancelled":
      return { offer: handed?.offer.ref ?? "" };
    case "handoff.acceptance-retracted":
    case "handoff.completed":
    case "handoff.reaffirmed":
      return { accept: handed?.accept?.ref ?? "" };
    case "initiative.adopted":
    case "initiative.paused":
    case "initiative.resumed":
    case "initiative.completed":
      return { term: 1 };
    case "initiative.proposed":
    case "initiative.joined":
    case "initiative.left":
      return {};
  }
}

function sayBoth(a: Type, b: Type): { readonly scene: Scene; readonly said: readonly [Told, Told] } {
  const history = createHistory(inventFoundation(5, 5));
  const scene: Scene = { history, proposed: history.tells(lead, "initiative.proposed") };
  const shared = stageOfBoth(a, b);
  const both = shared && handOver(shared, receiver, scene);
  const prepare = (type: Type, index: number) => {
    for (const step of before[type] ?? [])
      history.tells(lead, step, { subject: scene.proposed, x: { term: 1 } });
    const stage = needs[type as keyof typeof needs];
    // The lead's own handoff is with a fourth partner, so that the receiver is free to say its own.
    const to = roles[type] === "lead" || (index === 1 && roles[a] === "receiver") ? fourth : receiver;
    const handed = both ?? (stage === undefined ? null : handOver(stage, to, scene));
    const anyone = index === 0 ? third : 4;
    if (type === "initiative.left") history.tells(anyone, "initiative.joined", { subject: scene.proposed });
    const who = roles[type] === "lead" ? lead : roles[type] === "receiver" ? to : anyone;
    return () => history.says(who, type, { subject: scene.proposed, x: xOf(type, handed, scene) });
  };
  const [one, other] = [prepare(a, 0), prepare(b, 1)];
  return { scene, said: [one(), other()] };
}

const pairs = types.flatMap((a, index) => types.slice(index).map((b) => [a, b].sort() as [Type, Type]));
const name = (a: Type, b: Type) => `${a} ∥ ${b}`;
const isNever = (a: Type, b: Type) =>
  roles[a] === "creator" || roles[b] === "creator" || (roles[a] === "lead" && roles[b] === "lead");

describe("concurrent entries about an initiative", () => {
  it("are 136 pairs of types, of all types there are", () => {
    const all = (Object.keys(events) as readonly EventName[]).filter((type) => speaksOf(type, "initiative"));
    expect([...types].sort()).toEqual(all.sort());
    expect(pairs).toHaveLength(136);
  });

  it.each(pairs.filter(([a, b]) => isNever(a, b)).map(([a, b]) => [name(a, b), a, b] as const))(
    "%s: never concurrent, by one log or by creation",
    (_name, a, b) => {
      if (roles[a] === "creator" && roles[b] === "creator") {
        // Two proposals are two initiatives.
        const history = createHistory(inventFoundation(2, 2));
        const said = [history.says(0, a), history.says(1, b)];
        expect(said.map((one) => fateOf(history, one))).toEqual(["effective", "effective"]);
        return;
      }
      const history = createHistory(inventFoundation(2, 2));
      const proposed = history.says(0, "initiative.proposed");
      const blind = history.says(1, a === "initiative.proposed" ? b : a, {
        subject: proposed,
        x: { term: 1 },
      });
      const fate = fateOf(history, blind);
      // A partner that did not hear of it cannot speak of it; one that does not hold the lead cannot use it.
      expect(["ref-not-in-past", "malformed"]).toContain(fate);
    },
  );

  it.each(pairs.filter(([a, b]) => !isNever(a, b)).map(([a, b]) => [name(a, b), a, b] as const))(
    "%s",
    (pair, a, b) => {
      const { scene, said } = sayBoth(a, b);
      const expected = crossings[pair] ?? {};
      const [one, other] = said;
      expect(fateOf(scene.history, one), a).toBe(expected[a] ?? "effective");
      expect(fateOf(scene.history, other), b).toBe(expected[b] ?? "effective");
      const initiative = worldOf(scene.history).now.initiative(scene.proposed.ref);
      const isPassed = [a, b].includes("handoff.completed") && expected["handoff.completed"] === undefined;
      expect(initiative?.term).toBe(isPassed ? 2 : 1);
    },
  );

  it("member.left of the receiver ∥ handoff.completed: the completion is crossed and the giver leads", () => {
    const history = createHistory(inventFoundation(3, 3));
    const scene = { history, proposed: history.tells(lead, "initiative.proposed") };
    const { accept } = handOver("accepted", receiver, scene);
    const own = history.facts.find(
      (fact) => fact.header.type === "charter.attested" && fact.by === history.partners[receiver]?.by,
    );
    history.says(receiver, "member.left", { subject: own ?? null });
    const completed = history.says(lead, "handoff.completed", {
      subject: scene.proposed,
      x: { accept: accept?.ref ?? "" },
    });
    expect(fateOf(history, completed)).toBe("crossed");
    // Until it hears of it, the giver cannot act on a seat that it gave away.
    const blind = history.says(lead, "initiative.adopted", { subject: scene.proposed, x: { term: 1 } });
    history.meets();
    const knowing = history.says(lead, "initiative.adopted", { subject: scene.proposed, x: { term: 1 } });
    expect([fateOf(history, blind), fateOf(history, knowing)]).toEqual(["not-the-lead", "effective"]);
    expect(worldOf(history).now.initiative(scene.proposed.ref)).toMatchObject({
      lead: history.partners[lead]?.by,
      term: 1,
      handoffs: [{ state: "crossed", completed: completed.ref }],
    });
  });
});
