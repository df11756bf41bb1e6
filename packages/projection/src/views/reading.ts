/** One act of reading: the facts inside its moment, and what views are made with. */

import type { BeneficiaryView } from "@handfast/api/views/commitment";
import { instantOf, type Named, type Texts } from "@handfast/api/views/named";
import { type Fact, isBefore } from "@handfast/domain/fact";
import type { WholeCut } from "@handfast/domain/whole";
import type { Json } from "@handfast/protocol/canonical";
import type { Hash, PartnerId, Ref } from "@handfast/protocol/ids";
import { etagOf } from "@handfast/replica/heads";
import type { Projection } from "../projection.ts";

export interface Reading {
  readonly projection: Projection;
  readonly cut: WholeCut;
  /** The moment itself, in milliseconds: what `overdue` and `presumed` are functions of. */
  readonly atMs: number;
  named(partner: PartnerId): Named;
  /** What people wrote in an entry, member by member. */
  text(ref: Ref, member: string): string | null;
  textState(ref: Ref): Texts;
  etag(subject: string): Hash;
  beneficiary(one: string): BeneficiaryView;
  times(thing: { readonly at: number; readonly occurredAt: number | null }): {
    readonly recordedAt: string;
    readonly occurredAt?: string;
  };
}
export type Initiative = NonNullable<ReturnType<WholeCut["initiative"]>>;
export type Challenge = NonNullable<ReturnType<WholeCut["challenge"]>>;
export type Commitment = NonNullable<ReturnType<WholeCut["commitment"]>>;

export function openReading(projection: Projection, cut: WholeCut, atMs: number, isNow: boolean): Reading {
  const { names, texts } = projection;
  const text = (ref: Ref, member: string): string | null => {
    const value: Json | undefined = texts.of(ref).body?.[member];
    return typeof value === "string" ? value : null;
  };
  return {
    projection,
    cut,
    atMs,
    named: names.named,
    text,
    textState: (ref) => texts.of(ref).state,
    etag: (subject) => (isNow ? projection.etagOf(subject) : etagOf(headsAmong(cut.factsOf(subject)))),
    beneficiary: (one) => {
      if (one === "network") return { network: true, name: projection.charter.name };
      return one.includes(".") ? { initiative: one, name: text(one, "title") ?? one } : names.named(one);
    },
    times: ({ at, occurredAt }) => ({
      recordedAt: instantOf(at),
      ...(occurredAt === null ? {} : { occurredAt: instantOf(occurredAt) }),
    }),
  };
}

/** Heads of a subject as it stood: known for now only, so they are looked for here. */
const headsAmong = (facts: readonly Fact[]): readonly string[] =>
  facts
    .filter((fact) => !facts.some((other) => isBefore(fact, other)))
    .map(({ ref, hash }) => `${ref}@${hash}`)
    .sort();

/** The member, where there is a value. */
export const maybe = <Name extends string, Value>(
  name: Name,
  value: Value | null | undefined,
): { readonly [N in Name]?: Value } =>
  (value === null || value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: Value };
