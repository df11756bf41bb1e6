/** What arrived, in order: what a page of events or a stream goes on from. Positions that were put aside are gaps. */
import type { Ref } from "@handfast/protocol/ids";
import type { Arrival } from "./read-entry.ts";

export interface Arrivals {
  readonly count: number;
  add(arrival: Arrival): void;
  of(ref: Ref): Arrival | undefined;
  /** Oldest first, from the one after `position`, for as long as the caller goes on. */
  after(position: number): Generator<Arrival, void>;
}

export function createArrivals(): Arrivals {
  const inOrder: Arrival[] = [];
  const byRef = new Map<Ref, Arrival>();

  /** Index of the first arrival beyond `position`. Without gaps it is the position itself. */
  const indexAfter = (position: number): number => {
    let low = 0;
    let high = inOrder.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((inOrder[middle] as Arrival).position > position) high = middle;
      else low = middle + 1;
    }
    return low;
  };

  return {
    get count() {
      return inOrder.length;
    },
    add: (arrival) => {
      inOrder.push(arrival);
      byRef.set(arrival.fact.ref, arrival);
    },
    of: (ref) => byRef.get(ref),
    after: function* (position) {
      for (let index = indexAfter(position); index < inOrder.length; index++) yield inOrder[index] as Arrival;
    },
  };
}
