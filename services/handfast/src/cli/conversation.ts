/** What people are shown of a conversation: a row in a list, and the thread on a page of its own. */
import type { ConversationView, SaidView, ThreadView } from "@handfast/api/views/conversation";
import { type Line, type Section, sheet } from "./sheet.ts";
import { namesOf, type ThingKind, titleOf, whenOf } from "./thing-kind.ts";

export const conversation: ThingKind<ConversationView | ThreadView> = {
  collection: "conversations",
  empty: 'No conversations yet. Begin one: handfast conversation post --title "..." --text "..."',
  heads: ["id", "as", "by", "texts", "open questions", "waiting", "title"],
  row: (view) => [
    view.id,
    view.as,
    view.by.name,
    view.entries,
    view.openQuestions,
    waitingIn(view),
    titleOf(view),
  ],
  standing: (view) => [
    ["texts", view.entries],
    ["open questions", view.openQuestions],
    ["waiting", waitingIn(view)],
    ["became", linksOf(view.promoted)],
  ],
  sheet: (view) =>
    sheet(
      titleOf(view) ?? `(${view.as} without a title)`,
      [
        ["conversation", view.id],
        ["as", view.as],
        ["by", view.by.name],
        ["to", namesOf(view.to ?? [])],
        ["about", view.about === undefined ? null : linksOf([view.about])],
        ["on", view.on],
        ["look at it again on", view.reviewOn],
        ["waiting", waitingIn(view)],
        ["became", linksOf(view.promoted)],
        ["external id", view.externalId],
        ...whenOf(view),
      ],
      "said" in view ? [...view.said.map(saidSection), ...view.acks.map(ackSection)] : [],
    ),
};

const linksOf = (links: ConversationView["promoted"]): string =>
  links.map(({ collection, id }) => `${collection.slice(0, -1)} ${id}`).join(", ");

/** What this node's own partner is asked for, and whom it asked; of others nothing is said. */
function waitingIn({ yourMoves, waitingFor }: ConversationView): string {
  const yours = yourMoves.map(({ verb, by }) => (by === null ? verb : `${verb} by ${by}`));
  return (
    [
      ...(yours.length === 0 ? [] : [`for you: ${yours.join(", ")}`]),
      ...(waitingFor.length === 0 ? [] : [`for ${namesOf(waitingFor)}`]),
    ].join("; ") || "-"
  );
}

function saidSection({
  id,
  as,
  by,
  to,
  text,
  texts,
  revisedAt,
  question,
  reactions,
  promoted,
  recordedAt,
}: SaidView): Section {
  const details: readonly Line[] = [
    ["question", question === undefined ? null : askedOf(question)],
    ["reactions", reactions.map((one) => `${one.as} ${namesOf(one.by)}`).join(" | ")],
    ["became", linksOf(promoted)],
  ];
  return {
    head: [
      `${by.name}, ${as}${to === undefined ? "" : ` to ${to}`}, ${recordedAt}`,
      ...(revisedAt === undefined ? [] : [`revised ${revisedAt}`]),
      id,
    ].join("; "),
    lines: [
      ...(text === null
        ? [texts === "here" || texts === "none" ? "(no text)" : `(${texts})`]
        : text.split(/\r?\n/)),
      ...details.flatMap(([label, value]) => (value === null || value === "" ? [] : [`${label}: ${value}`])),
    ],
  };
}

const askedOf = ({ to, by, state }: NonNullable<SaidView["question"]>): string =>
  [
    `asked of ${to.length === 0 ? "everybody" : namesOf(to)}`,
    ...(by === undefined ? [] : [`by ${by}`]),
    state === "accepted" ? "answered" : "open",
  ].join(", ");

const ackSection = ({ id, by, from, due, text, given }: ThreadView["acks"][number]): Section => ({
  head: `${by.name} asks ${from.length === 0 ? "everybody" : namesOf(from)} for a word by ${due}; ${id}`,
  lines: [
    ...(text === null ? [] : text.split(/\r?\n/)),
    ...given.map((one) => `${one.by.name}: ${one.as}${one.note === null ? "" : ` (${one.note})`}`),
    ...(text === null && given.length === 0 ? ["(no word yet)"] : []),
  ],
});
