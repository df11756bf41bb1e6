/**
 * What each line of a history becomes, decided once from the whole file, alike on every node.
 *
 * Every node reads the whole file and acts on its own facts. So that nobody has to guess what another node will do, the
 * file is folded here first, by the rules of who may act: each line is an act of its partner, with the term of the
 * initiative's seat it presumes; or it repeats an earlier line, is left out, or is not placed, with every reason. Nothing
 * vanishes.
 *
 * The file is folded twice, side by side: as it will be performed, without the partners that have no node, and as it reads,
 * with all of them. A fact that fails in the first and not in the second fails for want of a node; one that fails in both is
 * at odds with the file itself.
 */
import { createHash } from "node:crypto";
import { hasCome } from "@handfast/protocol/begun";
import type { Note } from "./clean-fact.ts";
import type { Fact } from "./facts.ts";
import { createRecord, type Reason, type Taken } from "./judge-fact.ts";
import type { Named, Naming } from "./naming.ts";
import type { Line } from "./read-history.ts";

export type NotPlaced = Reason | "malformed-line" | "in-the-future" | "needs-partner-without-node";
export type Why = { readonly reason: NotPlaced; readonly detail?: string };

export type Act = Taken & {
  readonly line: number;
  /** The same for the same fact, however a file writes it and wherever it stands in it. */
  readonly key: string;
  /** With the names that its partners have in the network. */
  readonly fact: Fact;
  readonly occurredAt: number;
  readonly wholeTitle?: string;
};

export type Outcome = { readonly line: number; readonly notes: readonly Note[] } & (
  | { readonly act: Act }
  /** The line that says the same. */
  | { readonly repeats: number }
  /** Its partner has no node; `why` says what else keeps it from being placed. */
  | { readonly leftOut: string; readonly why: readonly Why[] }
  | { readonly notPlaced: readonly [Why, ...Why[]] }
);

export type PlanOptions = {
  readonly naming: Naming;
  /** Milliseconds since 1970: what occurred later has not occurred. */
  readonly now: number;
};

/** @returns One outcome a line, in order of lines. */
export function planHistory(lines: readonly Line[], { naming, now }: PlanOptions): readonly Outcome[] {
  const performed = createRecord();
  const written = createRecord();
  /** Partners without a node that had a part in an initiative so far. */
  const absent = new Map<string, Set<string>>();
  const placed = new Map<string, number>();
  const occurrences = new Map<string, number>();
  const firsts = createFirsts();

  return lines.map((line): Outcome => {
    const { line: at } = line;
    if ("malformed" in line) {
      const [first, ...more] = line.malformed.map((detail): Why => ({ reason: "malformed-line", detail }));
      return { line: at, notes: [], notPlaced: [first as Why, ...more] };
    }
    const by = naming(line.fact.partner);
    const to = line.fact.fact === "lead.changed" ? naming(line.fact.to) : null;
    const notes = [...line.notes, ...noteOf("partner", by), ...(to === null ? [] : noteOf("to", to))];
    const fact = renamed(line.fact, by, to);
    const text = textOf(fact, line.occurredAt);
    const earlier = placed.get(text);
    if (earlier !== undefined) return { line: at, notes, repeats: earlier };
    const key = keyOf(fact, line.occurredAt, occurrences);

    if (!hasCome(line.occurredAt, now)) {
      const future: Why = { reason: "in-the-future", detail: `${fact.at} has not come yet` };
      return { line: at, notes, notPlaced: [future, ...absences(by, to)] };
    }
    const reads = written.judge(fact);
    const explain = firsts.explainer(fact);
    if (!Array.isArray(reads)) firsts.add(fact, at);
    const missing = absences(by, to);
    if (missing.length > 0) {
      const names = absent.get(fact.initiative) ?? new Set();
      absent.set(fact.initiative, names);
      for (const one of [by, to]) if (one !== null && "missing" in one) names.add(one.missing);
      const why = [...missing, ...whyOf(reads, explain)];
      if (!("missing" in by)) return { line: at, notes, notPlaced: why as [Why, ...Why[]] };
      placed.set(text, at);
      return { line: at, notes, leftOut: by.missing, why };
    }
    const taken = performed.judge(fact);
    if (Array.isArray(taken)) {
      const why = blame(taken, reads, absent.get(fact.initiative), explain);
      return { line: at, notes, notPlaced: why as [Why, ...Why[]] };
    }
    placed.set(text, at);
    const { occurredAt, wholeTitle } = line;
    const act: Act = {
      ...(taken as Taken),
      line: at,
      key,
      fact,
      occurredAt,
      ...(wholeTitle === undefined ? {} : { wholeTitle }),
    };
    return { line: at, notes, act };
  });
}

