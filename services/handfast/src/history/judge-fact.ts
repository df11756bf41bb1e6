/** What a history comes to, fact by fact: who leads, who takes part, what is promised; and who may do what about it. */
import type { Fact } from "./facts.ts";

export type Reason =
  | "already-proposed"
  | "initiative-not-proposed"
  | "already-joined"
  | "not-a-participant"
  | "not-the-lead"
  | "handoff-to-self"
  | "already-made"
  | "commitment-not-made"
  | "not-the-debtor"
  | "commitment-withdrawn"
  | "commitment-fulfilled";

/** A change of the initiative's own state that goes with a status fact. */
type Transition = "adopt" | "pause" | "resume" | "complete";

/** How a fact is performed. */
export type Taken = {
  /** Term of the initiative's seat that must have begun before; the seat's lead is then `lead`. */
  readonly term: number;
  readonly lead: string;
  readonly transition?: Transition;
  /** Of a status that is recorded and moves nothing: why. */
  readonly onlyNoted?: string;
  /** Of a pledge: made as lead, so that it can go along in a handoff. */
  readonly asLead?: boolean;
  /** Of a handoff: the pledges that go along, by external id and which making under it. */
  readonly carries?: readonly { readonly id: string; readonly making: number }[];
  /** Of an act on a commitment: which pledge under this id is meant, counted from 0 in order of making. */
  readonly making?: number;
};

export interface HistoryRecord {
  /** Judges one fact by who may act, and applies it where it can be placed; else every reason why not. */
  judge(fact: Fact): Taken | readonly Reason[];
}

type Pledge = {
  readonly id: string;
  readonly asLead: boolean;
  readonly making: number;
  debtor: string;
  state: "open" | "fulfilled" | "withdrawn";
};
type Initiative = {
  lead: string;
  term: number;
  status: "proposed" | "active" | "paused" | "completed";
  readonly participants: Set<string>;
  readonly pledges: Map<string, Pledge[]>;
};
type More = Omit<Taken, "term" | "lead">;

export function createRecord(): HistoryRecord {
  const initiatives = new Map<string, Initiative>();
  return {
    judge: (fact) => {
      const before = initiatives.get(fact.initiative);
      const presumes = { term: before?.term ?? 1, lead: before?.lead ?? fact.partner };
      const judged = judge(fact, before, initiatives);
      return Array.isArray(judged) ? judged : { ...presumes, ...judged };
    },
  };
}

function judge(
  fact: Fact,
  initiative: Initiative | undefined,
  initiatives: Map<string, Initiative>,
): More | readonly Reason[] {
  if (fact.fact === "initiative.proposed") {
    if (initiative !== undefined) return ["already-proposed"];
    initiatives.set(fact.initiative, {
      lead: fact.partner,
      term: 1,
      status: "proposed",
      participants: new Set(),
      pledges: new Map(),
    });
    return {};
  }
  if (initiative === undefined) return ["initiative-not-proposed"];
  switch (fact.fact) {
    case "partner.joined":
      if (initiative.participants.has(fact.partner)) return ["already-joined"];
      initiative.participants.add(fact.partner);
      return {};
    case "partner.left":
      return initiative.participants.delete(fact.partner) ? {} : ["not-a-participant"];
    case "lead.changed":
      return handOver(fact, initiative);
    case "initiative.status":
      return initiative.lead === fact.partner ? moveTo(initiative, fact.status) : ["not-the-lead"];
    case "commitment.made":
      return pledge(fact, initiative);
    case "commitment.rescheduled":
    case "commitment.withdrawn":
    case "commitment.fulfilled":
      return actOnPledge(fact, initiative);
  }
}

/** The reasons that hold, if any does. */
const unless = (reasons: Partial<{ readonly [R in Reason]: boolean }>): readonly Reason[] =>
  (Object.keys(reasons) as Reason[]).filter((reason) => reasons[reason]);

function handOver(
  fact: Extract<Fact, { fact: "lead.changed" }>,
  initiative: Initiative,
): More | readonly Reason[] {
  const reasons = unless({
    "not-the-lead": initiative.lead !== fact.partner,
    "handoff-to-self": fact.to === fact.partner,
  });
  if (reasons.length > 0) return reasons;
  const going = [...initiative.pledges.values()]
    .flat()
    .filter((made) => made.asLead && made.state === "open" && made.debtor === fact.partner);
  for (const made of going) made.debtor = fact.to;
  initiative.lead = fact.to;
  initiative.term += 1;
  return { carries: going.map(({ id, making }) => ({ id, making })) };
}

/** The source's words that mean a state of ours, and those states. */
const states: ReadonlyMap<string, Initiative["status"]> = new Map([
  ["implementable", "active"],
  ["deferred", "paused"],
  ["implemented", "completed"],
]);

/** The move to a state from each in which it is possible. */
const moves: {
  readonly [From in Initiative["status"]]: { readonly [To in Initiative["status"]]?: Transition };
} = {
  proposed: { active: "adopt" },
  active: { paused: "pause", completed: "complete" },
  paused: { active: "resume", completed: "complete" },
  completed: {},
};

/** Words are taken in any case. What moves nothing is noted, and why it is only noted. */
function moveTo(initiative: Initiative, status: string): More {
  const from = initiative.status;
  const to = states.get(status.toLowerCase());
  if (to === undefined) return { onlyNoted: `only ${[...states.keys()].join(", ")} move the initiative` };
  if (to === from) return {};
  const transition = moves[from][to];
  if (transition === undefined)
    return {
      onlyNoted:
        from === "completed"
          ? "the initiative was implemented already"
          : "the initiative was only proposed; implementable has to come first",
    };
  initiative.status = to;
  return { transition };
}

function pledge(
  fact: Extract<Fact, { fact: "commitment.made" }>,
  initiative: Initiative,
): More | readonly Reason[] {
  const made = initiative.pledges.get(fact.commitment) ?? [];
  const last = made.at(-1);
  // Made again under an id that was withdrawn, it is a new pledge; while it stands, the record repeats itself.
  if (last !== undefined && last.state !== "withdrawn") return ["already-made"];
  const asLead = initiative.lead === fact.partner;
  const making = made.length;
  initiative.pledges.set(fact.commitment, [
    ...made,
    { id: fact.commitment, asLead, making, debtor: fact.partner, state: "open" },
  ]);
  return { asLead, making };
}

function actOnPledge(
  fact: Extract<Fact, { fact: "commitment.rescheduled" | "commitment.withdrawn" | "commitment.fulfilled" }>,
  initiative: Initiative,
): More | readonly Reason[] {
  const last = initiative.pledges.get(fact.commitment)?.at(-1);
  if (last === undefined) return ["commitment-not-made"];
  const reasons = unless({
    "not-the-debtor": last.debtor !== fact.partner,
    "commitment-withdrawn": last.state === "withdrawn",
    "commitment-fulfilled": last.state === "fulfilled",
  });
  if (reasons.length > 0) return reasons;
  if (fact.fact === "commitment.withdrawn") last.state = "withdrawn";
  if (fact.fact === "commitment.fulfilled") last.state = "fulfilled";
  return { making: last.making };
}
