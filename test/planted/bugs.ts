/**
 * Bugs, each one line of one file changed: what somebody could write in good faith. Every one must be found by a layer of the
 * tests; the layers that stand with it are tried in order, the cheapest first.
 */
type Layer = "laws" | "contracts" | "simulation" | "hostile" | "differential";

export type Bug = {
  readonly what: string;
  readonly file: string;
  readonly line: string;
  readonly instead: string;
  /** Where it may be found: test files, or `simulation` for a few hundred seeds. */
  readonly layers: readonly (readonly [layer: Layer, ...tests: readonly string[]])[];
};

const tlog = "packages/tlog/src";
const replica = "packages/replica/src";
const ledger = "services/ledger/src";
const federation = "services/federation/src";
const laws = "packages/domain/src/laws";

const simulation = ["simulation"] as const;
const ofTlog = ["laws", "packages/tlog/test"] as const;
const ofReplica = ["laws", "packages/replica/test"] as const;
const ofLedger = [
  "contracts",
  "services/ledger/test/ledger.test.ts",
  "services/ledger/test/restart.test.ts",
] as const;
const ofLaws = [
  "laws",
  "packages/domain/src/laws",
  "packages/domain/test/relying.test.ts",
  "packages/domain/test/laws.test.ts",
  "packages/domain/test/initiative-matrix.test.ts",
  "packages/domain/test/commitment",
] as const;
const adversaries = ["laws", "packages/domain/test/kernel-laws.test.ts"] as const;
const folds = ["differential", "test/differential"] as const;

