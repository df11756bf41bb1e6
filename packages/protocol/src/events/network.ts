/** Membership: who takes part, by whose word. */
import { z } from "zod";
import { LogId, NetworkId, PartnerId, Ref } from "../ids.ts";
import { eventX } from "./any.ts";

export const networkEvents = {
  "charter.attested": eventX({ charter: NetworkId }),
  "member.sponsored": eventX({ root: PartnerId, log: LogId }),
  "member.endorsed": eventX({ opening: Ref, yes: z.boolean() }),
  "member.left": eventX({}),
} as const;
