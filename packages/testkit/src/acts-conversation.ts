/** What partners say to each other in conversations, as rows of the table of acts (`acts.ts`). */
import type { Act, Step } from "./acts.ts";
import type { History, Told } from "./histories.ts";

const openings = ["post.published", "decision.noted", "meeting.noted", "thanks.given"] as const;
const texts = [...openings, "post.replied", "question.asked", "question.answered"] as const;
const things = ["initiative.proposed", "challenge.shared", "commitment.pledged", "commitment.requested"];

const member = (fact: Told, name: string): unknown => fact.header.x[name];
const find = (history: History, ref: unknown): Told | undefined =>
  history.facts.find((fact) => fact.ref === ref);
const anyone = () => null;
const author = (fact: Told): string => fact.by;
const chosen = <T>(among: readonly T[], roll: number): T => among[roll % among.length] as T;
const others = (history: History, self: string): readonly string[] => [
  ...new Set(history.partners.map((one) => one.by).filter((one) => one !== self)),
];
/** One or two partners. */
const some = (history: History, { who, choice }: Step): string[] => {
  const all = [...new Set(history.partners.map(({ by }) => by))];
  return [...new Set([chosen(all, who + 1), chosen(all, choice)])];
};
const about = (thing: Told) => ({ about: thing.ref });
const promotedTo = ["challenge", "commitment", "initiative"] as const;
const openedBy = {
  challenge: "challenge.shared",
  commitment: "commitment.pledged",
  initiative: "initiative.proposed",
} as const;
type PromotedTo = (typeof promotedTo)[number];

/** A text's own thing: opened by this partner, and promoted in the same breath, in the conversation of what was just said. */
function promote(who: number, said: Told, text: Told, as: PromotedTo, history: History, agreed?: Told): void {
  const self = history.partners[who]?.by ?? "";
  const x =
    as === "commitment"
      ? { debtor: self, beneficiaries: ["network"], due: "2026-03-01", origin: text.ref }
      : { from: text.ref };
  const made = history.says(who, openedBy[as], { x });
  history.says(who, "post.promoted", {
    subject: said.subject,
    x: { of: text.ref, into: made.ref, ...(agreed === undefined ? {} : { agreed: agreed.ref }) },
  });
}

export const conversationActs: readonly Act[] = [
  { weight: 1, type: "post.published" },
  {
    weight: 2,
    type: "post.published",
    to: [...things, ...openings, "post.replied"],
    by: anyone,
    subject: () => null,
    x: about,
  },
  {
    weight: 1,
    type: "decision.noted",
    x: (_, __, { choice }) => (choice % 2 === 0 ? { reviewOn: "2026-04-01" } : {}),
  },
  {
    weight: 1,
    type: "meeting.noted",
    x: (_, __, { choice }) => (choice % 2 === 0 ? { on: "2026-01-05" } : {}),
  },
  {
    weight: 1,
    type: "thanks.given",
    x: (_, history, step) => ({ to: some(history, step) }),
  },
  { weight: 3, type: "post.replied", to: texts, by: anyone, x: (text) => ({ to: text.ref }) },
  { weight: 2, type: "post.revised", to: texts, by: author, x: (text) => ({ of: text.ref }) },
  {
    weight: 2,
    type: "question.asked",
    to: openings,
    by: anyone,
    x: (_, history, step) => ({
      ...(step.choice % 3 === 0 ? {} : { to: some(history, step) }),
      ...(step.choice % 2 === 0 ? { by: "2026-02-01" } : {}),
    }),
  },
  {
    weight: 3,
    type: "question.answered",
    to: ["question.asked"],
    by: (asked, _, step) =>
      chosen([...((member(asked, "to") as string[] | undefined) ?? []), null], step.who),
    x: (asked) => ({ question: asked.ref }),
  },
  {
    weight: 2,
    type: "answer.accepted",
    to: ["question.answered"],
    by: (answered, history) => find(history, member(answered, "question"))?.by ?? null,
    x: (answered) => ({ answer: answered.ref }),
  },
  {
    weight: 1,
    type: "question.kept-open",
    to: ["question.asked"],
    by: author,
    x: (asked) => ({ question: asked.ref }),
  },
  {
    weight: 2,
    type: "ack.requested",
    to: openings,
    by: anyone,
    x: (_, history, step) => ({
      by: "2026-02-01",
      ...(step.choice % 3 === 0 ? {} : { from: some(history, step) }),
    }),
  },
  {
    weight: 3,
    type: "ack.given",
    to: ["ack.requested"],
    by: (requested, _, step) => {
      const from = member(requested, "from") as string[] | undefined;
      return from === undefined || step.choice % 8 === 0 ? null : chosen(from, step.who);
    },
    x: (requested, _, { pick }) => ({
      request: requested.ref,
      as: chosen(["seen", "understood", "agree", "cannot"], pick),
    }),
  },
  {
    weight: 2,
    type: "reaction.given",
    to: texts,
    by: anyone,
    x: (text, _, { choice }) => ({ to: text.ref, as: chosen(["+1", "\u2764", "none"], choice) }),
  },
  {
    weight: 2,
    type: "promotion.asked",
    to: texts,
    by: (text, history, step) => chosen([...others(history, text.by), text.by], step.who),
    x: (text, _, { choice }) => ({ of: text.ref, as: chosen(promotedTo, choice) }),
  },
  {
    weight: 3,
    type: "promotion.agreed",
    to: ["promotion.asked"],
    by: (asked, history) => find(history, member(asked, "of"))?.by ?? null,
    x: (asked) => ({ asked: asked.ref }),
  },
  // A word that says that its author is about to promote something; the thing and its promotion follow.
  {
    weight: 2,
    type: "post.replied",
    to: texts,
    by: (text, history, step) =>
      step.choice % 5 === 0 ? chosen(others(history, text.by), step.who) : text.by,
    x: (text) => ({ to: text.ref }),
    andThen: (said, who, history, { choice }) => {
      const text = find(history, member(said, "to"));
      if (text !== undefined) promote(who, said, text, chosen(promotedTo, choice), history);
    },
  },
  {
    weight: 2,
    type: "post.replied",
    to: ["promotion.agreed"],
    by: (agreed, history) => find(history, member(agreed, "asked"))?.by ?? null,
    x: (agreed, history) => {
      const asked = find(history, member(agreed, "asked"));
      return asked === undefined ? null : { to: String(member(asked, "of")) };
    },
    andThen: (said, who, history, { choice, pick }) => {
      const text = find(history, member(said, "to"));
      const agreed = history.facts.findLast(({ header: { type, x } }) => {
        const asked = type === "promotion.agreed" ? find(history, x["asked"]) : undefined;
        return asked !== undefined && member(asked, "of") === text?.ref;
      });
      const asked = agreed && find(history, member(agreed, "asked"));
      if (text === undefined || asked === undefined) return;
      // Mostly what was agreed to.
      const agreedTo = promotedTo.find((kind) => kind === member(asked, "as"));
      // What its author got wrong says nothing.
      const as = pick % 6 === 0 || agreedTo === undefined ? chosen(promotedTo, choice) : agreedTo;
      promote(who, said, text, as, history, agreed);
    },
  },
  {
    weight: 1,
    type: "post.promoted",
    to: texts,
    by: author,
    x: (text, history, { pick }) => {
      const made = history.facts.filter(({ header: { type } }) => things.includes(type));
      return made.length === 0 ? null : { of: text.ref, into: chosen(made, pick).ref };
    },
  },
];
