/** What people are shown of each kind of thing: a row in a list, and a sheet of its own. */
import type { ChallengeView } from "@handfast/api/views/challenge";
import type { BeneficiaryView, CommitmentView, TermsView } from "@handfast/api/views/commitment";
import type { HandoffView, InitiativeView } from "@handfast/api/views/initiative";
import type { Named } from "@handfast/api/views/named";
import { conversation } from "./conversation.ts";
import { proseSection, type Section, sheet } from "./sheet.ts";
import { namesOf, type ThingKind, titleOf, whenOf } from "./thing-kind.ts";

const beneficiaryName = (one: BeneficiaryView): string =>
  "network" in one ? `the network (${one.name})` : "initiative" in one ? `initiative ${one.name}` : one.name;
const beneficiariesOf = (all: readonly BeneficiaryView[]): string => all.map(beneficiaryName).join("; ");

const commitment: ThingKind<CommitmentView> = {
  collection: "commitments",
  empty:
    'No commitments yet. Offer one: handfast commitment offer --title "..." --beneficiaries <partner> --due <day>',
  heads: ["id", "state", "due", "debtor", "for", "whose move", "title"],
  row: (view) => [
    view.id,
    stateOf(view),
    dueOf(view),
    view.debtor.name,
    beneficiariesOf(view.beneficiaries),
    moverOf(view),
    titleOf(view),
  ],
  standing: (view) => [
    ["state", stateOf(view)],
    ["due", dueOf(view)],
    ["debtor", view.debtor.name],
    ["for", beneficiariesOf(view.beneficiaries)],
    ["whose move", moverOf(view)],
  ],
  sheet: (view) =>
    sheet(
      titleOf(view) ?? "(no title)",
      [
        ["commitment", view.id],
        ["state", stateOf(view)],
        ["due", dueOf(view)],
        ["debtor", view.debtor.name],
        ["for", beneficiariesOf(view.beneficiaries)],
        ["confirmers", namesOf(view.confirmers)],
        ["whose move", moverOf(view)],
        ["initiative", view.initiative],
        [
          "made as lead of",
          view.asLeadOf === undefined ? null : `${view.asLeadOf.initiative}, term ${view.asLeadOf.term}`,
        ],
        ["came from", view.origin],
        ["released by", namesOf(view.releasedBy)],
        ["external id", view.externalId],
        ["external status", view.externalStatus],
        ...whenOf(view),
      ],
      [
        proseSection("Text", view.text),
        { head: "Terms, current first", lines: view.terms.map(termsLine) },
        ...view.terms.map(({ kind, statedBy, due, text }) =>
          proseSection(`Text of the ${kind} by ${statedBy.name}, due ${due}`, text ?? null),
        ),
        talkSection(view),
        {
          head: "Answers to the claim",
          lines: view.confirmations.flatMap((one) => {
            const answer = answerOf(one);
            return answer === null ? [] : [`${one.by.name}: ${answer}`];
          }),
        },
      ],
    ),
};

const stateOf = ({ state, presumed, crossed, partConfirmed }: CommitmentView): string =>
  [
    state,
    ...(presumed ? ["presumed kept"] : []),
    ...(crossed && state !== "crossed" ? ["crossed"] : []),
    ...(partConfirmed ? ["part confirmed"] : []),
  ].join(", ");
const dueOf = ({ due, overdue }: CommitmentView): string => (overdue ? `${due} overdue` : due);

const termsLine = ({ kind, statedBy, title, due, standing, signed, unsigned, terms }: TermsView): string =>
  [
    `${kind} by ${statedBy.name}, due ${due}: ${standing}`,
    ...(title === undefined ? [] : [`called ${JSON.stringify(title)}`]),
    ...(signed.length === 0 ? [] : [`signed by ${namesOf(signed)}`]),
    ...(unsigned.length === 0 || standing !== "open" ? [] : [`waits for ${namesOf(unsigned)}`]),
    `terms ${terms}`,
    // Semicolons part names.
  ].join(" | ");

/** What a confirmer said of the claim; null while it has said nothing. */
function answerOf({ as, disputes }: CommitmentView["confirmations"][number]): string | null {
  if (disputes) return "disputes it";
  if (as === null) return null;
  return as === "partial" ? "kept in part" : "kept";
}

/** Whose move it is: our own with its verb; else whom the open terms, the claim or the promise wait for. */
function moverOf({ yourMoves, terms, state, debtor, confirmations }: CommitmentView): string {
  if (yourMoves.length > 0)
    return `yours: ${yourMoves.map(({ verb, by }) => (by === null ? verb : `${verb} by ${by}`)).join(", ")}`;
  if (isOver(state)) return "-";
  const waited = terms.filter(({ standing }) => standing === "open").flatMap(({ unsigned }) => unsigned);
  if (waited.length > 0) return namesOf(unique(waited));
  if (state === "active" || state === "disputed") return debtor.name;
  if (state !== "claimed") return "-";
  return namesOf(confirmations.filter(({ as }) => as !== "full").map(({ by }) => by)) || "-";
}

/** Kept or given up: what is still open of its terms waits for nobody. */
const isOver = (state: CommitmentView["state"]): boolean =>
  ["satisfied", "released", "withdrawn", "declined", "retracted"].includes(state);

const unique = (partners: readonly Named[]): readonly Named[] => [
  ...new Map(partners.map((partner) => [partner.id, partner])).values(),
];

