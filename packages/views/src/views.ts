/**
 * The read model of one node, as its one writer holds it: follows the ledger by position, and keeps facts, verdicts and
 * views in a file, in one transaction with the position. Opening it reads the cursor and nothing else; what the ledger has
 * beyond that is taken from there.
 */
import { setImmediate as breathe, setTimeout as delay } from "node:timers/promises";
import {
  type LedgerEntry,
  type PayloadAnswer,
  type ReadReply,
  TextsNotice,
} from "@handfast/api/messages/ledger";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus } from "@handfast/bus/bus";
import { decodeJson } from "@handfast/bus/json";
import type { Logger } from "@handfast/bus/logger";
import type { Moment } from "@handfast/domain/facts";
import type { WholeCut } from "@handfast/domain/whole";
import type { Json } from "@handfast/protocol/canonical";
import type { Charter } from "@handfast/protocol/charter";
import type { Hash, NetworkId, PartnerId, PinnedRef, Ref } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { etagOf } from "@handfast/replica/heads";
import type { LedgerClient } from "@handfast/service-kit/ledger-client";
import { createProgress } from "@handfast/service-kit/progress";
import { asReads } from "./as-reads.ts";
import { fetchTexts, withTexts } from "./fetch-texts.ts";
import { follow } from "./follow.ts";
import { discard, discardOtherForms, openForWriting } from "./open-file.ts";
import type { Reads } from "./reads.ts";
import { createFileReads } from "./reads-on.ts";
import { openStore, type Store, type Written } from "./store.ts";
import type { Text } from "./views/reading.ts";

export type ViewsOptions = {
  /** The folder of the file; it exists. */
  readonly dir: string;
  /** Connected in account HOME. */
  readonly bus: Bus;
  readonly ledger: LedgerClient;
  readonly net: NetworkId;
  readonly charter: Charter;
  /** The node's own partner. */
  readonly self: PartnerId;
  readonly logger?: Logger;
  /** How long the ledger may take to answer at the start. Default 30 s. */
  readonly startLimitMs?: number;
  /** Milliseconds since 1970; `overdue` and the like are functions of it. */
  readonly now?: () => number;
  /** Told how a rebuild gets on: `12000 of 31000 entries, about 40 s left`. */
  readonly onProgress?: (text: string) => void;
};

/** What was taken in one go: the subjects it touched, and how far the views are now. */
export type Change = { readonly subjects: ReadonlySet<string>; readonly position: number };

export interface Views extends AsyncDisposable {
  readonly net: NetworkId;
  readonly charter: Charter;
  readonly self: PartnerId;
  readonly ledger: LedgerClient;
  /** What decisions are made on: everything taken so far. */
  readonly world: {
    readonly now: WholeCut;
    asOf(moment: Moment): WholeCut;
    headsOf(subject: string): readonly PinnedRef[];
  };
  /** How far the ledger was read, in this node's order of arrival. */
  readonly position: number;
  readonly count: number;
  /** Entries that could not be taken and were put aside: 0, or a bug. */
  readonly quarantined: number;
  /** Whether the ledger answered when it was asked last. */
  readonly isFollowing: boolean;
  readonly texts: {
    /** Whether this node holds the texts of an entry. An entry without texts is held. */
    isHeld(ref: Ref): boolean;
    /** What people wrote in an entry, as far as it is here. */
    of(ref: Ref): Text;
    /** Asks the ledger for texts that are not here. Resolves in any case. */
    load(refs: Iterable<Ref>): Promise<void>;
  };
  /** The revision of a subject, as HTTP shows it. */
  etagOf(subject: string): Hash;
  /** What the writer itself reads, the newest included. */
  readonly reads: Reads;
  /**
   * Takes the entries of an append without asking the ledger for them, where the views stand right before them. Appends that
   * come in one turn of the event loop share a transaction.
   *
   * @param bodies What was written in them, by ref.
   * @returns False: they come after others that are not here yet, and are read with those.
   */
  takeAppended(
    entries: readonly LedgerEntry[],
    bodies: ReadonlyMap<Ref, { readonly [member: string]: Json }>,
  ): Promise<boolean>;
  /** Resolves true as soon as the views are at `position`, false when they are not within the time. */
  caughtUp(position: number, withinMs: number): Promise<boolean>;
  /** Calls the listener after each change. */
  onChange(listener: (change: Change) => void): Disposable;
}

/** The entries of an append, on their way into the file. */
type Appended = {
  readonly entries: readonly LedgerEntry[];
  readonly bodies: Parameters<Views["takeAppended"]>[1];
  readonly resolve: (isTaken: boolean) => void;
};

/** The views cannot be opened: nothing can be read or decided. */
export class ViewsError extends Error {
  override readonly name = "ViewsError";
  readonly code = "ledger-silent";
  readonly retry = "later";
}

