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

/** @param facts Entries of one subject, in the order of visiting. */
export const fatesOf = (
  facts: readonly { readonly ref: Ref }[],
  verdicts: ReadonlyMap<Ref, Verdict>,
): Fates => ({
  crossedEntries: facts.filter(({ ref }) => verdicts.get(ref)?.effect === "crossed").map(({ ref }) => ref),
  withoutEffect: facts.flatMap(({ ref }) => {
    const verdict = verdicts.get(ref);
    return verdict?.effect === "none" ? [{ ref, reason: verdict.reason }] : [];
  }),
});
