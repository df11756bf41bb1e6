/**
 * Whether this node may sign entries of its own. After a start it may when the fence of this host agrees with the log, or once a
 * peer was heard that holds no more of the log than we do, or when the operator says so; never while a peer proves more.
 *
 * What peers say is told by federation. A claim to hold more counts only with a checkpoint that our own key signed.
 */
import type { OwnLogDoubt, PeersHeardRequest } from "@handfast/api/messages/own-log";
import type { PartnerId } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { closedBy } from "@handfast/protocol/log";
import { originOf } from "@handfast/replica/authority";
import type { HeldLog } from "@handfast/replica/replica";
import { openCheckpoint } from "@handfast/tlog/checkpoint";
import { type Doubt, doubtView, isOpen } from "./doubt.ts";
import type { Events } from "./events.ts";
import type { Held } from "./held.ts";
import { agrees, bind, type Fences, readTag } from "./own-fence.ts";
import type { OwnLog } from "./own-log.ts";

export interface Assurance {
  readonly doubt: Doubt | null;
  /** How many peers said what they hold of our log, of how many links. */
  readonly heard: OwnLogDoubt["heard"];
  /** The doubt as others see it. */
  view(): OwnLogDoubt | null;
  /** How far our clock is ahead of the median of the peers' clocks; 0 where it is not, or nobody told one. */
  readonly aheadOfPeersMs: number;
  /** Why nothing of our own may be signed now; null where it may. */
  refusal(): { readonly code: "own-log-unsure" | "clock-apart"; readonly detail: string } | null;
  raise(doubt: Doubt): void;
  /** Takes what federation tells of the peers. Answers whether a folder restored from a backup may open its next log now. */
  hear(report: PeersHeardRequest): Promise<"open-next" | "wait">;
  /** Entries of our own log came back from a peer: where they reach what this host saw of it, nothing was lost. */
  reconsider(): Promise<void>;
  /** The operator vouches for the folder. False where only a new log helps. */
  confirm(): Promise<boolean>;
  /** A new log was opened, under its own fence. */
  clear(): void;
  /** The root key is not asked any more: what was so before is so again. */
  withdraw(): void;
}

export type AssuranceDeps = {
  readonly dir: string;
  readonly own: OwnLog;
  readonly held: () => Held;
  readonly fences: Fences;
  /** The folder holds the fence of release 0.1.0: its first start here is an upgrade. */
  readonly isUpgrade: boolean;
  /** A request to the root key waits for its answer since before the start. */
  readonly isRootAsked: boolean;
  readonly say: Events;
  /** Called when entries of our own may be signed that could not be before. */
  readonly onSure: () => void;
};

