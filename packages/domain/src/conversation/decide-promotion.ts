/**
 * Promoting a text: the thing is opened by the very command that opens one of its kind, naming the text, and `post.promoted` is appended
 * with it; or a thing that is there already is linked.
 */
import type { Command } from "@handfast/api/verbs";
import type { Ref } from "@handfast/protocol/ids";
import { decideCommitment } from "../commitment/decide.ts";
import { type Decision, type Draft, refuse } from "../decision.ts";
import { present, provenance } from "../drafting.ts";
import { decideHelp } from "../help/decide.ts";
import { decideInitiative } from "../initiative/decide.ts";
import { acceptIfEffective } from "../rehearsal.ts";
import type { WholeView } from "../whole.ts";
import { kindOfThing } from "./promotion.ts";
import type { Conversation } from "./view.ts";

type Promote = Command<"conversation.promote">;

export function decidePromote(command: Promote, conversation: Conversation, view: WholeView): Decision {
  const { body } = command;
  const of = body.of ?? conversation.ref;
  if ((body.as === undefined) === (body.into === undefined)) return refuse("promotion-unclear");
  const as = body.as ?? kindOfThing(body.into as Ref, view.cut);
  const agreed = conversation.consents.find(
    (one) => one.by === view.self && one.of === of && one.as === as && one.agreed !== null,
  )?.agreed;
  const promoted = (into: Ref | "#0"): Draft => ({
    type: "post.promoted",
    subject: conversation.ref,
    x: { ...provenance(body), of, into, ...(agreed == null ? {} : { agreed }) },
  });
  if (body.into !== undefined) return acceptIfEffective([promoted(body.into)], view);
  const opened = open(command, of, view);
  if (!opened.ok) return opened;
  if (opened.standing !== undefined || opened.entries.length !== 1) return refuse("promotion-unclear");
  return acceptIfEffective([opened.entries[0], promoted("#0")], view, opened.reads);
}

/** What opens the thing, by the verb of its own kind. */
function open({ body }: Promote, from: Ref, view: WholeView): Decision {
  const { title, text, due, beneficiaries = ["network"], as, imported, occurredAt } = body;
  if (title === undefined) return refuse("promotion-unclear");
  const said = { title, ...present({ text, imported, occurredAt }) };
  switch (as) {
    case "challenge":
      return decideHelp({ name: "challenge.share", on: null, body: { act: "share", ...said, from } }, view);
    case "initiative": {
      const { text: problem, ...rest } = said;
      const proposed = { act: "propose" as const, ...rest, ...present({ problem }), from };
      return decideInitiative({ name: "initiative.propose", on: null, body: proposed }, view);
    }
    case "commitment": {
      if (due === undefined) return refuse("promotion-unclear");
      const pledged = { act: "pledge" as const, ...said, beneficiaries, due, origin: from };
      return decideCommitment({ name: "commitment.pledge", on: null, body: pledged }, view);
    }
    case undefined:
      return refuse("promotion-unclear");
  }
}
