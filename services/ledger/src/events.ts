/** What the ledger tells its operator: one log line a fact, searchable by `event`. Ids always, payloads never. */
import type { Logger } from "@handfast/bus/logger";
import type { RefusalCode } from "@handfast/protocol/refusals";
import type { LedgerIdentity } from "./files.ts";

export const createEvents = (logger: Logger | undefined) => ({
  opened: ({ log, partner, net }: LedgerIdentity, size: number, position: number, logs: number) =>
    logger?.info({ event: "ledger.opened", log, partner, net, size, position, logs }),
  takingOver: (done: number, all: number) => logger?.info({ event: "ledger.taking-over", done, all }),
  adopted: (entries: number) => logger?.warn({ event: "ledger.unfinished-write-adopted", entries }),
  /** At debug: federation tells whose it was, and how many, once a minute. */
  frameRefused: (log: string, code: RefusalCode, detail: string) =>
    logger?.debug({ event: "ledger.frame-refused", log, code, detail }),
  forkFound: (log: string, by: string, from: number, line: string) =>
    logger?.error({ event: "ledger.fork-found", log, by, from, line }),
  forkProven: (log: string) => logger?.error({ event: "ledger.fork-proven", log }),
  forkNotProven: (log: string, code: string) => logger?.warn({ event: "ledger.fork-not-proven", log, code }),
  textDamaged: (ref: string) => logger?.error({ event: "ledger.text-damaged", ref }),
  textMended: (ref: string) => logger?.info({ event: "ledger.text-mended", ref }),
  diskFilled: (err: unknown) => logger?.error({ event: "ledger.disk-filled", err }),
  roomFound: () => logger?.info({ event: "ledger.room-found" }),
  becameFatal: (err: unknown) => logger?.error({ event: "ledger.became-fatal", err }),
  ownLogUnsure: (log: string, doubt: string) => logger?.warn({ event: "ledger.own-log-unsure", log, doubt }),
  ownLogSure: (log: string, size: number, why: string) =>
    logger?.info({ event: "ledger.own-log-sure", log, size, why }),
  clockApart: (aheadOfPeersMs: number) => logger?.warn({ event: "ledger.clock-apart", aheadOfPeersMs }),
  nextLogOpened: (log: string, previous: string, size: number) =>
    logger?.warn({ event: "ledger.next-log-opened", log, previous, size }),
  noticeLost: (err: unknown) => logger?.warn({ event: "ledger.notice-lost", err }),
});
export type Events = ReturnType<typeof createEvents>;
