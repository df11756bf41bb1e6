/**
 * Answers commands about handing over the lead. Where a command leaves out which offer it means, the only one that
 * waits for its author is meant.
 */
import type { Command } from "@handfast/api/verbs";
import type { PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import { draftCarried, draftCarryAccepted } from "../commitment/carrying.ts";
import type { Commitment } from "../commitment/view.ts";
import { type Accepted, type Decision, type Draft, type Refused, refuse, stands } from "../decision.ts";
import { present, provenance, textsOf } from "../drafting.ts";
import { wholePast } from "../fact.ts";
import { acceptIfEffective, rehearse } from "../rehearsal.ts";
import { isImport, isOver, refuseOver } from "../starting-well.ts";
import type { WholeView } from "../whole.ts";
import { readsOf } from "./reads.ts";
import type { Handoff, Initiative } from "./view.ts";

export type HandoffCommand = Command<
  | "initiative.offer-handoff"
  | "initiative.accept-handoff"
  | "initiative.decline-handoff"
  | "initiative.cancel-handoff"
  | "initiative.retract-acceptance"
  | "initiative.reaffirm-handoff"
  | "initiative.complete-handoff"
>;

export function decideHandoff(command: HandoffCommand, initiative: Initiative, view: WholeView): Decision {
  const { ref: subject, term, handoffs } = initiative;
  const { self } = view;
  const from = provenance(command.body);
  const say = (draft: Draft) =>
    acceptIfEffective([{ ...draft, ...textsOf(command.body) }], view, readsOf(initiative, view));
  const mine = handoffs.filter((one) => one.from === self);
  const toMe = handoffs.filter((one) => one.to === self);

  switch (command.name) {
    case "initiative.offer-handoff": {
      const { to, until, trialUntil } = command.body;
      const over = [until, trialUntil].find((day) => isOver(day, command.body, view));
      if (over !== undefined) return refuseOver(over, view);
      if (!view.cut.membership.isActive(to, wholePast)) return refuse("unknown-partner");
      if (!isImport(command.body)) {
        if (initiative.status === "completed") return refuse("initiative-completed");
        const same = mine.find(
          (one) =>
            (one.state === "offered" || one.state === "accepted") &&
            one.to === to &&
            one.until === (until ?? null) &&
            one.trialUntil === (trialUntil ?? null),
        );
        if (same !== undefined) return stands(same.offer);
      }
      const x = { ...from, to, term, ...present({ until, trialUntil }) };
      return say({ type: "handoff.offered", subject, x });
    }
    case "initiative.accept-handoff": {
      const isLapsed = ({ until }: Handoff) => isOver(until ?? undefined, command.body, view);
      const inTime = toMe.filter((one) => one.state === "offered" && !isLapsed(one));
      const { offer } = command.body;
      // Where none can be accepted, the last of all says best why.
      const meant = pick(byOffer(offer), offer || inTime.length === 0 ? toMe : inTime, ["offered"]);
      if ("refusal" in meant) return meant;
      const { until } = meant;
      if (isLapsed(meant)) {
        return refuse("handoff-lapsed", `it could be accepted until ${until}; ask for another offer`);
      }
      return decideAccept(command, meant, initiative, view);
    }
    case "initiative.decline-handoff": {
      const meant = pick(byOffer(command.body.offer), toMe, ["offered"]);
      if ("refusal" in meant) return meant;
      return say({ type: "handoff.declined", subject, x: { ...from, offer: meant.offer } });
    }
    case "initiative.cancel-handoff": {
      const meant = pick(byOffer(command.body.offer), mine, ["offered", "accepted"]);
      if ("refusal" in meant) return meant;
      return say({ type: "handoff.cancelled", subject, x: { ...from, offer: meant.offer } });
    }
    case "initiative.retract-acceptance": {
      const meant = pick(
        byAccept(command.body.accept),
        toMe.filter(isAccepted),
        ["accepted", "crossed"],
        "accept",
      );
      if ("refusal" in meant) return meant;
      return say({ type: "handoff.acceptance-retracted", subject, x: { ...from, accept: meant.accept } });
    }
    case "initiative.reaffirm-handoff": {
      const meant = pick(byAccept(command.body.accept), mine.filter(isAccepted), ["crossed"], "accept");
      if ("refusal" in meant) return meant;
      return say({ type: "handoff.reaffirmed", subject, x: { ...from, accept: meant.accept } });
    }
    case "initiative.complete-handoff": {
      const meant = pick(
        byAccept(command.body.accept),
        mine.filter(isAccepted),
        ["accepted", "crossed"],
        "accept",
      );
      if ("refusal" in meant) return meant;
      return complete(meant, initiative, view, from);
    }
  }
}

type AcceptedHandoff = Handoff & { readonly accept: Ref };
export const isAccepted = (handoff: Handoff): handoff is AcceptedHandoff => "accept" in handoff;
const byOffer = (offer: Ref | undefined) => offer && ((one: Handoff) => one.offer === offer);
const byAccept = (accept: Ref | undefined) => accept && ((one: AcceptedHandoff) => one.accept === accept);

/** The handoff that is named, else the only one that waits; where none waits, the fold says best why of the last. */
function pick<H extends Handoff>(
  isNamed: ((handoff: H) => boolean) | "" | undefined,
  candidates: readonly H[],
  waiting: readonly Handoff["state"][],
  member: "offer" | "accept" = "offer",
): H | Refused {
  if (isNamed) return candidates.find(isNamed) ?? refuse("not-found");
  const open = candidates.filter((one) => waiting.includes(one.state) && !wasTried(one));
  if (open.length > 1) {
    const named = open.map((one) => {
      const ref = member === "accept" && "accept" in one ? one.accept : one.offer;
      return one.until === null ? ref : `${ref} (until ${one.until})`;
    });
    return refuse("several-open", `name one as \`${member}\`: ${named.join(", ")}`);
  }
  return open[0] ?? candidates.at(-1) ?? refuse("nothing-to-accept");
}

/** Completed, but crossed: the giver offers anew. */
const wasTried = (handoff: Handoff): boolean => handoff.state === "crossed" && handoff.completed !== null;

/**
 * Pledges of one append. It holds at most 64 entries and reads at most 64 subjects, among them the initiative and perhaps the
 * network.
 */
const maxPledges = 60;

/**
 * Accepting takes over the giver's pledges as lead; those that are not named stay with the giver. What does not fit into
 * the append of the acceptance is taken over before it, in as many appends as it needs.
 */
function decideAccept(
  { body }: Command<"initiative.accept-handoff">,
  { offer, from }: Handoff,
  { ref: subject, ...initiative }: Initiative,
  view: WholeView,
): Decision {
  if (!view.holdsPayload(offer)) return refuse("payload-not-held", offer);
  const chosen = takenOver(body.carry, pledgesOf(subject, from, view), view);
  if ("refusal" in chosen) return chosen;
  const pending = chosen.filter((one) => !isTakenOver(one, offer, view.self));
  const drafts = pending.map((one) => draftCarryAccepted(one, offer));
  const reads = readsOf({ ref: subject, ...initiative }, view);
  const [part] = drafts.length <= maxPledges ? [] : partsOf(drafts);
  if (part !== undefined) {
    const decision = acceptIfEffective(part, view, reads);
    return decision.ok ? { ...decision, continues: true } : decision;
  }
  const accepted: Draft = {
    type: "handoff.accepted",
    subject,
    x: { ...provenance(body), offer },
    ...textsOf(body),
  };
  return acceptIfEffective([accepted, ...drafts], view, reads);
}

/** The pledges that `carry` means, or the refusal of the first one that cannot be taken over. */
function takenOver(
  carry: "all" | readonly (Ref | PinnedRef)[],
  pledges: readonly Commitment[],
  view: WholeView,
): readonly Commitment[] | ReturnType<typeof refuse> {
  // All that can be taken over: still owed, and with words this node can read (law L1).
  if (carry === "all") return pledges.filter((one) => one.state === "active" && isRead(one, view));
  const chosen: Commitment[] = [];
  for (const named of carry) {
    const pledge = pledges.find((one) => one.ref === named || one.terms.current.pinned === named);
    if (pledge === undefined)
      return isOfPledge(named, pledges)
        ? refuse("stale-terms", named)
        : refuse("not-found", `${named} is not a pledge that its giver made as the lead of this initiative`);
    if (!isRead(pledge, view)) return refuse("payload-not-held", named);
    chosen.push(pledge);
  }
  return chosen;
}

/** What a partner pledged as the lead of an initiative, and owes. */
const pledgesOf = (initiative: Ref, debtor: PartnerId, { cut }: WholeView): readonly Commitment[] =>
  cut
    .citing(initiative)
    .flatMap((one) => cut.commitment(one) ?? [])
    .filter((one) => one.seat?.initiative === initiative && one.debtor === debtor);

const isTakenOver = ({ carryAccepted: all, terms }: Commitment, offer: Ref, by: PartnerId): boolean =>
  all.some((one) => one.by === by && one.offer === offer && one.terms === terms.current.pinned);

const isRead = ({ ref, terms }: Commitment, { holdsPayload }: WholeView): boolean =>
  holdsPayload(ref) && holdsPayload(terms.current.ref);

const isOfPledge = (named: Ref | PinnedRef, pledges: readonly Commitment[]): boolean =>
  pledges.some((one) => [...one.terms.all, ...one.revisions].some((terms) => terms.pinned === named));

/** Passes the lead on, and with it the pledges that were taken over on just the terms that are current. */
export function complete(
  { accept, offer }: AcceptedHandoff,
  initiative: Initiative,
  view: WholeView,
  from: { readonly occurredAt?: number } = {},
): Accepted | Refused {
  const { ref: subject } = initiative;
  const completed: Draft = { type: "handoff.completed", subject, x: { ...from, accept } };
  const carrying = pledgesOf(subject, view.self, view)
    .flatMap((one) => draftCarried(one, offer, "#0") ?? [])
    .slice(0, maxPledges);
  const verdicts = rehearse([completed, ...carrying], view);
  // What was claimed or withdrawn since stays with the giver, whose log decides.
  const carry = carrying.filter((_, index) => verdicts[index + 1]?.effect === "effective");
  return acceptIfEffective([completed, ...carry], view, readsOf(initiative, view));
}

/**
 * What a completed handoff still has to carry because it did not fit into its append, in parts of one append each. A part
 * is named by the first acceptance it answers.
 */
export function leftToCarry(
  { ref, handoffs }: Initiative,
  view: WholeView,
): readonly { readonly cause: Ref; readonly decision: Accepted | Refused }[] {
  const given = handoffs.flatMap((one) => (one.state === "completed" && one.from === view.self ? [one] : []));
  if (given.length === 0) return [];
  const pledges = pledgesOf(ref, view.self, view).filter((one) => one.state === "active");
  const left = given.flatMap(({ offer, completed }) =>
    pledges.flatMap((one) => draftCarried(one, offer, completed) ?? []),
  );
  const verdicts = rehearse(left, view);
  const carry = left.filter((_, index) => verdicts[index]?.effect === "effective");
  return partsOf(carry).map((part) => ({
    cause: part[0].x.accepted,
    decision: acceptIfEffective(part, view),
  }));
}

function partsOf<Entry>(entries: readonly Entry[]): readonly [Entry, ...Entry[]][] {
  const parts: [Entry, ...Entry[]][] = [];
  for (const entry of entries) {
    const part = parts.at(-1);
    if (part === undefined || part.length === maxPledges) parts.push([entry]);
    else part.push(entry);
  }
  return parts;
}
