/** Every limit of the wire, once. Source: the protocol's section on encodings and limits, FEDERATION.md. */
export const limits = {
  headerBytes: 4_096,
  headerDepth: 8,
  payloadBytes: 262_144,
  payloadDepth: 16,
  parents: 16,
  xBytes: 2_048,
  parties: 32,
  batchEntries: 256,
  batchHeaderBytes: 448 * 1024,
  frameBytes: 512 * 1024,
  rangeEntries: 1_024,
  proofHashes: 64,
  /** Entries of one append: they refer to each other as `#k`, and never straddle two batches. */
  appendEntries: 64,
  pendingEntries: 10_000,
  pendingBytes: 16 * 1024 * 1024,
  payloadRefs: 256,
  nameLength: 64,
  titleLength: 200,
  textLength: 20_000,
  externalLength: 200,
  /** How far ahead of ours another node's clock may be before an entry is held (not refused). */
  futureMs: 120_000,
  /** Latest wall time a header may carry: 2100-01-01. */
  latestMs: 4_102_444_800_000,
} as const;
