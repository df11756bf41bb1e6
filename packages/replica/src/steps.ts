/** A function of seq that only rises, kept as its steps: eight bytes each. */
export type Steps = {
  /** From `seq` on the value is at least `value`. Calls come in ascending order of `seq`. */
  raise(seq: number, value: number): void;
  /** The value at `seq`; -1 before the first step. */
  at(seq: number): number;
  /** The value where it rises exactly at `seq`; -1 elsewhere. */
  riseAt(seq: number): number;
};

export function createSteps(): Steps {
  let places = new Uint32Array(4);
  let values = new Uint32Array(4);
  let count = 0;

  /** Index of the last step at or before `seq`; -1 before the first. */
  const indexAt = (seq: number): number => {
    // Most questions are about the newest entries.
    let low = 0;
    let high = count - 1;
    if (high >= 0 && (places[high] as number) <= seq) return high;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if ((places[middle] as number) <= seq) low = middle + 1;
      else high = middle - 1;
    }
    return high;
  };

  return {
    raise: (seq, value) => {
      if (seq > 0xffff_ffff || value > 0xffff_ffff)
        throw new RangeError("a log this long does not fit in memory");
      if (count > 0 && (values[count - 1] as number) >= value) return;
      if (count > 0 && places[count - 1] === seq) {
        values[count - 1] = value;
        return;
      }
      if (count === places.length) {
        places = grown(places);
        values = grown(values);
      }
      places[count] = seq;
      values[count] = value;
      count += 1;
    },
    at: (seq) => {
      const index = indexAt(seq);
      return index < 0 ? -1 : (values[index] as number);
    },
    riseAt: (seq) => {
      const index = indexAt(seq);
      return index >= 0 && places[index] === seq ? (values[index] as number) : -1;
    },
  };
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
