/**
 * base64url without padding, canonical form only: the same bytes never have two texts, so texts may be compared
 * instead of bytes. The decoder checks and decodes in one pass because an audit does it for every parent.
 */

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const values = new Int8Array(128).fill(-1);
for (let index = 0; index < alphabet.length; index++) values[alphabet.charCodeAt(index)] = index;

function sextet(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? (values[code] as number) : -1;
}

/**
 * Decodes `count` bytes from `text` at `from` into `into` at `offset`. Answers whether every character was of the
 * alphabet and the bits left over were zero; what was written is of no worth otherwise.
 */
export function decodeB64u(
  text: string,
  from: number,
  count: number,
  into: Uint8Array,
  offset: number,
): boolean {
  const end = from + b64uLength(count);
  if (end > text.length) return false;
  let bits = 0;
  let held = 0;
  let written = 0;
  for (let at = from; at < end; at++) {
    const value = sextet(text, at);
    if (value < 0) return false;
    held = (held << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      into[offset + written++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  return held === 0;
}

/** How many characters `count` bytes take: 22 for a log id, 43 for a hash. */
export function b64uLength(count: number): number {
  return Math.ceil((count * 4) / 3);
}

const scratch = new Uint8Array(64);

/** Whether `text` is the canonical form of exactly `count` bytes (at most 64). */
export function isB64u(text: unknown, count: number): text is string {
  return (
    typeof text === "string" && text.length === b64uLength(count) && decodeB64u(text, 0, count, scratch, 0)
  );
}
