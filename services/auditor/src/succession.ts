/**
 * From one log of a partner to the next (FEDERATION.md): what a later log says of the earlier ones that it closes must be
 * what the bundle holds of them, and its keys must follow from those in force there.
 */
import { hash } from "node:crypto";
import { entryAt, type Held, type HeldLog } from "./held.ts";
import type { ClosedLog, LogOpened } from "./log-opened.ts";
import type { Problems } from "./problem.ts";
import { isAfter } from "./read-entries.ts";
import { createTree } from "./tree.ts";

/** Checks every later log, and notes what each goes on from. */
export function checkSuccession(held: Held, problems: Problems): void {
  const rootOf = createRoots(held);
  for (const log of held.logs) {
    const { opened } = log;
    if (opened === undefined || opened.closed.length === 0) continue;
    const closes = opened.closed.flatMap((closed) => {
      const last = findClosed(held, log, closed, rootOf, problems);
      return last === undefined ? [] : [last];
    });
    log.closes = closes;
    for (const last of closes) {
      if (!isAfter(held, log.base, last))
        problems.add({ code: "clock", log: log.log, seq: 0, detail: "is not after the log that it closes" });
    }
    const previous = held.logs[held.logIndex.get(opened.closed[0]?.log ?? "") ?? -1]?.opened;
    const why = previous && whyNotKeys(opened, previous);
    if (why !== undefined) problems.add({ code: "previous", log: log.log, seq: 0, detail: why });
  }
}

/** The last entry of a closed log; what is not as it is said is told. */
function findClosed(
  held: Held,
  { by, log }: HeldLog,
  { log: closed, size, root }: ClosedLog,
  rootOf: RootOf,
  problems: Problems,
): number | undefined {
  const lines = held.logs.flatMap((line, index) => (line.log === closed ? [{ ...line, index }] : []));
  const found = lines.find((line) => line.branch === 0);
  const complain = (code: "missing-log" | "beyond-log" | "previous", detail: string): undefined => {
    problems.add({ code, log, seq: 0, detail });
  };
  if (found === undefined) return complain("missing-log", `closes ${closed}, a log left out`);
  if (found.by !== by) return complain("previous", `closes ${closed}, a log of another partner`);
  const end = Math.max(...lines.map((line) => line.size));
  if (end < size)
    return complain("beyond-log", `closes ${closed} at ${size}, where that ends at ${end} entries`);
  const line = lines.find(({ index, size: held_ }) => held_ >= size && rootOf(index, size) === root);
  if (line === undefined)
    return complain("previous", `closes ${closed} at ${size} with another root than those entries have`);
  return entryAt(held, line.index, size - 1);
}

type RootOf = (line: number, size: number) => string | undefined;

/** Roots at the sizes at which some log closes another: each line is gone through once, however many logs say that they close it. */
function createRoots(held: Held): RootOf {
  const wanted = new Map<string, Set<number>>();
  for (const { opened } of held.logs)
    for (const { log, size } of opened?.closed ?? [])
      wanted.set(log, (wanted.get(log) ?? new Set()).add(size));
  const known = new Map<number, ReadonlyMap<number, string>>();
  const goThrough = (line: number): ReadonlyMap<number, string> => {
    const { log, size } = held.logs[line] as HeldLog;
    const roots = new Map<number, string>();
    const sizes = [...(wanted.get(log) ?? [])].filter((each) => each <= size).sort((a, b) => a - b);
    const tree = createTree();
    for (const each of sizes) {
      while (tree.size < each) tree.add(held.hashes, 32 * (entryAt(held, line, tree.size) as number));
      roots.set(each, tree.root().toString("base64url"));
    }
    known.set(line, roots);
    return roots;
  };
  return (line, size) => (known.get(line) ?? goThrough(line)).get(size);
}

/** What an opening may change of the keys: the root key all but itself, which only its announced successor may replace. */
function whyNotKeys(opened: LogOpened, previous: LogOpened): string | undefined {
  const isSameRoot = opened.root.bytes.equals(previous.root.bytes) && opened.next === previous.next;
  if (opened.isByLogKey) {
    const areSameKeys =
      opened.logKeys.length === previous.logKeys.length &&
      opened.logKeys.every(({ bytes }, index) =>
        bytes.equals((previous.logKeys[index] as typeof opened.root).bytes),
      );
    return isSameRoot && areSameKeys ? undefined : "a log key opened it, and changed keys";
  }
  const announced = hash("sha256", `handfast/root/v1\0${opened.rootText}`, "buffer");
  return isSameRoot || announced.toString("base64url") === previous.next
    ? undefined
    : "its root key is neither that of the log it goes on from nor the one announced there";
}