const initiative: ThingKind<InitiativeView> = {
  collection: "initiatives",
  empty: 'No initiatives yet. Propose one: handfast initiative propose --title "..."',
  heads: ["id", "status", "lead", "participants", "whose move", "title"],
  row: (view) => [
    view.id,
    view.externalStatus === undefined ? view.status : `${view.status} (${view.externalStatus})`,
    view.lead?.name ?? "open",
    namesOf(view.participants) || "-",
    handoffMove(view),
    titleOf(view),
  ],
  standing: (view) => [
    ["status", view.status],
    ["lead", `${view.lead?.name ?? "open"}, term ${view.term}`],
    ["whose move", handoffMove(view)],
  ],
  sheet: (view) =>
    sheet(
      titleOf(view) ?? "(no title)",
      [
        ["initiative", view.id],
        ["status", view.status],
        ["status elsewhere", view.externalStatus],
        ["lead", `${view.lead?.name ?? "open"}, term ${view.term}`],
        ["proposed by", view.proposedBy.name],
        ["participants", namesOf(view.participants)],
        ["whose move", handoffMove(view)],
        ["you can", view.waysIn.join(", ")],
        ["external id", view.externalId],
        ...whenOf(view),
      ],
      [
        proseSection("Problem", view.problem),
        proseSection("Who benefits", view.benefits),
        proseSection("Success", view.success),
        { head: "Handoffs of the lead", lines: view.handoffs.map(handoffLine) },
        talkSection(view),
        { head: "Offers to lead", lines: view.stepUps.map(({ by, as, at }) => `${by.name} (${as}), ${at}`) },
      ],
    ),
};

const handoffLine = ({ from, to, term, state, lapsed, until, trialUntil, id }: HandoffView): string =>
  [
    `${from.name} to ${to.name}, term ${term}: ${lapsed ? "lapsed" : state}`,
    ...(until === undefined ? [] : [`until ${until}`]),
    ...(trialUntil === undefined ? [] : [`on trial until ${trialUntil}`]),
    `offer ${id}`,
  ].join("; ");

/** Whom an open handoff waits for. */
function handoffMove({ handoffs }: InitiativeView): string {
  const offered = handoffs
    .filter(({ state, lapsed }) => state === "offered" && !lapsed)
    .map(({ to, until }) => `${to.name} answers the handoff${until === undefined ? "" : ` by ${until}`}`);
  const lapsed = handoffs
    .filter((handoff) => handoff.lapsed)
    .map(({ from, to }) => `${from.name} offers anew (${to.name} did not answer in time)`);
  const accepted = handoffs
    .filter(({ state }) => state === "accepted")
    .map(({ from }) => `${from.name}'s node passes the lead on`);
  const crossed = handoffs
    .filter(({ state }) => state === "crossed")
    .map(({ from }) => `${from.name} settles the crossing`);
  return [...offered, ...lapsed, ...accepted, ...crossed].join("; ") || "-";
}

const challenge: ThingKind<ChallengeView> = {
  collection: "challenges",
  empty: 'No challenges yet. Asking is healthy: handfast challenge share --title "..."',
  heads: ["id", "state", "owner", "offers", "whose move", "title"],
  row: (view) => [
    view.id,
    view.waiting ? `${view.state}, unheard since ${view.ackBy}` : view.state,
    view.owner.name,
    view.offers.length,
    challengeMove(view),
    titleOf(view),
  ],
  standing: (view) => [
    ["state", view.state],
    ["owner", view.owner.name],
    ["whose move", challengeMove(view)],
  ],
  sheet: (view) =>
    sheet(
      titleOf(view) ?? "(no title)",
      [
        ["challenge", view.id],
        ["state", view.waiting ? `${view.state}, unheard since ${view.ackBy}` : view.state],
        ["owner", view.owner.name],
        ["to be heard by", view.ackBy],
        ["acknowledged by", namesOf(view.acknowledgedBy)],
        ["whose move", challengeMove(view)],
        ["external id", view.externalId],
        ...whenOf(view),
      ],
      [
        proseSection("Text", view.text),
        proseSection("Wanted", view.wanted),
        talkSection(view),
        {
          head: "Offers of help",
          lines: view.offers.map(
            (offer) =>
              `${offer.by.name}: ${titleOf(offer) ?? "(no title)"}; ${offer.state}${offer.due === undefined ? "" : `, due ${offer.due}`}${offer.commitment === undefined ? "" : `, commitment ${offer.commitment}`}; offer ${offer.id}`,
          ),
        },
      ],
    ),
};

/** What is said about it elsewhere. */
const talkSection = ({ conversations = [] }: Partial<Pick<ChallengeView, "conversations">>): Section => ({
  head: "Conversations",
  lines: conversations.map(({ id, title, by }) => `${id}  ${by.name}: ${title ?? "(no title)"}`),
});

/** An open offer waits for the owner; a challenge nobody has heard waits for anyone. */
function challengeMove({ state, owner, offers, acknowledgedBy }: ChallengeView): string {
  if (state === "resolved") return "-";
  if (offers.some((offer) => offer.state === "offered")) return `${owner.name} answers an offer`;
  return acknowledgedBy.length === 0 && offers.length === 0 ? "anyone: acknowledge, offer-help" : "-";
}

/** A thing as commands call it. */
export type Noun = "initiative" | "commitment" | "challenge" | "conversation";
/** Views are what the node answers for that collection. */
export const things = { initiative, commitment, challenge, conversation } as unknown as Readonly<
  Record<Noun, ThingKind<unknown>>
>;
