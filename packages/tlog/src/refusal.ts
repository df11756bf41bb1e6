/** An expected no, as a value: every function of this package that meets foreign bytes answers so. */
export type Refusal<Reason extends string> = { readonly ok: false; readonly reason: Reason };

export function refuse<Reason extends string>(reason: Reason): Refusal<Reason> {
  return { ok: false, reason };
}
