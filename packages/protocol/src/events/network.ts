/** Membership: which partners take part, and who admitted them. */
import { z } from "zod";
import { Hash, LogId, NetworkId, PartnerId } from "../ids.ts";
import { limits } from "../limits.ts";
import { defineEvents, ref } from "./define.ts";
import { LogOpenedX } from "./log.ts";
import { SignedHead } from "./signed-head.ts";

export const networkEvents = defineEvents(
  { machine: "network", nouns: ["log", "partner", "member", "charter", "fork"], level: "network" },
  {
    "log.opened": { opens: true, x: {}, control: LogOpenedX },
    /** About a sponsorship, or about nothing when a founder attests. */
    "charter.attested": { opens: "either", x: { charter: NetworkId } },
    "member.sponsored": { opens: true, x: { root: PartnerId, log: LogId } },
    "member.endorsed": { x: { opening: ref(), yes: z.boolean() }, texts: ["reason"] },
    "member.left": { x: {}, texts: ["reason"] },
    /**
     * Two checkpoints of one log that cannot both be true, the smaller first, and the hashes that show it. All of it stands in
     * the header: what a log's entries are worth follows from headers alone, and nobody can hold a proof back.
     */
    "fork.proven": {
      opens: true,
      x: {
        log: LogId,
        checkpoints: z.array(SignedHead).min(2).max(2),
        consistency: z.array(Hash).max(limits.proofHashes),
      },
    },
  },
);