export const bugs: readonly Bug[] = [
  {
    what: "take a signature with S not below the order",
    file: `${tlog}/ed25519.ts`,
    line: 'if (!isBelow(signature.subarray(32), orderBytes)) return refuse("s-not-below-order");',
    instead: "",
    layers: [ofTlog, simulation],
  },
  {
    what: "take a key of small order",
    file: `${tlog}/ed25519.ts`,
    line: 'if (!isTorsionFree(point)) return refuse("not-prime-order");',
    instead: "",
    layers: [ofTlog, simulation],
  },
  {
    what: "believe a note whose known signature is wrong beside one that holds",
    file: `${tlog}/note.ts`,
    line: 'if (verified === undefined) return refuse("bad-signature");',
    instead: "if (verified === undefined) continue;",
    layers: [ofTlog, simulation],
  },
  {
    what: "leave the new root of a consistency proof unchecked",
    file: `${tlog}/proofs.ts`,
    line: 'return sameHash(roots.newRoot, to.root) ? { ok: true } : refuse("new-root-differs");',
    instead: "return { ok: true };",
    layers: [ofTlog, simulation],
  },
  {
    what: "leave the origin of a checkpoint unchecked",
    file: `${replica}/judge.ts`,
    line: 'if (parsed.checkpoint.origin !== origin) return refuse("bad-checkpoint", "wrong-origin");',
    instead: "",
    layers: [ofReplica, simulation],
  },
  {
    what: "compare no root where the signature holds",
    file: `${replica}/judge.ts`,
    line: 'return sameHash(beyond.root, checkpoint.root) ? "fits" : refuse("bad-checkpoint", "root-differs");',
    instead: 'return "fits";',
    layers: [ofReplica, simulation],
  },
  {
    what: "take entries from a clock that is far ahead",
    file: `${replica}/judge.ts`,
    line: "if (header.at[0] > nowMs + limits.futureMs)",
    instead: "if (header.at[0] > nowMs + 1_000 * limits.futureMs)",
    layers: [ofReplica, simulation],
  },
  {
    what: "hold an entry whose parent has other bytes here",
    file: `${replica}/lines.ts`,
    line: "const line = of(log).find((each) => seq < each.held && toB64u(each.tree.leaf(seq)) === hash);",
    instead: "const line = of(log).find((each) => seq < each.held && hash.length > 0);",
    layers: [ofReplica, simulation],
  },
  {
    what: "forget the logs that waited for one that moved",
    file: `${replica}/taking.ts`,
    line: "queue.push(...(waitingFor.get(known.log) ?? []));",
    instead: "",
    layers: [ofReplica, simulation],
  },
  {
    what: "let what waits grow without a bound",
    file: `${replica}/taking.ts`,
    line: "if (isTooMuch) drop(known, Math.max(run.from, known.held));",
    instead: "void isTooMuch;",
    layers: [ofReplica, simulation],
  },
  {
    what: "drop the last of the parents",
    file: `${replica}/parents.ts`,
    line: "return { merges, parents: chosen };",
    instead: "return { merges, parents: chosen.slice(0, Math.max(1, chosen.length - 1)) };",
    layers: [ofReplica, simulation],
  },
  {
    what: "take an entry of another author into a log",
    file: `${replica}/gate-frame.ts`,
    line: "const stranger = headers.findIndex((header) => header.by !== by || header.log !== frame.log);",
    instead: "const stranger = headers.findIndex((header) => header.log !== frame.log);",
    layers: [ofReplica, simulation],
  },
  {
    what: "acknowledge before the write",
    file: `${ledger}/rounds.ts`,
    line: "const { positions } = await writeRuns({ runs, replies }, { stores, held, sealing });",
    instead:
      "for (const [index, { answer }] of own.appends.entries()) answer(answers[index] as AppendReply);\n    const { positions } = await writeRuns({ runs, replies }, { stores, held, sealing });",
    layers: [ofLedger, simulation],
  },
  {
    what: "keep no answer under a key",
    file: `${ledger}/own-batch.ts`,
    line: "if (key === undefined || request === undefined || answer === undefined) return [];",
    instead: "if (key !== undefined || request === undefined || answer === undefined) return [];",
    layers: [ofLedger, simulation],
  },
  {
    what: "append whatever the heads have become",
    file: `${ledger}/compose-entries.ts`,
    line: "if (now.length !== heads.length || now.some((ref, index) => ref !== heads[index]))",
    instead: "if (now.length + 1 < heads.length)",
    layers: [ofLedger, simulation],
  },
  {
    what: "go on with what is in memory after a full disk",
    file: `${ledger}/rounds.ts`,
    line: "held = await deps.readHeld();",
    instead: "",
    layers: [ofLedger, simulation],
  },
  {
    what: "keep a text that is not the one its header names",
    file: `${ledger}/payloads.ts`,
    line: "if (promised !== null && payload.salt.length === 32 && isAsPromised(promised, payload))",
    instead: "if (promised !== null && payload.salt.length === 32)",
    layers: [
      ["contracts", "services/ledger/test/service.test.ts", "test/network/hostile.test.ts"],
      simulation,
    ],
  },
  {
    what: "sign without reading back what was written",
    file: `${ledger}/sealing.ts`,
    line: "if (!isSame) throw new Error(",
    instead: "if (!isSame && hashes.length < 0) throw new Error(",
    layers: [ofLedger, simulation],
  },
  {
    what: "never compare heads on the timer",
    file: `${federation}/service.ts`,
    line: 'void reconcileAll("timer")',
    instead: "void 0",
    layers: [simulation],
  },
  {
    what: "forget what a dropped push carried",
    file: `${federation}/outbox.ts`,
    line: "untold.set(batch.log, batch);\n    }\n  };",
    instead: "void batch;\n    }\n  };",
    layers: [["contracts", "services/federation/src/outbox.test.ts"], simulation],
  },
  {
    what: "take a second history for held where another one is as long",
    file: `${federation}/catch-up.ts`,
    line: "note === undefined || tip === undefined || same.has(nameOf(log, size, note))",
    instead: "note === undefined || tip === undefined || sizes.of(log) >= size",
    layers: [simulation],
  },
  {
    what: "never pause a link for bad signatures",
    file: `${federation}/conduct.ts`,
    line: "if (badSignaturesAt.length < strikes) return false;",
    instead: "if (badSignaturesAt.length < 1_000 * strikes) return false;",
    layers: [["contracts", "services/federation/src/conduct.test.ts"], simulation],
  },
  {
    what: "count an elector twice that votes twice",
    file: `${laws}/slot.ts`,
    line: "new Set(votes.map((vote) => vote.fact.by)).size;",
    instead: "votes.length;",
    layers: [ofLaws, folds, simulation],
  },
  {
    what: "let nobody's membership be asked",
    file: `${laws}/own-promise.ts`,
    line: 'return cut.membership.isActive(fact.by, fact.past) ? { event, reason } : stopped("not-a-member");',
    instead: "return { event, reason };",
    layers: [ofLaws, folds, simulation],
  },
  {
    what: "let an entry name what is not in its past",
    file: `${laws}/own-promise.ts`,
    line: "if (named === undefined || !isBefore(named, fact)) return false;",
    instead: "if (named === undefined) return false;",
    layers: [ofLaws, folds, simulation],
  },
  {
    what: "choose between crossing terms by order of arrival",
    file: `${laws}/crossing.ts`,
    line: "a === null || compareFacts(b.fact, a.fact) < 0 ? b : a",
    instead: "a ?? b",
    layers: [adversaries, ofLaws, folds, simulation],
  },
];
