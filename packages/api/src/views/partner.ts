/** A partner of the network. No view measures, ranks or compares partners. */

import { Hash, LogId, PartnerId, Ref } from "@handfast/protocol/ids";
import { z } from "zod";
import { Instant, Named } from "./named.ts";

export const SponsorshipView = z
  .object({
    id: Ref.describe("The thing `admit` votes on"),
    by: Named,
    at: Instant,
    state: z.enum(["open", "passed", "failed", "attested"]),
    votes: z.array(z.object({ by: Named, yes: z.boolean() })),
    needed: z.int().describe("Votes for it that are enough"),
    electors: z.int(),
  })
  .meta({ id: "Sponsorship" });
export type SponsorshipView = z.infer<typeof SponsorshipView>;

export const PartnerView = z
  .object({
    id: PartnerId,
    name: z.string(),
    state: z.enum(["invited", "sponsored", "endorsed", "active", "left"]),
    fingerprint: z.string().describe("Words to compare aloud"),
    isSelf: z.boolean(),
    membership: Ref.optional().describe("The thing `leave` is said of"),
    sponsorships: z.array(SponsorshipView),
    logs: z.array(LogId),
    since: Instant.optional().describe("Active since"),
    etag: Hash,
  })
  .meta({ id: "Partner" });
export type PartnerView = z.infer<typeof PartnerView>;
