/** What must hold in every run, whatever happened in it. Each breach is a sentence. */
import type { HeadsReply } from "@handfast/api/messages/ledger";
import { BusError } from "@handfast/bus/fault";
import { type PinnedRef, splitRef, unpin } from "@handfast/protocol/ids";
import { partnerIdOf } from "@handfast/testkit/author";
import type { Act } from "./acts.ts";
import { everythingAnew } from "./digest.ts";
import type { SimulatedNode } from "./node.ts";
import type { World } from "./run.ts";

export interface Watch {
  readonly broken: string[];
  breaks(sentence: string): void;
  /** An error that reached a caller: faults of the bus are the faults we made, anything else is a breach. */
  heard(error: unknown): void;
  /** Whether all nodes are up, hold the same logs to the same sizes, and have read them. */
  areEqual(world: World): Promise<boolean>;
  /** A node's folder is about to be put back: what no other node had heard of by then may be lost with it. */
  putBack(node: SimulatedNode, acts: readonly Act[]): void;
  mayBeLost(ref: string): boolean;
  /** How they differ, in a sentence a node. */
  differences(world: World): Promise<string>;
}

type Heads = HeadsReply["logs"];

export function createWatch(nodes: readonly SimulatedNode[]): Watch {
  const broken: string[] = [];
  const lost = new Set<string>();
  const watch: Watch = {
    broken,
    breaks: (sentence) => {
      broken.push(sentence);
    },
    heard: (error) => {
      if (!(error instanceof BusError)) watch.breaks(`a caller got ${(error as Error).stack}`);
    },
    areEqual: async (world) => {
      const all: string[] = [];
      for (const node of nodes) {
        const heads = await asked(world, async () => node.ledger?.heads());
        const status = await asked(world, async () => node.ledger?.status());
        if (heads === undefined || status === undefined) return false;
        all.push(summary(status.position, heads.logs));
      }
      return all.every((one) => one === all[0]);
    },
    putBack: (node, acts) => {
      const heard = new Set(
        nodes.filter((other) => other !== node).flatMap(({ model }) => model.facts.map(({ ref }) => ref)),
      );
      for (const given of acts) {
        if (given.node !== node) continue;
        for (const ref of given.refs ?? []) if (!heard.has(unpin(ref as PinnedRef))) lost.add(ref);
        // Its keys are gone with it: asked again, it would be done again.
        given.isRefused = true;
      }
    },
    mayBeLost: (ref) => lost.has(ref),
    differences: async (world) => {
      const told: string[] = [];
      for (const node of nodes) {
        const heads = await asked(world, async () => node.ledger?.heads());
        const sizes = heads?.logs.map(({ by, size }) => `${nameOf(by, world)} ${size}`).sort();
        told.push(`${node.name} holds ${sizes?.join(", ") ?? "nothing that it tells"}`);
      }
      return told.join("; ");
    },
  };
  return watch;
}

const nameOf = (by: string, { swarm: { honest, liar } }: World): string =>
  [...honest, ...(liar === null ? [] : [liar])].find((name) => partnerIdOf(name) === by) ?? by;

/** How many entries are held, and of each log how far. That they are the same bytes is for the digests to say. */
function summary(position: number, logs: Heads): string {
  const sizes = new Map<string, number>();
  for (const { log, size } of logs) sizes.set(log, Math.max(sizes.get(log) ?? 0, size));
  return `${position}\n${[...sizes]
    .map(([log, size]) => `${log} ${size}`)
    .sort()
    .join("\n")}`;
}

/** The answer to a question, which takes simulated time; undefined where none comes. */
async function asked<Answer>({ scheduler }: World, ask: () => Promise<Answer>): Promise<Answer | undefined> {
  let answer: Answer | undefined;
  let isOver = false;
  void ask()
    .then((given) => {
      answer = given;
    })
    .catch(() => {})
    .finally(() => {
      isOver = true;
    });
  await scheduler.run(scheduler.now + 15_000, () => isOver);
  return answer;
}

