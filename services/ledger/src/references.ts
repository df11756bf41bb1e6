/**
 * References inside an append: `#k` stands for the ref of its k-th entry, `#k@` for the pinned one, since an entry's place is
 * known only when it is written. They are put in where the event's row says that `x` holds a ref, and nowhere else.
 */
import type { Json } from "@handfast/protocol/canonical";
import { isLineRef, type LineRef, type PinnedLineRef, type PinnedRef, unpin } from "@handfast/protocol/ids";
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
      readonly refs: readonly (LineRef | PinnedLineRef)[];
    }
  | { readonly ok: false; readonly unresolved: string };

/** `x` with its placeholders put in and its refs as others read them, and every ref it then cites, as this node names it. Of an unknown type it is known of no member that it holds refs. */
export function resolveX(
  type: string,
  x: { readonly [key: string]: Json },
  written: readonly PinnedRef[],
  outward: (ref: string) => string,
): XWithRefs {
  const refs: (LineRef | PinnedLineRef)[] = [];
  const unresolved: string[] = [];
  const resolved = mapRefs(type, x, (text) => {
    const ref = resolve(text, written);
    if (ref === null) unresolved.push(text);
    if (ref === null || !isLineRef(ref)) return ref ?? text;
    refs.push(ref);
    return outward(ref);
  });
  const [first] = unresolved;
  return first === undefined ? { ok: true, x: resolved, refs } : { ok: false, unresolved: first };
}
