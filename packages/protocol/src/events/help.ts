/** Challenges and offers of help. */
import { Day, Ref } from "../ids.ts";
import { Title } from "../text.ts";
import { eventX } from "./any.ts";
import { Beneficiaries, Confirmers } from "./commitment.ts";

export const helpEvents = {
  "challenge.shared": eventX({ ackBy: Day.optional() }),
  "challenge.acknowledged": eventX({}),
  "challenge.resolved": eventX({}),
  "challenge.reopened": eventX({}),
  /** With `due` the offer states terms: taken whole, it is the helper's signature under the request. */
  "help.offered": eventX({
    due: Day.optional(),
    beneficiaries: Beneficiaries.optional(),
    confirmers: Confirmers.optional(),
    part: Title.optional(),
  }),
  "help.retracted": eventX({ offer: Ref }),
  "help.accepted": eventX({ offer: Ref, part: Title.optional() }),
  "help.thanked-declined": eventX({ offer: Ref }),
} as const;
