/**
 * Law L3: a decision of several has a slot, an electorate fixed by the past of the entry that opens it, one voice for each
 * elector, and a threshold. What is learned later changes neither who votes nor how many are needed.
 */
import type { PartnerId } from "@handfast/protocol/ids";
import { type Fact, isBefore } from "../fact.ts";

export type Vote = { readonly fact: Fact; readonly yes: boolean };
export type Slot = {
  /** Sorted by code units. */
  readonly electorate: readonly PartnerId[];
  /** Electors whose one vote was yes that decide it. */
  readonly needed: number;
  readonly votes: readonly Vote[];
};

export const majorityOf = (count: number): number => Math.floor(count / 2) + 1;

export const isElector = ({ electorate }: Slot, partner: PartnerId): boolean => electorate.includes(partner);

export const hasVotedBefore = ({ votes }: Slot, fact: Fact): boolean =>
  votes.some((vote) => vote.fact.by === fact.by && isBefore(vote.fact, fact));

/** Whether enough electors said yes in the past of an entry. */
export const isCarriedBefore = ({ votes, needed }: Slot, fact: Fact): boolean =>
  countElectors(votes.filter((vote) => vote.yes && isBefore(vote.fact, fact))) >= needed;

/** A slot with those of its votes that pass. */
export const withVotes = <Some extends Slot>(slot: Some, passes: (vote: Vote) => boolean): Some => ({
  ...slot,
  votes: slot.votes.filter(passes),
});

/** Electors among votes: a partner that opened a second log still has one voice. */
export const countElectors = (votes: readonly Vote[]): number =>
  new Set(votes.map((vote) => vote.fact.by)).size;
