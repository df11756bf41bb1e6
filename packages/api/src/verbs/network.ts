/** Membership. The thing acted on is a sponsorship (admit) or one's own membership (leave). */

import { prose } from "@handfast/protocol/text";
import { z } from "zod";
import { body, type CommandSpec } from "./verb.ts";

export const networkCommands = {
  "partner.admit": {
    service: "network",
    verb: "admit",
    collection: "partners",
    creates: false,
    role: "steward",
    summary: "Vote on a sponsored partner's admission; your word counts once and is final.",
    body: body({ yes: z.boolean().default(true), reason: prose().optional() }),
  },
  "partner.leave": {
    service: "network",
    verb: "leave",
    collection: "partners",
    creates: false,
    role: "steward",
    summary: "Leave the network, at once and without anyone's permission.",
    body: body({ reason: prose().optional() }),
  },
} as const satisfies Record<string, CommandSpec>;
