/**
 * A log store in which branches lie beside the lines they leave: what a branch shares is read from its base, its own entries are
 * a stream of their own. To everything above, a branch is a log like any other, from entry 0 on.
 */
import type { LogStore } from "@handfast/logstore/log-store";
import type { StoredBranch } from "@handfast/node-store/node-store";
import type { LineId } from "@handfast/protocol/ids";
import type { Stores } from "./stores.ts";

export type LineStores = Stores & {
  /** Says how a branch begins, before its first entries are written. */
  beginBranch(line: LineId, branch: StoredBranch): void;
};

export function withLines(stores: Stores): LineStores {
  const { logs, node } = stores;
  const branches = new Map<LineId, StoredBranch>();
  for (const { log, branch } of node.logs()) if (branch !== null) branches.set(log, branch);
  // One that was begun and not completed is known to nobody else.
  for (const { log, branch } of node.unfinished?.runs ?? [])
    if (branch !== undefined) branches.set(log, branch);
  const sharedBy = (line: LineId): number => branches.get(line)?.size ?? 0;

  const read: LogStore["read"] = async (line, from, to) => {
    const branch = branches.get(line);
    if (branch === undefined || to <= from) return logs.read(line, from, to);
    const { base, size } = branch;
    const shared = from < size ? await read(base, from, Math.min(to, size)) : [];
    const own = to > size ? await logs.read(line, Math.max(from, size) - size, to - size) : [];
    return [...shared, ...own];
  };
  const lines: LogStore = {
    durableWith: logs.durableWith,
    append: async (line, expected, headers) => {
      const shared = sharedBy(line);
      const appended = await logs.append(line, expected - shared, headers);
      return appended.ok ? appended : { ok: false, size: appended.size + shared };
    },
    read,
    size: async (line) => (await logs.size(line)) + sharedBy(line),
    logs: async () => (await logs.logs()).map(({ log, size }) => ({ log, size: size + sharedBy(log) })),
    [Symbol.asyncDispose]: () => logs[Symbol.asyncDispose](),
  };
  return {
    ...stores,
    logs: lines,
    node,
    beginBranch: (line, branch) => {
      branches.set(line, branch);
    },
    [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose](),
  };
}
