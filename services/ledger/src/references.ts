/**
 * References inside an append: `#k` stands for the ref of its k-th entry, `#k@` for the pinned one, since an entry's place is
 * known only when it is written. They are put in where the event's row says that `x` holds a ref, and nowhere else.
 */
import type { Json } from "@handfast/protocol/canonical";
import { isRef, type PinnedRef, type Ref, unpin } from "@handfast/protocol/ids";
import { mapRefs } from "@handfast/protocol/refs";

const placeholder = /^#([0-9]{1,2})(@?)$/;

/** Puts in the refs of the entries written so far; null where one names an entry that is not before its own. */
export function resolve(text: string, written: readonly PinnedRef[]): string | null {
  const [, index, isPinned] = placeholder.exec(text) ?? [];
  if (index === undefined) return text;
  const ref = written[Number(index)];
  if (ref === undefined) return null;
  return isPinned === "@" ? ref : unpin(ref);
}

export type XWithRefs =
  | {
      readonly ok: true;
      readonly x: { readonly [key: string]: Json };
      readonly refs: readonly (Ref | PinnedRef)[];
    }
  | { readonly ok: false; readonly unresolved: string };

/** `x` with its placeholders put in, and every ref it then cites. Of an unknown type it is known of no member that it holds refs. */
export function resolveX(
  type: string,
  x: { readonly [key: string]: Json },
  written: readonly PinnedRef[],
): XWithRefs {
  const refs: (Ref | PinnedRef)[] = [];
  const unresolved: string[] = [];
  const resolved = mapRefs(type, x, (text) => {
    const ref = resolve(text, written);
    if (ref === null) unresolved.push(text);
    else if (isRef(ref)) refs.push(ref);
    return ref ?? text;
  });
  const [first] = unresolved;
  return first === undefined ? { ok: true, x: resolved, refs } : { ok: false, unresolved: first };
}
