/**
 * Histories of several partners, invented without cryptography: who said what, and what each had heard when saying it.
 *
 * Partners hear of each other only when they meet, so two who did not meet in between speak concurrently. Headers are
 * whole and well formed; only the hashes are invented. Who needs real ones passes `hashOf`, and real identities.
 */
import { type Fact, logOf } from "@handfast/domain/fact";
import { toFact } from "@handfast/domain/to-fact";
import { type Charter, defaultParameters } from "@handfast/protocol/charter";
import { type EventName, readEvent } from "@handfast/protocol/events";
import type { At, Header } from "@handfast/protocol/header";
import {
  branchNameOf,
  type Hash,
  isBranch,
  type LineId,
  type LogId,
  type NetworkId,
  pin,
  type Ref,
  refOf,
  toMultikey,
  unpin,
} from "@handfast/protocol/ids";
import { mapRefs } from "@handfast/protocol/refs";

export type Identity = {
  readonly name: string;
  readonly by: string;
  readonly log: string;
  /** `x` of its `log.opened`. */
  readonly opened: Header["x"];
  /** How far ahead of the others its clock is: decides the fold order, and nothing else. */
  readonly aheadMs?: number;
  /** Of one that writes a second history of a log: whose, and from which entry on. */
  readonly parts?: { readonly from: number; readonly beside: number };
};

/** A fact, and the header it was read from. */
export type Told = Fact & { readonly header: Header };

export type Saying = {
  /** The thing it is about: an earlier entry, its ref, or nothing (the default: the entry creates it). */
  readonly subject?: Told | Ref | null;
  readonly x?: Header["x"];
  /**
   * What becomes its past beside the author's own log: all that was heard (the default), or only these entries and
   * their pasts, as a ledger does that names the heads of the subjects a decision read.
   */
  readonly sees?: "all" | readonly Fact[];
};

export type Foundation = {
  /** All partners, those first who found the network. */
  readonly partners: readonly Identity[];
  readonly founders: number;
  readonly net: NetworkId;
  readonly charter: Charter;
  readonly hashOf: (header: Header, index: number) => Hash;
  /** The root of the tree over a log's first entries. Default: an invented one. */
  readonly rootOf?: (headers: readonly Header[]) => Hash;
  /** `x` of a `fork.proven` about two histories of one log. Default: an invented one that is taken for verified. */
  readonly proofOf?: (one: readonly Header[], other: readonly Header[], identity: Identity) => Header["x"];
  /** The root key that one's log committed to, and the hash of the one after it. Default: invented. */
  readonly nextRootOf?: (identity: Identity) => { readonly root: string; readonly next: Hash };
  /** The last word of an author on what it is about to write, everything so far at hand: its subject and its `x`. */
  readonly alters?: (header: Header, facts: readonly Told[]) => Pick<Header, "subject" | "x">;
};

export interface History {
  readonly net: NetworkId;
  readonly charter: Charter;
  readonly partners: readonly Identity[];
  /** In the order they were said. */
  readonly facts: readonly Told[];
  /** Says something; nobody else hears it yet. Partners are named by their index. */
  says(who: number, type: EventName | (string & {}), saying?: Saying): Told;
  /** Says something, and everyone hears it. */
  tells(who: number, type: EventName | (string & {}), saying?: Saying): Told;
  /** One hears all that another one heard or said. */
  hears(who: number, from: number): void;
  /** Those named (or all) hear all that any of them heard. */
  meets(...who: readonly number[]): void;
  /** What a partner has heard or said. */
  heardBy(who: number): readonly Told[];
  knows(who: number, fact: Fact): boolean;
  /**
   * Opens a further log of a partner, which closes some of its logs, each at a size (the first is the one it goes on from;
   * none: a first log beside the first log). Answers the index of who writes it.
   *
   * @param by Who signs the opening: the root in force (unless told), a log key, or the next root.
   */
  opens(
    who: number,
    closes: readonly { readonly who: number; readonly size: number }[],
    by?: "root" | "log-key" | "next-root",
  ): number;
  /** Begins a second history of the log that one writes, from an entry on (at least 1). Answers the index of who writes it. */
  forks(who: number, from: number): number;
  /** Proves that two who write one log wrote two histories of it. */
  proves(by: number, one: number, other: number): Told;
  /** All entries of a line, also those that it shares. */
  lineOf(line: LineId): readonly Told[];
  /** How many entries one has written, with those that it shares. */
  sizeOf(who: number): number;
}

