/**
 * The same offer of help made twice would be two offers, each to be answered. The domain knows its terms and not its words, so that the
 * words are compared here, before it decides.
 */
import type { Command } from "@handfast/api/verbs";
import type { Decision } from "@handfast/domain/decision";
import { stands } from "@handfast/domain/decision";
import type { WholeView } from "@handfast/domain/whole";
import type { Views } from "@handfast/views/views";
import type { Attempt, Refused } from "./deciding.ts";

type OfferHelp = Command<"challenge.offer-help">;

/** An attempt that is answered with our own open offer in the same words and terms, where there is one. */
export async function notTwice(
  attempt: Attempt,
  command: Command,
  { reads, self }: Pick<Views, "reads" | "self">,
): Promise<Attempt> {
  if (command.name !== "challenge.offer-help" || command.body.imported === true) return attempt;
  const { on, body } = command;
  const { title, text = null } = body;
  const shown = await reads.one("challenges", on, null);
  const alike = (shown?.offers ?? []).filter(
    (offer) => offer.by.id === self && offer.title === title && offer.text === text,
  );
  const refs = new Set<string>(alike.map(({ id }) => id));
  return { ...attempt, decide: (view) => orStanding(attempt.decide(view), view, command, refs) };
}

/** Asked last: an act that is refused stays refused. */
function orStanding(
  decision: Decision | Refused,
  view: WholeView,
  { on, body }: OfferHelp,
  alike: ReadonlySet<string>,
): Decision | Refused {
  if (!decision.ok || alike.size === 0) return decision;
  const open = view.cut
    .challenge(on)
    ?.offers.find(
      (offer) =>
        alike.has(offer.ref) &&
        offer.state === "offered" &&
        offer.due === (body.due ?? null) &&
        offer.part === (body.part ?? null) &&
        areSame(offer.beneficiaries, body.beneficiaries) &&
        areSame(offer.confirmers, body.confirmers),
    );
  return open === undefined ? decision : stands(open.ref);
}

const areSame = (held: readonly string[] | null, given: readonly string[] | undefined): boolean =>
  [...(held ?? ["-"])].sort().join() === [...(given ?? ["-"])].sort().join();
