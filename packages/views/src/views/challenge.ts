/** A challenge and the help offered for it, as readers see them. */

import type { ChallengeView, HelpOfferView } from "@handfast/api/views/challenge";
import { endOf } from "@handfast/domain/days";
import { compareFacts } from "@handfast/domain/fact";
import type { Event } from "@handfast/protocol/events";
import { type Ref, splitRef } from "@handfast/protocol/ids";
import { type Challenge, maybe, type Reading, type Untalked } from "./reading.ts";

export function challengeView(challenge: Challenge, reading: Reading): Untalked<ChallengeView> {
  const { ref, titledBy, ackBy, state } = challenge;
  const waits = waitingFrom(challenge);
  return {
    id: ref,
    ...maybe("externalId", challenge.externalId),
    title: reading.text(titledBy, "title"),
    text: reading.text(titledBy, "text"),
    wanted: reading.text(titledBy, "wanted"),
    texts: reading.body(titledBy).state,
    owner: reading.named(challenge.owner),
    state,
    acknowledgedBy: [...new Set(challenge.acknowledgements.map(({ by }) => by))].map(reading.named),
    ...maybe("ackBy", ackBy),
    waiting: waits !== null && reading.atMs >= waits,
    offers: challenge.offers.map((offer) => offerView(offer, reading)),
    ...maybe("from", challenge.from),
    ...reading.times(challenge),
    etag: reading.etag(ref),
  };
}

/** From when on it waits to be heard, in milliseconds; null: it does not. */
export const waitingFrom = ({ state, ackBy }: Challenge): number | null =>
  state === "open" && ackBy !== null ? endOf(ackBy) : null;

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
    texts: reading.body(offer.ref).state,
    ...maybe("part", offer.part),
    ...maybe("due", offer.due),
    ...maybe("commitment", accept === null ? null : commitmentFrom(accept, reading)),
    ...reading.times({ at: offer.at, occurredAt: occurredAt ?? null }),
  };
}

/** The commitment that the challenge's owner asked for when it accepted: the first whose origin is that acceptance. */
function commitmentFrom(accept: Ref, { cut, citingEntry }: Reading): Ref | null {
  const { log } = splitRef(accept);
  const facts = citingEntry(accept).flatMap((subject) => cut.fact(subject) ?? []);
  // Others may name it too; the owner's own request was appended together with it.
  const from = facts.filter(
    (fact) => fact.log === log && fact.told.ok && originIn(fact.told.event) === accept,
  );
  return from.sort(compareFacts)[0]?.ref ?? null;
}

const originIn = (event: Event): Ref | undefined => ("origin" in event.x ? event.x.origin : undefined);
