// Goal: whatever we decide to say has its effect once everyone folds it, and what we refuse has a stated reason. Method: a table of refusals, then commands given at any point of any story,
// appended as a ledger does: after the heads of the subjects that the decision read, and nothing else.
import type { Command } from "@handfast/api/verbs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CommitmentCommandName, decideCommitment } from "../../src/commitment/decide.ts";
import type { Decision } from "../../src/decision.ts";
import type { Fact } from "../../src/fact.ts";
import type { WholeView } from "../../src/whole.ts";
import { candidatesOf, type Stage, says } from "./candidates.ts";
import {
  commitmentIn,
  cutOf,
  due,
  foldOf,
  from,
  idOf,
  type Name,
  names,
  pinned,
  Scene,
  verdictIn,
} from "./scene.ts";
import { crossedStages, stageNames, stageOf } from "./stages.ts";

type Verb = CommitmentCommandName extends `commitment.${infer V}` ? V : never;
const today = "2026-03-01";

const viewOf = (scene: Scene, self: Name, more: Partial<WholeView> = {}): WholeView => ({
  cut: cutOf(scene.knownTo(self)),
  self: idOf(self),
  nowMs: Date.parse(`${today}T12:00:00Z`),
  holdsPayload: () => true,
  ...more,
});

const command = (verb: Verb, on: string | null, body: object = {}) =>
  ({ name: `commitment.${verb}`, on, body }) as Command<CommitmentCommandName>;

const decide = (
  scene: Scene,
  self: Name,
  verb: Verb,
  on: Fact | null,
  body: object = {},
  more: Partial<WholeView> = {},
) => decideCommitment(command(verb, on?.ref ?? null, body), viewOf(scene, self, more));

/** Appends what was decided as the ledger would. */
function append(scene: Scene, self: Name, decision: Decision): Fact {
  if (!decision.ok) throw new Error(`refused: ${decision.refusal}`);
  if (decision.standing !== undefined) throw new Error(`stands already: ${decision.standing}`);
  const [{ type, subject, x }] = decision.entries;
  return scene.append(self, type, subject, x, decision.reads);
}

const outcome = (decision: Decision): string => {
  if (!decision.ok) return decision.refusal;
  return decision.standing === undefined ? decision.entries[0].type : "stands";
};

describe("a partner", () => {
  it("asks, and the other one accepts without having to name what is meant", () => {
    const { scene } = stageOf("requested");
    const asked = decide(scene, "orchard", "request", null, {
      title: "Seedlings",
      debtor: idOf("millrace"),
      due,
    });
    const request = append(scene, "orchard", asked);
    scene.meet();
    const accepted = append(scene, "millrace", decide(scene, "millrace", "accept", request));
    expect(verdictIn(scene, request, accepted)).toBe("effective");
    expect(commitmentIn(scene, request).state).toBe("active");
  });

  it("keeps its words for the payload, and tells where a fact comes from", () => {
    const { scene } = stageOf("requested");
    const body = {
      title: "Seedlings",
      text: "200 of them",
      due: "2024-01-31",
      occurredAt: 1_700_000_000_000,
      imported: true,
      externalId: "KEP-1",
    };
    const decision = decide(scene, "millrace", "pledge", null, { ...body, beneficiaries: ["network"] });
    expect(decision).toEqual({
      ok: true,
      reads: [],
      entries: [
        {
          type: "commitment.pledged",
          subject: null,
          x: {
            debtor: idOf("millrace"),
            beneficiaries: ["network"],
            due: "2024-01-31",
            occurredAt: 1_700_000_000_000,
            externalId: "KEP-1",
          },
          body: { title: "Seedlings", text: "200 of them" },
        },
      ],
    });
  });

  it("counters for the same parties, with the same confirmers unless it names others", () => {
    const { scene, subject } = stageOf("requested");
    const counter = append(
      scene,
      "millrace",
      decide(scene, "millrace", "counter", subject, { due: "2026-09-30" }),
    );
    expect(verdictIn(scene, subject, counter)).toBe("effective");
    expect(commitmentIn(scene, subject)).toMatchObject({
      state: "offered",
      due: "2026-09-30",
      confirmers: [idOf("orchard"), idOf("ferry")],
    });
  });

  it("that pulled back clears what crossed, without having to name it", () => {
    const [crossed] = crossedStages();
    if (crossed === undefined) throw new Error("no stage");
    const { scene, subject } = crossed;
    expect(outcome(decide(scene, "orchard", "reaffirm", subject))).toBe("not-crossed");
    append(scene, "millrace", decide(scene, "millrace", "reaffirm", subject));
    expect(commitmentIn(scene, subject).state).toBe("active");
  });

  it("that took its help back may still sign, and thereby stands by it", () => {
    const { scene, subject } = stageOf("help crossed");
    append(scene, "millrace", decide(scene, "millrace", "accept", subject));
    expect(commitmentIn(scene, subject).state).toBe("active");
  });

  it("pledges as the lead of what it leads, and only then", () => {
    const { scene } = stageOf("pledge with the lead");
    const initiative = scene.facts.find(
      (fact) => fact.told.ok && fact.told.event.type === "initiative.proposed",
    );
    const body = { title: "Seedlings", due, beneficiaries: ["network"], asLeadOf: initiative?.ref };
    const decision = decide(scene, "ferry", "pledge", null, body);
    expect(decision).toMatchObject({ entries: [{ x: { seat: { initiative: initiative?.ref, term: 2 } } }] });
    const pledge = append(scene, "ferry", decision);
    expect(verdictIn(scene, pledge, pledge)).toBe("effective");
    expect(outcome(decide(scene, "millrace", "pledge", null, body))).toBe("not-the-lead");
  });

  it("accepts one of several terms by its name", () => {
    const { scene, subject } = stageOf("offered");
    const x = (day: string) => ({ ...from("millrace", "orchard", "ferry"), due: day, base: pinned(subject) });
    const first = scene.say("orchard", "commitment.countered", subject, x("2026-08-01"));
    scene.say("ferry", "commitment.countered", subject, x("2026-09-01"));
    scene.meet();
    expect(outcome(decide(scene, "millrace", "accept", subject))).toBe("several-open");
    const decision = decide(scene, "millrace", "accept", subject, { terms: pinned(first) });
    expect(outcome(decision)).toBe("commitment.accepted");
  });
});

