/**
 * What an entry cites: every ref it names in its header's subject or in its `x`. A fold looks at nothing else of other
 * subjects, so this is also what decides which of them are folded again when something arrives late.
 */
import type { PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import { citedBy as citedInX, partnersNamedBy } from "@handfast/protocol/refs";
import type { Fact } from "./fact.ts";

/** Refs and pinned refs an entry names; none in `x` where it could not be read. */
export const citedBy = ({ names, told }: Pick<Fact, "names" | "told">): readonly (Ref | PinnedRef)[] => [
  ...(names === null ? [] : [names]),
  ...(told.ok ? citedInX(told.event) : []),
];

/** Partners an entry is by or names, each once; in `x` none where it could not be read. */
export const partnersIn = ({ by, told }: Pick<Fact, "by" | "told">): readonly PartnerId[] =>
  told.ok ? [...new Set([by, ...partnersNamedBy(told.event)])] : [by];
