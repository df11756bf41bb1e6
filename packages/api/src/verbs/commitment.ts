/** Commitments: requested, offered or pledged; agreed by naming the same terms; kept, confirmed or let go. */

import { Day, LineRef, PartnerId, PinnedRef } from "@handfast/protocol/ids";
import { Beneficiaries, Confirmers } from "@handfast/protocol/terms";
import { prose } from "@handfast/protocol/text";
import { z } from "zod";
import { defineVerbs } from "./define.ts";
import { WrittenTitle } from "./written.ts";

const reason = { reason: prose().optional() };
/** Names the terms by pinned ref; it may be left out where only one fits. */
const terms = { terms: PinnedRef.optional() };
const texts = { title: WrittenTitle, text: prose().optional() };
const evidence = { evidence: prose(2_000).optional() };

export const commitmentVerbs = defineVerbs(
  { noun: "commitment", collection: "commitments" },
  {
    request: {
      summary: "Ask a partner to promise you something; binds nobody until it accepts.",
      creates: true,
      body: {
        ...texts,
        debtor: PartnerId,
        beneficiaries: Beneficiaries.optional(),
        confirmers: Confirmers.optional(),
        due: Day,
        origin: LineRef.optional(),
      },
    },
    offer: {
      summary: "Offer partners a promise; binds you once they accept.",
      creates: true,
      body: {
        ...texts,
        beneficiaries: Beneficiaries,
        confirmers: Confirmers.optional(),
        due: Day,
        origin: LineRef.optional(),
      },
    },
    pledge: {
      summary: "Promise something to the network, an initiative or partners; binds you at once.",
      creates: true,
      body: {
        ...texts,
        beneficiaries: Beneficiaries.default(["network"]),
        confirmers: Confirmers.optional(),
        due: Day,
        origin: LineRef.optional(),
        asLeadOf: LineRef.optional().describe(
          "The initiative you lead: the pledge can then go along in a handoff",
        ),
      },
    },
    counter: {
      summary: "Answer with other terms.",
      body: {
        base: PinnedRef.optional(),
        title: WrittenTitle.optional(),
        text: prose().optional(),
        confirmers: Confirmers.optional(),
        due: Day,
      },
    },
    accept: { summary: "Agree to the terms.", body: terms },
    decline: { summary: "Decline; no reason is needed.", body: { ...terms, ...reason } },
    retract: {
      summary: "Take your own terms back before they are agreed.",
      body: { ...terms, ...reason },
    },
    reaffirm: {
      summary: "Stand by terms whose agreement crossed with your pulling back.",
      body: terms,
    },
    "let-go": { summary: "Let crossed terms go.", body: terms },
    "decline-pledge": {
      summary: "Say that a pledge to you is not for you.",
      says: "commitment.pledge-declined",
    },
    progress: { summary: "Report how far you are.", says: "commitment.progressed", body: evidence },
    claim: { summary: "Say that you kept it.", says: "commitment.claimed", body: evidence },
    confirm: {
      summary: "Confirm that it was kept, in full or in part.",
      says: "commitment.confirmed",
      body: { as: z.enum(["full", "partial"]).default("full") },
    },
    dispute: {
      summary: "Say what is missing.",
      says: "commitment.disputed",
      body: {
        text: prose()
          .min(1)
          .refine((text) => text.trim() !== "", { message: "blank" }),
      },
    },
    release: { summary: "Release the debtor from it.", says: "commitment.released" },
    withdraw: { summary: "Withdraw your promise, openly.", says: "commitment.withdrawn" },
    "propose-revision": {
      summary: "Propose another day; on your own pledge it holds at once.",
      body: { due: Day, title: WrittenTitle.optional(), ...reason },
    },
    "accept-revision": { summary: "Agree to the revision.", body: terms },
    "decline-revision": { summary: "Stay with the terms as they are.", body: { ...terms, ...reason } },
    "retract-revision": { summary: "Take your proposed revision back.", body: { ...terms, ...reason } },
  },
);
