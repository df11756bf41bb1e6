/** One life of a node's process: after its end nothing it started has any effect, however much of it still runs in memory. */
import type { Scheduler } from "./scheduler.ts";

export interface Life {
  readonly isOver: boolean;
  end(): void;
  /** Called at its end: what waits for an answer lets go, so that memory can be cleared. */
  onEnd(listener: () => void): void;
  /** As of the scheduler, and silent after the end. */
  after(ms: number, work: () => void): Disposable;
  every(ms: number, work: () => void): Disposable;
}

export function beginLife(scheduler: Scheduler): Life {
  let isOver = false;
  const listeners: (() => void)[] = [];
  const after: Life["after"] = (ms, work) =>
    scheduler.after(ms, () => {
      if (!isOver) work();
    });
  return {
    get isOver() {
      return isOver;
    },
    end: () => {
      isOver = true;
      for (const listener of listeners.splice(0)) listener();
    },
    onEnd: (listener) => {
      if (isOver) listener();
      else listeners.push(listener);
    },
    after,
    every: (ms, work) => {
      let next: Disposable;
      const again = (): void => {
        next = after(ms, () => {
          again();
          work();
        });
      };
      again();
      return { [Symbol.dispose]: () => next[Symbol.dispose]() };
    },
  };
}
