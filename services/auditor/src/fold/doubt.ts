/**
 * Which entries are in doubt, and who knows of it (fold.md section 9.1): of a log signed in two histories, of a log without
 * authority, and beyond the end at which a later log closed an earlier one. It follows from the entries 0 of logs and from
 * proven forks; the outcome of such an entry is for `sight.ts` to say.
 */
import type { Entry, Held } from "../held.ts";
import { comesBefore, type Past } from "../past.ts";
import type { Reader } from "./acts.ts";

export type Doubt = {
  readonly word: "quarantined" | "stranded";
  isKnownTo(reader: Reader): boolean;
};

/** A fork of a log: from which seq on, and the effective `fork.proven` entries that show it. */
export type Fork = { from: number; readonly proofs: Entry[] };

export type Doubts = {
  readonly isEmpty: boolean;
  about(entry: Entry): readonly Doubt[];
};

/** One log of a partner, by the index of its entry 0. */
type Line = {
  readonly id: string;
  readonly opening: number;
  /** Logs that it closes by their ids, and the last entry of each that it keeps. */
  readonly closed: ReadonlyMap<string, number>;
  /** All that it closes, also through others. */
  readonly ancestors: Set<string>;
  /** Itself, the log that it goes on from, the one before that, and so on. */
  readonly chain: Line[];
  /** The chain begins with a log that closes one which is not there. */
  isTorn: boolean;
  readonly isByRoot: boolean;
  /** How often the root key changed along the chain. */
  readonly handovers: number;
};

/** The doubts among the logs of a bundle. `forks`: by log id. */
export function openDoubts(held: Held, past: Past, forks: ReadonlyMap<string, Fork>): Doubts {
  const wholeLog = new Map<string, Doubt[]>();
  const closing = new Map<string, Line[]>();
  for (const lines of linesByPartner(held).values()) {
    const first = firstOf(lines);
    for (const line of lines) {
      const doubts = doubtsAbout(line, first, lines, past);
      if (doubts.length > 0) wholeLog.set(line.id, doubts);
      for (const id of line.closed.keys()) closing.set(id, [...(closing.get(id) ?? []), line]);
    }
  }

  function about({ log, seq, index }: Entry): readonly Doubt[] {
    const id = held.logs[log]?.log ?? "";
    const fork = forks.get(id);
    const closers = closing.get(id) ?? [];
    const keptByRoot = closers.filter(({ isByRoot, opening }) => isByRoot && past.has(index, opening));
    return [
      ...(wholeLog.get(id) ?? []),
      ...(fork !== undefined && seq >= fork.from ? [forked(fork, keptByRoot, past)] : []),
      ...closers
        .filter(({ opening }) => !past.has(index, opening))
        .map((closer) => {
          const outranking = keptByRoot.filter((kept) => rankOf(closer) < rankOf(kept));
          const isKept = (reader: Reader) => outranking.some(({ opening }) => knows(past, reader, opening));
          return {
            word: "stranded" as const,
            isKnownTo: (reader: Reader) => knows(past, reader, closer.opening) && !isKept(reader),
          };
        }),
    ];
  }
  return { isEmpty: wholeLog.size + closing.size + forks.size === 0, about };
}

function knows(past: Past, reader: Reader, index: number): boolean {
  return reader === undefined || reader.index === index || past.has(index, reader.index);
}

/** A fork, to a reader who does not know that the root key closed the log behind the entry. */
function forked({ proofs }: Fork, keptBy: readonly Line[], past: Past): Doubt {
  const isSettledFor = (reader: Reader) => keptBy.some(({ opening }) => knows(past, reader, opening));
  return {
    word: "quarantined",
    isKnownTo: (reader) =>
      (reader === undefined || proofs.some(({ index }) => knows(past, reader, index))) &&
      !isSettledFor(reader),
  };
}

/** Logs in which nothing has authority, seen from everything, and why not. */
export function withoutAuthority(held: Held): readonly { readonly log: string; readonly why: string }[] {
  return [...linesByPartner(held).values()].flatMap((lines) =>
    lines.flatMap((line) => {
      const why = whyNoAuthority(line, lines);
      return why === undefined ? [] : [{ log: line.id, why }];
    }),
  );
}