const noteOf = (member: string, named: Named): readonly Note[] =>
  "note" in named && named.note !== undefined ? [{ member, note: named.note }] : [];

const nameOf = (named: Named): string => ("partner" in named ? named.partner : named.missing);

const renamed = (fact: Fact, by: Named, to: Named | null): Fact =>
  fact.fact === "lead.changed" && to !== null
    ? { ...fact, partner: nameOf(by), to: nameOf(to) }
    : { ...fact, partner: nameOf(by) };

/** Why those a fact names cannot act here. */
const absences = (...named: readonly (Named | null)[]): readonly Why[] =>
  named.flatMap((one) => {
    if (one === null || "partner" in one) return [];
    const { missing, candidates } = one;
    const detail =
      candidates.length === 0 ? missing : `${missing} could mean ${candidates.join(" or ")}; name it exactly`;
    return [{ reason: "needs-partner-without-node" as const, detail }];
  });

const whyOf = (judged: Taken | readonly Reason[], explain: Explain): readonly Why[] =>
  Array.isArray(judged) ? judged.map(explain) : [];

/** What keeps a fact from being placed: what is at odds with the file itself, and what only the missing nodes explain. */
function blame(
  fails: readonly Reason[],
  reads: Taken | readonly Reason[],
  absent: ReadonlySet<string> | undefined,
  explain: Explain,
): readonly Why[] {
  const own = Array.isArray(reads) ? (reads as readonly Reason[]) : [];
  const caused = fails.filter((reason) => !own.includes(reason));
  if (caused.length === 0 || absent === undefined) return (own.length > 0 ? own : fails).map(explain);
  const names = [...absent].join(", ");
  const detail = `${caused.join(", ")}: the part of ${names} is missing, which ${absent.size === 1 ? "has" : "have"} no node`;
  return [...own.map(explain), { reason: "needs-partner-without-node", detail }];
}

/** A reason with what explains it. */
type Explain = (reason: Reason) => Why;

/** Which line said first what can be said once, and by whom: a second one may be a repetition, or mean another thing. */
function createFirsts() {
  const lines = new Map<string, string>();
  const placeOf = (fact: Fact): string =>
    JSON.stringify([
      fact.fact,
      fact.initiative,
      fact.fact === "commitment.made" ? fact.commitment : "",
      fact.fact === "partner.joined" ? fact.partner : "",
    ]);
  const isOnce = new Set(["initiative.proposed", "commitment.made", "partner.joined"]);
  return {
    add: (fact: Fact, line: number): void => {
      if (isOnce.has(fact.fact)) lines.set(placeOf(fact), `by ${fact.partner} on line ${line}`);
    },
    /** For what was said before this fact. */
    explainer: (fact: Fact): Explain => {
      const first = lines.get(placeOf(fact));
      return (reason) =>
        first !== undefined && reason.startsWith("already-") ? { reason, detail: first } : { reason };
    },
  };
}

/** The same for two lines that say the same, whatever the order of their members and the form of their instants. */
const textOf = ({ at: _at, ...fact }: Fact, occurredAt: number): string =>
  JSON.stringify(Object.entries({ ...fact, occurredAt }).sort(([a], [b]) => (a < b ? -1 : 1)));

/**
 * A fact is known by who did what to which thing when. Where a file says different things of that, as when a day moves twice
 * in the same instant, they are told apart by their order.
 */
function keyOf(fact: Fact, occurredAt: number, occurrences: Map<string, number>): string {
  const commitment = "commitment" in fact ? fact.commitment : "";
  const identity = JSON.stringify([fact.partner, fact.fact, fact.initiative, commitment, occurredAt]);
  const occurrence = occurrences.get(identity) ?? 0;
  occurrences.set(identity, occurrence + 1);
  return `${createHash("sha256").update(identity).digest("base64url")}.${occurrence}`;
}
