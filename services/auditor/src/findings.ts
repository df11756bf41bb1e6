/**
 * What a bundle shows about its partners, for which it is not at fault: logs signed in two histories, proofs of that,
 * logs that were closed, logs without authority. None of it makes a bundle invalid, or one partner could make every
 * bundle of its network so.
 */
import { withoutAuthority } from "./fold/doubt.ts";
import { forkShownBy } from "./fold/fork.ts";
import { type Held, placeOf } from "./held.ts";

export type Finding = {
  /** `not-proven` is a `fork.proven` entry that proves nothing. */
  readonly code: "forked" | "fork-proven" | "not-proven" | "closed" | "no-authority";
  readonly log: string;
  readonly detail: string;
};

/** How many findings are told one by one. */
const findingsMax = 100;

/** The findings about a bundle of which every entry is held. */
export function findIn(held: Held): readonly Finding[] {
  const found = [...forks(held), ...proofs(held), ...closings(held), ...unauthorised(held)];
  if (found.length <= findingsMax) return found;
  const [last] = found;
  const more = { ...(last as Finding), detail: `and ${found.length - findingsMax} more findings` };
  return [...found.slice(0, findingsMax), more];
}

function* forks({ logs }: Held): Generator<Finding> {
  for (const [log, lines] of Map.groupBy(logs, (line) => line.log)) {
    const [, ...branches] = lines;
    if (branches.length === 0) continue;
    const from = Math.min(...branches.map(({ first }) => first));
    const detail = `its author signed ${lines.length} histories; from entry ${from} on it is in doubt`;
    yield { code: "forked", log, detail };
  }
}

function* proofs(held: Held): Generator<Finding> {
  for (const { index, x } of held.proofs) {
    const place = placeOf(held, index);
    const from = forkShownBy(held, x);
    const log = String(x["log"]);
    const about = `${place.log}.${place.seq} says that ${log} was signed in two histories`;
    yield from === undefined
      ? { code: "not-proven", log, detail: `${about}, and proves nothing` }
      : { code: "fork-proven", log, detail: `${about}, and proves it: from entry ${from} on it is in doubt` };
  }
}

function* closings({ logs, logIndex }: Held): Generator<Finding> {
  for (const { log: later, opened, branch } of logs) {
    for (const { log, size } of branch === 0 ? (opened?.closed ?? []) : []) {
      const end = logs[logIndex.get(log) ?? -1]?.size ?? 0;
      const beyond = end > size ? `; its ${end - size} entries beyond are stranded` : "";
      yield { code: "closed", log, detail: `${later} closed it at ${size}${beyond}` };
    }
  }
}

function* unauthorised(held: Held): Generator<Finding> {
  for (const { log, why } of withoutAuthority(held)) {
    yield { code: "no-authority", log, detail: `nothing in it has authority: ${why}` };
  }
}
