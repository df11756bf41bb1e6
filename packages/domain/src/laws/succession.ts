/**
 * From one log of a partner to the next, and which of its logs have authority. A later log closes the earlier ones that it
 * names; what they hold beyond is stranded. Of two logs that close the same one, that of the later root has authority, and one
 * opened by the root before one opened by a log key; two of equal rank are rivals, and neither has any until a third closes
 * both. A first log beside an earlier first log never has. A root settles which history of a log counts, by closing it
 * (docs/reference/fold.md section 9).
 */
import type { LogId, PartnerId } from "@handfast/protocol/ids";
import { type ClosedLog, closedBy, isOpenedByLogKey } from "@handfast/protocol/log";
import { compareFacts, type Fact, isIn, logOf, type Past } from "../fact.ts";
import type { Facts } from "../facts.ts";
import { type Doubt, type Doubts, noDoubts, whole } from "./relying.ts";

type Opened = {
  readonly fact: Fact;
  readonly log: LogId;
  readonly closes: readonly ClosedLog[];
  /** All logs that it closes, also through others. */
  readonly before: ReadonlySet<LogId>;
  /** The log it goes on from, the one before that, and so on; itself first. */
  readonly chain: readonly Opened[];
  /** The root that it names, and how many roots the logs of its chain had before that one. */
  readonly root: string;
  readonly generation: number;
  /** Whether the root opened it, and not a log key of the log that it goes on from. */
  readonly isByRoot: boolean;
};

/** No line is called so: only the past of a reader who has seen everything holds it. */
const everything = "";
const alwaysKnown: Doubt = { as: "quarantined", isKnownIn: () => true };

/** What is in doubt among all logs that these facts know of. */
export function doubtsOf(
  facts: Pick<Facts, "factsOf" | "forkedFrom"> & { readonly network: string },
): Doubts {
  const atNetwork = facts.factsOf(facts.network);
  const partners = Map.groupBy(atNetwork.flatMap(openingsIn), ({ fact }) => fact.by);
  const proofs = Map.groupBy(
    atNetwork.filter(({ proves }) => proves !== undefined),
    ({ proves }) => proves?.log as LogId,
  );
  const byLog = new Map<LogId, readonly Doubt[]>();
  const stranding = new Map<LogId, readonly Opened[]>();
  for (const opened of partners.values()) {
    if (opened.length === 1 && opened[0]?.closes.length === 0) continue;
    const logs = logsOf(opened);
    for (const one of logs) {
      const doubts = doubtsAbout(one, logs);
      if (doubts.length > 0) byLog.set(one.log, doubts);
      for (const { log } of one.closes) stranding.set(log, [...(stranding.get(log) ?? []), one]);
    }
  }
  const forks = new Map<LogId, { readonly from: number; readonly doubt: Doubt }>();
  for (const log of new Set([...partners.values()].flat().map(({ log }) => log))) {
    const proving = proofs.get(log) ?? [];
    const from = facts.forkedFrom(log);
    if (from === undefined) continue;
    const isKnownIn = (past: Past) => past(everything) >= 0 || proving.some((proof) => isIn(proof, past));
    forks.set(log, { from, doubt: { as: "quarantined", isKnownIn } });
  }
  if (byLog.size + stranding.size + forks.size === 0) return noDoubts;

  return {
    isEmpty: false,
    forkedFrom: (log) => forks.get(log)?.from ?? Number.POSITIVE_INFINITY,
    of: (fact) => {
      const log = logOf(fact);
      const fork = forks.get(log);
      const [keeping, leaving] = partition(stranding.get(log) ?? [], (one) => isIn(fact, one.fact.past));
      const isForked = fork !== undefined && fact.seq >= fork.from;
      const all = [
        ...(byLog.get(log) ?? []),
        ...(isForked ? [unlessKept(keeping, fork.doubt)] : []),
        ...leaving.map((one) =>
          unlessKept(
            keeping.filter((kept) => isBelow(one, kept)),
            stranded(one),
          ),
        ),
      ];
      const [first] = all;
      if (first === undefined || all.length === 1) return first ?? null;
      const { as } = all.find((doubt) => doubt.isKnownIn(whole)) ?? first;
      return { as, isKnownIn: (past) => all.some((doubt) => doubt.isKnownIn(past)) };
    },
  };
}

/** A root that closes a log keeps what lies below, whatever a log key signed: for a reader who knows of it there is no doubt. */
function unlessKept(keeping: readonly Opened[], doubt: Doubt): Doubt {
  const settling = keeping.filter(({ isByRoot }) => isByRoot);
  if (settling.length === 0) return doubt;
  const isSettledIn = (past: Past) => settling.some(({ fact }) => isIn(fact, past));
  return { as: doubt.as, isKnownIn: (past) => doubt.isKnownIn(past) && !isSettledIn(past) };
}

function partition<T>(all: readonly T[], is: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(is), all.filter((one) => !is(one))];
}

