/**
 * `x` as the fold reads it. Most entries say one of a few short things (`{}`, `{"term":1}`), so those are parsed once and
 * shared; they are never changed.
 */

export type X = Readonly<Record<string, unknown>>;

const lengthMax = 48;
const countMax = 4096;
const known = new Map<string, X>();

/** The members of a canonical `x`. Throws where `json` is not JSON. */
export function parseX(json: string): X {
  if (json.length > lengthMax) return JSON.parse(json) as X;
  const shared = known.get(json);
  if (shared !== undefined) return shared;
  const x = JSON.parse(json) as X;
  // The text is a part of a longer one, and would keep that in memory.
  if (known.size < countMax) known.set(Buffer.from(json).toString(), x);
  return x;
}
