/**
 * Whether the adversaries of the testkit have teeth: faults are put into the fold one at a time, one line each, and each
 * must change the outcome of some entry. Not part of the tests, since it takes minutes:
 *
 *   npm run mutants            all of them, over up to 8,000 histories of commitments, 400 of initiatives and 1,000 of forks
 *   npm run mutants -- 3 17    only these
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Charter } from "@handfast/protocol/charter";
import type { NetworkId } from "@handfast/protocol/ids";
import { adversaryCommitment } from "@handfast/testkit/adversary-commitments";
import { adversaryInitiative } from "@handfast/testkit/adversary-initiatives";
import { plans, play, turns } from "@handfast/testkit/random-histories";
import fc from "fast-check";
import { createWorld, type World } from "../src/world.ts";
import { verdictsIn } from "./told.ts";

type Mutant = readonly [file: string, line: string, instead: string];

const mutants: readonly Mutant[] = [
  ["commitment/standing.ts", 'stated.isLetGo ? "closed" : settledAfter(', "settledAfter("],
  ["laws/crossing.ts", "a === null || compareFacts(b.fact, a.fact) < 0 ? b : a", "a ?? b"],
  ["laws/crossing.ts", "one.reply === null && one.by !== presumer", "one.reply === null"],
  ["commitment/standing.ts", "if (!wasFullySigned(stated, fact)) continue;", ""],
  ["commitment/standing.ts", "[...said, ...presumed].reduce<Reply | null>(earlier, null)", "null"],
  ["commitment/standing.ts", "const presumed = state.presuming\n", "const presumed = ([] as Fact[])\n"],
  ["laws/crossing.ts", "(among.size >= pins.length && pins.every((pin) => among.has(pin)))", "true"],
  [
    "commitment/standing.ts",
    "terms.signers.every((signer) => choices.some(",
    "terms.signers.some((signer) => choices.some(",
  ],
  [
    "commitment/standing.ts",
    "for (const link of chain.links.splice(place + 1)) chain.places.delete(link.terms.pinned);",
    "",
  ],
  [
    "commitment/standing.ts",
    'if (pullBacks.some((one) => one.how !== "help-retracted")) return "closed";',
    "",
  ],
  [
    "commitment/standing.ts",
    'replyTo(stated.pullBacks, standsByHelp, ({ how }) => how === "help-retracted");',
    "",
  ],
  ["laws/crossing.ts", "if (binding.length < 2) return { chosen: binding[0] ?? null, crossed: none };", ""],
  [
    "commitment/standing.ts",
    "one.by !== left.by && isConcurrent(one.fact, left)",
    "isConcurrent(one.fact, left)",
  ],
  ["laws/crossing.ts", " || !isBefore(pullBack.fact, fact)", ""],
  [
    "commitment/performance.ts",
    "dispute.by === fact.by && isBefore(dispute, fact)",
    "isBefore(dispute, fact)",
  ],
  ["commitment/performance.ts", "if (isBefore(claim, dispute)) done.openClaims", "done.openClaims"],
  [
    "commitment/performance.ts",
    "insertInOrder(carried, made, (one) => one.fact)",
    "void (carried.length === 0 && carried.push(made))",
  ],
  ["commitment/answering.ts", "if (rivals.has(x.terms) && !repeats)", "if (rivals.has(x.terms))"],
  ["commitment/commitment.ts", "isFullySigned(stated) && stated !== chosen", "stated !== chosen"],
  [
    "commitment/negotiation.ts",
    "if (hasSigned(stated, fact.by) && !standsByHelp)",
    "if (hasSigned(stated, fact.by))",
  ],
  ["commitment/standing.ts", "state.departures.push(left);", ""],
  ["kernel/fold.ts", "return news.sort((a, b) => compareFacts(a.fact, b.fact));", "return news;"],
  ["kernel/fold.ts", "next.fact.seq <= seen", "next.fact.seq < seen"],
  // Of initiatives
  ["laws/transfer.ts", "if (state.seats[one.term]?.by === one) forgetSeatsFrom(one.term, state);", ""],
  ["laws/transfer.ts", "waiting.push(...one.gave);", ""],
  ["laws/transfer.ts", "isCrossed: under?.isCrossed ?? false,", "isCrossed: false,"],
  ["laws/transfer.ts", "one.fact.by === partner && !one.isCrossed", "one.fact.by === partner"],
  ["initiative/state.ts", "under !== null && seats.byRef.get(under)?.isCrossed === true", "false"],
  [
    "initiative/handoff.ts",
    "offer.cancels.length > cancelsCrossing(accept, seen).length",
    "offer.cancels.length > 0",
  ],
  // Of forks and later logs
  ["laws/relying.ts", "isDoubted && !reliedOnBy.some((one) => isIn(one, past))", "isDoubted"],
  ["laws/relying.ts", "if (item.fact.by === fact.by) {", "if (item.fact.by !== fact.by) {"],
  ["laws/relying.ts", " || upon.some((one) => aside.has(one.fact.ref))", ""],
  ["laws/relying.ts", "!isBefore(item.fact, fact) || aside.has(item.fact.ref)", "!isBefore(item.fact, fact)"],
  ["laws/succession.ts", "past(everything) >= 0 || proving.some((proof) => isIn(proof, past))", "true"],
  ["laws/succession.ts", "fact.seq >= fork.from", "fact.seq > fork.from"],
  ["laws/succession.ts", "isIn(fact, one.fact.past)", "one.fact.past(fact.log) + 1 >= fact.seq"],
  ["laws/succession.ts", "!isBelow(other, one) &&", ""],
  ["laws/succession.ts", "!one.isByRoot && other.isByRoot", "false"],
  ["laws/succession.ts", "keeping.filter(({ isByRoot }) => isByRoot)", "keeping"],
  ["laws/succession.ts", "keeping.filter((kept) => isBelow(one, kept))", "[]"],
  ["laws/succession.ts", "!other.before.has(one.log) &&", ""],
  ["laws/succession.ts", " && !settling.some(({ fact }) => isIn(fact, past))", ""],
  ["laws/succession.ts", "origin === first ? [] : [knownWith(first.fact)]", "[]"],
  ["laws/transfer.ts", "state.contested.add(term);", ""],
  ["kernel/fold.ts", "if (!sameRefs(aside, this.#aside)) return false;", ""],
  ["kernel/fold.ts", "known !== undefined && fits(known, aside) ? known", "known !== undefined ? known"],
  [
    "network/membership.ts",
    "past(act.log) >= act.seq && !isAside(act, past, state)",
    "past(act.log) >= act.seq",
  ],
];

const source = join(import.meta.dirname, "..", "src");
const histories = [
  ...forkedHistories(1_000),
  ...Array.from({ length: 1_000 }, (_, seed) => () => adversaryCommitment(seed + 1)),
  ...Array.from({ length: 400 }, (_, seed) => () => adversaryInitiative(seed + 1)),
  ...Array.from({ length: 7_000 }, (_, seed) => () => adversaryCommitment(seed + 1_001)),
].map((tell, index) => {
  let kept: Story | null = null;
  return (): Story => {
    if (kept !== null) return kept;
    const { charter, facts, world } = tell().told;
    const story = { charter, facts, network: world.now.network, expected: comesTo(world, facts) };
    // The first are asked of every mutant, the last of few.
    if (index < 2_400) kept = story;
    return story;
  };
});

/** Partners that sign two histories and open later logs. */
function forkedHistories(count: number) {
  const turned = fc.tuple(plans({ minSteps: 25, maxSteps: 50 }), turns());
  return fc.sample(turned, { numRuns: count, seed: 20_261_127 }).map(([plan, own]) => () => {
    const { net, charter, facts } = play({ ...plan, turns: own });
    const world = createWorld({ network: net, charter });
    for (const fact of facts) world.add(fact);
    return { told: { charter, facts, world } };
  });
}

