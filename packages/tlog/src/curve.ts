/**
 * As much of the curve Edwards25519 as the key rule needs: decode a point strictly, and tell
 * whether it lies in the subgroup of prime order (RFC 8032 section 5.1).
 *
 * `node:crypto` does not answer these questions, and which keys it takes has changed between
 * versions. BigInt arithmetic is slow (about a millisecond a key), so it is done once a key, never
 * once a signature; and it sees public points only, so it need not run in constant time.
 */

/** The field's prime, 2^255 - 19. */
export const fieldPrime = 2n ** 255n - 19n;
/** The order L of the subgroup that the base point spans. */
export const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n;

const d = mod(-121665n * power(121666n, fieldPrime - 2n));
const sqrtOfMinusOne = power(2n, (fieldPrime - 1n) / 4n);

/** Extended homogeneous coordinates: x = X/Z, y = Y/Z, x * y = T/Z. */
export type Point = { readonly X: bigint; readonly Y: bigint; readonly Z: bigint; readonly T: bigint };

const identity: Point = { X: 0n, Y: 1n, Z: 1n, T: 0n };

/** Why 32 bytes are not a point. */
export type PointRefusal = "not-canonical" | "not-on-curve";

/** Decodes 32 bytes (RFC 8032 section 5.1.3), and takes one encoding a point: y below p, no sign on x = 0. */
export function decodePoint(bytes: Uint8Array): Point | PointRefusal {
  const encoded = littleEndian(bytes);
  const sign = encoded >> 255n;
  const y = encoded & (2n ** 255n - 1n);
  if (y >= fieldPrime) return "not-canonical";
  // Candidate root x = u v^3 (u v^7)^((p-5)/8) of x^2 = u / v, with u = y^2 - 1 and v = d y^2 + 1.
  const u = mod(y * y - 1n);
  const v = mod(d * y * y + 1n);
  const v3 = mod(v * v * v);
  let x = mod(u * v3 * power(mod(u * v3 * v3 * v), (fieldPrime - 5n) / 8n));
  const square = mod(v * x * x);
  if (square !== u) {
    if (square !== mod(-u)) return "not-on-curve";
    x = mod(x * sqrtOfMinusOne);
  }
  if (x === 0n && sign === 1n) return "not-canonical";
  if ((x & 1n) !== sign) x = fieldPrime - x;
  return { X: x, Y: y, Z: 1n, T: mod(x * y) };
}

export function isIdentity(point: Point): boolean {
  return point.X === 0n && point.Y === point.Z;
}

/** Whether L times the point is the identity: true for the identity itself, false for any small component. */
export const isTorsionFree = (point: Point): boolean => isIdentity(times(point, groupOrder));

/** `scalar` times the point, by doubling and adding: for public numbers only, since its time tells them. */
export function times(point: Point, scalar: bigint): Point {
  let product = identity;
  for (const bit of scalar.toString(2)) {
    product = double(product);
    if (bit === "1") product = add(product, point);
  }
  return product;
}

export const negate = ({ X, Y, Z, T }: Point): Point => ({ X: mod(-X), Y, Z, T: mod(-T) });

/** The 32 bytes of a point (RFC 8032 section 5.1.2). */
export function encodePoint({ X, Y, Z }: Point): Uint8Array {
  const inverse = power(Z, fieldPrime - 2n);
  const sign = mod(X * inverse) & 1n;
  return bytesOf(mod(Y * inverse) | (sign << 255n));
}

/** A number below 2^256 as 32 bytes, lowest first. */
export const bytesOf = (value: bigint): Uint8Array =>
  Uint8Array.fromHex(value.toString(16).padStart(64, "0")).reverse();

/** A number from its bytes, lowest first. */
export function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Uint8Array.from(bytes).reverse().toHex()}`);
}

/** add-2008-hwcd-3, complete on this curve (RFC 8032 section 5.1.4). */
export function add(p: Point, q: Point): Point {
  const a = mod((p.Y - p.X) * (q.Y - q.X));
  const b = mod((p.Y + p.X) * (q.Y + q.X));
  const c = mod(2n * p.T * mod(d * q.T));
  const e = mod(2n * p.Z * q.Z);
  return fromSums(b - a, e - c, e + c, b + a);
}

/** dbl-2008-hwcd (RFC 8032 section 5.1.4). */
function double(p: Point): Point {
  const a = mod(p.X * p.X);
  const b = mod(p.Y * p.Y);
  const h = a + b;
  const g = a - b;
  return fromSums(h - mod((p.X + p.Y) * (p.X + p.Y)), mod(2n * p.Z * p.Z) + g, g, h);
}

function fromSums(e: bigint, f: bigint, g: bigint, h: bigint): Point {
  return { X: mod(e * f), Y: mod(g * h), Z: mod(f * g), T: mod(e * h) };
}

function mod(value: bigint): bigint {
  const rest = value % fieldPrime;
  return rest < 0n ? rest + fieldPrime : rest;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = mod(result * result);
    if (bit === "1") result = mod(result * base);
  }
  return result;
}

/** B of RFC 8032 section 5.1: y = 4/5, the even x. */
export const basePoint = decodePoint(bytesOf(mod(4n * power(5n, fieldPrime - 2n)))) as Point;
