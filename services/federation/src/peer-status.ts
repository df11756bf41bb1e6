/** A link as its operator sees it: is it up, and who is behind in what. */
import type { PeerStatus } from "@handfast/api/messages/federation";
import type { PartnerId } from "@handfast/protocol/ids";
import type { StoredLink } from "./links-store.ts";
import type { PeerLink } from "./peer-link.ts";
import type { Sizes } from "./sizes.ts";
import type { Standing } from "./standing.ts";

export function statusOf(link: PeerLink, sizes: Sizes, standing: Pick<Standing, "of">): PeerStatus {
  const { peer, name, role, state, conduct } = link;
  // Of a log nobody proved anything: a peer may make up as many as it likes.
  const lag = [...sizes.all()].map(([log, { by, size: ours }]) => {
    const claimed = link.known.get(log)?.size ?? 0;
    return { by, log, ours, theirs: Math.min(claimed, Math.max(ours, link.proved(log))) };
  });
  return {
    partner: peer,
    name,
    role,
    state,
    lastHeardAt: link.lastHeardAt,
    lag: lag.filter(({ ours, theirs }) => ours !== theirs),
    refused: Object.fromEntries(conduct.refused),
    pausedUntil: conduct.pausedUntil,
    why: link.why,
    taken: takenOf(peer, standing),
    clockSkewMs: link.clockSkewMs,
    serverVersion: link.serverVersion,
  };
}

function takenOf(partner: PartnerId, standing: Pick<Standing, "of">): PeerStatus["taken"] {
  const known = standing.of(partner);
  if (known === undefined) return null;
  const { isActive: isMember, entries, most, waitMs } = known;
  return { isMember, entries, most, waitMs };
}

/** A link that was closed for good; its history stays with us. */
export const statusOfClosed = (
  { peer, name, role }: StoredLink,
  standing: Pick<Standing, "of">,
): PeerStatus => ({
  partner: peer,
  name,
  role,
  state: "closed",
  lastHeardAt: null,
  lag: [],
  refused: {},
  pausedUntil: null,
  why: "closed here or by the peer, and stays so until both operators restore it",
  taken: takenOf(peer, standing),
  clockSkewMs: null,
  serverVersion: null,
});