export async function judgeAtEnd(world: World): Promise<void> {
  const { nodes, acts, watch, swarm } = world;
  for (const { name, fatal } of nodes) if (fatal !== null) watch.breaks(`${name} is stuck: ${fatal}`);
  for (const node of nodes) {
    const { ledger, model } = node;
    if (ledger === null) continue;
    await asked(world, () => model.catchUp(ledger));
    const status = await asked(world, () => ledger.status());
    if (status !== undefined && status.waiting.entries > 0 && swarm.liar === null)
      watch.breaks(`${node.name} still waits for parents of ${status.waiting.entries} entries`);
    const wrong = model.facts.length === 0 ? null : model.digest() === everythingAnew(model.facts);
    if (wrong === false)
      watch.breaks(`${node.name} makes something else of its entries in another order of arrival`);
  }
  await judgeForks(world);
  const [first] = nodes;
  const digest = first?.model.digest();
  for (const node of nodes.slice(1))
    if (node.model.digest() !== digest)
      watch.breaks(`${node.name} makes something else of the history than ${first?.name}`);

  if (first !== undefined) judgeAuthority(first, world);

  const taken = new Map<string, string>();
  for (const { key, refs, node } of acts) {
    if (refs === null) continue;
    for (const ref of refs) {
      if ((taken.get(ref) ?? key) !== key) watch.breaks(`two acts were answered ${ref}`);
      taken.set(ref, key);
      const { log, seq } = splitRef(ref);
      for (const holder of nodes) {
        const fact = holder.model.facts.find((one) => one.log === log && one.seq === seq);
        // What nobody else had heard of may be gone, and on a host that never saw it another entry may stand in its place.
        if (watch.mayBeLost(ref)) continue;
        if (fact === undefined)
          watch.breaks(`${ref} (key ${key}), acknowledged by ${node.name}, is not on ${holder.name}`);
        else if (!ref.endsWith(`@${fact.hash}`))
          watch.breaks(`${ref}, acknowledged by ${node.name}, is another entry on ${holder.name}`);
      }
    }
  }
}

/** Two histories that any of them has seen are proven on all of them, and nobody else's log is called forked. */
async function judgeForks(world: World): Promise<void> {
  const { nodes, swarm, watch, count } = world;
  const told: string[] = [];
  for (const node of nodes) {
    const status = await asked(world, async () => node.ledger?.status());
    const forks = status?.forks ?? [];
    for (const { by, log, isProven } of forks) {
      if (nameOf(by, world) !== swarm.liar)
        watch.breaks(`${node.name} says that the log of ${nameOf(by, world)} is forked`);
      if (!isProven) watch.breaks(`${node.name} has no proof of the two histories of log ${log}`);
    }
    told.push(
      forks
        .map(({ log }) => log)
        .sort()
        .join(" "),
    );
  }
  if (told.some((text) => text !== "")) count("fork proven");
  if (new Set(told).size > 1) watch.breaks(`forks are not known to all: ${told.join(" / ")}`);
}

/** Nobody who is not admitted has authority, and nobody has it for somebody else. */
function judgeAuthority({ model }: SimulatedNode, { swarm, watch, count }: World): void {
  if (swarm.liar === null) return;
  const { now: cut } = model.world;
  const by = partnerIdOf(swarm.liar);
  const state = cut.members.partners.find(({ id }) => id === by)?.state;
  const written = model.facts.filter((fact) => fact.by === by);
  if (written.length > 1) count("entries of the liar were held");
  if (state === "active" || state === "left") return;
  for (const fact of written) {
    const isOpening = fact.told.ok && fact.told.event.type === "log.opened";
    if (!isOpening && cut.verdictOf(fact.ref)?.effect === "effective")
      watch.breaks(`${fact.ref} of ${swarm.liar}, who is ${state}, has effect`);
  }
}
