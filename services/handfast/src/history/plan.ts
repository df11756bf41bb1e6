/**
 * What each line of a history becomes, decided once from the whole file, alike on every node.
 *
 * Every node reads the whole file and acts on its own facts. So that nobody has to guess what another node will do, the
 * file is folded here first, by the rules of who may act: each line is an act of its partner, with the term of the
 * initiative's seat it presumes, or it is left out or not placed, with a reason. Nothing vanishes.
 */
import type { Fact, Line } from "./facts.ts";

export type NotPlaced =
  | "malformed-line"
  | "needs-partner-without-node"
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
export type Transition = "adopt" | "pause" | "resume" | "complete";

export type Act = {
  readonly line: number;
  readonly key: string;
  readonly fact: Fact;
  readonly occurredAt: number;
  /** Term of the initiative's seat that must have begun before this act; the seat's lead is then `lead`. */
  readonly term: number;
  readonly lead: string;
  readonly transition?: Transition;
  /** Of a pledge: made as lead, so that it can go along in a handoff. */
  readonly asLead?: boolean;
  /** Of a handoff: the pledges that go along, by external id and which making under it. */
  readonly carries?: readonly { readonly id: string; readonly making: number }[];
  /** Of an act on a commitment: which pledge under this id is meant, counted from 0 in order of making. */
  readonly making?: number;
};

export type Outcome =
  | { readonly line: number; readonly act: Act }
  | { readonly line: number; readonly leftOut: string }
  | { readonly line: number; readonly notPlaced: NotPlaced; readonly detail?: string };

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
type Judged = NotPlaced | Omit<Act, "line" | "key" | "fact" | "occurredAt" | "term" | "lead">;

/**
 * @param hasNode Whether a partner of the file has a node of its own in the network.
 * @returns One outcome a line, in order of lines.
 */
export function planHistory(
  lines: readonly Line[],
  hasNode: (partner: string) => boolean,
): readonly Outcome[] {
  const initiatives = new Map<string, Initiative>();
  /** Initiatives of which some fact could not be placed for want of a node: what fails later fails because of that. */
  const incomplete = new Set<string>();

  return lines.map((line): Outcome => {
    if ("malformed" in line) return { line: line.line, notPlaced: "malformed-line", detail: line.malformed };
    const { fact } = line;
    if (!hasNode(fact.partner)) {
      incomplete.add(fact.initiative);
      return { line: line.line, leftOut: fact.partner };
    }
    if (fact.fact === "lead.changed" && !hasNode(fact.to)) {
      incomplete.add(fact.initiative);
      return { line: line.line, notPlaced: "needs-partner-without-node", detail: fact.to };
    }
    const before = initiatives.get(fact.initiative);
    const presumes = { term: before?.term ?? 1, lead: before?.lead ?? fact.partner };
    const judged = judge(fact, initiatives);
    if (typeof judged === "string") {
      const reason = incomplete.has(fact.initiative) ? "needs-partner-without-node" : judged;
      return { line: line.line, notPlaced: reason, ...(reason === judged ? {} : { detail: judged }) };
    }
    return {
      line: line.line,
      act: { line: line.line, key: line.key, fact, occurredAt: line.occurredAt, ...presumes, ...judged },
    };
  });
}

/** Judges one fact by who may act, and applies it where it can be placed. */
function judge(fact: Fact, initiatives: Map<string, Initiative>): Judged {
  const initiative = initiatives.get(fact.initiative);
  if (fact.fact === "initiative.proposed") {
    if (initiative !== undefined) return "already-proposed";
    initiatives.set(fact.initiative, {
      lead: fact.partner,
      term: 1,
      status: "proposed",
      participants: new Set(),
      pledges: new Map(),
    });
    return {};
  }
  if (initiative === undefined) return "initiative-not-proposed";
  switch (fact.fact) {
    case "partner.joined":
      if (initiative.participants.has(fact.partner)) return "already-joined";
      initiative.participants.add(fact.partner);
      return {};
    case "partner.left":
      return initiative.participants.delete(fact.partner) ? {} : "not-a-participant";
    case "lead.changed":
      return handOver(fact, initiative);
    case "initiative.status":
      if (initiative.lead !== fact.partner) return "not-the-lead";
      return moveTo(initiative, fact.status);
    case "commitment.made":
      return pledge(fact, initiative);
    case "commitment.rescheduled":
    case "commitment.withdrawn":
    case "commitment.fulfilled":
      return actOnPledge(fact, initiative);
  }
}

function handOver(fact: Extract<Fact, { fact: "lead.changed" }>, initiative: Initiative): Judged {
  if (initiative.lead !== fact.partner) return "not-the-lead";
  if (fact.to === fact.partner) return "handoff-to-self";
  const going = [...initiative.pledges.values()]
    .flat()
    .filter((one) => one.asLead && one.state === "open" && one.debtor === fact.partner);
  for (const one of going) one.debtor = fact.to;
  initiative.lead = fact.to;
  initiative.term += 1;
  return { carries: going.map(({ id, making }) => ({ id, making })) };
}

/** The source's words that mean a state of ours. Its other words are noted, and change nothing. */
function moveTo(initiative: Initiative, status: string): Judged {
  const move = (transition: Transition, to: Initiative["status"]): Judged => {
    initiative.status = to;
    return { transition };
  };
  if (status === "implementable" && initiative.status === "proposed") return move("adopt", "active");
  if (status === "implementable" && initiative.status === "paused") return move("resume", "active");
  if (status === "deferred" && initiative.status === "active") return move("pause", "paused");
  if (status === "implemented" && (initiative.status === "active" || initiative.status === "paused"))
    return move("complete", "completed");
  return {};
}

function pledge(fact: Extract<Fact, { fact: "commitment.made" }>, initiative: Initiative): Judged {
  const made = initiative.pledges.get(fact.commitment) ?? [];
  const last = made.at(-1);
  // Made again under an id that was withdrawn, it is a new pledge; while it stands, the record repeats itself.
  if (last !== undefined && last.state !== "withdrawn") return "already-made";
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
): Judged {
  const last = initiative.pledges.get(fact.commitment)?.at(-1);
  if (last === undefined) return "commitment-not-made";
  if (last.debtor !== fact.partner) return "not-the-debtor";
  if (last.state === "withdrawn") return "commitment-withdrawn";
  if (last.state === "fulfilled") return "commitment-fulfilled";
  if (fact.fact === "commitment.withdrawn") last.state = "withdrawn";
  if (fact.fact === "commitment.fulfilled") last.state = "fulfilled";
  return { making: last.making };
}
