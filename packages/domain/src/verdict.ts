/**
 * The outcome of an entry. Verdicts on bytes never change; effects change only as the laws L5 and L6 say: from effective
 * to crossed, quarantined or stranded, visibly, never to nothing.
 */
import type { Reason } from "@handfast/protocol/reasons";
import type { SetAside } from "./laws/relying.ts";

export type Verdict =
  | { readonly effect: "effective" }
  | { readonly effect: "crossed" }
  /** Set aside, since its log is in doubt and nobody else relied on it (`laws/relying.ts`). */
  | { readonly effect: SetAside }
  | { readonly effect: "none"; readonly reason: Reason };

export const effective: Verdict = { effect: "effective" };
export const crossed: Verdict = { effect: "crossed" };
export const without = (reason: Reason): Verdict => ({ effect: "none", reason });
