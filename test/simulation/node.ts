/** One partner's node: its real ledger and its real federation, on a simulated disk, clock and network; started, killed and restarted. */

import { cpSync } from "node:fs";
import { join } from "node:path";
import type { Bus } from "@handfast/bus/bus";
import type { Logger } from "@handfast/bus/logger";
import { type Federation, type LinksStore, startFederation } from "@handfast/federation/service";
import { type Ledger, startLedger } from "@handfast/ledger/service";
import { createOperator, type OperatorIdentity } from "@handfast/nats-operator/identity";
import { toB64u } from "@handfast/protocol/bytes";
import { createLedgerClient, type LedgerClient } from "@handfast/service-kit/ledger-client";
import type { Server } from "./bus.ts";
import { createDisk, type Disk } from "./disk.ts";
import { tagFolder } from "./fences.ts";
import { accountOf, type Link } from "./links.ts";
import { network, type PartnerTemplate } from "./partners.ts";
import { beginLife, type Life } from "./process.ts";
import type { Random } from "./random.ts";
import { createReadModel, type ReadModel } from "./read-model.ts";
import type { Scheduler } from "./scheduler.ts";

export interface SimulatedNode extends AsyncDisposable {
  readonly name: string;
  readonly template: PartnerTemplate;
  readonly disk: Disk;
  readonly isUp: boolean;
  /** What its clock shows more than a right one. */
  skewMs: number;
  now(): number;
  /** Null while it is down. */
  readonly ledger: LedgerClient | null;
  readonly federation: Federation | null;
  readonly model: ReadModel;
  /** Why its ledger must not go on; null while it may. */
  readonly fatal: string | null;
  start(): Promise<void>;
  /** From one moment to the next, wherever it is. */
  kill(): void;
  /** Puts its data folder back to an earlier image while it is down; on another host, which has no fence of it. */
  putBack(image: Uint8Array, isElsewhere: boolean): void;
}

export type NodeDeps = {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly server: Server;
  readonly serverOf: (name: string) => Server;
  readonly store: LinksStore;
  readonly links: readonly Link[];
  readonly logger?: Logger;
};

const heartbeatMs = 15_000;
const reconcileMs = 30_000;
const answerWithinMs = 10_000;
/** Nothing of NATS is reached, so one identity does for all. */
let identity: OperatorIdentity | undefined;
const unreachable = { request: () => Promise.reject(new Error("there is no nats-server")) };

export function createNode(template: PartnerTemplate, deps: NodeDeps): SimulatedNode {
  const { scheduler, random, server } = deps;
  const { name, dir, partner } = template;
  const disk = createDisk(template.image);
  const salts = random.fork();
  const logging = deps.logger === undefined ? {} : { logger: deps.logger };
  /** The next life finds the folder free: closing files takes real time, and no simulated time. */
  const close = (closed: Promise<void>): void => scheduler.hold(closed.catch(() => {}));
  let life: Life = beginLife(scheduler);
  life.end();
  let running: { ledger: Ledger; federation: Federation; client: LedgerClient } | null = null;
  let model = createReadModel(partner);
  let fatal: string | null = null;
  const host = template.host.copy();
  tagFolder(dir, template.tag);
  // A run before may have opened another log with a key file of its own.
  cpSync(join(dir, "keys.opened"), join(dir, "keys"), { recursive: true });

  const start = async (): Promise<void> => {
    if (!life.isOver) return;
    const mine = beginLife(scheduler);
    life = mine;
    model = createReadModel(partner);
    server.start();
    const home = server.connect({ life: mine, account: "HOME", from: name });
    const now = (): number => Math.floor(node.now());
    const owned = new AsyncDisposableStack();
    closing = () => owned.disposeAsync();
    try {
      const starting = startLedger(
        { dir, stateDir: join(dir, "..", "state"), charter: network.bytes },
        {
          fences: host,
          bus: home,
          now,
          salt: () => salts.bytes(32),
          drawLogId: () => toB64u(salts.bytes(16)),
          openStores: () => disk.openFor(mine),
          ...logging,
        },
      );
      // Killed while it starts, it lets go of its folder all the same.
      owned.defer(() =>
        starting.then(
          (started) => started[Symbol.asyncDispose](),
          () => {},
        ),
      );
      const ledger = await starting;
      void ledger.fatal.then(({ message }) => {
        // A process that must not go on ends; its operator sees why.
        if (!mine.isOver) fatal = message;
      });
      identity ??= createOperator("simulated");
      const federation = await startFederation(
        { charter: network.bytes, dir, endpoints: ["tls://simulated:1"], heartbeatMs, reconcileMs },
        {
          home,
          natsServer: { url: "", caPem: "" },
          identity,
          claims: unreachable,
          clock: { now },
          timers: { after: mine.after, every: mine.every, random: random.next },
          store: deps.store,
          wire: {
            openOwn: async () => server.connect({ life: mine, account: "FED", from: name }),
            dial: async ({ endpoints: [host = ""] }) =>
              deps
                .serverOf(host)
                .connect({ life: mine, account: accountOf({ host, dialer: name }), from: name }),
            allow: async ({ account }) => server.allow(account),
            allowBearer: async (account) => server.allow(account),
            forget: async (account) => server.forget(account),
          },
          ...logging,
        },
      );
      owned.use(federation);
      running = { ledger, federation, client: createLedgerClient(home as Bus, answerWithinMs) };
    } catch (error) {
      if (!mine.isOver) {
        fatal = (error as Error).message;
        node.kill();
      }
    }
  };
  let closing: () => Promise<void> = async () => {};

  const node: SimulatedNode = {
    name,
    template,
    disk,
    skewMs: 0,
    now: () => scheduler.now + node.skewMs,
    get isUp() {
      return running !== null && !life.isOver;
    },
    get ledger() {
      return running?.client ?? null;
    },
    get federation() {
      return running?.federation ?? null;
    },
    get model() {
      return model;
    },
    get fatal() {
      return fatal;
    },
    start,
    kill: () => {
      if (life.isOver) return;
      scheduler.note(`kill ${name}`);
      life.end();
      running = null;
      server.stop();
      // What is left of it in memory closes its files; none of that is seen by anybody.
      close(closing());
      closing = async () => {};
    },
    putBack: (image, isElsewhere) => {
      scheduler.note(`put back ${name}`);
      disk.putBack(image);
      if (isElsewhere) host.forget();
    },
    [Symbol.asyncDispose]: async () => {
      node.kill();
      await scheduler.run(scheduler.now);
      disk[Symbol.dispose]();
    },
  };
  return node;
}
