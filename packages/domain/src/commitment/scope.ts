/**
 * A scope: which entries are looked at. The same rules answer two questions: what an author could see when writing an
 * entry (its past), which decides for good whether the entry counts at all; and what it all comes to (everything in
 * the cut), which decides what crossed.
 */
import { type Fact, isBefore } from "../fact.ts";

export type Scope = (fact: Fact) => boolean;

export const everything: Scope = () => true;
export const pastOf =
  (fact: Fact): Scope =>
  (other) =>
    isBefore(other, fact);
