/**
 * A rehearsal: what the folds would say of entries before they are appended, their author having seen everything in the
 * cut. So a command is refused with the very reason its entry would be without effect for, and the two cannot disagree.
 */
import type { Json } from "@handfast/protocol/canonical";
import { type Event, subjectOf } from "@handfast/protocol/events";
import { type PartnerId, type PinnedRef, type Ref, unpin } from "@handfast/protocol/ids";
import { mapRefs } from "@handfast/protocol/refs";
import { citedBy } from "./citations.ts";
import type { Cut } from "./cut.ts";
import { type Accepted, accept, type Draft, type Refused, refuse } from "./decision.ts";
import type { Fact } from "./fact.ts";
import { isAhead } from "./starting-well.ts";
import type { Verdict } from "./verdict.ts";
import type { WholeCut, WholeView } from "./whole.ts";

/** Above any real place in a log, so that staged entries come after everything else of it. */
const stageSeq = 9_000_000_000_000_000;
const stageHash = "staged";

/** What would become of each of these entries, appended together. */
export function rehearse(drafts: readonly Draft[], view: WholeView): readonly (Verdict | undefined)[] {
  return view.cut.outcomesOf(stage(drafts, view));
}

/**
 * Accepts drafts all of which will be effective; else answers why the first one would not be.
 *
 * @param reads Subjects the decision read; those the drafts are about or cite are read in any case.
 */
export function acceptIfEffective(
  drafts: readonly [Draft, ...Draft[]],
  view: WholeView,
  reads: readonly string[] = [],
): Accepted | Refused {
  const ahead = drafts.find(({ x }) => isAhead("occurredAt" in x ? x.occurredAt : undefined, view));
  if (ahead !== undefined) return refuse("occurred-in-the-future");
  for (const verdict of rehearse(drafts, view)) {
    if (verdict === undefined || verdict.effect === "crossed") return refuse("crossed");
    if (verdict.effect === "none") return refuse(verdict.reason);
  }
  return accept(readsOf(drafts, view, reads), ...drafts);
}

function readsOf(drafts: readonly Draft[], view: WholeView, reads: readonly string[]): readonly string[] {
  const cited = stage(drafts, view).flatMap((fact) => [fact, ...citedFacts(fact, view.cut)]);
  const known = cited.map((fact) => fact.subject).filter((subject) => !subject.startsWith(stageLog(view)));
  const subjects = new Set([...reads, ...known]);
  if (hasDoubts(subjects, view.cut)) subjects.add(view.cut.network);
  return [...subjects].filter((subject) => view.cut.has(subject));
}

/** What is set aside in a thing was decided by what the network shows of forks and later logs: that must be in the past. */
const hasDoubts = (subjects: ReadonlySet<string>, { doubts, factsOf }: Cut): boolean =>
  !doubts.isEmpty &&
  subjects.values().some((subject) => factsOf(subject).some((fact) => doubts.of(fact) !== null));

const citedFacts = (fact: Fact, cut: Cut): readonly Fact[] =>
  citedBy(fact).flatMap((cited) => cut.fact(unpin(cited)) ?? []);

/** Drafts as facts at the end of their author's log, with everything in their past. */
function stage(drafts: readonly Draft[], view: WholeView): readonly Fact[] {
  const log = stageLog(view);
  const refs = drafts.map((_, index): Ref => `${log}.${stageSeq + index}`);
  return drafts.map((draft, index) => {
    const seq = stageSeq + index;
    const names = draft.subject === null ? null : resolved(draft.subject, refs);
    const x = mapRefs(draft.type, draft.x as { readonly [member: string]: Json }, (text) =>
      resolved(text, refs),
    );
    return {
      ref: refs[index] as Ref,
      hash: stageHash,
      by: view.self,
      log,
      seq,
      at: [Number.MAX_SAFE_INTEGER, index],
      subject: subjectOf({ type: draft.type, net: view.cut.network, log, seq, subject: names }),
      names,
      told: { ok: true, event: { type: draft.type, x } as Event },
      past: (other) => (other === log ? seq - 1 : Number.MAX_SAFE_INTEGER),
    };
  });
}

/** `#k` and `#k@` name the k-th entry of the same append. */
function resolved(text: string, refs: readonly Ref[]): Ref | PinnedRef {
  const [, index, pinned] = /^#(\d{1,2})(@?)$/.exec(text) ?? [];
  const ref = index === undefined ? undefined : refs[Number(index)];
  if (ref === undefined) return text;
  return pinned === "@" ? `${ref}@${stageHash}` : ref;
}

/** The log the node's own partner writes: its newest one. */
function stageLog({ cut, self }: WholeView): string {
  return ownLogIn(cut, self) ?? "rehearsal";
}

/** The newest log of a partner inside the cut. */
export const ownLogIn = (cut: WholeCut, partner: PartnerId): string | null =>
  cut
    .factsOf(cut.network)
    .findLast((fact) => fact.by === partner && fact.told.ok && fact.told.event.type === "log.opened")?.log ??
  null;
