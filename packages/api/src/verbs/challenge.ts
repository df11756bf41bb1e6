/** Challenges and offers of help. The thing acted on is always the challenge. */

import { Day, LineRef } from "@handfast/protocol/ids";
import { Beneficiaries, Confirmers } from "@handfast/protocol/terms";
import { prose } from "@handfast/protocol/text";
import { defineVerbs } from "./define.ts";
import { WrittenTitle } from "./written.ts";

export const challengeVerbs = defineVerbs(
  { noun: "challenge", collection: "challenges" },
  {
    share: { summary: "Share a challenge and ask the network for help.", says: "challenge.shared" },
    acknowledge: {
      summary: "Say that you have heard it, which promises nothing.",
      says: "challenge.acknowledged",
    },
    resolve: { summary: "Say that it is resolved (its owner).", says: "challenge.resolved" },
    reopen: { summary: "Open it again (its owner).", says: "challenge.reopened" },
    "offer-help": {
      summary: "Offer help; with a day it states terms, and accepted whole it is your signature.",
      body: {
        title: WrittenTitle,
        text: prose().optional(),
        due: Day.optional(),
        part: WrittenTitle.optional(),
        beneficiaries: Beneficiaries.optional(),
        confirmers: Confirmers.optional(),
      },
    },
    "retract-help": { summary: "Take your offer of help back.", says: "help.retracted" },
    "accept-help": {
      summary: "Accept an offer, whole or in part (its owner); opens a commitment.",
      body: {
        offer: LineRef,
        part: WrittenTitle.optional().describe(
          "Names the part you accept; leave it out to accept the whole offer",
        ),
        title: WrittenTitle.optional(),
        text: prose().optional(),
        due: Day.optional(),
      },
    },
    "thank-and-decline": {
      summary: "Decline an offer with thanks (the challenge's owner).",
      says: "help.thanked-declined",
    },
  },
);