const letters = "abcdefghijklmnop";
const names = ["Orchard", "Millrace", "Ferry", "Heron", "Quarry", "Lantern", "Weir", "Thicket"];
export const inventedNet: NetworkId = "A".repeat(43);
/** When invented histories begin: 2026-01-05, in the morning. */
export const beginningMs = Date.UTC(2026, 0, 5, 9);

const inventedNextRoot = { root: toMultikey(new Uint8Array(32).fill(99)), next: "B".repeat(42).concat("A") };

/** Partners that look real: ids, logs and names keep the protocol's forms. */
export function inventPartners(count: number, ahead: readonly number[] = []): readonly Identity[] {
  return Array.from({ length: count }, (_, index) => {
    const by = toMultikey(new Uint8Array(32).fill(index + 1));
    return {
      name: names[index] ?? `Partner ${index}`,
      by,
      log: `${(names[index] ?? "log").toLowerCase()}${letters[index] ?? index}`
        .padEnd(21, "_")
        .slice(0, 21)
        .concat("A"),
      opened: {
        root: by,
        keys: [by],
        witness: by,
        next: "A".repeat(43),
        name: names[index] ?? `Partner ${index}`,
      },
      aheadMs: ahead[index] ?? 0,
    };
  });
}

/** The founding of an invented network. */
export function inventFoundation(partners: number, founders: number, ahead?: readonly number[]): Foundation {
  const invented = inventPartners(partners, ahead);
  return {
    partners: invented,
    founders,
    net: inventedNet,
    charter: {
      name: "Invented",
      founders: invented
        .slice(0, founders)
        .map((one) => one.by)
        .sort(),
      nonce: "A".repeat(22),
      parameters: defaultParameters,
    },
    hashOf: (_, index) => `${String(index).padStart(42, "h")}A`,
  };
}

type Known = ReadonlyMap<string, number>;

