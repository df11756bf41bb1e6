/** Membership. The thing acted on is a sponsorship (admit) or one's own membership (leave). */

import { prose } from "@handfast/protocol/text";
import { z } from "zod";
import { defineVerbs } from "./define.ts";

export const partnerVerbs = defineVerbs(
  { noun: "partner", collection: "partners" },
  {
    admit: {
      summary:
        "Vote on a sponsored partner's admission; your vote counts once and is final. Admitting one that left sponsors it anew.",
      role: "steward",
      body: { yes: z.boolean().default(true), reason: prose().optional() },
    },
    leave: {
      summary: "Leave the network, at once and without anyone's permission.",
      role: "steward",
      says: "member.left",
    },
  },
);
