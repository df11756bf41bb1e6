/** What an entry names in its `x`: refs, all of which must be in its past, and partners. */
import type { Json } from "../canonical.ts";
import type { PartnerId, PinnedRef, Ref } from "../ids.ts";
import type { Path } from "./define.ts";
import { type Event, events } from "./events.ts";

type X = { readonly [member: string]: Json };

/** Refs and pinned refs in the `x` of a read event. */
export function citedBy({ type, x }: Event): readonly (Ref | PinnedRef)[] {
  const cited: string[] = [];
  for (const path of events[type].refs) visit(x as X, path, 0, (text) => cited.push(text));
  // A beneficiary is cited where it is a ref: of partner ids, refs and the word `network` only refs have a dot.
  return cited.filter((text) => text.includes("."));
}

/** Partners named in the `x` of a read event, in the order of the schema; one may come twice. */
export function partnersNamedBy({ type, x }: Event): readonly PartnerId[] {
  const named: PartnerId[] = [];
  for (const path of events[type].partners) visit(x as X, path, 0, (text) => named.push(text));
  // Where a partner may stand, a ref or the word `network` may.
  return named.filter((text) => text !== "network" && !text.includes("."));
}

/** `x` of a draft, with every text at a place for a ref put through `change`. Of an unknown type no such place is known. */
export function mapRefs(type: string, x: X, change: (text: string) => string): X {
  const paths = Object.hasOwn(events, type) ? events[type as keyof typeof events].refs : [];
  return paths.reduce<X>((mapped, path) => mapAt(mapped, path, 0, change) as X, x);
}

function visit(value: Json | undefined, path: Path, depth: number, found: (text: string) => void): void {
  if (depth === path.length) {
    if (typeof value === "string") found(value);
    return;
  }
  const step = path[depth] as string;
  if (step === "*" && isList(value)) for (const item of value) visit(item, path, depth + 1, found);
  else if (isObject(value)) visit(value[step], path, depth + 1, found);
}

function mapAt(value: Json, path: Path, depth: number, change: (text: string) => string): Json {
  if (depth === path.length) return typeof value === "string" ? change(value) : value;
  const step = path[depth] as string;
  if (step === "*" && isList(value)) return value.map((item) => mapAt(item, path, depth + 1, change));
  const member = isObject(value) ? value[step] : undefined;
  return member === undefined ? value : { ...(value as X), [step]: mapAt(member, path, depth + 1, change) };
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);
const isObject = (value: Json | undefined): value is X =>
  typeof value === "object" && value !== null && !Array.isArray(value);
