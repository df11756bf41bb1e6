/**
 * Simulated time. Everything that happens is an event at a moment; between two events all that follows from the first by
 * itself (promises, a ledger's group commit) comes to its end. The order of events is a function of the seed.
 */
export interface Scheduler {
  /** Milliseconds since 1970, as a clock that is right would show. */
  readonly now: number;
  /** Events so far, folded into one number: two runs of one seed that differ anywhere differ here. */
  readonly trace: number;
  after(ms: number, work: () => void): Disposable;
  /** No event happens before this is settled: for what takes real time, and no simulated time. */
  hold(until: Promise<unknown>): void;
  /** Notes that something happened, for `trace`. */
  note(what: string): void;
  /** Runs events until `isOver` or the moment `until`; true when it was over. */
  run(until: number, isOver?: () => boolean): Promise<boolean>;
}

type Event = { readonly at: number; readonly order: number; work: (() => void) | null };

/** Turns of Node's loop before time goes on: as many as a round of the ledger and what follows from it take. */
const turnsAMoment = 3;
const turnsBeforeHolding = 30;

export function createScheduler(startMs: number): Scheduler {
  const heap: Event[] = [];
  let now = startMs;
  let order = 0;
  let trace = 17;
  const held: Promise<unknown>[] = [];

  const isEarlier = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
  const push = (event: Event): void => {
    let place = heap.length;
    heap.push(event);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isEarlier(event, heap[parent] as Event)) break;
      heap[place] = heap[parent] as Event;
      place = parent;
    }
    heap[place] = event;
  };
  const pop = (): Event | undefined => {
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isEarlier(heap[child + 1] as Event, heap[child] as Event)) child += 1;
      if (!isEarlier(heap[child] as Event, last)) break;
      heap[place] = heap[child] as Event;
      place = child;
    }
    heap[place] = last;
    return first;
  };
  const note = (what: string): void => {
    let folded = trace;
    for (let index = 0; index < what.length; index += 1)
      folded = Math.imul(folded ^ what.charCodeAt(index), 16_777_619);
    trace = folded ^ (now & 0x7fffffff);
  };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  return {
    get now() {
      return now;
    },
    get trace() {
      return trace;
    },
    note,
    hold: (until) => {
      held.push(until);
    },
    after: (ms, work) => {
      const event: Event = { at: now + Math.max(0, Math.floor(ms)), order: order++, work };
      push(event);
      return {
        [Symbol.dispose]: () => {
          event.work = null;
        },
      };
    },
    run: async (until, isOver = () => false) => {
      await turn();
      while (!isOver()) {
        if (held.length > 0) {
          // What else is under way comes to its end first: real time that passes here must decide nothing.
          for (let count = 0; count < turnsBeforeHolding; count += 1) await turn();
          await settled(held.splice(0));
        }
        // What the last moment set going comes to its end first, and may bring events that are earlier still.
        if ((heap[0]?.at ?? until) > now) for (let count = 0; count < turnsAMoment; count += 1) await turn();
        if (held.length > 0) continue;
        const next = heap[0];
        if (next === undefined || next.at > until) {
          now = until;
          return isOver();
        }
        pop();
        if (next.work === null) continue;
        now = Math.max(now, next.at);
        next.work();
        await turn();
      }
      return true;
    },
  };
}

/** @throws When it takes so long that something must wait for simulated time, which stands still. */
async function settled(all: readonly Promise<unknown>[]): Promise<void> {
  const { promise: stuck, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("what was held never settled")), stuckAfterMs);
  await Promise.race([Promise.allSettled(all), stuck]).finally(() => clearTimeout(timer));
}
const stuckAfterMs = 300_000;
