/** What may be said of every subject. */
import { defineEvents } from "./define.ts";

export const mergeEvents = defineEvents(
  { machine: "any", nouns: ["subject"], level: "thing" },
  {
    /** Names heads that do not fit under one entry's sixteen parents. */
    "subject.merged": { x: {} },
  },
);
