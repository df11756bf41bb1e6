/** Challenges and offers of help. The thing acted on is always the challenge. */

import { Day, Ref } from "@handfast/protocol/ids";
import { Beneficiaries, Confirmers } from "@handfast/protocol/terms";
import { prose, Title } from "@handfast/protocol/text";
import { z } from "zod";
import { body, type CommandSpec } from "./verb.ts";

const spec = <Body extends z.ZodObject>(verb: string, summary: string, bodyOf: Body) =>
  ({
    service: "help",
    verb,
    collection: "challenges",
    creates: false,
    role: "member",
    summary,
    body: bodyOf,
  }) as const;
const offer = { offer: Ref };
const reason = { reason: prose().optional() };

export const helpCommands = {
  "challenge.share": {
    ...spec(
      "share",
      "Share a challenge and ask the network for help.",
      body({
        act: z.literal("share").default("share"),
        title: Title,
        text: prose().optional(),
        wanted: prose().optional(),
        ackBy: Day.optional(),
      }),
    ),
    creates: true,
  },
  "challenge.acknowledge": spec(
    "acknowledge",
    "Say that you heard it; hearing, not solving.",
    body({ text: prose().optional() }),
  ),
  "challenge.resolve": spec("resolve", "Say that it is resolved (its owner).", body(reason)),
  "challenge.reopen": spec("reopen", "Open it again (its owner).", body(reason)),
  "challenge.offer-help": spec(
    "offer-help",
    "Offer help; with a day it states terms, and taken whole it is your signature.",
    body({
      title: Title,
      text: prose().optional(),
      due: Day.optional(),
      part: Title.optional(),
      beneficiaries: Beneficiaries.optional(),
      confirmers: Confirmers.optional(),
    }),
  ),
  "challenge.retract-help": spec(
    "retract-help",
    "Take your offer of help back.",
    body({ ...offer, ...reason }),
  ),
  "challenge.accept-help": spec(
    "accept-help",
    "Accept an offer, whole or in part (its owner); opens a commitment.",
    body({
      ...offer,
      part: Title.optional().describe("Names the part you take; leave out to take it whole"),
      title: Title.optional(),
      text: prose().optional(),
      due: Day.optional(),
    }),
  ),
  "challenge.thank-and-decline": spec(
    "thank-and-decline",
    "Thank for an offer you do not take up (the challenge's owner).",
    body({ ...offer, text: prose().optional() }),
  ),
} as const satisfies Record<string, CommandSpec>;
