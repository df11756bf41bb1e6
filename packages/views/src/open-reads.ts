/**
 * The views as a program reads them that does not write them: over a connection that cannot write, told by the writer when
 * there is more. A file that was replaced is opened anew; until there is one that is complete, every question is answered
 * by `ViewsNotReadyError`.
 */
import type { DatabaseSync } from "node:sqlite";
import { subjects } from "@handfast/api/messages/subjects";
import type { Bus } from "@handfast/bus/bus";
import type { Logger } from "@handfast/bus/logger";
import type { PinnedRef } from "@handfast/protocol/ids";
import { asReads } from "./as-reads.ts";
import { openCuts } from "./cuts.ts";
import { openNames } from "./names.ts";
import { fileIdentity, type Owner, openForReading } from "./open-file.ts";
import { type Reads, ViewsNotReadyError } from "./reads.ts";
import { createFileReads, type FileReads } from "./reads-on.ts";
import { openStoredFacts } from "./stored-facts.ts";
import { openStoredTexts } from "./texts.ts";

export type ReadsOptions = Owner & {
  /** The folder of the file that the partnership service writes. */
  readonly dir: string;
  /** Connected in account HOME. */
  readonly bus: Bus;
  readonly logger?: Logger;
  /** Milliseconds since 1970; `overdue` and the like are functions of it. */
  readonly now?: () => number;
};

/** Without any hint. */
const lookEveryMs = 1_000;

type OpenFile = {
  readonly database: DatabaseSync;
  readonly identity: string;
  readonly reads: FileReads;
  /** Brings what is kept in memory up to date with the file. */
  refresh(): void;
};

/** Resolves at once, whether there is a file yet or not. */
export function openReads(options: ReadsOptions): Reads & AsyncDisposable {
  const { dir, bus } = options;
  let file: OpenFile | null = null;
  const waiting = new Set<{ readonly position: number; readonly done: () => void }>();

  const close = (): void => {
    file?.database.close();
    file = null;
  };
  /** Opens the file where it is not open, or is no longer the one in its place. */
  const look = (): void => {
    if (file !== null && file.identity !== fileIdentity(dir)) close();
    file ??= openFile(options);
    if (file === null || waiting.size === 0) return;
    const { position } = file.reads;
    for (const waiter of waiting) if (waiter.position <= position) waiter.done();
  };
  const current = (): FileReads => {
    if (file === null) look();
    if (file === null) throw new ViewsNotReadyError(null);
    file.refresh();
    return file.reads;
  };

  const hints = bus.subscribe(subjects.viewsNotice, () => look());
  const timer = setInterval(look, lookEveryMs);
  look();

  const caughtUp = async (wanted: number, withinMs: number): Promise<boolean> => {
    look();
    if (file !== null && file.reads.position >= wanted) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiter = { position: wanted, done: () => resolve(true) };
    waiting.add(waiter);
    const late = setTimeout(() => resolve(false), withinMs);
    return promise.finally(() => {
      clearTimeout(late);
      waiting.delete(waiter);
    });
  };
  const reads: FileReads = {
    get position() {
      return current().position;
    },
    get entries() {
      return current().entries;
    },
    get quarantined() {
      return current().quarantined;
    },
    list: (collection, query) => current().list(collection, query),
    one: (collection, id, at) => current().one(collection, id, at),
    thread: (id, at) => current().thread(id, at),
    events: (query) => current().events(query),
    withExternalId: (externalId) => current().withExternalId(externalId),
    movesOf: (partner, limit) => current().movesOf(partner, limit),
    partnerOf: (membership) => current().partnerOf(membership),
    membershipFor: (id, verb) => current().membershipFor(id, verb),
  };
  return Object.defineProperties({} as Reads & AsyncDisposable, {
    ...Object.getOwnPropertyDescriptors(asReads(reads, caughtUp)),
    [Symbol.asyncDispose]: {
      value: async () => {
        clearInterval(timer);
        await hints[Symbol.asyncDispose]();
        close();
      },
    },
  });
}

function openFile({ dir, net, self, charter, logger, now = Date.now }: ReadsOptions): OpenFile | null {
  const identity = fileIdentity(dir);
  const database = openForReading(dir, { net, self });
  if (database === null) return null;
  const facts = openStoredFacts(database, { network: net, charter });
  const cuts = openCuts(facts);
  const texts = openStoredTexts(database, facts);
  const names = openNames(database, facts.numbers.partners);
  const sources = {
    self,
    charter,
    named: names.named,
    textOf: texts.of,
    headsOf: facts.headsOf,
    citingEntry: facts.citingEntry,
  };
  const state = database.prepare("SELECT complete, progress FROM cursor");
  let network: readonly PinnedRef[] = [];
  return {
    database,
    identity,
    reads: createFileReads({
      database,
      facts,
      cuts,
      sources,
      names,
      now,
      ...(logger === undefined ? {} : { logger }),
    }),
    refresh: () => {
      const { complete, progress } = state.get() as { complete: number; progress: string | null };
      if (complete === 0) throw new ViewsNotReadyError(progress);
      // Facts never change, and nothing else is folded here but who is a member.
      const heads = facts.headsOf(net);
      if (heads.join() === network.join()) return;
      network = heads;
      names.reload();
      cuts.forgetAll();
    },
  };
}
