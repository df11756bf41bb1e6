/** Random commands to a node that has heard part of a history, and the appending of what it decides as a ledger would. */

import type { Command, CommandName } from "@handfast/api/verbs";
import { unpin } from "@handfast/protocol/ids";
import { type History, headsAmong, type Told } from "@handfast/testkit/histories";
import fc from "fast-check";
import { citedBy } from "../src/citations.ts";
import { decideConversation } from "../src/conversation/decide.ts";
import type { Accepted, Decision, Standing } from "../src/decision.ts";
import { pinnedRefOf } from "../src/fact.ts";
import { decideHelp } from "../src/help/decide.ts";
import { decideInitiative } from "../src/initiative/decide.ts";
import { decideNetwork } from "../src/network/decide.ts";
import type { WholeView } from "../src/whole.ts";

export type Asked = Command<
  Extract<
    CommandName,
    `initiative.${string}` | `challenge.${string}` | `conversation.${string}` | `partner.${string}`
  >
>;
export type Roll = { readonly name: Asked["name"]; readonly pick: number; readonly choice: number };

const subjects = {
  initiative: ["initiative.proposed"],
  challenge: ["challenge.shared"],
  conversation: ["post.published", "decision.noted", "meeting.noted", "thanks.given"],
  partner: ["member.sponsored", "charter.attested"],
} as const;
const openings: readonly string[] = ["post", "note-decision", "note-meeting", "thank"].map(
  (verb) => `conversation.${verb}`,
);

const names: readonly Asked["name"][] = [
  ...(
    ["propose", "adopt", "join", "leave", "pause", "resume", "complete", "note-status", "step-up"] as const
  ).map((verb) => `initiative.${verb}` as const),
  ...(["offer", "accept", "decline", "cancel", "reaffirm", "complete"] as const).map(
    (verb) => `initiative.${verb}-handoff` as const,
  ),
  "initiative.retract-acceptance",
  ...(["share", "acknowledge", "resolve", "reopen"] as const).map((verb) => `challenge.${verb}` as const),
  ...(["offer", "retract", "accept", "accept"] as const).map((verb) => `challenge.${verb}-help` as const),
  "challenge.thank-and-decline",
  ...(
    [
      ...(["post", "note-decision", "note-meeting", "thank", "reply", "revise", "react", "ask"] as const),
      ...(["answer", "answer", "accept-answer", "keep-open", "ask-for-word", "acknowledge"] as const),
      ...(["ask-to-promote", "agree-to-promote", "promote", "promote"] as const),
    ] as const
  ).map((verb) => `conversation.${verb}` as const),
  "partner.admit",
  "partner.leave",
];

export const rolls: fc.Arbitrary<Roll> = fc.record({
  name: fc.constantFrom(...names),
  pick: fc.nat({ max: 1_000 }),
  choice: fc.nat({ max: 1_000 }),
});

