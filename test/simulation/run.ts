/**
 * One run: faults for a while, with people acting all the time; then the faults end, and in bounded simulated time all honest nodes
 * must hold one history and make the same of it. `judge.ts` says what must hold; here it only happens.
 */
import type { Logger } from "@handfast/bus/logger";
import { partnerIdOf } from "@handfast/testkit/author";
import { type Act, act, admitAll, appended, followUp, sponsor } from "./acts.ts";
import { createServer, type Server } from "./bus.ts";
import { createWatch, judgeAtEnd, type Watch } from "./judge.ts";
import { type Liar, startLiar } from "./liar.ts";
import { linksOf } from "./links.ts";
import { createNode, type SimulatedNode } from "./node.ts";
import { founders, logOf, type Partners, startMs } from "./partners.ts";
import { createRandom, type Random } from "./random.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import { calm, drawSwarm, type Swarm } from "./swarm.ts";
import { createWires, type Wires } from "./wires.ts";

export type Outcome = {
  readonly swarm: Swarm;
  /** What did not hold; empty for a good run. */
  readonly broken: readonly string[];
  readonly trace: number;
  /** Counts of what happened, so that a sum over runs shows that everything did. */
  readonly counts: Readonly<Record<string, number>>;
};

export type World = {
  readonly swarm: Swarm;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly wires: Wires;
  readonly nodes: readonly SimulatedNode[];
  readonly serverOf: (name: string) => Server;
  readonly watch: Watch;
  readonly acts: Act[];
  readonly count: (what: string) => void;
};

/** Within this much simulated time after the last fault everything must have settled. */
const settleMs = 20 * 60_000;
const restartWithinMs = 6_000;

export async function run(seed: number, partners: Partners, logger?: Logger): Promise<Outcome> {
  const swarm = drawSwarm(seed);
  const random = createRandom(seed ^ 0x5eed);
  const scheduler = createScheduler(startMs);
  const wires = createWires(scheduler, random.fork(), swarm.wires);
  const counts: Record<string, number> = {};
  const count = (what: string): void => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const servers = new Map<string, Server>();
  const serverOf = (name: string): Server => {
    const found = servers.get(name) ?? createServer(name, { scheduler, random: random.fork(), wires });
    servers.set(name, found);
    return found;
  };
  await using cleanup = new AsyncDisposableStack();
  const nodes = swarm.honest.map((name) =>
    cleanup.use(
      createNode(partners.of(name), {
        scheduler,
        random: random.fork(),
        server: serverOf(name),
        serverOf,
        links: swarm.links,
        store: linksOf(name, swarm.links),
        ...(logger === undefined ? {} : { logger: named(logger, name, scheduler) }),
      }),
    ),
  );
  const watch = createWatch(nodes);
  const world: World = { swarm, scheduler, random, wires, nodes, serverOf, watch, acts: [], count };
  try {
    for (const node of nodes) void node.start();
    await scheduler.run(scheduler.now + 1_000);
    planAdmissions(world);
    planFaults(world);
    planActs(world);
    const liar = planLies(world);
    await scheduler.run(startMs + swarm.faultsMs);
    liar?.end();
    await endFaults(world);
    await settle(world);
    await judgeAtEnd(world);
  } catch (error) {
    watch.breaks(`the run itself failed: ${(error as Error).stack}`);
  }
  return { swarm, broken: watch.broken, trace: scheduler.trace, counts };
}

/** Happens at a random moment while faults last. */
function sometime({ scheduler, random, swarm }: World, work: () => void): void {
  scheduler.after(random.below(swarm.faultsMs - 2_000), work);
}

