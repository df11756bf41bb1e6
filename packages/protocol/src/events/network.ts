/** Membership: which partners take part, and who admitted them. */
import { z } from "zod";
import { LogId, NetworkId, PartnerId } from "../ids.ts";
import { defineEvents, ref } from "./define.ts";
import { LogOpenedX } from "./log.ts";

export const networkEvents = defineEvents(
  { machine: "network", nouns: ["log", "partner", "member", "charter"], level: "network" },
  {
    "log.opened": { opens: true, x: {}, control: LogOpenedX },
    /** About a sponsorship, or about nothing when a founder attests. */
    "charter.attested": { opens: "either", x: { charter: NetworkId } },
    "member.sponsored": { opens: true, x: { root: PartnerId, log: LogId } },
    "member.endorsed": { x: { opening: ref(), yes: z.boolean() }, texts: ["reason"] },
    "member.left": { x: {}, texts: ["reason"] },
  },
);
