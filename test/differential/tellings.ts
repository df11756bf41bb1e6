/** What each of the two programs tells of a history at a moment. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { replay } from "@handfast/auditor/replay";
import { verifyBundle } from "@handfast/auditor/verify";
import type { Fact } from "@handfast/domain/fact";
import { shownNames } from "@handfast/domain/shown-names";
import type { WholeCut } from "@handfast/domain/whole";
import { createWorld } from "@handfast/domain/world";
import type { History } from "@handfast/testkit/histories";
import type { Moment } from "./cases.ts";
import { rowsOf } from "./rows.ts";
import { bundleOf } from "./signed-network.ts";

export type Telling = {
  readonly rows: readonly object[];
  readonly verdicts: Readonly<Record<string, string>>;
};

export function byDomain(history: History): (moment: Moment) => Telling {
  const world = createWorld({ network: history.net, charter: history.charter });
  for (const fact of history.facts) world.add(fact);
  return (moment) => {
    const cut = world.asOf(moment);
    const { network, charter, membership } = cut;
    const names = shownNames({
      network,
      charter,
      membership,
      factsOf: (subject) => world.now.factsOf(subject),
    });
    return {
      rows: rowsOf(
        cut,
        (ref) => idOf(cut.fact(ref) as Fact),
        (partner) => names.get(partner) ?? partner,
        moment.atMs,
        history.charter.parameters,
      ),
      verdicts: verdictsOf(cut, history),
    };
  };
}

/** How an entry is named between nodes: those of a branch with their hash. */
const idOf = ({ branchOf, ref, seq, hash }: Fact): string =>
  branchOf === undefined ? ref : `${branchOf}.${seq}@${hash}`;

const verdictsOf = (cut: WholeCut, { facts }: History): Telling["verdicts"] =>
  Object.fromEntries(
    facts.flatMap((fact) => {
      const verdict = cut.verdictOf(fact.ref);
      if (verdict === undefined) return [];
      return [[idOf(fact), verdict.effect === "none" ? verdict.reason : verdict.effect]];
    }),
  );

export function byAuditor(history: History, folder: string): (moment: Moment) => Telling {
  const path = join(folder, "bundle");
  writeFileSync(path, bundleOf(history));
  const { report, held } = verifyBundle(path, { keep: true });
  // Who was never sponsored has a log that belongs to nobody's network; the fold says of its entries what it says of any.
  const found = report.problems.filter(({ code }) => code !== "unknown-log");
  if (found.length > 0) throw new Error(JSON.stringify(found));
  if (held === undefined) throw new Error("nothing is held");
  return ({ atMs, timeline }) => {
    const { rows, verdicts } = replay(held, { asOf: atMs, timeline });
    return { rows, verdicts: Object.fromEntries([...verdicts()].map(({ id, verdict }) => [id, verdict])) };
  };
}

/** Verdicts beside what was said, in the order of saying, so that a failure tells a story. */
export function legible({ rows, verdicts }: Telling, { facts, partners }: History): object {
  const nameOf = new Map(partners.map(({ by, name }) => [by, name]));
  return {
    entries: facts.map(
      (fact) =>
        `${idOf(fact)} ${nameOf.get(fact.by)} ${fact.header.type} ${verdicts[idOf(fact)] ?? "not inside"}`,
    ),
    rows,
  };
}
