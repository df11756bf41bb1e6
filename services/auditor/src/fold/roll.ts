/**
 * The valid entries of one subject. Their number bounds what a fold costs: an entry whose past holds 4,096 of them
 * has no effect, `subject-full` (fold.md section 2).
 */
import type { Entry } from "../held.ts";
import type { Past } from "../past.ts";
import { type Acts, addAct, countKnown, type Reader } from "./acts.ts";

const entriesMax = 4096;

export type Roll = {
  add(entry: Entry): void;
  /** How many valid entries the reader knows. Along one log the same number means the same entries. */
  count(reader: Reader): number;
  isFullFor(entry: Entry): boolean;
};

/** The roll of a subject of which nothing is folded yet. */
export function openRoll(past: Past): Roll {
  const acts: Acts = [];
  let size = 0;
  const count = (reader: Reader) => countKnown(past, acts, reader);
  return {
    add(entry) {
      addAct(acts, entry);
      size++;
    },
    count,
    isFullFor: (entry) => size >= entriesMax && count(entry) >= entriesMax,
  };
}
