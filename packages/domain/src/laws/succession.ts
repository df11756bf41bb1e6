/**
 * From one log of a partner to the next, and which of its logs have authority. A later log closes the earlier ones that it
 * names; what they hold beyond is stranded. Two logs that close the same one are rivals, and neither has authority until a
 * third closes both; a first log beside an earlier first log never has (docs/reference/fold.md section 9).
 */
import type { LogId, PartnerId } from "@handfast/protocol/ids";
import { type ClosedLog, closedBy } from "@handfast/protocol/log";
import { compareFacts, type Fact, logOf, type Past } from "../fact.ts";
import type { Facts } from "../facts.ts";
import { type Doubt, type Doubts, noDoubts } from "./relying.ts";

type Opened = {
  readonly fact: Fact;
  readonly log: LogId;
  readonly closes: readonly ClosedLog[];
  /** All logs that it closes, also through others. */
  readonly before: ReadonlySet<LogId>;
  /** The log it goes on from, the one before that, and so on; itself first. */
  readonly chain: readonly Opened[];
};

const isIn = ({ log, seq }: Fact, past: Past): boolean => past(log) >= seq;
/** No line is called so: only the past of a reader who has seen everything holds it. */
const everything = "";
const alwaysKnown: Doubt = { as: "quarantined", isKnownIn: () => true };

/** What is in doubt among all logs that these facts know of. */
export function doubtsOf(
  facts: Pick<Facts, "factsOf" | "forkedFrom"> & { readonly network: string },
): Doubts {
  const atNetwork = facts.factsOf(facts.network);
  const partners = Map.groupBy(atNetwork.filter(isOpening), (fact) => fact.by);
  const proofs = Map.groupBy(
    atNetwork.filter(({ proves }) => proves !== undefined),
    ({ proves }) => proves?.log as LogId,
  );
  const byLog = new Map<LogId, readonly Doubt[]>();
  const stranding = new Map<LogId, readonly Opened[]>();
  for (const opened of partners.values()) {
    if (opened.length === 1 && !closesAny(opened[0] as Fact)) continue;
    const logs = logsOf(opened);
    for (const one of logs) {
      const doubts = doubtsAbout(one, logs);
      if (doubts.length > 0) byLog.set(one.log, doubts);
      for (const { log } of one.closes) stranding.set(log, [...(stranding.get(log) ?? []), one]);
    }
  }
  const forks = new Map<LogId, { readonly from: number; readonly doubt: Doubt }>();
  for (const log of new Set([...partners.values()].flat().map(logOf))) {
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
      const all = [
        ...(byLog.get(log) ?? []),
        ...(fork !== undefined && fact.seq >= fork.from ? [fork.doubt] : []),
        ...(stranding.get(log) ?? []).filter(({ fact: { past } }) => past(fact.log) < fact.seq).map(stranded),
      ];
      const [first] = all;
      if (first === undefined || all.length === 1) return first ?? null;
      return { as: first.as, isKnownIn: (past) => all.some((doubt) => doubt.isKnownIn(past)) };
    },
  };
}

const stranded = ({ fact }: Opened): Doubt => ({ as: "stranded", isKnownIn: (past) => isIn(fact, past) });

const isOpening = ({ seq, told }: Fact): boolean => seq === 0 && told.ok && told.event.type === "log.opened";
const closing = ({ told }: Fact): readonly ClosedLog[] =>
  told.ok && told.event.type === "log.opened" ? closedBy(told.event.x) : [];
const closesAny = (fact: Fact): boolean => closing(fact).length > 0;

/** One opening for each log, the first where it was signed twice. */
function firstOfEach(opened: readonly Fact[]): readonly { readonly fact: Fact; readonly log: LogId }[] {
  const byLog = new Map<LogId, Fact>();
  for (const fact of opened) {
    const known = byLog.get(logOf(fact));
    if (known === undefined || compareFacts(fact, known) < 0) byLog.set(logOf(fact), fact);
  }
  return [...byLog].map(([log, fact]) => ({ log, fact }));
}

/** The logs of one partner, with what each goes on from. Causes come first, so no log goes on from itself. */
function logsOf(facts: readonly Fact[]): readonly Opened[] {
  const known = new Map<LogId, Opened>();
  for (const { fact, log } of firstOfEach(facts).toSorted((a, b) => compareFacts(a.fact, b.fact))) {
    const closes = closing(fact);
    const before = new Set(closes.flatMap((one) => [one.log, ...(known.get(one.log)?.before ?? [])]));
    const previous = known.get(closes[0]?.log ?? "");
    const opened: Omit<Opened, "chain"> = { fact, log, closes, before };
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

/** Logs that close one that this one closes, and neither of the two knows the other. */
const rivalsOf = (one: Opened, all: readonly Opened[]): readonly Opened[] =>
  all.filter(
    (other) =>
      other !== one &&
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
  const opened = () => facts.factsOf(facts.network).filter(isOpening);
  if (isOpening(fact)) {
    const isOnly = !closesAny(fact) && !opened().some((one) => one.by === fact.by && one.ref !== fact.ref);
    return isOnly ? null : fact.by;
  }
  return proves === undefined ? null : (opened().find((one) => logOf(one) === proves.log)?.by ?? null);
}
