/** Threads that work on jobs. How many bytes wait for them is bounded, so a file of any size needs no more memory. */
import { Worker } from "node:worker_threads";
import type { Job, Numbered, Outcome, Setup } from "./jobs.ts";

const waitingBytesMax = 64 * 1024 * 1024;

type Thread = {
  readonly worker: Worker;
  readonly asked: Map<number, { readonly bytes: number; readonly settle: (outcome: Outcome) => void }>;
  waitingBytes: number;
};

export type Pool = AsyncDisposable & {
  /** Has a job done by the least busy thread. Outcomes of a thread that failed are unclean. */
  run(job: Job, bytes: number, transfer?: readonly ArrayBuffer[]): Promise<Outcome>;
  /** Has every thread do the same job. */
  runOnEach(job: Job): Promise<readonly Outcome[]>;
  /** Resolves when there is room for more bytes. */
  room(): Promise<void>;
};

/** Starts `count` threads. */
export function openPool(count: number, setup: Setup): Pool {
  let id = 0;
  let wake = () => {};
  const threads = Array.from({ length: count }, (_unused, index): Thread => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: setup,
      name: `check ${index}`,
    });
    const thread: Thread = { worker, asked: new Map(), waitingBytes: 0 };
    function settle(number: number, outcome: Outcome): void {
      const job = thread.asked.get(number);
      if (job === undefined) return;
      thread.asked.delete(number);
      thread.waitingBytes -= job.bytes;
      job.settle(outcome);
      wake();
    }
    worker.on("message", (done: Numbered<Outcome>) => settle(done.id, done.message));
    // The sequential reading will say what is wrong, or fail in the same way and be heard.
    const fail = () => {
      for (const number of [...thread.asked.keys()]) settle(number, { isClean: false });
    };
    worker.on("error", fail);
    worker.on("exit", fail);
    return thread;
  });

  function runOn(
    thread: Thread,
    job: Job,
    bytes: number,
    transfer: readonly ArrayBuffer[],
  ): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const number = id++;
    thread.asked.set(number, { bytes, settle: resolve });
    thread.waitingBytes += bytes;
    thread.worker.postMessage({ id: number, message: job } satisfies Numbered<Job>, [...transfer]);
    return promise;
  }
  const isFull = () => threads.reduce((sum, { waitingBytes }) => sum + waitingBytes, 0) > waitingBytesMax;

  return {
    run(job, bytes, transfer = []) {
      const [least] = threads.toSorted((a, b) => a.waitingBytes - b.waitingBytes);
      return runOn(least as Thread, job, bytes, transfer);
    },
    runOnEach: (job) => Promise.all(threads.map((thread) => runOn(thread, job, 0, []))),
    async room() {
      while (isFull()) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}
