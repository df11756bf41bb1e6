/**
 * The outcome of an entry. Verdicts on bytes never change; effects change only as the laws L5 and L6 say: from effective
 * to crossed, visibly, never to nothing.
 */
import type { Reason } from "@handfast/protocol/reasons";

export type Verdict =
  | { readonly effect: "effective" }
  | { readonly effect: "crossed" }
  | { readonly effect: "none"; readonly reason: Reason };

export const effective: Verdict = { effect: "effective" };
export const crossed: Verdict = { effect: "crossed" };
export const without = (reason: Reason): Verdict => ({ effect: "none", reason });
