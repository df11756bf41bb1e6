/**
 * What a history file says at a moment, folded by hand: the plainest reading of its lines, with no notion of nodes, logs or
 * handoffs. What the network's audit bundle replays is held against this.
 */
import type { Fact } from "@handfast/handfast/history/facts";
import type { Line } from "@handfast/handfast/history/read-history";

export type ByHand = {
  readonly lead: string;
  readonly participants: readonly string[];
  readonly externalStatus: string | undefined;
  /** Due date of each commitment id as it stands. */
  readonly due: Readonly<Record<string, string>>;
};

/** Initiatives none of whose facts, in the whole file, names a partner without a node. */
export function wholeInitiatives(
  lines: readonly Line[],
  hasNode: (partner: string) => boolean,
): ReadonlySet<string> {
  const whole = new Map<string, boolean>();
  for (const line of lines) {
    if (!("fact" in line)) continue;
    const { fact } = line;
    const named = [fact.partner, ...(fact.fact === "lead.changed" ? [fact.to] : [])];
    whole.set(fact.initiative, (whole.get(fact.initiative) ?? true) && named.every(hasNode));
  }
  return new Set([...whole].flatMap(([id, isWhole]) => (isWhole ? [id] : [])));
}

/** @param untilMs Inclusive. Facts that say nothing possible (an act on what was never made, by who may not) are passed over. */
export function foldByHand(lines: readonly Line[], untilMs: number): ReadonlyMap<string, ByHand> {
  type State = {
    lead: string;
    joined: Set<string>;
    status: string | undefined;
    due: Map<string, { due: string; debtor: string; open: boolean; asLead: boolean }>;
  };
  const all = new Map<string, State>();
  for (const line of lines) {
    if (!("fact" in line) || line.occurredAt > untilMs) continue;
    apply(line.fact, all);
  }
  return new Map(
    [...all].map(([id, state]) => [
      id,
      {
        lead: state.lead,
        participants: [...state.joined].filter((one) => one !== state.lead).sort(),
        externalStatus: state.status,
        due: Object.fromEntries([...state.due].map(([commitment, { due }]) => [commitment, due])),
      },
    ]),
  );

  function apply(fact: Fact, states: Map<string, State>): void {
    const state = states.get(fact.initiative);
    if (fact.fact === "initiative.proposed") {
      if (state === undefined)
        states.set(fact.initiative, {
          lead: fact.partner,
          joined: new Set(),
          status: undefined,
          due: new Map(),
        });
      return;
    }
    if (state === undefined) return;
    const isLead = state.lead === fact.partner;
    const pledge = "commitment" in fact ? state.due.get(fact.commitment) : undefined;
    switch (fact.fact) {
      case "partner.joined":
        return void state.joined.add(fact.partner);
      case "partner.left":
        return void state.joined.delete(fact.partner);
      case "lead.changed":
        if (!isLead) return;
        state.lead = fact.to;
        for (const one of state.due.values())
          if (one.open && one.asLead && one.debtor === fact.partner) one.debtor = fact.to;
        return;
      case "initiative.status":
        if (isLead) state.status = fact.status;
        return;
      case "commitment.made":
        if (pledge === undefined || (!pledge.open && pledge.debtor === ""))
          state.due.set(fact.commitment, { due: fact.due, debtor: fact.partner, open: true, asLead: isLead });
        return;
      case "commitment.rescheduled":
        if (pledge?.open === true && pledge.debtor === fact.partner) pledge.due = fact.due;
        return;
      case "commitment.fulfilled":
        if (pledge?.debtor === fact.partner) pledge.open = false;
        return;
      case "commitment.withdrawn":
        // Gone from the partner's hands: the id may be used again for a new pledge.
        if (pledge?.open === true && pledge.debtor === fact.partner)
          Object.assign(pledge, { open: false, debtor: "" });
    }
  }
}