const stranded = ({ fact }: Opened): Doubt => ({ as: "stranded", isKnownIn: (past) => isIn(fact, past) });

type Opening = Pick<Opened, "fact" | "log" | "closes" | "root" | "isByRoot">;
const byFact = (a: Opening, b: Opening): number => compareFacts(a.fact, b.fact);

/** An entry as the opening of a log, where it is one. */
function openingsIn(fact: Fact): readonly Opening[] {
  const { seq, told } = fact;
  if (seq !== 0 || !told.ok || told.event.type !== "log.opened") return [];
  const { x } = told.event;
  return [{ fact, log: logOf(fact), closes: closedBy(x), root: x.root, isByRoot: !isOpenedByLogKey(x) }];
}

/** One opening for each log, the first where it was signed twice; causes come first. */
function firstOfEach(opened: readonly Opening[]): readonly Opening[] {
  const byLog = Map.groupBy(opened.toSorted(byFact), ({ log }) => log);
  return [...byLog.values()].map(([first]) => first as Opening);
}

/** The logs of one partner, with what each goes on from. Causes come first, so no log goes on from itself. */
function logsOf(openings: readonly Opening[]): readonly Opened[] {
  const known = new Map<LogId, Opened>();
  for (const { fact, log, closes, root, isByRoot } of firstOfEach(openings)) {
    const before = new Set(closes.flatMap((one) => [one.log, ...(known.get(one.log)?.before ?? [])]));
    const previous = known.get(closes[0]?.log ?? "");
    const generation = previous === undefined ? 0 : previous.generation + (previous.root === root ? 0 : 1);
    const opened: Omit<Opened, "chain"> = { fact, log, closes, before, root, generation, isByRoot };
    known.set(log, Object.assign(opened, { chain: [opened as Opened, ...(previous?.chain ?? [])] }));
  }
  return [...known.values()];
}

/** Why nothing in a log has authority. */
function doubtsAbout(log: Opened, all: readonly Opened[]): readonly Doubt[] {
  const first = all.find(({ closes }) => closes.length === 0);
  const origin = log.chain.at(-1) as Opened;
  // It goes on from a log that is not this partner's, or not here.
  if (origin.closes.length > 0 || first === undefined) return [alwaysKnown];
  const beside: Doubt[] = origin === first ? [] : [knownWith(first.fact)];
  return [
    ...beside,
    ...log.chain.flatMap((one) => rivalsOf(one, all).map((rival) => rivalry(one, rival, all))),
  ];
}

const knownWith = (...facts: readonly Fact[]): Doubt => ({
  as: "quarantined",
  isKnownIn: (past) => facts.every((fact) => isIn(fact, past)),
});

/** A later root speaks before an earlier one, and a root before the log keys that it named. */
const isBelow = (one: Opened, other: Opened): boolean =>
  one.generation === other.generation ? !one.isByRoot && other.isByRoot : one.generation < other.generation;

/** Logs that close one that this one closes and are not below it, and neither of the two knows the other. */
const rivalsOf = (one: Opened, all: readonly Opened[]): readonly Opened[] =>
  all.filter(
    (other) =>
      other !== one &&
      !isBelow(other, one) &&
      !other.before.has(one.log) &&
      !one.before.has(other.log) &&
      other.closes.some(({ log }) => one.closes.some((closed) => closed.log === log)),
  );

/** Known where both are, until a log that closes both says which of them it goes on from. */
function rivalry(one: Opened, rival: Opened, all: readonly Opened[]): Doubt {
  const settling = all.filter(
    ({ before, chain }) => before.has(one.log) && before.has(rival.log) && chain.includes(one),
  );
  const known = knownWith(one.fact, rival.fact);
  return {
    as: "quarantined",
    isKnownIn: (past) => known.isKnownIn(past) && !settling.some(({ fact }) => isIn(fact, past)),
  };
}

/**
 * The partner whose logs are in doubt otherwise because of this entry: it opens a further log, proves a fork, or stands on a
 * second history that parts earlier than any known before. `null`: nothing about doubts changes.
 */
export function doubtedBy(
  fact: Fact,
  facts: Pick<Facts, "factsOf"> & { readonly network: string },
  known: Doubts,
): PartnerId | null {
  const { branchOf, seq, proves } = fact;
  if (branchOf !== undefined && seq < known.forkedFrom(branchOf)) return fact.by;
  const openings = () => facts.factsOf(facts.network).flatMap(openingsIn);
  const [opened] = openingsIn(fact);
  if (opened !== undefined) {
    const isFirst = opened.closes.length === 0;
    const isOnly = isFirst && !openings().some((one) => one.fact.by === fact.by && one.fact.ref !== fact.ref);
    return isOnly ? null : fact.by;
  }
  if (proves === undefined) return null;
  return openings().find(({ log }) => log === proves.log)?.fact.by ?? null;
}
