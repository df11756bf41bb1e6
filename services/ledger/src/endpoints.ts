/** What each endpoint of the ledger answers, apart from how it is asked. Reads are of what is durable. */
import type {
  CheckpointsReply,
  CompareReply,
  CompareRequest,
  CredentialsReply,
  HeadsReply,
  IngestReply,
  LedgerStatus,
  ProofReply,
  ProveReply,
  ProveRequest,
  ReadReply,
  StandingReply,
  SubjectHeadsReply,
} from "@handfast/api/messages/ledger";
import type { KeysReply } from "@handfast/api/messages/own-log";
import { toB64u } from "@handfast/protocol/bytes";
import { parseFrame } from "@handfast/protocol/frame";
import type { Hash, LineId, LogId, PartnerId } from "@handfast/protocol/ids";
import type { RefusalCode } from "@handfast/protocol/refusals";
import { proofTo } from "@handfast/replica/edge";
import { contradictionOf } from "@handfast/replica/prove-fork";
import { type Evidence, originOf } from "@handfast/replica/replica";
import { openCheckpoint, parseCheckpoint } from "@handfast/tlog/checkpoint";
import { sameHash } from "@handfast/tlog/tree";
import type { z } from "zod";
import { credentialsOf } from "./credentials.ts";
import { damaged } from "./fault.ts";
import { rangeFrame, readVerified, type Served } from "./frames.ts";
import type { Held } from "./held.ts";
import type { OpenLedger } from "./ledger.ts";
import { ledgerEntry } from "./ledger-entry.ts";
import type { Quota } from "./quota.ts";
import { replyBytes } from "./reply-bytes.ts";

export type Refused = {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly detail: string;
  readonly size?: number;
};

/** One history of a peer beside the lines that are served here. */
const comparing =
  ({ own, served }: Pick<OpenLedger, "own" | "served">) =>
  ({
    log,
    size,
    tip,
    note,
  }: z.infer<typeof CompareRequest>["heads"][number]): {
    readonly is: z.infer<typeof CompareReply>["heads"][number];
    readonly evidence: Evidence | null;
  } => {
    const lines = [...served.values()].filter(({ known }) => known.log === log);
    const [first] = lines;
    if (first === undefined) return { is: "unknown", evidence: null };
    const parsed = note === undefined ? null : parseCheckpoint(note);
    const root = parsed?.ok && parsed.checkpoint.size === size ? parsed.checkpoint.root : null;
    const within = lines.filter(({ edge }) => edge.size >= size);
    const isSame = ({ known: { tree } }: (typeof lines)[number]): boolean =>
      root === null ? toB64u(tree.leaf(size - 1)) === tip : sameHash(tree.root(size), root);
    if (within.some(isSame)) return { is: "held", evidence: null };
    if (within.length === 0) return { is: "ahead", evidence: null };
    const [line] = within;
    if (note === undefined || root === null || line === undefined) return { is: "apart", evidence: null };
    const { known, edge } = line;
    const origin = originOf(own.identity.net, known.by, log);
    if (!openCheckpoint(note, origin, known.authority.keysAt(size)).ok)
      return { is: "apart", evidence: null };
    const { read } = known.tree;
    const theirs = { edge: { size, noteSize: size, note, proof: [] }, read };
    const proof = contradictionOf({ edge, read }, theirs);
    return { is: "apart", evidence: proof === null ? null : { log, proof } };
  };

