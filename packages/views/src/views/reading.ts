/** One act of reading: the facts inside its moment, and what views are made with. */
import type { BeneficiaryView } from "@handfast/api/views/commitment";
import { instantOf, type Named, type Texts } from "@handfast/api/views/named";
import { type Fact, isBefore } from "@handfast/domain/fact";
import type { WholeCut } from "@handfast/domain/whole";
import type { Json } from "@handfast/protocol/canonical";
import type { Charter } from "@handfast/protocol/charter";
import type { Hash, PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import { etagOf } from "@handfast/replica/heads";

/** What people wrote in one entry. */
export type Text = { readonly state: Texts; readonly body: { readonly [member: string]: Json } | null };

/** Where a view's parts come from, whatever the moment. */
export type Sources = {
  readonly self: PartnerId;
  readonly charter: Charter;
  readonly named: (partner: PartnerId) => Named;
  readonly textOf: (ref: Ref) => Text;
  /** Heads of a subject now. */
  readonly headsOf: (subject: string) => readonly PinnedRef[];
  /** Subjects with an entry that names this one. */
  readonly citingEntry: (ref: Ref) => readonly string[];
};

export interface Reading extends Pick<Sources, "self" | "charter" | "named" | "citingEntry"> {
  readonly cut: WholeCut;
  /** The moment itself, in milliseconds: what `overdue` and `presumed` are functions of. */
  readonly atMs: number;
  /** What people wrote in an entry, member by member. */
  text(ref: Ref, member: string): string | null;
  body(ref: Ref): Text;
  etag(subject: string): Hash;
  beneficiary(beneficiary: string): BeneficiaryView;
  times(thing: { readonly at: number; readonly occurredAt: number | null }): {
    readonly recordedAt: string;
    readonly occurredAt?: string;
  };
}
export type Initiative = NonNullable<ReturnType<WholeCut["initiative"]>>;
export type Challenge = NonNullable<ReturnType<WholeCut["challenge"]>>;
export type Commitment = NonNullable<ReturnType<WholeCut["commitment"]>>;
export type Conversation = NonNullable<ReturnType<WholeCut["conversation"]>>;
/** Without what a reader adds to a thing that is stored: the conversations about it. */
export type Untalked<View> = Omit<View, "conversations">;

/** @param isNow Whether the cut is everything there is: the heads of its subjects are then known. */
export function openReading(sources: Sources, cut: WholeCut, atMs: number, isNow: boolean): Reading {
  const { self, charter, named, citingEntry } = sources;
  const texts = new Map<Ref, Text>();
  const body = (ref: Ref): Text => {
    const known = texts.get(ref) ?? sources.textOf(ref);
    texts.set(ref, known);
    return known;
  };
  const text = (ref: Ref, member: string): string | null => {
    const value = body(ref).body?.[member];
    return typeof value === "string" ? value : null;
  };
  return {
    self,
    charter,
    citingEntry,
    cut,
    atMs,
    named,
    text,
    body,
    etag: (subject) => etagOf(isNow ? sources.headsOf(subject) : headsAmong(subject, cut)),
    beneficiary: (beneficiary) => {
      if (beneficiary === "network") return { network: true, name: charter.name };
      return beneficiary.includes(".")
        ? { initiative: beneficiary, name: text(beneficiary, "title") ?? beneficiary }
        : named(beneficiary);
    },
    times: ({ at, occurredAt }) => ({
      recordedAt: instantOf(at),
      ...(occurredAt === null ? {} : { occurredAt: instantOf(occurredAt) }),
    }),
  };
}

/** Heads of a subject as it stood: stored for now only, so they are looked for here. */
function headsAmong(subject: string, { factsOf, membership }: WholeCut): readonly PinnedRef[] {
  let heads: readonly Fact[] = [];
  for (const fact of factsOf(subject)) {
    if (!membership.isByMember(fact)) continue;
    const standing = heads.filter((head) => !isBefore(head, fact));
    heads = standing.some((head) => isBefore(fact, head)) ? standing : [...standing, fact];
  }
  return heads.map(({ ref, hash }) => `${ref}@${hash}`).sort();
}

/** The member, where there is a value. */
export const maybe = <Name extends string, Value>(
  name: Name,
  value: Value | null | undefined,
): { readonly [N in Name]?: Value } =>
  (value === null || value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: Value };