/** Behind by more than this, entries are taken in large transactions, each subject refreshed once in each. */
const farBehind = 2_000;
const batchEntries = 8_000;
/** Subjects refreshed before others get a turn. */
const refreshedAtOnce = 32;
const progressEveryMs = 2_000;
/** How often texts that may still come are asked for, so many at a time; the ledger tells of most of them before. */
const awaitedEveryMs = 10_000;

/**
 * Resolves as soon as the views can be read: at once where they are there and the ledger answers, else when they are built.
 *
 * @throws {ViewsError} `ledger-silent` when the ledger does not answer within `startLimitMs`.
 */
export async function openViews(options: ViewsOptions): Promise<Views> {
  const { bus, ledger, net, charter, self, logger, now = Date.now } = options;
  await using cleanup = new AsyncDisposableStack();
  const { database, store } = await openCurrent(options);
  cleanup.defer(() => {
    if (database.isTransaction) database.exec("ROLLBACK");
    database.close();
  });
  const { facts, cuts, texts, sources, names } = store;
  const ended = new AbortController();
  const listeners = new Set<(change: Change) => void>();
  const waiting = new Set<{ readonly position: number; readonly done: () => void }>();

  const save = (): void => {
    const before = store.saved;
    const wasComplete = store.isComplete;
    const touched = store.save();
    const { saved: position } = store;
    if (store.isComplete && !wasComplete) {
      discardOtherForms(options.dir);
      logger?.info({ event: "views.built", position });
    }
    try {
      bus.publish(subjects.viewsNotice, encoder.encode(JSON.stringify({ position })));
    } catch (err) {
      // The bus is down: readers look at the file when it is back. What follows here must hear of it all the same.
      logger?.warn({ event: "views.notice-lost", position, err });
    }
    if (position === before) return;
    for (const waiter of waiting) if (waiter.position <= position) waiter.done();
    for (const listener of listeners) {
      try {
        listener({ subjects: touched, position });
      } catch (err) {
        logger?.error({ event: "views.listener-failed", position, err });
      }
    }
  };
  /** Runs writing code; what it could not finish is taken back, and taken again later. */
  const writing = async (work: () => void | Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (err) {
      store.rollBack();
      throw err;
    }
  };

  const progress = createProgress(["entry", "entries"]);
  const startedAt = performance.now();
  let reportedAt = Number.NEGATIVE_INFINITY;
  const report = (): void => {
    const at = performance.now();
    const isLong = at - startedAt >= progressEveryMs || store.head - store.position > farBehind;
    if (store.isComplete || !isLong || at - reportedAt < progressEveryMs) return;
    reportedAt = at;
    const { text } = progress(store.position, store.head);
    store.noteProgress(text);
    logger?.info({ event: "views.rebuilding", position: store.position, head: store.head, progress: text });
    options.onProgress?.(text);
  };

  const take = async (reply: ReadReply): Promise<void> => {
    // Asked again without any news: nothing is written.
    if (reply.entries.length === 0 && store.isComplete && store.unsaved === 0) return;
    const answers = await fetchTexts(ledger, withTexts(reply.entries), logger);
    if (ended.signal.aborted) return;
    await writing(async () => {
      const written = new Map<Ref, Written>(answers.map((answer) => [answer.ref, answer]));
      store.take(reply, written);
      report();
      const isFar = store.head - store.position > farBehind;
      if (isFar && store.unsaved < batchEntries) return;
      const isLarge = store.unsaved > farBehind;
      while (isLarge && store.refresh(refreshedAtOnce)) {
        await breathe();
        if (ended.signal.aborted) return;
      }
      save();
    });
  };
  const isNews = (answer: PayloadAnswer): boolean =>
    "body" in answer ||
    ((answer.state === "withheld" || answer.state === "redacted") &&
      texts.of(answer.ref).state !== answer.state);
  const takeTexts = (answers: readonly PayloadAnswer[]): Promise<void> =>
    writing(() => {
      const news = answers.filter(isNews);
      if (news.length === 0 || ended.signal.aborted) return;
      store.takeTexts(news);
      save();
    });

  const appended: Appended[] = [];
  const takeAllAppended = (): void => {
    const waiting = appended.splice(0);
    const taken: Appended[] = [];
    try {
      for (const append of waiting) {
        const [first] = append.entries;
        if (ended.signal.aborted || first?.position !== store.position + 1) continue;
        const written = new Map<Ref, Written>([...append.bodies].map(([ref, json]) => [ref, { json }]));
        store.take({ entries: append.entries, head: store.head }, written);
        taken.push(append);
      }
      if (taken.length > 0) save();
    } catch (err) {
      taken.length = 0;
      store.rollBack();
      logger?.error({ event: "views.appends-not-taken", position: store.position, err });
    }
    for (const append of waiting) append.resolve(taken.includes(append));
  };

  const follower = cleanup.use(
    follow({
      bus,
      ledger,
      position: () => store.position,
      take,
      ...(logger === undefined ? {} : { logger }),
    }),
  );
  const loadTexts = async (refs: Iterable<Ref>): Promise<void> => {
    const wanted = [...refs].flatMap((ref) => {
      const bytes = texts.isHeld(ref) ? null : facts.entry(ref)?.payloadBytes;
      return bytes == null ? [] : [{ ref, bytes }];
    });
    await takeTexts(await fetchTexts(ledger, wanted, logger));
  };
  cleanup.use(
    bus.subscribe(subjects.textsNotice, async ({ data }) => {
      const notice = decodeJson(TextsNotice, data);
      if (notice.ok) await loadTexts(notice.value.refs);
    }),
  );
  const asking = askForTexts();
  cleanup.defer(async () => {
    ended.abort();
    await asking;
  });

  const caughtUp = async (wanted: number, withinMs: number): Promise<boolean> => {
    if (store.saved >= wanted) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiter = { position: wanted, done: () => resolve(true) };
    waiting.add(waiter);
    const timer = setTimeout(() => resolve(false), withinMs);
    follower.wake();
    return promise.finally(() => {
      clearTimeout(timer);
      waiting.delete(waiter);
    });
  };
  const reads = asReads(
    createFileReads({
      database,
      facts,
      cuts,
      sources,
      names,
      now,
      ...(logger === undefined ? {} : { logger }),
    }),
    caughtUp,
  );
  while (!store.isComplete) await caughtUp(store.saved + 1, progressEveryMs);

  const kept = cleanup.move();
  return {
    net,
    charter,
    self,
    ledger,
    world: { now: cuts.now, asOf: cuts.asOf, headsOf: facts.headsOf },
    get position() {
      return store.saved;
    },
    get count() {
      return store.entries;
    },
    get quarantined() {
      return store.quarantined;
    },
    get isFollowing() {
      return follower.isAnswered;
    },
    texts: {
      isHeld: texts.isHeld,
      of: texts.of,
      load: loadTexts,
    },
    etagOf: (subject) => etagOf(facts.headsOf(subject)),
    reads,
    takeAppended: (entries, bodies) =>
      new Promise((resolve) => {
        appended.push({ entries, bodies, resolve });
        if (appended.length === 1) setImmediate(takeAllAppended);
      }),
    caughtUp,
    onChange: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };

  /** Texts come later than their entries, and a hint may be lost: those that may come are asked for in turn. */
  async function askForTexts(): Promise<void> {
    let after = 0;
    while (!ended.signal.aborted) {
      await delay(awaitedEveryMs, undefined, { signal: ended.signal }).catch(() => undefined);
      if (ended.signal.aborted || store.unsaved > 0) continue;
      try {
        const awaited = store.awaitedTexts(after, limits.payloadRefs);
        after = awaited.length < limits.payloadRefs ? 0 : (awaited.at(-1)?.position ?? 0);
        const wanted = awaited.map(({ ref }) => ({ ref, bytes: facts.entry(ref)?.payloadBytes ?? 0 }));
        const answers = await fetchTexts(ledger, wanted, logger);
        await takeTexts(answers);
      } catch (err) {
        logger?.error({ event: "views.texts-not-taken", err });
      }
    }
  }
}