export function createAssurance(first: Doubt | null, deps: AssuranceDeps): Assurance {
  const { dir, own, fences, say } = deps;
  let doubt: Doubt | null = deps.isRootAsked ? { code: "root-asked" } : first;
  let heard = { peers: 0, links: 0 };
  let aheadOfPeersMs = 0;
  if (doubt !== null) say.ownLogUnsure(own.identity.log, doubt.code);

  const ownHeld = (): HeldLog => {
    const known = deps.held().replica.logs.get(own.identity.log);
    if (known === undefined) throw new Error("our own log is not held");
    return known;
  };
  /** What was doubted when the root key was asked. */
  let beforeAsked: Doubt | null = first;
  const become = (next: Doubt): void => {
    if (next.code === "root-asked" && doubt?.code !== "root-asked") beforeAsked = doubt;
    if (doubt?.code !== next.code) say.ownLogUnsure(own.identity.log, next.code);
    doubt = next;
  };
  const becomeSure = (why: "peer" | "upgrade" | "adopted" | "operator" | "withdrawn" | "next-log"): void => {
    doubt = null;
    say.ownLogSure(own.identity.log, ownHeld().held, why);
    deps.onSure();
  };
  /** Vouches for the folder: from now on this host's fence goes with it. */
  const settle = async (why: "peer" | "upgrade" | "adopted" | "operator"): Promise<void> => {
    const asked = doubt;
    const known = ownHeld();
    const size = known.held;
    if (own.fence === null) own.fence = fences.open(own.identity.log, bind(dir, fences));
    await own.fence.set({ log: known.log, size, root: known.tree.root(size) });
    if (doubt !== asked || ownHeld().held !== size) return;
    becomeSure(why);
  };
  /** How much of our log a peer proves to hold beyond ours; 0 for no more, null for a claim without proof. */
  const proves = ({
    size,
    note,
  }: {
    readonly size: number;
    readonly note?: string | undefined;
  }): number | null => {
    const known = ownHeld();
    if (size <= known.held) return 0;
    const { net, partner, log } = own.identity;
    const origin = originOf(net, partner, log);
    const opened = note === undefined ? null : openCheckpoint(note, origin, known.authority.keysAt(size));
    return opened?.ok && opened.checkpoint.size > known.held ? opened.checkpoint.size : null;
  };

  return {
    get doubt() {
      return doubt;
    },
    get heard() {
      return heard;
    },
    view: () => (doubt === null ? null : doubtView(doubt, ownHeld().held, heard)),
    get aheadOfPeersMs() {
      return aheadOfPeersMs;
    },
    refusal: () => {
      if (doubt !== null)
        return { code: "own-log-unsure", detail: doubtView(doubt, ownHeld().held, heard).detail };
      if (aheadOfPeersMs <= limits.futureMs) return null;
      const seconds = Math.round(aheadOfPeersMs / 1_000);
      return {
        code: "clock-apart",
        detail: `this machine's clock is ${seconds} s ahead of its peers' clocks`,
      };
    },
    raise: become,
    hear: async ({ links, peers, isSettled }) => {
      const skews = skewsOf(peers, deps.held().standing.isAdmitted);
      // Of two the one that finds us less far ahead: a single peer whose clock is slow must not stop us.
      const median = skews[Math.floor(skews.length / 2)] ?? 0;
      const before = aheadOfPeersMs;
      aheadOfPeersMs = Math.max(0, -median);
      const [wasApart, isApart] = [before > limits.futureMs, aheadOfPeersMs > limits.futureMs];
      if (wasApart !== isApart) say.clockApart(aheadOfPeersMs);
      if (wasApart && !isApart && doubt === null) deps.onSure();
      const answers = peers.map(({ heads }) => {
        const head = heads.find(({ log }) => log === own.identity.log);
        return head === undefined ? 0 : proves(head);
      });
      heard = { links, peers: answers.filter((answer) => answer !== null).length };
      const most = Math.max(0, ...answers.filter((answer) => answer !== null));
      if (most > 0) {
        if (doubt === null || isOpen(doubt)) become({ code: "peer-has-more", size: most });
        return "wait";
      }
      if (doubt === null || !isSettled) return "wait";
      if (isOpen(doubt)) {
        if (heard.peers > 0) await settle("peer");
        else if (links === 0 && deps.isUpgrade && doubt.code === "no-fence") await settle("upgrade");
        return "wait";
      }
      return doubt.code === "copy" && heard.peers >= links ? "open-next" : "wait";
    },
    reconsider: async () => {
      if (doubt?.code !== "behind-fence" && doubt?.code !== "peer-has-more") return;
      const known = ownHeld();
      const fence = fences.read(known.log);
      if (fence === null || fence === "torn" || fence.tag !== readTag(dir)) return;
      if (agrees(fence, known) && fence.size === known.held) await settle("adopted");
      else if (known.held > fence.size) become({ code: "peer-has-more", size: known.held });
    },
    confirm: async () => {
      if (doubt === null) return true;
      if (!isOpen(doubt)) return false;
      await settle("operator");
      return doubt === null;
    },
    withdraw: () => {
      if (doubt?.code !== "root-asked") return;
      if (beforeAsked === null) becomeSure("withdrawn");
      else doubt = beforeAsked;
    },
    clear: () => becomeSure("next-log"),
  };
}

/**
 * What peers' clocks say, ascending: one each, of its links that which finds us less far ahead. Only of whom a quorum has admitted, or
 * somebody with an invitation would stop the node that gave it.
 */
function skewsOf(
  peers: PeersHeardRequest["peers"],
  isAdmitted: (partner: PartnerId) => boolean,
): readonly number[] {
  const skews = new Map<PartnerId, number>();
  for (const { partner, skewMs } of peers)
    if (skewMs !== null && isAdmitted(partner))
      skews.set(partner, Math.max(skewMs, skews.get(partner) ?? skewMs));
  return [...skews.values()].sort((a, b) => a - b);
}

/** The logs that go on from one, among those held. */
export const successorsOf = (logs: Iterable<HeldLog>, log: string): readonly HeldLog[] =>
  [...logs].filter(({ authority }) => closedBy(authority.opened).some((closed) => closed.log === log));
