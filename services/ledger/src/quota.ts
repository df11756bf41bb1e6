/**
 * What this node takes of whom, by standing (`budgets` of the protocol): the first check of a frame, before anything of it is
 * looked at. Local and never remembered as wrong: what is not taken now is asked for again, after admission or in time.
 */
import { budgets, type MemberBudget } from "@handfast/protocol/budgets";
import { toB64u } from "@handfast/protocol/bytes";
import type { Frame } from "@handfast/protocol/frame";
import type { LogId, PartnerId } from "@handfast/protocol/ids";
import type { Arrival, HeldLog, Replica } from "@handfast/replica/replica";
import { createTokenBucket, type TokenBucket } from "@handfast/service-kit/token-bucket";
import { leafHash, sameHash } from "@handfast/tlog/tree";
import type { Held } from "./held.ts";

/** Not now: `retryAfterMs` says when, where time alone decides. */
export type OverBudget = {
  readonly kind: "refused";
  readonly code: "not-yet" | "busy";
  readonly detail: string;
  readonly size: number;
  readonly retryAfterMs?: number;
};

export type Quota = {
  /** Why a frame is not taken now; null where it may be judged. */
  refusalOf(frame: Frame, held: Held): OverBudget | null;
  /** Counts what was taken for good. */
  took(arrivals: readonly Arrival[]): void;
  /** How many entries of a log this node takes by what it knows of its author now. */
  mostOf(known: HeldLog, held: Held): number;
  /** How many entries of all of a partner's logs this node takes. */
  mostOfPartner(partner: PartnerId, held: Held): number;
  /** When more of this partner is taken: milliseconds from now, 0 where it may come at once. */
  waitMs(partner: PartnerId): number;
};

const mebibyte = 1024 * 1024;

export function createQuota(member: MemberBudget, now: () => number): Quota {
  const rates = new Map<PartnerId, { readonly entries: TokenBucket; readonly bytes: TokenBucket }>();
  const clock = { now };
  const bucketOf = (perHour: number): TokenBucket =>
    createTokenBucket(perHour / 3_600, perHour * member.hoursAtOnce, clock);
  const ratesOf = (partner: PartnerId) => {
    const known = rates.get(partner) ?? {
      entries: bucketOf(member.entriesPerHour),
      bytes: bucketOf(member.headerMebibytesPerHour * mebibyte),
    };
    rates.set(partner, known);
    return known;
  };
  const waitMs = (partner: PartnerId): number => {
    const known = rates.get(partner);
    return known === undefined ? 0 : Math.max(known.entries.waitMs(), known.bytes.waitMs());
  };
  const mostOfPartner = (partner: PartnerId, { standing }: Held): number =>
    standing.isAdmitted(partner) ? member.entries : budgets.newcomer.entries;
  const no = (code: OverBudget["code"], detail: string, size: number, retryAfterMs?: number): OverBudget => ({
    kind: "refused",
    code,
    detail,
    size,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

  /** What entries of members that wait need of a log: who refuses that stops the member's log instead. */
  const neededOf = (log: LogId, { replica, standing }: Held) =>
    replica.needing(log).filter(({ by }) => standing.isAdmitted(by));
  const isNeeded = ({ log, to, headers }: Frame, held: Held): boolean => {
    const last = headers.at(-1);
    const hash = last === undefined ? "" : toB64u(leafHash(last));
    return neededOf(log, held).some(({ size, tip }) => to < size || (to === size && hash === tip));
  };

  /** @param count How many entries of the frame would be kept that are not yet. */
  const overStanding = (
    by: PartnerId,
    frame: Frame,
    { size, count }: { readonly size: number; readonly count: number },
    held: Held,
  ): OverBudget | null => {
    const logs = held.logsOf(by);
    const isAdmitted = held.standing.isAdmitted(by);
    if (!isAdmitted && isNeeded(frame, held)) return null;
    const { logs: mostLogs } = budgets.newcomer;
    if (!isAdmitted && !held.replica.logs.has(frame.log) && logs.length >= mostLogs)
      return no("not-yet", `${mostLogs} logs are taken of somebody whom no quorum admitted`, size);
    const entries = sum(logs, entriesOf) + count;
    if (isAdmitted)
      return entries > member.entries
        ? no(
            "not-yet",
            `${member.entries} entries of this partner are held: the setting allows no more`,
            size,
          )
        : null;
    const { entries: mostEntries, headerBytes } = budgets.newcomer;
    if (entries > mostEntries)
      return no("not-yet", `${mostEntries} entries are taken of somebody whom no quorum admitted`, size);
    const bytes = sum(logs, (known) => held.bytesOf(known)) + sum(frame.headers, ({ length }) => length);
    return bytes > headerBytes
      ? no("not-yet", `${headerBytes} bytes are taken of somebody whom no quorum admitted`, size)
      : null;
  };

  return {
    refusalOf: (frame, held) => {
      const by = held.replica.authorOf(frame);
      // A log that nobody named is refused as such; what is held already costs nothing more.
      const count = by === null ? 0 : newIn(frame, held.replica);
      if (by === null || count === 0) return null;
      const size = held.replica.logs.get(frame.log)?.tree.size ?? 0;
      const wait = waitMs(by);
      if (wait > 0)
        return no("busy", "this partner's entries come faster than the settings allow", size, wait);
      return overStanding(by, frame, { size, count }, held);
    },
    took: (arrivals) => {
      for (const { by, entries } of arrivals) {
        const { entries: count, bytes } = ratesOf(by);
        count.take(entries.length);
        bytes.take(sum(entries, (entry) => entry.bytes.length));
      }
    },
    mostOf: (known, held) =>
      Math.max(
        known.held,
        mostOfPartner(known.by, held) - sum(othersOf(known, held), entriesOf),
        ...neededOf(known.log, held).map(({ size }) => size),
      ),
    mostOfPartner,
    waitMs,
  };
}

/** How many entries of a frame lie behind what this node has of it, on whichever history of the log. */
function newIn({ log, from, headers }: Frame, { lines }: Pick<Replica, "lines">): number {
  const known = lines.of(log).map(({ tree }) => {
    const end = headers.findIndex(
      (header, index) => from + index >= tree.size || !sameHash(tree.leaf(from + index), leafHash(header)),
    );
    return end < 0 ? headers.length : end;
  });
  return headers.length - Math.max(0, ...known);
}

const othersOf = ({ by, line }: HeldLog, held: Held): readonly HeldLog[] =>
  held.logsOf(by).filter((other) => other.line !== line);
/** What a branch shares with another line is there once. */
const entriesOf = ({ tree, base }: HeldLog): number => tree.size - (base?.size ?? 0);

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
