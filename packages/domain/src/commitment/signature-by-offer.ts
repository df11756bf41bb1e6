/**
 * A signature by offer: an offer of help with a day states terms. Taken whole, without a word changed, the offer is
 * its author's signature under the request it became; anything else has to be signed anew (law L1).
 *
 * A request comes from an acceptance of help when it is the very next entry of the same log, as one append makes it. So
 * one acceptance becomes one request at most, and one offer never signs two.
 */
import type { PartnerId } from "@handfast/protocol/ids";
import type { Cut } from "../cut.ts";
import { type Fact, isConcurrent, logOf } from "../fact.ts";
import { type CreatingEvent, partnersAmong, sameMembers, type Terms } from "./terms.ts";

type Creation = { readonly fact: Fact; readonly event: CreatingEvent; readonly terms: Terms };

/** The acceptance of help a request comes from. */
function acceptanceOf(creation: Omit<Creation, "terms">, cut: Cut) {
  const { type, x } = creation.event;
  if (type !== "commitment.requested" || x.origin === undefined) return null;
  const fact = cut.fact(x.origin);
  if (fact === undefined || logOf(fact) !== logOf(creation.fact) || fact.seq + 1 !== creation.fact.seq)
    return null;
  if (!fact.told.ok || fact.told.event.type !== "help.accepted") return null;
  return cut.verdictOf(fact.ref)?.effect === "none" ? null : { fact, x: fact.told.event.x };
}

/** Retractions of the help a request comes from whose authors did not know that it was being accepted. */
export function crossedRetractions(creation: Omit<Creation, "terms">, cut: Cut): readonly Fact[] {
  const acceptance = acceptanceOf(creation, cut);
  if (acceptance === null) return [];
  return cut.retractionsOfHelp(acceptance.x.offer).filter((one) => isConcurrent(one, acceptance.fact));
}

/** Whether the offer of help says just what the request says, so that it can stand for the debtor's signature. */
export function offersThese(offer: Fact, signer: PartnerId, creation: Creation, cut: Cut): boolean {
  if (creation.fact.by !== signer) return false;
  const acceptance = acceptanceOf(creation, cut);
  if (acceptance === null || acceptance.x.part !== undefined || acceptance.x.offer !== offer.ref)
    return false;
  if (!offer.told.ok || offer.told.event.type !== "help.offered") return false;
  if (cut.verdictOf(offer.ref)?.effect === "none") return false;
  const { due, beneficiaries: named, confirmers } = offer.told.event.x;
  const owner = cut.fact(offer.subject)?.by;
  const beneficiaries = named ?? (owner === undefined ? [] : [owner]);
  const { terms } = creation;
  return (
    due === terms.due &&
    offer.by === terms.debtor &&
    sameMembers(beneficiaries, terms.beneficiaries) &&
    sameMembers(confirmers ?? partnersAmong(beneficiaries), terms.confirmers)
  );
}
