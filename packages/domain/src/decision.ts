/**
 * What the domain answers to a command: entries to append, or a refusal with a code.
 *
 * A refusal is an expected answer, so it is a value. Exceptions are for faults and bugs. `decide` is for us and may
 * refuse; the fold is for the world, meets entries nobody here decided, and repeats every check of authority.
 */
import type { EventName, EventOf } from "@handfast/protocol/events";
import type { Ref } from "@handfast/protocol/ids";
import type { Refusal } from "@handfast/protocol/reasons";

/** An entry before the ledger gives it a place. In refs, `#k` is the k-th entry of the same append, `#k@` its pinned ref. */
export type Draft = {
  readonly [Name in EventName]: {
    readonly type: Name;
    readonly subject: Ref | `#${number}` | null;
    readonly x: EventOf<Name>["x"];
    /** Texts, for the payload. */
    readonly body?: { readonly [key: string]: string | number | boolean | readonly string[] };
  };
}[EventName];

/** Entries to append. */
export type Accepted = {
  readonly ok: true;
  readonly entries: readonly [Draft, ...Draft[]];
  /** Every subject the decision read: their heads must still be the same when it is appended, and become parents. */
  readonly reads: readonly string[];
  /**
   * What was asked needs more entries than one append holds, and this is the first part of it: append it, then decide
   * again. Each part stands without the ones after it; the last is the act itself.
   */
  readonly continues?: true;
  readonly standing?: undefined;
};
/** Nothing is appended: what was asked stands already, said by this entry. */
export type Standing = { readonly ok: true; readonly standing: Ref };
export type Refused = { readonly ok: false; readonly refusal: Refusal; readonly detail?: string };
export type Decision = Accepted | Standing | Refused;

export const accept = (reads: readonly string[], ...entries: [Draft, ...Draft[]]): Accepted => ({
  ok: true,
  entries,
  reads,
});
export const stands = (standing: Ref): Standing => ({ ok: true, standing });
export const refuse = (refusal: Refusal, detail?: string): Refused => ({
  ok: false,
  refusal,
  ...(detail === undefined ? {} : { detail }),
});

/** A refusal for that reason with the detail that it lacks; any other decision as it is. */
export const explained = (decision: Decision, refusal: Refusal, detail: string): Decision =>
  !decision.ok && decision.refusal === refusal && decision.detail === undefined
    ? refuse(refusal, detail)
    : decision;
