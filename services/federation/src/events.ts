/** Each thing this service says to the operator's log, once. Ids always, payloads and secrets never. */
import type { Logger } from "@handfast/bus/logger";
import type { PartnerId } from "@handfast/protocol/ids";

type Peer = { readonly peer: PartnerId; readonly role: string };
const of = ({ peer, role }: Peer) => ({ peer, role });

export type Events = ReturnType<typeof createEvents>;

const minuteMs = 60_000;

/** At most one line a minute for each key, which says how many there were since the one before. */
function createRepeats(now: () => number) {
  const told = new Map<string, { atMs: number; untold: number }>();
  return (key: string, say: (times: number) => void): void => {
    const last = told.get(key) ?? { atMs: Number.NEGATIVE_INFINITY, untold: 0 };
    told.set(key, last);
    last.untold += 1;
    if (now() - last.atMs < minuteMs) return;
    say(last.untold);
    last.atMs = now();
    last.untold = 0;
  };
}

export function createEvents(logger: Logger | undefined, now: () => number = Date.now) {
  const repeated = createRepeats(now);
  return {
    linkOpened: (link: Peer) => logger?.info({ event: "link.opened", ...of(link) }),
    linkUp: (link: Peer) => logger?.info({ event: "link.up", ...of(link) }),
    linkLost: (link: Peer) => logger?.info({ event: "link.lost", ...of(link) }),
    linkClosed: (link: Peer) => logger?.info({ event: "link.closed", ...of(link) }),
    linkRefused: (link: Peer, err: unknown) =>
      logger?.warn({ event: "link.login-refused", ...of(link), err }),
    linkPaused: (link: Peer, until: number) => logger?.warn({ event: "link.paused", ...of(link), until }),
    frameRefused: (link: Peer, code: string, detail: string | undefined) =>
      repeated(`${link.role} ${link.peer} refused ${code}`, (times) =>
        logger?.info({ event: "frame.refused", ...of(link), code, detail, times }),
      ),
    liveDropped: (link: Peer) =>
      repeated(`${link.role} ${link.peer} dropped`, (times) =>
        logger?.warn({ event: "live.dropped", ...of(link), times }),
      ),
    filled: (link: Peer, log: string, entries: number) =>
      logger?.debug({ event: "log.filled", ...of(link), log, entries }),
    peerFailed: (link: Peer, what: string, err: unknown) =>
      logger?.info({ event: "peer.failed", ...of(link), what, err }),
    ledgerFailed: (what: string, err: unknown) => logger?.warn({ event: "ledger.failed", what, err }),
    invited: (expires: number) => logger?.info({ event: "invitation.created", expires }),
    joined: (peer: PartnerId, isSponsored: boolean) =>
      logger?.info({ event: "partner.joined", peer, isSponsored }),
    joinRefused: (code: string, detail: string | undefined) =>
      logger?.info({ event: "join.refused", code, detail }),
    failed: (what: string, err: unknown) => logger?.error({ event: "federation.failed", what, err }),
  };
}