/** Opens the file where it belongs to this ledger, else begins a new one. */
async function openCurrent(options: ViewsOptions) {
  const { dir, ledger, net, charter, self, logger, startLimitMs = 30_000 } = options;
  const owner = { net, charter, self };
  const onDiscarded = (reason: string): void => logger?.warn({ event: "views.discarded", reason });
  const database = openForWriting(dir, owner, onDiscarded);
  const store = openStore(database, owner, logger);
  const mismatch = await mismatchWith(ledger, store, startLimitMs).catch((err: unknown) => {
    database.close();
    throw err;
  });
  if (mismatch === null) return { database, store };
  onDiscarded(mismatch);
  database.close();
  discard(dir);
  const fresh = openForWriting(dir, owner, onDiscarded);
  return { database: fresh, store: openStore(fresh, owner, logger) };
}

/** Whether the ledger still holds, in that place, what was read last. A ledger restored from a copy may not. */
async function mismatchWith(
  ledger: Pick<LedgerClient, "read">,
  { position, newestHash }: Store,
  startLimitMs: number,
): Promise<string | null> {
  const { entries, head } = await firstAnswer(
    () => ledger.read({ after: Math.max(0, position - 1), limit: 1 }),
    startLimitMs,
  );
  if (position === 0) return null;
  if (head < position) return `it is at ${position}, and the ledger only at ${head}`;
  return entries[0]?.hash === newestHash ? null : `the ledger has another entry at ${position}`;
}

const retryMs = 50;

async function firstAnswer<Answer>(ask: () => Promise<Answer>, withinMs: number): Promise<Answer> {
  const began = performance.now();
  for (;;) {
    try {
      return await ask();
    } catch (cause) {
      if (performance.now() - began > withinMs)
        throw new ViewsError(`the ledger did not answer within ${withinMs} ms`, { cause });
      await delay(retryMs);
    }
  }
}

const encoder = new TextEncoder();