describe("a command is refused when", () => {
  const parties = { title: "Seedlings", due };
  type Row = readonly [
    why: string,
    refusal: string,
    stage: string,
    self: Name,
    verb: Verb,
    body?: object,
    more?: Partial<WholeView>,
  ];
  const rows: readonly Row[] = [
    [
      "its day is over",
      "due-in-the-past",
      "requested",
      "millrace",
      "pledge",
      { ...parties, beneficiaries: ["network"], due: "2026-02-28" },
    ],
    [
      "it proposes a day that is over",
      "due-in-the-past",
      "agreed",
      "millrace",
      "propose-revision",
      { due: "2026-02-28" },
    ],
    [
      "it names a partner nobody knows",
      "unknown-partner",
      "requested",
      "millrace",
      "offer",
      { ...parties, beneficiaries: ["z6MkStranger".padEnd(48, "x")] },
    ],
    [
      "one promises oneself something",
      "promise-to-self",
      "requested",
      "millrace",
      "pledge",
      { ...parties, beneficiaries: [idOf("millrace")] },
    ],
    [
      "one is to confirm one's own promise",
      "promise-to-self",
      "requested",
      "millrace",
      "pledge",
      { ...parties, beneficiaries: ["network"], confirmers: [idOf("millrace")] },
    ],
    [
      "one asks for what is not for oneself",
      "not-a-party",
      "requested",
      "orchard",
      "request",
      { ...parties, debtor: idOf("millrace"), beneficiaries: [idOf("ferry")] },
    ],
    [
      "the network is asked to sign",
      "partners-only",
      "requested",
      "millrace",
      "offer",
      { ...parties, beneficiaries: ["network"] },
    ],
    [
      "the network is to sign a request beside a partner",
      "partners-only",
      "requested",
      "orchard",
      "request",
      { ...parties, debtor: idOf("millrace"), beneficiaries: [idOf("orchard"), "network"] },
    ],
    [
      "it comes from something that is not here",
      "not-found",
      "requested",
      "millrace",
      "pledge",
      { ...parties, beneficiaries: ["network"], origin: "nowhereAAAAAAAAAAAAAAA.7" },
    ],
    ["there is nothing to accept", "nothing-to-accept", "agreed", "orchard", "accept"],
    ["somebody else is asked", "nothing-to-accept", "requested", "heron", "accept"],
    [
      "it names terms that are not here",
      "not-found",
      "requested",
      "millrace",
      "accept",
      { terms: `nowhereAAAAAAAAAAAAAAA.7@${"A".repeat(43)}` },
    ],
    [
      "the texts of the terms are not here",
      "payload-not-held",
      "requested",
      "millrace",
      "accept",
      {},
      { holdsPayload: () => false },
    ],
    ["there is no revision to accept", "nothing-to-accept", "agreed", "orchard", "accept-revision"],
    ["what binds is declined", "already-signed", "agreed", "orchard", "decline"],
    ["what binds is retracted", "already-bound", "agreed", "millrace", "retract"],
    ["what binds is countered", "already-bound", "agreed", "orchard", "counter", { due }],
    ["one retracts what one did not state", "not-a-party", "requested", "millrace", "retract"],
    ["nothing crossed", "not-crossed", "agreed", "millrace", "let-go"],
    ["it does not bind yet", "not-active", "requested", "millrace", "claim"],
    ["it is not yet claimed", "not-claimed", "agreed", "orchard", "confirm", { as: "full" }],
    ["it was claimed already", "wrong-state", "claimed", "millrace", "claim"],
    ["somebody else claims", "not-the-debtor", "agreed", "orchard", "claim"],
    ["somebody else confirms", "not-a-confirmer", "claimed", "heron", "confirm", { as: "full" }],
    ["a claimed promise is withdrawn", "already-claimed", "claimed", "millrace", "withdraw"],
    ["what is not a pledge is declined as one", "wrong-state", "agreed", "orchard", "decline-pledge"],
    ["another partner revises a pledge", "not-a-party", "pledged", "orchard", "propose-revision", { due }],
    [
      "one does not lead",
      "not-the-lead",
      "pledge with the lead",
      "orchard",
      "pledge",
      { ...parties, beneficiaries: ["network"], asLeadOf: "subject-of-seat" },
    ],
  ];

  for (const [why, refusal, stage, self, verb, body = {}, more = {}] of rows) {
    it(`${why}: ${refusal}`, () => {
      const { scene, subject } = stageOf(stage);
      const initiative = scene.facts.find(
        (fact) => fact.told.ok && fact.told.event.type === "initiative.proposed",
      );
      const named = "asLeadOf" in body ? { ...body, asLeadOf: initiative?.ref } : body;
      const creates = ["request", "offer", "pledge"].includes(verb);
      expect(outcome(decide(scene, self, verb, creates ? null : subject, named, more))).toBe(refusal);
    });
  }

  it("its state does not allow it: the refusal says which it is in", () => {
    const { scene, subject } = stageOf("claimed");
    expect(decide(scene, "millrace", "claim", subject)).toMatchObject({
      refusal: "wrong-state",
      detail: "It is claimed; its confirmers can confirm or dispute it.",
    });
  });

  it("the commitment is not here", () => {
    const { scene } = stageOf("requested");
    const decision = decideCommitment(command("claim", "nowhereAAAAAAAAAAAAAAA.7"), viewOf(scene, "orchard"));
    expect(decision).toEqual({ ok: false, refusal: "not-found" });
  });

  it("who speaks is not (yet) a member", () => {
    const scene = new Scene(["orchard"]);
    const pledge = { title: "Benches", beneficiaries: ["network"], due };
    expect(outcome(decide(scene, "millrace", "pledge", null, pledge))).toBe("not-a-member");
  });

  it("a party left meanwhile", () => {
    const { scene, subject } = stageOf("requested");
    scene.tell("ferry", "member.left", `${"ferry".padEnd(22, "A")}.0`);
    expect(outcome(decide(scene, "millrace", "accept", subject))).toBe("party-left");
  });
});

