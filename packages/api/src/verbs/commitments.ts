/** Commitments: asked for, offered or pledged; agreed by naming the same terms; kept, confirmed or let go. */

import { Day, PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import { Beneficiaries, Confirmers, Criteria, Part } from "@handfast/protocol/terms";
import { prose, Title } from "@handfast/protocol/text";
import { z } from "zod";
import { body, type CommandSpec } from "./verb.ts";

const spec = <Body extends z.ZodObject>(verb: string, summary: string, bodyOf: Body) =>
  ({
    service: "commitments",
    verb,
    collection: "commitments",
    creates: false,
    role: "member",
    summary,
    body: bodyOf,
  }) as const;
const reason = { reason: prose().optional() };
/** Names the terms by pinned ref; where only one fits it may be left out. */
const terms = { terms: PinnedRef.optional() };
const texts = { title: Title, text: prose().optional() };
const done = {
  criteria: Criteria.optional(),
  part: Part.optional(),
  text: prose().optional(),
  evidence: prose(2_000).optional(),
};

export const commitmentCommands = {
  "commitment.request": {
    ...spec(
      "request",
      "Ask a partner to promise you something; binds nobody until it accepts.",
      body({
        act: z.literal("request"),
        ...texts,
        debtor: PartnerId,
        beneficiaries: Beneficiaries.optional(),
        confirmers: Confirmers.optional(),
        due: Day,
        origin: Ref.optional(),
      }),
    ),
    creates: true,
  },
  "commitment.offer": {
    ...spec(
      "offer",
      "Offer partners a promise; binds you once they accept.",
      body({
        act: z.literal("offer"),
        ...texts,
        beneficiaries: Beneficiaries,
        confirmers: Confirmers.optional(),
        due: Day,
        origin: Ref.optional(),
      }),
    ),
    creates: true,
  },
  "commitment.pledge": {
    ...spec(
      "pledge",
      "Promise something to the network, an initiative or partners; binds you at once.",
      body({
        act: z.literal("pledge"),
        ...texts,
        beneficiaries: Beneficiaries.default(["network"]),
        confirmers: Confirmers.optional(),
        due: Day,
        origin: Ref.optional(),
        asLeadOf: Ref.optional().describe(
          "The initiative you lead: the pledge can then go along in a handoff",
        ),
      }),
    ),
    creates: true,
  },
  "commitment.counter": spec(
    "counter",
    "Answer with other terms.",
    body({
      base: PinnedRef.optional(),
      title: Title.optional(),
      text: prose().optional(),
      confirmers: Confirmers.optional(),
      due: Day,
    }),
  ),
  "commitment.accept": spec("accept", "Agree to the terms.", body(terms)),
  "commitment.decline": spec("decline", "Decline; no reason is needed.", body({ ...terms, ...reason })),
  "commitment.retract": spec(
    "retract",
    "Take your own terms back before they are agreed.",
    body({ ...terms, ...reason }),
  ),
  "commitment.reaffirm": spec(
    "reaffirm",
    "Stand by terms whose agreement crossed with your pulling back.",
    body(terms),
  ),
  "commitment.let-go": spec("let-go", "Let crossed terms go.", body(terms)),
  "commitment.decline-pledge": spec(
    "decline-pledge",
    "Say that a pledge to you is not for you.",
    body(reason),
  ),
  "commitment.progress": spec("progress", "Tell how far you are.", body(done)),
  "commitment.claim": spec("claim", "Say that you kept it.", body(done)),
  "commitment.confirm": spec(
    "confirm",
    "Confirm that it was kept, in full or in part.",
    body({
      as: z.enum(["full", "partial"]).default("full"),
      criteria: Criteria.optional(),
      text: prose().optional(),
    }),
  ),
  "commitment.dispute": spec(
    "dispute",
    "Say what is missing.",
    body({ criteria: Criteria.optional(), text: prose().min(1) }),
  ),
  "commitment.release": spec("release", "Let the debtor off.", body(reason)),
  "commitment.withdraw": spec("withdraw", "Withdraw your promise, openly.", body(reason)),
  "commitment.propose-revision": spec(
    "propose-revision",
    "Propose another day; on your own pledge it holds at once.",
    body({ due: Day, title: Title.optional(), ...reason }),
  ),
  "commitment.accept-revision": spec("accept-revision", "Agree to the revision.", body(terms)),
  "commitment.decline-revision": spec(
    "decline-revision",
    "Stay with the terms as they are.",
    body({ ...terms, ...reason }),
  ),
  "commitment.retract-revision": spec(
    "retract-revision",
    "Take your proposed revision back.",
    body({ ...terms, ...reason }),
  ),
} as const satisfies Record<string, CommandSpec>;
