/** What an audit finds. The worst code decides the verdict. */

/** Something was left out, as opposed to something being wrong. */
const incompleteCodes = ["missing-log", "beyond-log"] as const;

export type ProblemCode =
  | "form" // the file's sections, lengths, order
  | "truncated" // the file ends early
  | "sha256" // the last line does not fit the bytes
  | "manifest" // the manifest, or a log's section beside it
  | "charter"
  | "header" // an entry's bytes: size, UTF-8, canonical form, schema, place
  | "clock" // `at` is not above the entry before, or a parent
  | "log-opened" // a log's first entry
  | "previous" // an earlier log that a log closes is not what it says
  | "unknown-log" // a log that neither the charter nor a sponsorship names
  | "later-release" // a control entry this release cannot follow
  | "checkpoint" // a checkpoint's text, place or number
  | "root" // a checkpoint's root is not the entries'
  | "key" // a key that may not sign, or had no authority
  | "signature"
  | "hash" // a pinned ref names other bytes
  | "payload"
  | (typeof incompleteCodes)[number];

export type Problem = {
  readonly code: ProblemCode;
  readonly log?: string;
  readonly seq?: number;
  readonly detail: string;
};

export type Verdict = "verified" | "invalid" | "incomplete";

/** How many problems are told one by one; the rest is counted. */
const maxProblems = 100;

export type Problems = {
  readonly told: Problem[];
  readonly count: number;
  readonly verdict: Verdict;
  add(problem: Problem): void;
};

/** An empty list. */
export function createProblems(): Problems {
  const told: Problem[] = [];
  let count = 0;
  let verdict: Verdict = "verified";
  return {
    told,
    get count() {
      return count;
    },
    get verdict() {
      return verdict;
    },
    add(problem) {
      count++;
      if (told.length < maxProblems) told.push(problem);
      const isGap = (incompleteCodes as readonly string[]).includes(problem.code);
      if (!isGap) verdict = "invalid";
      else if (verdict === "verified") verdict = "incomplete";
    },
  };
}
