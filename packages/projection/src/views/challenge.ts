/** A challenge and the help offered for it, as readers see them. */

import type { ChallengeView, HelpOfferView } from "@handfast/api/views/challenge";
import { endOf } from "@handfast/domain/days";
import type { Ref } from "@handfast/protocol/ids";
import { type Challenge, maybe, type Reading } from "./reading.ts";

/** Entries whose texts its view shows. */
export const textsOfChallenge = ({ titledBy, offers }: Challenge): readonly Ref[] => [
  titledBy,
  ...offers.map((offer) => offer.ref),
];

export function challengeView(challenge: Challenge, reading: Reading): ChallengeView {
  const { ref, titledBy, ackBy, state } = challenge;
  return {
    id: ref,
    ...maybe("externalId", challenge.externalId),
    title: reading.text(titledBy, "title"),
    text: reading.text(titledBy, "text"),
    wanted: reading.text(titledBy, "wanted"),
    texts: reading.textState(titledBy),
    owner: reading.named(challenge.owner),
    state,
    acknowledgedBy: [...new Set(challenge.acknowledgements.map(({ by }) => by))].map(reading.named),
    ...maybe("ackBy", ackBy),
    waiting: state === "open" && ackBy !== null && reading.atMs >= endOf(ackBy),
    offers: challenge.offers.map((offer) => offerView(offer, reading)),
    ...reading.times(challenge),
    etag: reading.etag(ref),
  };
}

function offerView(offer: Challenge["offers"][number], reading: Reading): HelpOfferView {
  const { accept } = offer;
  const told = reading.cut.fact(offer.ref)?.told;
  const occurredAt =
    told?.ok === true && told.event.type === "help.offered" ? told.event.x.occurredAt : undefined;
  return {
    id: offer.ref,
    by: reading.named(offer.by),
    state: offer.state,
    title: reading.text(offer.ref, "title"),
    text: reading.text(offer.ref, "text"),
    texts: reading.textState(offer.ref),
    ...maybe("part", offer.part),
    ...maybe("due", offer.due),
    ...maybe("commitment", accept === null ? null : commitmentFrom(accept, reading)),
    ...reading.times({ at: offer.at, occurredAt: occurredAt ?? null }),
  };
}

/** The commitment that the challenge's owner asked for when it accepted: the first whose origin is that acceptance. */
function commitmentFrom(accept: Ref, { projection, cut }: Reading): Ref | null {
  const accepted = projection.arrival(accept);
  if (accepted === undefined) return null;
  // It was appended together with the acceptance, so it arrived right behind it.
  for (const { fact, x } of projection.things.commitments.after(accepted.position - 1)) {
    if (x["origin"] === accept) return cut.fact(fact.ref) === undefined ? null : fact.ref;
    if (fact.log === accepted.fact.log && fact.seq > accepted.fact.seq + appendedTogether) return null;
  }
  return null;
}
const appendedTogether = 64;
