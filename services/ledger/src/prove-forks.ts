/**
 * Writes `fork.proven` into our own log, once a fork: when two checkpoints were seen that cannot both be true, and nothing that
 * is held proves it yet. From then on everyone who hears of the entry knows, and nobody needs to be believed.
 */
import type { AppendReply, AppendRequest } from "@handfast/api/messages/ledger";
import type { NodeStore } from "@handfast/node-store/node-store";
import type { LogId } from "@handfast/protocol/ids";
import { type ProvenX, provenX } from "@handfast/replica/prove-fork";
import type { Evidence } from "@handfast/replica/replica";
import type { Events } from "./events.ts";
import type { LedgerIdentity } from "./files.ts";
import type { Held } from "./held.ts";

export type Prover = {
  /** Looks whether a fork is known that nothing proves yet; cheap where there is none. */
  prove(held: Held, evidence: readonly Evidence[]): void;
};

export function createProver({
  identity: { net },
  node,
  say,
  append,
}: {
  readonly identity: LedgerIdentity;
  readonly node: Pick<NodeStore, "checkpointFrom">;
  readonly say: Pick<Events, "forkProven" | "forkNotProven">;
  readonly append: (request: AppendRequest) => Promise<AppendReply>;
}): Prover {
  const underWay = new Set<LogId>();

  const write = async ({ heads }: Held, x: ProvenX): Promise<void> => {
    const entries = [{ type: "fork.proven", subject: null, x }] as unknown as AppendRequest["entries"];
    const expect = [{ subject: net, heads: [...heads.of(net)] }];
    const reply = await append({ entries, expect });
    underWay.delete(x.log);
    if (reply.ok) say.forkProven(x.log);
    // The next round that brings anything tries again.
    else say.forkNotProven(x.log, reply.code);
  };
  const keptAbove = (line: string, size: number) => {
    const kept = node.checkpointFrom(line, size);
    return kept === null ? null : { size: kept.size, noteSize: kept.size, note: kept.note, proof: [] };
  };

  return {
    prove: (held, evidence) => {
      const { lines } = held.replica;
      if (evidence.length === 0 && lines.forked.size === 0) return;
      const shown = new Map<LogId, () => ProvenX | null>();
      for (const log of lines.forked) shown.set(log, () => held.replica.proofOf(log, keptAbove));
      for (const { log, proof } of evidence) {
        const [line] = lines.of(log);
        if (line !== undefined) shown.set(log, () => provenX(net, line, proof));
      }
      for (const [log, show] of shown) {
        if (held.replica.isProven(log) || underWay.has(log)) continue;
        const x = show();
        if (x === null) continue;
        underWay.add(log);
        void write(held, x);
      }
    },
  };
}
