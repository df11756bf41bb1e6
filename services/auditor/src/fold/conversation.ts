/**
 * The machine of a conversation (fold.md section 10). Nothing that is said in one excludes anything else, so no verdict depends on what
 * is concurrent; what it comes to is read off at the end, from what is not set aside.
 */
import type { Entry } from "../held.ts";
import { type Book, isValid, settleAside } from "./book.ts";
import type { EventOf } from "./contract.ts";
import { enter, type Membership } from "./network.ts";
import { openRoll } from "./roll.ts";

/** What a conversation comes to. Entries in fold order. */
export type Conversation = {
  readonly as: string;
  readonly by: string;
  /** The thing it is about, as a ref. */
  readonly about: string | undefined;
  /** How many of its entries hold text that can be answered or promoted. */
  readonly entries: number;
  readonly questions: readonly { readonly entry: Entry; readonly state: "open" | "accepted" }[];
  /** Per request the latest answer of each partner. */
  readonly acks: readonly { readonly entry: Entry; readonly given: ReadonlyMap<string, string> }[];
};

type Question = { readonly entry: Entry; readonly rulings: { entry: Entry; answer?: Entry }[] };
type Request = { readonly entry: Entry; readonly given: Entry[] };

const openings: Readonly<Record<string, string>> = {
  "post.published": "post",
  "decision.noted": "decision",
  "meeting.noted": "meeting",
  "thanks.given": "thanks",
};

/** Gives every entry of the conversation that `entries[0]` opened its verdict; undefined where that has no effect. */
export function foldConversation(
  book: Book,
  membership: Membership,
  entries: readonly Entry[],
): Conversation | undefined {
  const { verdicts, named, knows } = book;
  const opening = entries[0] as Entry;
  const roll = openRoll(book);
  /** All by index, and only what counts. */
  const texts = new Map<number, Entry>();
  const questions = new Map<number, Question>();
  const answers = new Map<number, Question>();
  const requests = new Map<number, Request>();
  const asks = new Map<number, Entry>();
  const agreements = new Map<number, Entry>();

  /** What `x[member]` names among `known`, where the entry sees it. */
  function seen<Item>(known: ReadonlyMap<number, Item>, entry: Entry, member: string): Item | undefined {
    const other = named(entry, member);
    return other !== undefined && knows(entry, other) ? known.get(other.index) : undefined;
  }

  function judgeAccepted(entry: Entry): string {
    const question = seen(answers, entry, "answer");
    if (question?.entry.by !== entry.by || !knows(entry, question.entry)) return "not-the-asker";
    question.rulings.push({ entry, answer: named(entry, "answer") as Entry });
    return "effective";
  }

  function judgeKeptOpen(entry: Entry): string {
    const question = seen(questions, entry, "question");
    if (question?.entry.by !== entry.by) return "not-the-asker";
    question.rulings.push({ entry });
    return "effective";
  }

  function judgeAckGiven(entry: Entry): string {
    const request = seen(requests, entry, "request");
    if (request === undefined) return "not-asked";
    const { from } = request.entry.x;
    if (Array.isArray(from) && !from.includes(entry.by)) return "not-asked";
    request.given.push(entry);
    return "effective";
  }

  function judgeAgreed(entry: Entry): string {
    const ask = seen(asks, entry, "asked");
    if (ask === undefined) return "wrong-link";
    // The text lies in the past of the request, but it may be set aside for who agrees.
    const text = named(ask, "of");
    if (text?.by !== entry.by || !knows(entry, text)) return "not-the-author";
    agreements.set(entry.index, ask);
    return "effective";
  }

  function judgePromoted(entry: Entry): string {
    const text = seen(texts, entry, "of");
    const ask = seen(agreements, entry, "agreed");
    const made = book.thingNamed(entry, "into");
    const isWrong =
      text === undefined ||
      (entry.x["agreed"] !== undefined && ask === undefined) ||
      made === undefined ||
      !["challenge", "commitment", "initiative"].includes(made.kind) ||
      made.entry.by !== entry.by ||
      originOf(book, made.entry)?.index !== text.index;
    if (isWrong) return "wrong-link";
    if (text.by === entry.by) return "effective";
    const isConsented =
      ask !== undefined &&
      ask.by === entry.by &&
      knows(entry, ask) &&
      named(ask, "of")?.index === text.index &&
      ask.x["as"] === made.kind;
    return isConsented ? "effective" : "not-consented";
  }

  function judge(entry: Entry): string {
    const type = entry.type as EventOf<
      "post" | "question" | "answer" | "ack" | "reaction" | "decision" | "meeting" | "thanks" | "promotion"
    >;
    switch (type) {
      case "post.published":
      case "decision.noted":
      case "meeting.noted":
      case "thanks.given":
        texts.set(entry.index, entry);
        return "effective";
      case "post.replied":
        if (seen(texts, entry, "to") === undefined) return "wrong-link";
        texts.set(entry.index, entry);
        return "effective";
      case "post.revised":
        return seen(texts, entry, "of")?.by === entry.by ? "effective" : "not-the-author";
      case "question.asked":
        texts.set(entry.index, entry);
        questions.set(entry.index, { entry, rulings: [] });
        return "effective";
      case "question.answered": {
        const question = seen(questions, entry, "question");
        if (question === undefined) return "wrong-link";
        texts.set(entry.index, entry);
        answers.set(entry.index, question);
        return "effective";
      }
      case "answer.accepted":
        return judgeAccepted(entry);
      case "question.kept-open":
        return judgeKeptOpen(entry);
      case "ack.requested":
        requests.set(entry.index, { entry, given: [] });
        return "effective";
      case "ack.given":
        return judgeAckGiven(entry);
      case "reaction.given":
        return seen(texts, entry, "to") === undefined ? "wrong-link" : "effective";
      case "promotion.asked":
        if (seen(texts, entry, "of") === undefined) return "wrong-link";
        asks.set(entry.index, entry);
        return "effective";
      case "promotion.agreed":
        return judgeAgreed(entry);
      case "post.promoted":
        return judgePromoted(entry);
    }
  }

  for (const entry of entries) {
    if (!enter(book, membership, roll, entry)) continue;
    const verdict = judge(entry);
    verdicts[entry.index] = verdict;
    if (isValid(verdict)) roll.add(entry);
  }
  settleAside(book, entries);
  if (!isValid(verdicts[opening.index])) return undefined;

  const stands = (entry: Entry) => entry === opening || verdicts[entry.index] === "effective";
  const about = book.thingNamed(opening, "about");
  return {
    as: openings[opening.type] as string,
    by: opening.by,
    about: about && book.refOf(about.entry),
    entries: [...texts.values()].filter(stands).length,
    questions: [...questions.values()]
      .filter(({ entry }) => stands(entry))
      .map(({ entry, rulings }) => {
        const ruling = rulings.findLast((one) => stands(one.entry) && (!one.answer || stands(one.answer)));
        return { entry, state: ruling?.answer === undefined ? "open" : "accepted" };
      }),
    acks: [...requests.values()]
      .filter(({ entry }) => stands(entry))
      .map(({ entry, given }) => ({
        entry,
        given: new Map(given.filter(stands).map(({ by, x }) => [by, String(x["as"])])),
      })),
  };
}

/** The text that a thing says it comes from. */
function originOf(book: Book, made: Entry): Entry | undefined {
  return book.named(made, made.type.startsWith("commitment.") ? "origin" : "from");
}
