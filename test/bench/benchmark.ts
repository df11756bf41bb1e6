/** What a benchmark is: a name, what it measures, and figures that mean something only beside those of the same run. */
import type { Raced } from "./race.ts";

type Settings = {
  /** Smaller and shorter: shows that the benchmark works, and little more. */
  readonly isQuick: boolean;
  /** A checkout of another release, set up, to run beside this one. Null: none. */
  readonly beside: string | null;
  /** A folder of this benchmark's own, gone when it ends. */
  readonly dir: string;
  /** Tells a person who waits what is being done. */
  say(text: string): void;
};

export type Finding = {
  /** What was measured, as a heading: "64 callers". */
  readonly what: string;
  readonly raced: Raced;
  /** Where to be, and whether this run was; never a reason to fail. */
  readonly goal?: { readonly text: string; readonly isMet: boolean };
  /** Sizes and whatever else explains the figures. */
  readonly facts?: Readonly<Record<string, number | string>>;
};

export type Benchmark = {
  readonly name: string;
  /** One sentence: what is measured beside what. */
  readonly about: string;
  /** Findings as they come. */
  run(settings: Settings): AsyncIterable<Finding>;
};
