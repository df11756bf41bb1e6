/**
 * What became of an entry. Verdicts on bytes never change; effects change only as the laws L5 and L6 say: from effective
 * to crossed, visibly, never to nothing.
 */
import type { Ref } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";

export type Verdict =
  | { readonly effect: "effective" }
  | { readonly effect: "crossed" }
  | { readonly effect: "none"; readonly reason: Reason };

/** What is said beside a thing of its entries that did not do what they say: nothing is dropped in silence. */
export type Fates = {
  readonly crossedEntries: readonly Ref[];
  readonly withoutEffect: readonly { readonly ref: Ref; readonly reason: Reason }[];
};

export const effective: Verdict = { effect: "effective" };
export const crossed: Verdict = { effect: "crossed" };
export const without = (reason: Reason): Verdict => ({ effect: "none", reason });

/** @param facts Entries of one subject, in fold order. */
export function fatesOf(
  facts: readonly { readonly ref: Ref }[],
  verdictOf: (ref: Ref) => Verdict | undefined,
): Fates {
  const crossedEntries: Ref[] = [];
  const withoutEffect: { readonly ref: Ref; readonly reason: Reason }[] = [];
  for (const { ref } of facts) {
    const verdict = verdictOf(ref);
    if (verdict?.effect === "crossed") crossedEntries.push(ref);
    if (verdict?.effect === "none") withoutEffect.push({ ref, reason: verdict.reason });
  }
  return { crossedEntries, withoutEffect };
}
