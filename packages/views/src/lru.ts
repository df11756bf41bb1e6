/**
 * A map of bounded size that forgets what was not used lately: two generations, of which the older one goes as a whole. That
 * costs a look-up or two, where keeping an exact order costs a deletion for every use.
 */
export interface Lru<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  clear(): void;
}

/**
 * @param capacity Never exceeded by more than one value.
 * @param weight Of one value, in whatever unit `capacity` has. Default: one each.
 */
export function createLru<Key, Value>(
  capacity: number,
  weight: (value: Value) => number = () => 1,
): Lru<Key, Value> {
  let young = new Map<Key, Value>();
  let old = new Map<Key, Value>();
  let held = 0;
  const set = (key: Key, value: Value): void => {
    if (!young.has(key)) held += weight(value);
    young.set(key, value);
    if (held * 2 <= capacity) return;
    old = young;
    young = new Map();
    held = 0;
  };
  return {
    get: (key) => {
      const value = young.get(key);
      if (value !== undefined) return value;
      const older = old.get(key);
      if (older !== undefined) set(key, older);
      return older;
    },
    set,
    clear: () => {
      young = new Map();
      old = new Map();
      held = 0;
    },
  };
}