const endpointsWith = (
  { own, assurance, stores, rounds, served, quota, damagedTexts, now }: OpenLedger,
  compareHead: ReturnType<typeof comparing>,
) => ({
  /** Entries by position: as many as were asked for and fit into one message. */
  read: async ({ after, limit }: { after: number; limit: number }): Promise<ReadReply> => {
    const { logs, node } = stores;
    const { replica } = rounds.held;
    const { head } = node;
    const entries: ReadReply["entries"] = [];
    let sum = 0;
    for (const { position, log: line, from, to } of node.arrivals(after, limit)) {
      const known = served.get(line)?.known;
      if (known === undefined) {
        // The first entry of a line is durable a moment before it is told: until the fence has what was written with it.
        if (replica.logs.has(line)) return { entries, head: position - 1 };
        throw damaged(`position ${position} is of log ${line}, which is not held`);
      }
      for (const [index, bytes] of (await readVerified(logs, known, from, to)).entries()) {
        sum += bytes.length;
        if (sum > replyBytes && entries.length > 0) return { entries, head };
        const seq = from + index;
        entries.push(
          ledgerEntry({ seq, bytes, hash: known.tree.leaf(seq) }, line, position + index, replica),
        );
      }
    }
    return { entries, head };
  },

  subjectHeads: ({ subjects }: { subjects: readonly string[] }): SubjectHeadsReply => ({
    subjects: subjects.map((subject) => ({ subject, heads: [...rounds.held.heads.keptOf(subject)] })),
    position: stores.node.head,
  }),

  heads: (): HeadsReply => ({
    net: own.identity.net,
    logs: [...served.values()].map(({ known, edge: { size, note } }) => ({
      by: known.by,
      log: known.log,
      ...(known.base === null
        ? {}
        : { branch: { line: known.line, base: known.base.line.line, size: known.base.size } }),
      size,
      note,
      tip: toB64u(known.tree.leaf(size - 1)),
      most: quota.mostOf(known, rounds.held),
    })),
  }),

  /** Whether an authorised key signed these notes. That they are of the history held here is found when entries come. */
  compare: ({ heads }: z.infer<typeof CompareRequest>): z.infer<typeof CompareReply> => {
    const evidence: Evidence[] = [];
    const compared = heads.map((head) => {
      const found = compareHead(head);
      if (found.evidence !== null) evidence.push(found.evidence);
      return found.is;
    });
    if (evidence.length > 0) rounds.proveForks(evidence);
    return { heads: compared };
  },

  prove: ({ heads }: z.infer<typeof ProveRequest>): z.infer<typeof ProveReply> => ({
    sizes: heads.map(({ log, note }) => {
      const known = served.get(log)?.known;
      const parsed = parseCheckpoint(note);
      if (known === undefined || !parsed.ok) return 0;
      const { size } = parsed.checkpoint;
      const opened = openCheckpoint(
        note,
        originOf(own.identity.net, known.by, log),
        known.authority.keysAt(size),
      );
      return opened.ok ? size : 0;
    }),
  }),

  standing: (): StandingReply => standingOf(rounds.held, served, quota),

  range: async (request: {
    net: string;
    log: string;
    from: number;
    limit: number;
    tip?: { seq: number; hash: Hash } | undefined;
    line?: LineId | undefined;
  }): Promise<Uint8Array | Refused> => {
    if (request.net !== own.identity.net)
      return { ok: false, code: "unknown-network", detail: "not of this network" };
    const { tip, line } = request;
    const all = [...served.values()].filter(({ known }) => known.log === request.log);
    // A peer that names an entry wants the history with it; without one, that which we held first.
    const log =
      tip === undefined
        ? served.get(line ?? request.log)
        : all.find(({ known, edge }) => tip.seq < edge.size && toB64u(known.tree.leaf(tip.seq)) === tip.hash);
    if (all.length === 0) return { ok: false, code: "unknown-log", detail: "not held" };
    if (log === undefined) return { ok: false, code: "not-held", detail: "no history with that entry" };
    const { size } = log.edge;
    if (request.from >= size) return { ok: false, code: "gap", detail: `held up to ${size}`, size };
    return rangeFrame(stores, log.known, log.edge, request);
  },

  /** That a log only grew, between two sizes that are held, or to the size of its newest checkpoint. */
  proof: ({ log, from, to }: { log: string; from: number; to: number }): ProofReply | Refused => {
    const held = served.get(log);
    if (held === undefined) return { ok: false, code: "unknown-log", detail: "not held" };
    const { known, edge } = held;
    const isWithin =
      from >= 1 && from <= edge.size && from <= to && (to <= edge.size || to === edge.noteSize);
    if (!isWithin) return { ok: false, code: "gap", detail: `held up to ${edge.size}`, size: edge.size };
    const above = to <= edge.size ? { size: to, noteSize: to, proof: [] } : edge;
    const oldRoot = known.tree.root(from);
    const hashes = from === to ? [oldRoot] : proofTo(above, from, known.tree.read);
    return { oldRoot: base64(oldRoot), proof: hashes.map(base64) };
  },

  ingest: async (bytes: Uint8Array): Promise<IngestReply> => {
    const frame = parseFrame(bytes);
    return "malformed" in frame
      ? { ok: false, code: "malformed", detail: frame.malformed }
      : rounds.ingest(frame, bytes.length);
  },

  checkpoints: async (request: { log: string; after: number; limit: number }): Promise<CheckpointsReply> => ({
    notes: [...stores.node.checkpoints(request.log, request.after, request.limit)],
  }),

  credentials: async ({ partner }: { partner: PartnerId }): Promise<CredentialsReply> => ({
    credentials: await credentialsOf(partner, { stores, served, net: own.identity.net }),
  }),

  keys: (): KeysReply => {
    const { log } = own.identity;
    const known = rounds.held.replica.logs.get(log);
    if (known === undefined) throw damaged(`our own log ${log} is not held`);
    const { root, next, keys } = known.authority.inForceAt(known.held);
    const { witness } = known.authority.opened;
    return { log, root, next, keys: [...keys], witness, isAsked: assurance.doubt?.code === "root-asked" };
  },

  status: (): LedgerStatus => ({
    net: own.identity.net,
    partner: own.identity.partner,
    log: own.identity.log,
    size: served.get(own.identity.log)?.edge.size ?? 1,
    position: stores.node.head,
    writing: rounds.writing,
    doubt: assurance.view(),
    clock: {
      aheadOfPeersMs: assurance.aheadOfPeersMs,
      lastEntryAheadMs: Math.max(0, lastAtMs(rounds.held, own.identity.log) - now()),
    },
    damagedTexts: damagedTexts.count,
    waiting: waitingIn(rounds.held),
    forks: [...rounds.held.replica.forks()],
  }),
});

function standingOf(held: Held, served: Served, quota: Quota): StandingReply {
  const partners = Map.groupBy(served.values(), ({ known }) => known.by);
  return {
    partners: [...partners].map(([partner, logs]) => ({
      partner,
      isActive: held.standing.isActive(partner),
      isAdmitted: held.standing.isAdmitted(partner),
      logs: logs.length,
      entries: logs.reduce((sum, { edge }) => sum + edge.size, 0),
      most: quota.mostOfPartner(partner, held),
      waitMs: quota.waitMs(partner),
    })),
  };
}

export const createEndpoints = (ledger: OpenLedger) => endpointsWith(ledger, comparing(ledger));

function waitingIn({ replica: { waiting } }: Held): LedgerStatus["waiting"] {
  return { entries: waiting.entries, bytes: waiting.bytes };
}

function lastAtMs({ replica }: Held, log: LogId): number {
  const known = replica.logs.get(log);
  return known === undefined ? 0 : known.ats.at(known.held - 1)[0];
}

const base64 = (hash: Uint8Array): string => Buffer.from(hash).toString("base64");
