/** A commitment as readers see it: in plain words first, and this node's own next moves. */

import type { CommitmentView, TermsView } from "@handfast/api/views/commitment";
import { moves } from "@handfast/domain/commitment-moves";
import type { StandingTerms } from "@handfast/domain/commitment-state";
import { isOverdue, isPresumed, plainWord } from "@handfast/domain/commitment-views";
import type { Ref } from "@handfast/protocol/ids";
import { type Commitment, maybe, type Reading, type Untalked } from "./reading.ts";

export function commitmentView(commitment: Commitment, reading: Reading): Untalked<CommitmentView> {
  const { ref, titledBy, terms, revisions, flags, seat } = commitment;
  const {
    self,
    charter: { parameters },
  } = reading;
  const others = [...terms.all, ...revisions].filter((one) => one.pinned !== terms.current.pinned);
  const offer = offerBehind(commitment.origin, reading);
  /** What was asked for in the words of an offer of help is told in them. */
  const said = (member: string) =>
    reading.text(titledBy, member) ?? (offer === null ? null : reading.text(offer, member));
  return {
    id: ref,
    ...maybe("externalId", commitment.externalId),
    ...maybe("externalStatus", commitment.externalStatus),
    kind: commitment.kind,
    title: said("title"),
    text: said("text"),
    texts: reading.body(titledBy).state,
    words: plainWord(commitment),
    state: commitment.state,
    overdue: isOverdue(commitment, reading.atMs, parameters),
    presumed: isPresumed(commitment, reading.atMs, parameters),
    crossed: flags.crossed,
    partConfirmed: flags.partConfirmed,
    claimNoted: flags.claimNoted,
    debtor: reading.named(commitment.debtor),
    beneficiaries: commitment.beneficiaries.map(reading.beneficiary),
    confirmers: commitment.confirmers.map(reading.named),
    due: commitment.due,
    terms: [terms.current, ...others].map((one) => termsView(one, ref, reading)),
    confirmations: commitment.confirmations.map(({ by, as, disputes }) => ({
      by: reading.named(by),
      as,
      disputes,
    })),
    releasedBy: commitment.releasedBy.map(reading.named),
    ...maybe("initiative", initiativeOf(commitment, reading)),
    ...maybe("origin", commitment.origin),
    ...maybe("asLeadOf", seat === null ? null : { initiative: seat.initiative, term: seat.term }),
    yourMoves: moves(commitment, self, parameters)
      .filter(({ party }) => party === self)
      .map(({ verb, by }) => ({ verb, by })),
    ...reading.times(commitment),
    etag: reading.etag(ref),
  };
}

/** @param first The entry that began it: its words are those of the commitment. */
const termsView = (terms: StandingTerms, first: Ref, reading: Reading): TermsView => ({
  terms: terms.pinned,
  statedBy: reading.named(terms.by),
  kind: terms.kind,
  ...(terms.ref === first ? {} : maybe("title", reading.text(terms.ref, "title"))),
  ...(terms.ref === first ? {} : maybe("text", reading.text(terms.ref, "text"))),
  debtor: reading.named(terms.debtor),
  beneficiaries: terms.beneficiaries.map(reading.beneficiary),
  confirmers: terms.confirmers.map(reading.named),
  due: terms.due,
  standing: terms.standing,
  signed: terms.signed.map(reading.named),
  unsigned: terms.signers.filter((one) => !terms.signed.includes(one)).map(reading.named),
});

/** The offer of help whose acceptance opened the commitment. */
function offerBehind(origin: Ref | null, { cut }: Reading): Ref | null {
  const told = origin === null ? undefined : cut.fact(origin)?.told;
  return told?.ok === true && told.event.type === "help.accepted" ? told.event.x.offer : null;
}

/** As which lead it was made, else whom it benefits, else where it came from. */
function initiativeOf({ seat, beneficiaries, origin }: Commitment, { cut }: Reading): Ref | null {
  const named = seat?.initiative ?? beneficiaries.find((one) => one.includes("."));
  if (named !== undefined) return named;
  const told = origin === null ? undefined : cut.fact(origin)?.told;
  return told?.ok === true && told.event.type === "initiative.proposed" ? origin : null;
}
