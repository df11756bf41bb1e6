// Goal: what a service planned does not run once it has ended. Method: timers that go off by hand.
import { expect, it } from "vitest";
import { endTogether, type Timers } from "./timers.ts";

/** Timers that go off when they are told to, in the order in which they were started. */
function byHand(): Timers & { goOff(): void; readonly count: number } {
  const started = new Map<object, { readonly work: () => void; readonly isOnce: boolean }>();
  const start = (work: () => void, isOnce: boolean): Disposable => {
    const timer = { [Symbol.dispose]: () => void started.delete(timer) };
    started.set(timer, { work, isOnce });
    return timer;
  };
  return {
    after: (_ms, work) => start(work, true),
    every: (_ms, work) => start(work, false),
    random: () => 0,
    goOff: () => {
      for (const [timer, { work, isOnce }] of [...started]) {
        if (isOnce) started.delete(timer);
        work();
      }
    },
    get count() {
      return started.size;
    },
  };
}

it("timers that end together run until then, each for itself, and not afterwards", () => {
  const wall = byHand();
  const ran: string[] = [];
  {
    using timers = endTogether(wall);
    timers.after(1, () => ran.push("once"));
    timers.every(1, () => ran.push("again"));
    timers.after(1, () => ran.push("never"))[Symbol.dispose]();
    wall.goOff();
    timers.after(1, () => ran.push("too late"));
    wall.goOff();
    expect(ran).toEqual(["once", "again", "again", "too late"]);
    timers.after(1, () => ran.push("after the end"));
    expect(wall.count).toBe(2);
  }
  expect(wall.count).toBe(0);
  wall.goOff();
  expect(ran).toHaveLength(4);
});
