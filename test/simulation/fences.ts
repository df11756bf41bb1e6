/** What a simulated host keeps of its node's logs. It outlives the node's processes, and is written at once. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fences } from "@handfast/ledger/service";

export type HostState = Fences & {
  /** As it was, for another host of the same template. */
  copy(): HostState;
  /** Another machine, which never saw the folder. */
  forget(): void;
};

type Kept = Map<string, NonNullable<ReturnType<Fences["read"]>>>;

export function createHostState(kept: Kept = new Map()): HostState {
  return {
    read: (log) => kept.get(log) ?? null,
    open: (log, binding) => ({
      set: async (post) => void kept.set(log, { ...post, ...binding }),
      [Symbol.asyncDispose]: async () => {},
    }),
    place: (dir) => dir,
    // One process at a time is seen to by the folder's own lock.
    lock: () => ({ [Symbol.dispose]: () => {} }),
    forget: () => kept.clear(),
    copy: () => createHostState(new Map(kept)),
  };
}

/** Puts into a folder the tag that its host knows it by. */
export function tagFolder(dir: string, tag: string): void {
  writeFileSync(join(dir, "fence-tag"), `${tag}\n`);
}
