/**
 * References inside an append: `#k` stands for the ref of its k-th entry, `#k@` for the pinned one, anywhere in `subject` and
 * `x`, since an entry's place is known only when it is written. Members of `x` that hold people's words are left alone.
 */
import type { Json } from "@handfast/protocol/canonical";
import { PinnedRef, Ref, unpin } from "@handfast/protocol/ids";

const placeholder = /^#([0-9]{1,2})(@?)$/;
const words: ReadonlySet<string> = new Set([
  "externalId",
  "externalStatus",
  "must",
  "criteria",
  "part",
  "name",
]);

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

/** `x` with its placeholders put in, and every ref it then holds. */
export function resolveX(x: { readonly [key: string]: Json }, written: readonly PinnedRef[]): XWithRefs {
  const refs: (Ref | PinnedRef)[] = [];
  let unresolved: string | null = null;
  const walk = (value: Json): Json => {
    if (typeof value === "string") {
      const resolved = resolve(value, written);
      if (resolved === null) unresolved = value;
      else if (Ref.safeParse(resolved).success || PinnedRef.safeParse(resolved).success) refs.push(resolved);
      return resolved ?? value;
    }
    if (value === null || typeof value !== "object") return value;
    if (isList(value)) return value.map(walk);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
  };
  const resolved = Object.fromEntries(
    Object.entries(x).map(([key, value]) => [key, words.has(key) ? value : walk(value)]),
  );
  return unresolved === null ? { ok: true, x: resolved, refs } : { ok: false, unresolved };
}

const isList = (value: object): value is readonly Json[] => Array.isArray(value);
