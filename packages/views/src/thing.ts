/** A thing as it is stored: its view, and beside it what lists look for. */

import { moves } from "@handfast/domain/commitment-moves";
import { overdueFrom, presumedFrom } from "@handfast/domain/commitment-views";
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import type { Kind } from "./stored-facts.ts";
import type { MoveRow } from "./thing-writer.ts";
import { challengeView, waitingFrom } from "./views/challenge.ts";
import { commitmentView } from "./views/commitment.ts";
import { conversationView, movesShownTo } from "./views/conversation.ts";
import { initiativeView } from "./views/initiative.ts";
import type { Reading } from "./views/reading.ts";

export type ThingView = ReturnType<
  typeof initiativeView | typeof challengeView | typeof commitmentView | typeof conversationView
>;

export type Thing = {
  readonly view: ThingView;
  readonly at: number;
  readonly occurredAt: number | null;
  readonly state: string;
  readonly due: string | null;
  /** Moments from which on a reader sees it so; null: never, as it stands. */
  readonly overdueFrom: number | null;
  readonly presumedFrom: number | null;
  readonly waitingFrom: number | null;
  readonly moves: readonly MoveRow[];
  /** Of a conversation, the things that it leads to. */
  readonly leadsTo: readonly Ref[];
};

const timeless = { due: null, overdueFrom: null, presumedFrom: null, waitingFrom: null, leadsTo: [] };

/** Null where the entry that was to create it has no effect. */
export function thingOf(kind: Kind, ref: Ref, reading: Reading): Thing | null {
  switch (kind) {
    case "initiative":
      return initiative(ref, reading);
    case "challenge":
      return challenge(ref, reading);
    case "commitment":
      return commitment(ref, reading);
    case "conversation":
      return conversation(ref, reading);
  }
}

function initiative(ref: Ref, reading: Reading): Thing | null {
  const found = reading.cut.initiative(ref);
  if (found === null) return null;
  const { self } = reading;
  const isParty = (offer: Ref): boolean =>
    found.handoffs.some(
      (handoff) => handoff.offer === offer && (handoff.from === self || handoff.to === self),
    );
  return {
    ...timeless,
    view: initiativeView(found, reading),
    at: found.at,
    occurredAt: found.occurredAt,
    state: found.status,
    moves: found.moves
      .filter((move) => isParty(move.offer))
      .map(({ offer, ...move }) => ({ ...move, ref: offer })),
  };
}

function challenge(ref: Ref, reading: Reading): Thing | null {
  const found = reading.cut.challenge(ref);
  if (found === null) return null;
  const { self } = reading;
  // Everyone may be asked to hear it; answers to offers are between its owner and the helper.
  const isParty = (party: PartnerId, offer: Ref | null): boolean =>
    party === self || party === "anyone" || found.offers.some((one) => one.ref === offer && one.by === self);
  return {
    ...timeless,
    view: challengeView(found, reading),
    at: found.at,
    occurredAt: found.occurredAt,
    state: found.state,
    waitingFrom: waitingFrom(found),
    moves: found.moves
      .filter(({ party, offer }) => isParty(party, offer))
      .map(({ party, offer, ...move }) => ({
        ...move,
        party: party === "anyone" ? null : party,
        ref: offer,
      })),
  };
}

function commitment(ref: Ref, reading: Reading): Thing | null {
  const found = reading.cut.commitment(ref);
  if (found === null) return null;
  const { self, charter } = reading;
  return {
    view: commitmentView(found, reading),
    at: found.at,
    occurredAt: found.occurredAt,
    state: found.state,
    due: found.due,
    overdueFrom: overdueFrom(found, charter.parameters),
    presumedFrom: presumedFrom(found, charter.parameters),
    waitingFrom: null,
    leadsTo: [],
    moves: moves(found, self, charter.parameters).map((move) => ({ ...move, ref: null })),
  };
}

/** Of one conversation, our own first: a thousand questions in one thread are answered one by one. */
const mostMoves = 64;

function conversation(ref: Ref, reading: Reading): Thing | null {
  const found = reading.cut.conversation(ref);
  if (found === null) return null;
  const { self, cut } = reading;
  const shown = movesShownTo(found, self);
  const own = shown.filter(({ party }) => party === self);
  const asked = shown.filter(({ party, asker }) => asker === self && party !== self);
  const since = asked.flatMap((move) => cut.fact(move.ref)?.at[0] ?? []);
  return {
    ...timeless,
    view: conversationView(found, reading),
    at: found.at,
    occurredAt: found.occurredAt,
    state: found.as,
    due: found.reviewOn,
    // Since when the node's own partner waits for a word that it asked for.
    waitingFrom: since.length === 0 ? null : Math.min(...since),
    leadsTo: [
      ...(found.about === null ? [] : [found.about]),
      ...found.promotions.map(({ into }) => into),
    ].map((thing) => thing.ref),
    moves: [...new Set([...own, ...shown])].slice(0, mostMoves).map(({ party, verb, by, ref: about }) => ({
      party: party === "anyone" ? null : party,
      verb,
      by,
      ref: about,
    })),
  };
}