function whyNoAuthority(line: Line, lines: readonly Line[]): string | undefined {
  const first = firstOf(lines);
  const origin = line.chain.at(-1) as Line;
  if (line.isTorn || first === undefined) return "it goes on from a log that is not here";
  if (origin === line && line !== first) return `it closes no earlier log, beside ${first.id}`;
  if (origin !== first)
    return `it goes on from ${origin.id}, which closes no earlier log, beside ${first.id}`;
  for (const one of line.chain) {
    const rival = lines.find((other) => yieldsTo(one, other) && settlersOf(one, other, lines).length === 0);
    if (rival === undefined) continue;
    const whose = one === line ? "it" : `${one.id}, from which it goes on,`;
    const rank = rankOf(one) < rankOf(rival) ? ", opened by a root key that outranks it" : "";
    return `${whose} closes the same log as ${rival.id}${rank}, and no log that closes both goes on from it`;
  }
  return undefined;
}

/** The first of a partner's logs that closes none. */
function firstOf(lines: readonly Line[]): Line | undefined {
  return lines.find(({ closed, isTorn }) => closed.size === 0 && !isTorn);
}

/** Logs that close two rivals, and go on from the one. */
function settlersOf(one: Line, other: Line, all: readonly Line[]): readonly Line[] {
  return all.filter(
    ({ ancestors, chain }) => ancestors.has(one.id) && ancestors.has(other.id) && chain.includes(one),
  );
}

function linesByPartner(held: Held): ReadonlyMap<string, readonly Line[]> {
  const partners = new Map<string, Line[]>();
  const byId = new Map<string, Line>();
  const rootOf = new Map<string, string>();
  const openings = held.logs
    .filter(({ opened, first }) => opened !== undefined && first === 0)
    .sort((a, b) => (comesBefore(held, a.base, b.base) ? -1 : 1));
  for (const { by, log: id, base, opened, closes = [] } of openings) {
    if (byId.has(id)) continue;
    const ids = (opened?.closed ?? []).map(({ log }) => log);
    const before = byId.get(ids[0] ?? "");
    const line: Line = {
      id,
      opening: base,
      isByRoot: opened?.isByLogKey === false,
      handovers:
        before === undefined ? 0 : before.handovers + (rootOf.get(before.id) === opened?.rootText ? 0 : 1),
      closed: new Map(ids.map((closed, place) => [closed, closes[place] ?? -1])),
      ancestors: new Set(ids.flatMap((closed) => [closed, ...(byId.get(closed)?.ancestors ?? [])])),
      chain: [],
      isTorn: false,
    };
    rootOf.set(id, opened?.rootText ?? "");
    line.chain.push(line, ...(before?.chain ?? []));
    line.isTorn = ids.length > 0 && (before === undefined || before.isTorn);
    byId.set(id, line);
    partners.set(by, [...(partners.get(by) ?? []), line]);
  }
  return partners;
}

/** Doubts about everything in a log. `first`: the first of the partner's logs that closes none. */
function doubtsAbout(line: Line, first: Line | undefined, all: readonly Line[], past: Past): Doubt[] {
  const together = (...openings: readonly number[]): Doubt => ({
    word: "quarantined",
    isKnownTo: (reader) => openings.every((opening) => knows(past, reader, opening)),
  });
  if (line.isTorn || first === undefined) return [together()];
  const origin = line.chain.at(-1) as Line;
  const rivalries = line.chain.flatMap((one) =>
    all
      .filter((other) => yieldsTo(one, other))
      .map((other): Doubt => {
        const both = together(one.opening, other.opening);
        const settling = settlersOf(one, other, all);
        const isSettledFor = (reader: Reader) => settling.some(({ opening }) => knows(past, reader, opening));
        return { word: both.word, isKnownTo: (reader) => both.isKnownTo(reader) && !isSettledFor(reader) };
      }),
  );
  return [...(origin === first ? [] : [together(first.opening)]), ...rivalries];
}

/** A root outranks the roots before it, and the log keys under it. */
function rankOf({ handovers, isByRoot }: Line): number {
  return 2 * handovers + Number(isByRoot);
}

/** Both close one same log, neither closes the other, and the other one does not rank below. */
function yieldsTo(one: Line, other: Line): boolean {
  if (one === other || rankOf(other) < rankOf(one)) return false;
  if (one.ancestors.has(other.id) || other.ancestors.has(one.id)) return false;
  return [...one.closed.keys()].some((id) => other.closed.has(id));
}