describe("the laws of deciding", () => {
  const verbs: readonly Verb[] = [
    ...([
      "counter",
      "accept",
      "decline",
      "retract",
      "reaffirm",
      "let-go",
      "decline-pledge",
      "progress",
      "claim",
    ] as const),
    ...(["confirm", "dispute", "release", "withdraw"] as const),
    ...(["propose-revision", "accept-revision", "decline-revision", "retract-revision"] as const),
  ];
  const stages = [...stageNames, "crossed 0", "crossed 1"];
  const begin = (stage: string) => crossedStages()[Number(stage.split("crossed ")[1])] ?? stageOf(stage);

  /** Gives every command, each in a scene of its own; whatever is accepted has to be effective. */
  function giveAll({ scene, subject }: Stage, self: Name, as: string): readonly Verb[] {
    return verbs.filter((verb) => {
      const fork = scene.fork();
      const decision = decide(fork, self, verb, subject, { due: "2026-11-11", as, text: "what is missing" });
      if (!decision.ok) return false;
      const entry = append(fork, self, decision);
      expect(foldOf(fork.knownTo(self), subject).verdicts.get(entry.ref), verb).toEqual({
        effect: "effective",
      });
      expect(["effective", "crossed"], verb).toContain(verdictIn(fork, subject, entry));
      return true;
    });
  }

  it("each command is accepted at some stage, and is effective then", () => {
    const accepted = stages.flatMap((stage) => names.flatMap((self) => giveAll(begin(stage), self, "full")));
    expect([...new Set(accepted)].sort()).toEqual([...verbs].sort());
  });

  it("what is decided in any situation is effective once it is appended, and counts for everyone", () => {
    const name = fc.constantFrom<Name>(...names);
    const moment = fc.record({
      stage: fc.constantFrom(...stages),
      noise: fc.array(fc.record({ by: name, pick: fc.nat(5_000), meets: fc.tuple(name, name) }), {
        maxLength: 6,
      }),
      self: name,
      as: fc.constantFrom("full", "partial"),
    });
    fc.assert(
      fc.property(moment, ({ stage, noise, self, as }) => {
        const { scene, subject } = begin(stage);
        for (const { by, pick, meets } of noise) {
          const all = candidatesOf(scene, subject, by);
          const one = all[pick % all.length];
          if (one !== undefined) says(scene, subject, one);
          scene.meet(...meets);
        }
        giveAll({ scene, subject }, self, as);
      }),
      { numRuns: 150 },
    );
  });
});