/** A history in which every partner has opened its log and every founder has attested; all have heard of all. */
export function createHistory(foundation: Foundation): History {
  const { net, charter } = foundation;
  const partners: Identity[] = [...foundation.partners];
  const facts: Told[] = [];
  const byPlace = new Map<Ref, Told>();
  /** What each partner received, and what its log's last entry has in its past. */
  const heard: Map<string, number>[] = partners.map(() => new Map());
  const written: Known[] = partners.map(() => new Map());
  let wallMs = beginningMs;

  const identity = (who: number): Identity => {
    const found = partners[who];
    if (found === undefined) throw new RangeError(`no partner ${who}`);
    return found;
  };
  const of = (known: readonly Known[], who: number): Known => known[who] ?? new Map();

  /** By who writes it. A branch has a name once its first entry is there. */
  const lines: (LineId | undefined)[] = partners.map(({ log }) => log);
  const sharedWith = new Map<LineId, { readonly line: LineId; readonly from: number }>();

  /** The entry at a place of a line, also where the line shares it. */
  const placed = (line: LineId, seq: number): Told | undefined => {
    const shared = sharedWith.get(line);
    return shared !== undefined && seq < shared.from
      ? placed(shared.line, seq)
      : byPlace.get(refOf(line, seq));
  };
  const lastSeq = (who: number): number => {
    const line = lines[who];
    const own = line === undefined ? undefined : of(written, who).get(line);
    return own ?? (partners[who]?.parts?.from ?? 0) - 1;
  };
  const headersOf = (who: number): readonly Header[] => {
    const line = lines[who] ?? "";
    return Array.from({ length: lastSeq(who) + 1 }, (_, seq) => (placed(line, seq) as Told).header);
  };

  /** How an entry is named between nodes; a branch has a name only here. */
  const worldwide = (value: unknown): unknown => {
    if (typeof value === "string") {
      const line = value.slice(0, 22);
      return isBranch(line)
        ? (partners[lines.indexOf(line)]?.log ?? "A".repeat(22)) + value.slice(22)
        : value;
    }
    if (Array.isArray(value)) return value.map(worldwide);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, worldwide(one)]));
  };

  /** Which entry a ref means to who has this past: of several the one that came first into the past of its own log. */
  const local = (ref: string, past: Known, own: readonly Told[]): string | null => {
    const plain = unpin(ref);
    const log = plain.slice(0, 22);
    const seq = Number(plain.slice(23));
    const among = new Set(
      lines.flatMap((line, who) =>
        partners[who]?.log === log && line !== undefined ? [placed(line, seq)] : [],
      ),
    );
    const held = [...among].filter((fact) => fact !== undefined);
    if (ref !== plain) {
      const pinned = held.find((fact) => ref.endsWith(`@${fact.hash}`));
      return pinned === undefined ? ref : pin(pinned.ref, pinned.hash);
    }
    const known = held.filter((fact) => (past.get(fact.log) ?? -1) >= fact.seq);
    if (known.length < 2) return known[0]?.ref ?? ref;
    const first = known.map((fact) => own.findIndex((one) => one === fact || one.past(fact.log) >= fact.seq));
    const ranks = first.map((index) => (index < 0 ? own.length : index));
    const least = Math.min(...ranks);
    return ranks.filter((rank) => rank === least).length > 1
      ? null
      : (known[ranks.indexOf(least)] as Told).ref;
  };

  /** Parents: the latest of each log that is heard, one a log and none of the own one. */
  const parentsOf = (before: Known, seen: Known, log: LogId): readonly Told[] => {
    const news = [...seen].filter(([line, upTo]) => (before.get(line) ?? -1) < upTo);
    const heard = news.map(([line, upTo]) => byPlace.get(refOf(line, upTo)) as Told);
    const heads = heard.filter(
      (head) => !heard.some((other) => other !== head && other.past(head.log) >= head.seq),
    );
    const logs = new Set([log]);
    return heads.filter((head) => {
      const isFirst = !logs.has(logOf(head));
      logs.add(logOf(head));
      return isFirst;
    });
  };

  const says = (who: number, type: string, { subject = null, x = {}, sees = "all" }: Saying = {}): Told => {
    const { by, log, aheadMs = 0, parts } = identity(who);
    const line = lines[who];
    const shared = lines[parts?.beside ?? who] as LineId;
    const seq = lastSeq(who) + 1;
    const previous = seq === 0 ? undefined : placed(line ?? shared, seq - 1);
    const before = previous === undefined ? new Map() : upTo(previous);
    const seen = merged(before, ...(sees === "all" ? [of(heard, who)] : sees.map(upTo)));
    const heads = parentsOf(before, seen, log);
    const known = merged(before, ...heads.map(upTo), ...(seq === 0 ? [of(written, who)] : []));
    const parents = heads.map((head) => pin(refOf(logOf(head), head.seq), head.hash)).sort();
    wallMs += 1_000;
    const latest =
      seq === 0 ? [...known].map(([other, upTo]) => byPlace.get(refOf(other, upTo)) as Told) : [];
    const at = after(wallMs + aheadMs, [...heads, ...latest, ...(previous === undefined ? [] : [previous])]);
    const named = subject === null || typeof subject === "string" ? subject : subject.ref;
    const draftedAt = (at: At): Header => ({
      v: 1,
      net,
      by,
      log,
      seq,
      at,
      parents,
      type,
      subject: worldwide(named) as Header["subject"],
      audience: "network",
      payload: null,
      x: worldwide(x) as Header["x"],
    });
    const entryAt = (at: At): { readonly header: Header; readonly hash: Hash } => {
      const drafted = draftedAt(at);
      const altered = { ...drafted, ...foundation.alters?.(drafted, facts) };
      const header: Header = {
        ...altered,
        subject: worldwide(altered.subject) as Header["subject"],
        x: worldwide(altered.x) as Header["x"],
      };
      return { header, hash: foundation.hashOf(header, facts.length) };
    };
    let entry = entryAt(at);
    // Where a history parts it differs: by its time, where two would say the same at once.
    const isTwin = (one: Told): boolean => one.seq === seq && one.hash === entry.hash;
    for (let more = 1; line === undefined && facts.some(isTwin); more++)
      entry = entryAt([at[0], at[1] + more]);
    const { header, hash } = entry;
    const ownLine = line ?? branchNameOf(log, shared, hash);
    if (line === undefined) {
      lines[who] = ownLine;
      sharedWith.set(ownLine, { line: shared, from: seq });
    }
    // Only where logs have several histories does it matter what was heard first.
    const own =
      sharedWith.size === 0 ? [] : Array.from({ length: seq }, (_, index) => placed(ownLine, index) as Told);
    const past = new Map(known);
    const told = readFact(header, hash, ownLine, past, own);
    facts.push(told);
    byPlace.set(told.ref, told);
    written[who] = new Map(past).set(ownLine, seq);
    heard[who] = new Map(merged(of(heard, who), written[who] as Known));
    return told;
  };

  function readFact(header: Header, hash: Hash, line: LineId, past: Known, own: readonly Told[]): Told {
    const told = readEvent(header);
    const shown = header.type === "fork.proven" && told.ok ? proven.get(proofIn(header.x)) : undefined;
    // A ledger verifies a proof by the keys in entry 0 of the log, which its author must have heard of.
    const fork = shown !== undefined && (past.get(shown.log) ?? -1) >= 0 ? shown : undefined;
    const cited = new Set(header.subject === null ? [] : [header.subject]);
    if (told.ok && sharedWith.size > 0) {
      mapRefs(told.event.type, told.event.x as Header["x"], (ref) => {
        cited.add(ref);
        return ref;
      });
    }
    const names = Object.fromEntries(
      [...cited].flatMap((ref) => {
        const meant = sharedWith.size === 0 ? ref : local(ref, past, own);
        return meant === ref ? [] : [[ref, meant === null ? null : unpin(meant)]];
      }),
    );
    const placed = {
      ...(line === header.log ? {} : { line }),
      ...(Object.keys(names).length === 0 ? {} : { names }),
      ...(fork === undefined ? {} : { fork }),
    };
    return { ...toFact(header, hash, (other) => past.get(other) ?? -1, told, placed), header };
  }
  /** The proof, whatever an author adds to it. */
  const proofIn = ({ log, checkpoints, consistency }: Header["x"]): string =>
    JSON.stringify([log, checkpoints, consistency]);
  const proven = new Map<string, { readonly log: LogId; readonly from: number }>();

  const opens: History["opens"] = (who, closes, by = "root") => {
    const { log, ...rest } = identity(who);
    // The keys of the log that it goes on from; a first log is opened by the partner's first root.
    const first = partners.find((one) => one.by === rest.by) ?? identity(who);
    const { opened } = closes[0] === undefined ? first : identity(closes[0].who);
    const nth = partners.length;
    const closed = closes.map((one) => ({
      log: identity(one.who).log,
      size: one.size,
      root: foundation.rootOf?.(headersOf(one.who).slice(0, one.size)) ?? "A".repeat(43),
    }));
    const [previous, ...also] = closed;
    const { previous: _previous, also: _also, ...plain } = opened;
    const x = {
      ...plain,
      ...(by === "next-root" ? (foundation.nextRootOf?.(identity(who)) ?? inventedNextRoot) : {}),
      ...(previous === undefined
        ? {}
        : { previous: by === "log-key" ? { ...previous, signed: "log-key" } : previous }),
      ...(also.length === 0 ? {} : { also: also.sort((a, b) => (a.log < b.log ? -1 : 1)) }),
    };
    const { parts: _parts, ...kept } = rest;
    partners.push({ ...kept, log: `${log.slice(0, 18)}n${String(nth).padStart(2, "0")}A`, opened: x });
    lines[nth] = partners[nth]?.log as LogId;
    heard[nth] = new Map(of(heard, who));
    written[nth] = merged(
      ...closes.map((one) => upTo(placed(lines[one.who] as LineId, one.size - 1) as Told)),
    );
    says(nth, "log.opened", { x, sees: [] });
    return nth;
  };
  const forks: History["forks"] = (who, from) => {
    const nth = partners.length;
    let beside = who;
    // What a branch shares parts from the line that holds it.
    for (let parts = partners[who]?.parts; parts !== undefined && from <= parts.from; ) {
      beside = parts.beside;
      parts = partners[beside]?.parts;
    }
    partners.push({ ...identity(who), parts: { from, beside } });
    heard[nth] = new Map(upTo(placed(lines[beside] as LineId, from - 1) as Told));
    written[nth] = new Map();
    lines[nth] = undefined;
    return nth;
  };
  const proves: History["proves"] = (by, one, other) => {
    const [a, b] = [headersOf(one), headersOf(other)];
    const log = identity(one).log;
    const from = a.findIndex((header, seq) => header !== b[seq]);
    const x = foundation.proofOf?.(a.slice(0, from + 1), b.slice(0, from + 1), identity(one)) ?? {
      log,
      checkpoints: [0, 1].map(() => ({ size: from + 1, root: "A".repeat(43), signature: "A".repeat(91) })),
      consistency: [],
    };
    proven.set(proofIn(x), { log, from });
    return says(by, "fork.proven", { x: x as Header["x"] });
  };

  const meets = (...who: readonly number[]): void => {
    const present = who.length === 0 ? partners.map((_, index) => index) : who;
    const all = merged(...present.map((one) => of(heard, one)));
    for (const one of present) heard[one] = new Map(all);
  };
  const tells: History["tells"] = (who, type, saying) => {
    const told = says(who, type, saying);
    meets();
    return told;
  };
  const knows = (who: number, fact: Fact): boolean => (of(heard, who).get(fact.log) ?? -1) >= fact.seq;

  for (const [who, { opened }] of partners.entries()) says(who, "log.opened", { x: opened, sees: [] });
  for (let who = 0; who < foundation.founders; who++) {
    says(who, "charter.attested", { x: { charter: net }, sees: [] });
  }
  meets();

  return {
    net,
    charter,
    partners,
    facts,
    says,
    tells,
    hears: (who, from) => {
      heard[who] = new Map(merged(of(heard, who), of(heard, from)));
    },
    meets,
    heardBy: (who) => facts.filter((fact) => knows(who, fact)),
    knows,
    opens,
    forks,
    proves,
    lineOf: (line) => {
      const who = lines.indexOf(line);
      return Array.from({ length: lastSeq(who) + 1 }, (_, seq) => placed(line, seq) as Told);
    },
    sizeOf: (who) => lastSeq(who) + 1,
  };

  function upTo(fact: Fact): Known {
    const known = new Map<string, number>();
    for (const line of lines) {
      if (line === undefined) continue;
      const seq = line === fact.log ? fact.seq : fact.past(line);
      if (seq >= 0) known.set(line, seq);
    }
    return known;
  }
}

/** Strictly after every parent, and not before the clock on the wall. */
function after(wallMs: number, before: readonly { readonly at: At }[]): At {
  let at: At = [wallMs, 0];
  for (const one of before) {
    if (one.at[0] > at[0] || (one.at[0] === at[0] && one.at[1] >= at[1])) at = [one.at[0], one.at[1] + 1];
  }
  return at;
}

function merged(...known: readonly Known[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const one of known) {
    for (const [log, seq] of one) if ((all.get(log) ?? -1) < seq) all.set(log, seq);
  }
  return all;
}

/** Entries of a subject that no other entry of it has in its past: what a ledger names as parents. */
export function headsAmong(facts: readonly Told[], subject: string): readonly Told[] {
  const mine = facts.filter((fact) => fact.subject === subject);
  return mine.filter((fact) => !mine.some((other) => other !== fact && other.past(fact.log) >= fact.seq));
}
