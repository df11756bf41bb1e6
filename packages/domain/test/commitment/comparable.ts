/**
 * A commitment without what clocks may decide: when it was recorded, in which order things are listed, and which of
 * several open terms are shown first. All else has to be the same no matter whose clock runs ahead.
 */
import type { Commitment } from "../../src/commitment/view.ts";

export const shownState = (commitment: Commitment): string =>
  isUndecided(commitment) ? "open" : commitment.state;

const isUndecided = ({ bound, state, terms }: Commitment): boolean =>
  !bound && state !== "crossed" && terms.open.length > 1;

export function comparable(commitment: Commitment): unknown {
  const several = !commitment.bound && commitment.terms.open.length > 1;
  const shown = several ? { due: null, terms: { ...commitment.terms, current: null } } : {};
  return unordered({ ...commitment, ...shown, state: shownState(commitment) });
}

function unordered(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(unordered).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (value === null || typeof value !== "object") return value;
  const members = Object.entries(value).filter(([name]) => name !== "at");
  return Object.fromEntries(members.map(([name, member]) => [name, unordered(member)]));
}
