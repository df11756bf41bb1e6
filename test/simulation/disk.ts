/**
 * A node's disk: SQLite in memory, where a crash leaves what was committed and nothing else, at any step of writing. It can
 * be full for a while, and an older state of it can be put back.
 */
import { openStoresOn, type Stores, storesForm } from "@handfast/ledger/stores";
import { StorageError } from "@handfast/storage/fault";
import { type Database, openDatabase } from "@handfast/storage/sqlite";
import type { Life } from "./process.ts";

export interface Disk extends Disposable {
  /** What a process sees of it while it lives. */
  openFor(life: Life): Stores;
  /** Ends the life of the process that writes, before or after the so manieth step of writing from now. */
  crashAt(step: number, crash: () => void): void;
  isFull: boolean;
  /** What is on it; null while something is being written. */
  image(): Uint8Array | null;
  /** Puts back what was there at an earlier moment. Nobody has it open. */
  putBack(image: Uint8Array): void;
}

class ProcessIsOver extends Error {
  override readonly name = "ProcessIsOver";
}

export function createDisk(image?: Uint8Array): Disk {
  const database: Database = openDatabase(":memory:", storesForm());
  if (image !== undefined) database.writing.deserialize(image);
  let stepsLeft = 0;
  let crash: (() => void) | null = null;
  let isFull = false;

  const forget = (): void => database.rollBack();

  const goOn = (life: Life): void => {
    if (!life.isOver) return;
    forget();
    throw new ProcessIsOver("the process is over");
  };
  const reach = (life: Life): void => {
    if (!life.isOver && crash !== null && --stepsLeft <= 0) {
      const end = crash;
      crash = null;
      end();
    }
    goOn(life);
  };
  /** Around each step of writing there is a place to die. */
  const step =
    <Given extends readonly unknown[], Answer>(life: Life, work: (...given: Given) => Answer) =>
    (...given: Given): Answer => {
      reach(life);
      if (isFull) throw new StorageError("disk-full", "the simulated disk is full");
      const answer = work(...given);
      reach(life);
      return answer;
    };

  return {
    openFor: (life) => {
      forget();
      const { logs, node } = openStoresOn(database);
      return {
        logs: {
          ...logs,
          append: async (...given) => step(life, () => logs.append(...given))(),
          read: async (...given) => {
            const answer = await logs.read(...given);
            // No step of writing: whether something is read or still at hand depends on real memory, and must decide nothing.
            goOn(life);
            return answer;
          },
        },
        node: {
          ...node,
          get head() {
            return node.head;
          },
          get unfinished() {
            return node.unfinished;
          },
          begin: step(life, node.begin),
          complete: step(life, node.complete),
          keepPayloads: step(life, node.keepPayloads),
          hasRoom: () => !isFull,
          abandon: () => {
            if (!life.isOver) node.abandon();
          },
        },
        [Symbol.asyncDispose]: async () => {},
      };
    },
    crashAt: (step, end) => {
      stepsLeft = step;
      crash = end;
    },
    get isFull() {
      return isFull;
    },
    set isFull(value) {
      isFull = value;
    },
    image: () => (database.writing.isTransaction ? null : database.writing.serialize()),
    putBack: (earlier) => {
      forget();
      database.writing.deserialize(earlier);
    },
    [Symbol.dispose]: () => database[Symbol.dispose](),
  };
}