function planFaults(world: World): void {
  const { swarm, random, nodes, wires, scheduler, count } = world;
  const someNode = (): SimulatedNode => random.pick(nodes);
  const restartLater = (node: SimulatedNode): void => {
    scheduler.after(random.below(restartWithinMs), () => void node.start());
  };
  const kill = (node: SimulatedNode): void => {
    if (!node.isUp) return;
    count("killed");
    node.kill();
    restartLater(node);
  };
  for (let time = 0; time < swarm.kills; time += 1) sometime(world, () => kill(someNode()));
  for (let time = 0; time < swarm.killsInWriting; time += 1)
    sometime(world, () => {
      const node = someNode();
      node.disk.crashAt(1 + random.below(8), () => {
        count("killed in writing");
        node.kill();
        restartLater(node);
      });
    });
  for (let time = 0; time < swarm.partitions; time += 1)
    sometime(world, () => {
      if (nodes.length < 2) return;
      const one = someNode().name;
      const other = random.pick(
        [...nodes.map(({ name }) => name), swarm.liar ?? one].filter((name) => name !== one),
      );
      count("partition");
      wires.part(one, other, true);
      scheduler.after(random.below(25_000), () => wires.part(one, other, false));
    });
  for (let time = 0; time < swarm.fullDisks; time += 1)
    sometime(world, () => {
      const node = someNode();
      count("full disk");
      node.disk.isFull = true;
      scheduler.after(random.below(8_000), () => {
        node.disk.isFull = false;
      });
    });
  for (let time = 0; time < swarm.restores; time += 1) planRestore(world);
  if (swarm.skewMs === 0) return;
  for (const node of nodes) {
    node.skewMs = Math.floor((random.next() * 2 - 1) * swarm.skewMs);
    if (random.chance(0.3))
      sometime(world, () => {
        count("clock set");
        node.skewMs = Math.floor((random.next() * 2 - 1) * swarm.skewMs);
      });
  }
}

/** An image of a node's folder is taken, and put back a while later: on the same host, or on one that never saw it. */
function planRestore(world: World): void {
  const { random, nodes, scheduler, swarm, count, watch, acts } = world;
  const node = random.pick(nodes);
  const takenAt = random.between(3_000, swarm.faultsMs / 2);
  scheduler.after(takenAt, () => {
    const image = node.disk.image();
    if (image === null) return;
    scheduler.after(random.below(swarm.faultsMs - takenAt - 3_000), () => {
      count("put back");
      node.kill();
      watch.putBack(node, acts);
      node.putBack(image, random.chance(0.4));
      scheduler.after(random.below(3_000), () => void node.start());
    });
  });
}

/** What an operator does about a node that does not trust its own folder: it opens the next log, once the peers were heard. */
async function vouchFor(node: SimulatedNode, { count }: World, isUnheard: boolean): Promise<void> {
  const { ledger } = node;
  if (ledger === null) return;
  const { doubt } = await ledger.status();
  if (doubt === null || doubt.code === "no-fence" || doubt.code === "other-place") return;
  const opened = await ledger.openNext({ isUnheard });
  count(opened.ok ? "next log opened" : `next log refused: ${opened.code}`);
}

/** Founders let newcomers in: one sponsors them, most of them vote. */
function planAdmissions(world: World): void {
  const { nodes, random, scheduler } = world;
  for (const node of membersAmong(nodes)) {
    scheduler.after(random.below(1_000), () => begin(world, (begun) => followUp(node, begun)));
    if (newcomersOf(world).length > 0 && random.chance(0.8))
      scheduler.after(random.between(5_000, 25_000), () => begin(world, (begun) => admitAll(node, begun)));
  }
  const sponsoring = random.pick(membersAmong(nodes));
  scheduler.after(random.between(2_000, 4_000), () =>
    begin(world, (begun) => sponsorAll(world, sponsoring, begun)),
  );
}

async function sponsorAll(world: World, node: SimulatedNode, begun: (act: Act) => void): Promise<void> {
  for (const name of newcomersOf(world))
    await sponsor(node, { partner: partnerIdOf(name), log: logOf(name) }, begun);
}

/** Does something on a node; a node that dies meanwhile answers nothing, and it is asked again at the end. */
function begin({ acts, watch }: World, work: (begun: (act: Act) => void) => Promise<void>): void {
  work((given) => acts.push(given)).catch((error: unknown) => watch.heard(error));
}

