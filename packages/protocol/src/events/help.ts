/** Challenges and offers of help. */
import { Day } from "../ids.ts";
import { Title } from "../text.ts";
import { defineEvents, ref } from "./define.ts";
import { Beneficiaries, Confirmers } from "./terms.ts";

export const helpEvents = defineEvents(
  { machine: "challenge", nouns: ["challenge", "help"], level: "thing" },
  {
    "challenge.shared": {
      opens: true,
      x: { ackBy: Day.optional(), from: ref().optional() },
      texts: ["title", "text", "wanted"],
    },
    "challenge.acknowledged": { x: {}, texts: ["text"] },
    "challenge.resolved": { x: {}, texts: ["reason"] },
    "challenge.reopened": { x: {}, texts: ["reason"] },
    /** With `due` the offer states terms: accepted whole, it is the helper's signature under the request. */
    "help.offered": {
      x: {
        due: Day.optional(),
        beneficiaries: Beneficiaries.optional(),
        confirmers: Confirmers.optional(),
        part: Title.optional(),
      },
      texts: ["title", "text"],
    },
    "help.retracted": { x: { offer: ref() }, texts: ["reason"] },
    "help.accepted": { x: { offer: ref(), part: Title.optional() } },
    "help.thanked-declined": { x: { offer: ref() }, texts: ["text"] },
  },
);