/** A command about something this partner has heard of, or `null` where it has heard of nothing of that kind. */
export function commandOf({ name, pick, choice }: Roll, history: History, who: number): Asked | null {
  const heard = history.heardBy(who);
  const at = (types: readonly string[]): string | undefined => {
    const all = heard.filter((fact) => types.includes(fact.header.type));
    return all[pick % Math.max(1, all.length)]?.ref;
  };
  const occurred = choice % 3 === 0 ? { occurredAt: 1_700_000_000_000, imported: true } : {};
  const title = `about ${choice}`;
  if (name === "initiative.propose" || name === "challenge.share") {
    return { name, on: null, body: { title, ...occurred } } as Asked;
  }
  if (openings.includes(name)) {
    const to = [history.partners[choice % history.partners.length]?.by];
    const about = choice % 2 === 0 ? at(Object.values(subjects).flat()) : undefined;
    const more = name === "conversation.thank" ? { to } : {};
    return { name, on: null, body: { title, ...more, ...(about && { about }), ...occurred } } as Asked;
  }
  const on = at(subjects[name.slice(0, name.indexOf(".")) as keyof typeof subjects]);
  if (on === undefined) return null;
  const offer = at(["help.offered"]);
  const bodies: { readonly [name: string]: object | null } = {
    "initiative.note-status": { externalStatus: "stable" },
    "initiative.step-up": { as: "co" },
    "initiative.offer-handoff": { to: history.partners[choice % history.partners.length]?.by },
    "initiative.accept-handoff": { carry: choice % 4 === 0 ? [] : "all" },
    "challenge.offer-help": { title, ...(choice % 2 === 0 ? { due: "2026-05-01" } : {}) },
    "challenge.retract-help": offer === undefined ? null : { offer },
    "challenge.thank-and-decline": offer === undefined ? null : { offer },
    "challenge.accept-help":
      offer === undefined
        ? null
        : {
            offer,
            ...(choice % 4 === 1 ? { part: "half" } : {}),
            ...(choice % 2 === 0 ? {} : { due: "2026-06-01" }),
          },
    "conversation.reply": { text: title },
    "conversation.revise": { text: title },
    "conversation.react": { as: choice % 3 === 0 ? "none" : "+1" },
    "conversation.ask": { text: title },
    "conversation.answer": { text: title },
    "conversation.ask-for-word": { by: "2027-01-01" },
    "conversation.acknowledge": { as: choice % 2 === 0 ? "seen" : "agree" },
    "conversation.ask-to-promote": { as: "challenge" },
    "conversation.promote": { as: choice % 3 === 0 ? "initiative" : "challenge", title },
    "partner.admit": { yes: choice % 4 !== 0 },
  };
  const body = bodies[name];
  return body === null
    ? null
    : ({ name, on: ofOffer(name, offer, heard) ?? on, body: { ...body, ...occurred } } as Asked);
}

/** Commands about an offer of help mostly name its own challenge. */
function ofOffer(name: string, offer: string | undefined, heard: readonly Told[]): string | undefined {
  if (!["challenge.retract-help", "challenge.accept-help", "challenge.thank-and-decline"].includes(name))
    return;
  return heard.find((fact) => fact.ref === offer)?.subject;
}

export function decide(command: Asked, view: WholeView): Decision {
  if (command.name.startsWith("initiative.")) return decideInitiative(command as never, view);
  if (command.name.startsWith("challenge.")) return decideHelp(command as never, view);
  if (command.name.startsWith("conversation.")) return decideConversation(command as never, view);
  return decideNetwork(command as never, view);
}

/** Appends what was decided as a ledger does: parents are the heads of the subjects read, and what `x` names. */
export function append(decision: Accepted | Standing, history: History, who: number): readonly Told[] {
  if (decision.standing !== undefined) return [];
  const heard = history.heardBy(who);
  const heads = decision.reads.flatMap((subject) => headsAmong(heard, subject));
  const appended: Told[] = [];
  const resolved = (text: string): string => {
    const [, index, pin] = /^#(\d+)(@?)$/.exec(text) ?? [];
    const entry = index === undefined ? undefined : appended[Number(index)];
    if (entry === undefined) return text;
    return pin === "@" ? pinnedRefOf(entry) : entry.ref;
  };
  for (const { type, subject, x } of decision.entries) {
    const written = Object.fromEntries(
      Object.entries(x).map(([name, value]) => [name, typeof value === "string" ? resolved(value) : value]),
    ) as Told["header"]["x"];
    const cited = heard.filter((fact) => citations(type, subject, written).includes(fact.ref));
    appended.push(
      history.says(who, type, {
        subject: subject === null ? null : resolved(subject),
        x: written,
        sees: [...heads, ...cited],
      }),
    );
  }
  return appended;
}

const citations = (type: string, subject: string | null, x: Told["header"]["x"]): readonly string[] =>
  citedBy({ names: subject, told: { ok: true, event: { type, x } } } as never).map(unpin);
