/**
 * Writes `fork.proven` into our own log, once a fork: when two checkpoints were seen that cannot both be true, and nothing that
 * is held proves it yet. From then on everyone who hears of the entry knows, and nobody needs to be believed.
 *
 * What cannot be written now is remembered and tried again: once this node may sign, or, after another refusal, a minute later.
 */
import type { AppendReply, AppendRequest } from "@handfast/api/messages/ledger";
import type { NodeStore } from "@handfast/node-store/node-store";
import type { LogId, NetworkId } from "@handfast/protocol/ids";
import { type ProvenX, provenX } from "@handfast/replica/prove-fork";
import type { Evidence } from "@handfast/replica/replica";
import type { Events } from "./events.ts";
import type { Held } from "./held.ts";

export type Prover = {
  /** Looks whether a fork is known that nothing proves yet; cheap where there is none. */
  prove(held: Held, evidence: readonly Evidence[]): void;
};

/** The attempt itself is a round, and after each round there is an attempt: without a wait a lasting refusal would go round forever. */
const retryMs = 60_000;

export function createProver({
  net,
  node,
  say,
  now,
  maySign,
  append,
}: {
  readonly net: NetworkId;
  readonly node: Pick<NodeStore, "checkpointFrom">;
  readonly say: Pick<Events, "forkProven" | "forkNotProven">;
  readonly now: () => number;
  /** Whether entries of our own are signed now. */
  readonly maySign: () => boolean;
  readonly append: (request: AppendRequest) => Promise<AppendReply>;
}): Prover {
  const underWay = new Set<LogId>();
  const refusedAtMs = new Map<LogId, number>();
  /** What checkpoints showed of logs that hold one history here: the first evidence of each, until it is proven. */
  const unproven = new Map<LogId, Evidence["proof"]>();

  const write = async ({ heads }: Held, x: ProvenX): Promise<void> => {
    const entries = [{ type: "fork.proven", subject: null, x }] as unknown as AppendRequest["entries"];
    const expect = [{ subject: net, heads: [...heads.of(net)] }];
    const reply = await append({ entries, expect });
    underWay.delete(x.log);
    if (reply.ok) return say.forkProven(x.log);
    // Others were written before it: with their heads it may be taken at once.
    if (reply.code === "moved") return;
    refusedAtMs.set(x.log, now());
    say.forkNotProven(x.log, reply.code);
  };
  const keptAbove = (line: string, size: number) => {
    const kept = node.checkpointFrom(line, size);
    return kept === null ? null : { size: kept.size, noteSize: kept.size, note: kept.note, proof: [] };
  };
  const statementAbout = (log: LogId, { replica }: Held): ProvenX | null => {
    const [line] = replica.lines.of(log);
    const proof = unproven.get(log);
    const shown = line === undefined || proof === undefined ? null : provenX(net, line, proof);
    return shown ?? replica.proofOf(log, keptAbove);
  };

  return {
    prove: (held, evidence) => {
      const { isProven, lines } = held.replica;
      for (const { log, proof } of evidence)
        if (lines.of(log).length > 0 && !unproven.has(log)) unproven.set(log, proof);
      if ((unproven.size === 0 && lines.forked.size === 0) || !maySign()) return;
      for (const log of new Set([...unproven.keys(), ...lines.forked])) {
        if (isProven(log)) {
          unproven.delete(log);
          refusedAtMs.delete(log);
          continue;
        }
        const isTooSoon = now() - (refusedAtMs.get(log) ?? Number.NEGATIVE_INFINITY) < retryMs;
        const x = underWay.has(log) || isTooSoon ? null : statementAbout(log, held);
        if (x === null) continue;
        underWay.add(log);
        void write(held, x);
      }
    },
  };
}
