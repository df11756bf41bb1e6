/**
 * Law L5: what excludes each other without knowing of each other is crossed, visibly, and binds nobody until those who
 * wrote it stand by it or let it go. Two shapes of it: something was pulled back while others signed it; several bind at
 * once, and one is chosen.
 */
import type { PartnerId, PinnedRef } from "@handfast/protocol/ids";
import { compareFacts, type Fact, isBefore } from "../fact.ts";

export type Says = "reaffirmed" | "let-go";
export type Reply = { readonly fact: Fact; readonly says: Says };

/** Something that its author no longer stands by, as far as it knew; and what it said to that later. */
export type PullBack<How extends string = string> = {
  readonly by: PartnerId;
  readonly fact: Fact;
  readonly how: How;
  reply: Reply | null;
};

export const earlier = (a: Reply | null, b: Reply): Reply =>
  a === null || compareFacts(b.fact, a.fact) < 0 ? b : a;

/** The first word of its party after a pull-back counts. */
export function replyTo<How extends string>(
  pullBacks: readonly PullBack<How>[],
  { by, fact, says }: Reply & { readonly by: PartnerId },
  which: (pullBack: PullBack<How>) => boolean = () => true,
): void {
  for (const pullBack of pullBacks) {
    if (pullBack.by !== by || !which(pullBack) || !isBefore(pullBack.fact, fact)) continue;
    pullBack.reply = earlier(pullBack.reply, { fact, says });
  }
}

/**
 * What everyone needed has signed, and some pulled back.
 *
 * @param presumer Whose claim or confirmation is being judged: it stands by what its past held fully signed.
 */
export function settledAfter(
  pullBacks: readonly PullBack[],
  presumer?: PartnerId,
): "closed" | "crossed" | "bound" {
  if (pullBacks.some((one) => one.reply?.says === "let-go")) return "closed";
  return pullBacks.some((one) => one.reply === null && one.by !== presumer) ? "crossed" : "bound";
}

/** A reaffirmation of one of several that bound at once, as its author saw them. */
export type Choice = { readonly by: PartnerId; readonly among: ReadonlySet<PinnedRef> };
export type Rival = { readonly terms: { readonly pinned: PinnedRef }; readonly choices: readonly Choice[] };

/** Which of several binds in the end; without one, those that crossed. */
export type Settled<R> = { readonly chosen: R | null; readonly crossed: ReadonlySet<PinnedRef> };

const none: ReadonlySet<PinnedRef> = new Set();
export const nothingBinds: Settled<never> = { chosen: null, crossed: none };

/**
 * Several that bind at once bind nobody, until those who saw them all stand by one and the same.
 *
 * @param isAgreed Whether the choices of those who saw all settle it for this one.
 */
export function chooseAmong<R extends Rival>(
  binding: readonly R[],
  isAgreed: (rival: R, saw: (choice: Choice) => boolean) => boolean,
): Settled<R> {
  if (binding.length < 2) return { chosen: binding[0] ?? null, crossed: none };
  // The newest first: who did not see all mostly missed that one.
  const pins = binding.map((one) => one.terms.pinned).reverse();
  const known = new Map<ReadonlySet<PinnedRef>, boolean>();
  const saw = ({ among }: Choice): boolean => {
    const sees = known.get(among) ?? (among.size >= pins.length && pins.every((pin) => among.has(pin)));
    known.set(among, sees);
    return sees;
  };
  const agreed = binding.filter((one) => isAgreed(one, saw));
  const [only] = agreed;
  return agreed.length === 1 && only !== undefined
    ? { chosen: only, crossed: none }
    : { chosen: null, crossed: new Set(pins) };
}