type Story = {
  readonly charter: Charter;
  readonly facts: Facts;
  readonly network: NetworkId;
  readonly expected: string;
};
type Facts = Parameters<typeof verdictsIn>[1];
function comesTo({ now }: World, facts: Facts): string {
  return JSON.stringify([
    verdictsIn(now, facts),
    now.subjects("initiative").map((ref) => now.initiative(ref)),
    now.subjects("commitment").map((ref) => now.commitment(ref)),
  ]);
}

/** The number of the first history that tells the mutant apart; `null`: it lives. */
async function findKiller([file, line, instead]: Mutant): Promise<number | null> {
  // Inside the package, so that its imports resolve.
  const folder = mkdtempSync(join(import.meta.dirname, "..", ".mutant-"));
  try {
    cpSync(source, folder, { recursive: true, filter: (path) => !path.endsWith(".test.ts") });
    const text = readFileSync(join(folder, file), "utf8");
    if (text.split(line).length !== 2) throw new Error(`not once in ${file}: ${line}`);
    writeFileSync(
      join(folder, file),
      text.replace(line, () => instead),
    );
    const changed = (await import(pathToFileURL(join(folder, "world.ts")).href)) as {
      createWorld: typeof createWorld;
    };
    for (const [index, history] of histories.entries()) {
      const { charter, facts, network, expected } = history();
      const mutated = changed.createWorld({ network, charter });
      for (const fact of facts) mutated.add(fact);
      if (throwsOrDiffers(() => comesTo(mutated, facts), expected)) return index + 1;
    }
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function throwsOrDiffers(tell: () => string, expected: string): boolean {
  try {
    return tell() !== expected;
  } catch {
    return true;
  }
}

const only = process.argv.slice(2).map(Number);
let alive = 0;
for (const [index, mutant] of mutants.entries()) {
  if (only.length > 0 && !only.includes(index)) continue;
  const killer = await findKiller(mutant);
  if (killer === null) alive += 1;
  const fate = killer === null ? "ALIVE" : `found by history ${killer}`;
  console.log(`${String(index).padStart(2)} ${fate}: ${mutant[0]}: ${mutant[1].trim()}`);
}
console.log(`${alive} alive`);
process.exitCode = alive === 0 ? 0 : 1;
