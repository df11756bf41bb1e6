/**
 * Who is a member, as this node's own entries say: from the entries at network level alone, by the domain's fold. The ledger
 * asks it which logs may be opened, whose entries are heads, and whose budget is whose (docs/architecture.md).
 */

import type { Fact } from "@handfast/domain/fact";
import { foldMembership, type LiveMembership } from "@handfast/domain/membership";
import { toFact } from "@handfast/domain/to-fact";
import { toB64u } from "@handfast/protocol/bytes";
import type { Charter } from "@handfast/protocol/charter";
import { levelOf, readEvent } from "@handfast/protocol/events";
import type { NetworkId, PartnerId, Ref } from "@handfast/protocol/ids";
import { type SponsoredLog, sponsoredBy } from "@handfast/replica/known-logs";
import type { Past } from "@handfast/replica/pasts";
import type { PlacedEntry } from "./held.ts";

export type Standing = {
  /** Takes an entry that is held now, after everything in its past; answers the log that it allows to be opened. */
  take(placed: PlacedEntry): SponsoredLog | null;
  /** Whether a founder or member wrote an entry: only then is it a head, and named by others. Of its past alone. */
  isByMember(placed: PlacedEntry): boolean;
  /** An active member, by everything that is held. */
  isActive(partner: PartnerId): boolean;
  /** A founder, or somebody whom a quorum has admitted at any time, by everything that is held. */
  isAdmitted(partner: PartnerId): boolean;
};

const everything: Past = () => Number.MAX_SAFE_INTEGER;

export function createStanding({
  net,
  charter,
}: {
  readonly net: NetworkId;
  readonly charter: Pick<Charter, "founders">;
}): Standing {
  const facts = new Map<Ref, Fact>();
  const begin = (): LiveMembership =>
    foldMembership({
      network: net,
      charter,
      fact: (ref) => facts.get(ref),
      factsOf: () => [...facts.values()],
    });
  let membership = begin();
  const admitted = new Set(charter.founders);

  const factOf = ({ entry: { header, hash }, line, past, isBranch, names, fork }: PlacedEntry): Fact =>
    toFact(header, toB64u(hash), past, readEvent(header), {
      line: isBranch ? line : undefined,
      names: names ?? undefined,
      fork: fork ?? undefined,
    });

  return {
    take: (placed) => {
      const { entry } = placed;
      if (levelOf(entry.header.type) !== "network") return null;
      const fact = factOf(placed);
      facts.set(fact.ref, fact);
      if (!membership.take(fact)) membership = begin();
      if (membership.verdictOf(fact.ref)?.effect !== "effective") return null;
      for (const root of membership.endorsed()) admitted.add(root);
      if (membership.isActive(fact.by, everything)) admitted.add(fact.by);
      return sponsoredBy(entry.header);
    },
    isByMember: (placed) =>
      charter.founders.includes(placed.entry.header.by) || membership.isByMember(factOf(placed)),
    isActive: (partner) => membership.isActive(partner, everything),
    isAdmitted: (partner) => admitted.has(partner),
  };
}
