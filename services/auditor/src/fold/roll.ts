/**
 * The valid entries of one subject. Their number bounds what a fold costs: an entry whose past holds 4,096 of them
 * has no effect, `subject-full` (fold.md section 2).
 */
import type { Entry } from "../held.ts";
import { type Acts, addAct, countHeld, type Eyes, type Reader } from "./acts.ts";

const entriesMax = 4096;

export type Roll = {
  add(entry: Entry): void;
  /**
   * Which valid entries the reader sees: along one log the same answer means the same entries. Where some are in doubt,
   * each reader has its own.
   */
  version(reader: Entry): number;
  /** Notes entries about other things that are looked at here. */
  watch(entries: Iterable<Entry>): void;
  isFullFor(entry: Entry): boolean;
};

/** The roll of a subject of which nothing is folded yet. */
export function openRoll({ past, sight }: Eyes): Roll {
  const acts: Acts = [];
  let size = 0;
  let isInDoubt = false;
  const count = (reader: Reader) => countHeld(past, acts, reader);
  return {
    add(entry) {
      sight.note(entry);
      addAct(acts, entry);
      if (entry.isDoubtful) isInDoubt = true;
      size++;
    },
    version: (reader) => (isInDoubt ? reader.index : count(reader)),
    watch(entries) {
      for (const { isDoubtful } of entries) if (isDoubtful) isInDoubt = true;
    },
    isFullFor: (entry) => size >= entriesMax && count(entry) >= entriesMax,
  };
}