const newcomersOf = ({ swarm: { honest, liar } }: World): readonly string[] =>
  [...honest, ...(liar === null ? [] : [liar])].filter((name) => !isFounder(name));
const membersAmong = (nodes: readonly SimulatedNode[]): readonly SimulatedNode[] =>
  nodes.filter(({ name }) => isFounder(name));
const isFounder = (name: string): boolean => (founders as readonly string[]).includes(name);

/** Begins once it was sponsored or may be: before that nobody takes its log. */
function planLies(world: World): Liar | null {
  const { swarm, scheduler, random, serverOf, count } = world;
  const { liar: name, links } = swarm;
  if (name === null) return null;
  const hosts = links.filter(({ dialer }) => dialer === name).map(({ host }) => serverOf(host));
  const liar = startLiar(name, { scheduler, random: random.fork(), hosts, count, isForker: swarm.isForker });
  for (let time = 0; time < swarm.lies; time += 1) sometime(world, liar.act);
  return liar;
}

function planActs(world: World): void {
  const { swarm, random, nodes, count } = world;
  const names = [...swarm.honest, ...(swarm.liar === null ? [] : [swarm.liar])];
  for (let number = 0; number < swarm.acts; number += 1)
    sometime(world, () => {
      const node = random.pick(nodes);
      if (!node.isUp) return;
      const others = names.filter((name) => name !== node.name);
      begin(world, async (begun) => {
        const given = await act(node, `${swarm.seed} ${number}`, random, others, begun);
        count(given === null ? "nothing to do" : given.refs === null ? "not acknowledged" : "acknowledged");
        if (random.chance(0.2) && given?.refs != null) {
          count("asked twice");
          await appended(node, given);
        }
        await followUp(node, begun);
      });
    });
}

/** Everything runs again, and runs well. */
async function endFaults({ wires, nodes, scheduler }: World): Promise<void> {
  wires.faults = calm;
  wires.joinAll();
  for (const node of nodes) {
    node.disk.isFull = false;
    node.disk.crashAt(0, () => {});
    node.skewMs = 0;
    if (node.fatal !== null) node.kill();
    void node.start();
  }
  await scheduler.run(scheduler.now + 5_000);
}

/** What was not acknowledged is asked again under its key; then all wait until nothing moves. */
async function settle(world: World): Promise<void> {
  const { scheduler, nodes, acts, watch, count } = world;
  const limit = scheduler.now + settleMs;
  let isAsked = false;
  const asking = (async () => {
    for (const isUnheard of [false, true])
      for (const node of nodes) {
        await pauseOf(world, 20_000);
        await vouchFor(node, world, isUnheard);
      }
    for (const given of [...acts]) {
      if (given.refs !== null || given.isRefused) continue;
      count("asked again");
      await appended(given.node, given);
    }
    const begun = (given: Act): void => void acts.push(given);
    for (const node of nodes) await followUp(node, begun);
    for (const node of membersAmong(nodes)) await sponsorAll(world, node, begun);
  })()
    .catch((error: unknown) => watch.heard(error))
    .finally(() => {
      isAsked = true;
    });
  await scheduler.run(limit, () => isAsked);
  await asking;
  let isSettled = false;
  while (!isSettled && scheduler.now < limit) {
    await scheduler.run(scheduler.now + 5_000);
    isSettled = await watch.areEqual(world);
  }
  if (isSettled) return;
  const minutes = settleMs / 60_000;
  watch.breaks(
    `not settled ${minutes} simulated minutes after the last fault: ${await watch.differences(world)}`,
  );
}

const pauseOf = ({ scheduler, swarm }: World, ms: number): Promise<void> =>
  new Promise((resolve) => {
    if (swarm.restores === 0) resolve();
    else scheduler.after(ms, resolve);
  });

/** Every line of a node's log with its name and the simulated moment. */
function named(logger: Logger, node: string, scheduler: Scheduler): Logger {
  const at = (level: keyof Logger) => (fields: Parameters<Logger["info"]>[0]) =>
    logger[level]({ ...fields, node, at: scheduler.now - startMs });
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
