/**
 * A process's view of the history: follows the ledger, folds what it reads into one World, and is rebuilt from nothing at
 * every start (docs/decisions/0003). It holds no truth of its own and writes nowhere.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { ReadReply } from "@handfast/api/messages/ledger";
import type { Bus } from "@handfast/bus/bus";
import type { Logger } from "@handfast/bus/logger";
import { createWorld, type World } from "@handfast/domain/world";
import type { Charter } from "@handfast/protocol/charter";
import type { Hash, NetworkId, PartnerId, Ref } from "@handfast/protocol/ids";
import { etagOf } from "@handfast/replica/heads";
import { createPasts } from "@handfast/replica/pasts";
import { createLedgerClient, type LedgerClient } from "@handfast/service-kit/ledger-client";
import { type Arrivals, createArrivals } from "./arrivals.ts";
import { follow } from "./follow.ts";
import { createNames, type Names } from "./names.ts";
import { type Arrival, readArrival, type Things } from "./read-entry.ts";
import { createTexts, type Texts } from "./texts.ts";

export type ProjectionOptions = {
  /** Connected in account HOME, with the ledger behind it. */
  readonly bus: Bus;
  readonly net: NetworkId;
  readonly charter: Charter;
  /** The node's own partner. */
  readonly self: PartnerId;
  readonly logger?: Logger;
  /** How long the ledger may take to answer at the start. Default 30 s. */
  readonly startLimitMs?: number;
};

/** What was taken in one go: the subjects it touched, and how far the view is now. */
export type Change = { readonly subjects: ReadonlySet<string>; readonly position: number };

export interface Projection extends AsyncDisposable {
  readonly net: NetworkId;
  readonly charter: Charter;
  readonly self: PartnerId;
  readonly world: World;
  /** How far the ledger was read, in this node's order of arrival. */
  readonly position: number;
  readonly count: number;
  /** Entries that could not be taken and were put aside: 0, or a bug. */
  readonly quarantined: number;
  /** Whether the ledger answered when it was asked last. */
  readonly isFollowing: boolean;
  readonly texts: Texts;
  readonly names: Names;
  /** The entries that begin things, with effect or without. */
  readonly things: Readonly<Record<Things, Pick<Arrivals, "after" | "of">>>;
  readonly ledger: LedgerClient;
  /** Resolves true as soon as the view is at `position`, false when it is not within the time. */
  caughtUp(position: number, withinMs: number): Promise<boolean>;
  arrival(ref: Ref): Arrival | undefined;
  /** The revision of a subject, as HTTP shows it. */
  etagOf(subject: string): Hash;
  /** Oldest first. */
  arrivalsAfter(position: number): Iterable<Arrival>;
  /** Calls the listener after each page that was taken; not for what was there at the start. */
  onChange(listener: (change: Change) => void): Disposable;
}

const progressEveryMs = 2_000;

/**
 * Resolves when the view is where the ledger was at the start.
 *
 * @throws {ProjectionError} `ledger-silent` when the ledger does not answer within `startLimitMs`.
 */
export async function openProjection(options: ProjectionOptions): Promise<Projection> {
  const { bus, net, charter, self, logger, startLimitMs = 30_000 } = options;
  const world = createWorld({ network: net, charter });
  const pasts = createPasts();
  const arrivals = createArrivals();
  const things = {
    initiatives: createArrivals(),
    commitments: createArrivals(),
    challenges: createArrivals(),
  };
  const names = createNames(charter.founders);
  const ledger = createLedgerClient(bus);
  const texts = createTexts(ledger, arrivals, logger);
  const listeners = new Set<(change: Change) => void>();
  const waiting = new Set<{ readonly position: number; readonly done: () => void }>();
  let position = 0;
  let head: number | null = null;
  let quarantined = 0;

  const takeEntry = (entry: ReadReply["entries"][number], touched: Set<string>): void => {
    try {
      const arrival = readArrival(entry, pasts);
      world.add(arrival.fact);
      arrivals.add(arrival);
      if (arrival.creates !== null) things[arrival.creates].add(arrival);
      names.add(arrival.fact);
      touched.add(arrival.fact.subject);
    } catch (err) {
      quarantined += 1;
      logger?.error({
        event: "projection.entry-quarantined",
        position: entry.position,
        hash: entry.hash,
        err,
      });
    }
  };
  const tell = (change: Change): void => {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (err) {
        logger?.error({ event: "projection.listener-failed", position, err });
      }
    }
  };
  const take = (reply: ReadReply): void => {
    const touched = new Set<string>();
    for (const entry of reply.entries) {
      // A page that was asked for twice brings nothing new.
      if (entry.position <= position) continue;
      takeEntry(entry, touched);
      position = entry.position;
    }
    head = reply.head;
    for (const one of waiting) if (one.position <= position) one.done();
    if (touched.size > 0) tell({ subjects: touched, position });
  };

  await using cleanup = new AsyncDisposableStack();
  const follower = cleanup.use(
    follow({ bus, ledger, position: () => position, take, ...(logger === undefined ? {} : { logger }) }),
  );

  const caughtUp = async (wanted: number, withinMs: number): Promise<boolean> => {
    if (position >= wanted) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const one = { position: wanted, done: () => resolve(true) };
    waiting.add(one);
    const timer = setTimeout(() => resolve(false), withinMs);
    follower.wake();
    return promise.finally(() => {
      clearTimeout(timer);
      waiting.delete(one);
    });
  };

  await rebuilt();
  const kept = cleanup.move();
  return {
    net,
    charter,
    self,
    world,
    texts,
    names,
    things,
    ledger,
    caughtUp,
    get position() {
      return position;
    },
    get count() {
      return arrivals.count;
    },
    get quarantined() {
      return quarantined;
    },
    get isFollowing() {
      return follower.isAnswered;
    },
    arrival: (ref) => arrivals.of(ref),
    etagOf: (subject) => etagOf(world.headsOf(subject)),
    arrivalsAfter: (from) => arrivals.after(from),
    onChange: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };

  async function rebuilt(): Promise<void> {
    const began = performance.now();
    let toldAt = began;
    while (head === null || position < head) {
      const now = performance.now();
      if (head === null && now - began > startLimitMs) {
        throw new ProjectionError(`the ledger did not answer within ${startLimitMs} ms`);
      }
      if (head !== null && now - toldAt > progressEveryMs) {
        toldAt = now;
        logger?.info({ event: "projection.rebuilding", position, head });
      }
      if (head === null) await delay(10);
      else await caughtUp(head, progressEveryMs);
    }
    logger?.info({ event: "projection.rebuilt", position, ms: Math.round(performance.now() - began) });
  }
}

/** The view could not be built: nothing can be read or decided. */
export class ProjectionError extends Error {
  override readonly name = "ProjectionError";
  readonly code = "ledger-silent";
  readonly retry = "later";
}
