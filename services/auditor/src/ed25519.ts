/**
 * The Handfast-Ed25519 rule. Libraries differ on odd keys and signatures, so the rule is ours: a key is canonical, on
 * the curve, in the prime-order subgroup and not the identity; a signature has S < L and an R that is canonical and
 * not of small order; the equation is the cofactorless one, which node:crypto checks. Curve arithmetic (RFC 8032
 * section 5.1) is done in plain BigInt: once a key, so its few milliseconds do not matter.
 */
import { createPublicKey, type KeyObject, verify } from "node:crypto";

const p = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;

type Point = { readonly x: bigint; readonly y: bigint; readonly z: bigint; readonly t: bigint };
const identity: Point = { x: 0n, y: 1n, z: 1n, t: 0n };

function mod(value: bigint): bigint {
  const rest = value % p;
  return rest < 0n ? rest + p : rest;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = mod(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}

const d = mod(-121665n * power(121666n, p - 2n));
const rootOfMinusOne = power(2n, (p - 1n) / 4n);

/** RFC 8032 section 5.1.3, refusing what is not the one encoding of its point. */
function decodePoint(bytes: Uint8Array): Point | undefined {
  const encoded = littleEndian(bytes);
  const sign = encoded >> 255n;
  const y = encoded & (2n ** 255n - 1n);
  if (y >= p) return undefined;
  const u = mod(y * y - 1n);
  const v = mod(d * y * y + 1n);
  let x = mod(u * power(v, 3n) * power(u * power(v, 7n), (p - 5n) / 8n));
  if (mod(v * x * x) !== u) x = mod(x * rootOfMinusOne);
  if (mod(v * x * x) !== u) return undefined;
  if (x === 0n && sign === 1n) return undefined;
  if ((x & 1n) !== sign) x = p - x;
  return { x, y, z: 1n, t: mod(x * y) };
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}

/** RFC 8032 section 5.1.4; complete, so it doubles as well. */
function add(left: Point, right: Point): Point {
  const a = mod((left.y - left.x) * (right.y - right.x));
  const b = mod((left.y + left.x) * (right.y + right.x));
  const c = mod(2n * d * left.t * right.t);
  const e = mod(2n * left.z * right.z);
  const [f, g, h, i] = [b - a, e - c, e + c, b + a];
  return { x: mod(f * g), y: mod(h * i), z: mod(g * h), t: mod(f * i) };
}

function multiply(point: Point, scalar: bigint): Point {
  let result = identity;
  let doubled = point;
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = add(result, doubled);
    doubled = add(doubled, doubled);
  }
  return result;
}

function isIdentity(point: Point): boolean {
  return point.x === 0n && point.y === point.z;
}

/** Keys come again (a founder is named in the charter and opens a log); each is judged once a run. */
const judged = new Map<string, string | undefined>();

/** Why `key` may sign nothing here, or undefined. */
export function whyNotKey(key: Uint8Array): string | undefined {
  const name = Buffer.from(key).toString("hex");
  if (!judged.has(name)) judged.set(name, judge(key));
  return judged.get(name);
}

function judge(key: Uint8Array): string | undefined {
  if (key.length !== 32) return "a key has 32 bytes";
  const point = decodePoint(key);
  if (point === undefined) return "not the canonical encoding of a point on the curve";
  if (isIdentity(point)) return "the identity element is not a key";
  return isIdentity(multiply(point, order)) ? undefined : "not in the prime-order subgroup";
}

/** The eight points of small order have these y; the sign bit adds the rest. */
const smallOrder: ReadonlySet<string> = new Set([
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);

/** Whether `signature` can be one at all: 64 bytes, S < L, R with a canonical y and not of small order. */
function isWellFormed(signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  const r = Buffer.from(signature.subarray(0, 32));
  r[31] = (r[31] as number) & 0x7f;
  return (
    littleEndian(r) < p && !smallOrder.has(r.toString("hex")) && littleEndian(signature.subarray(32)) < order
  );
}

export type VerifyingKey = { readonly bytes: Buffer; readonly key: KeyObject };

/** A key that passed `whyNotKey`, ready for use many times. */
export function openKey(bytes: Buffer): VerifyingKey {
  const jwk = { kty: "OKP", crv: "Ed25519", x: bytes.toString("base64url") };
  return { bytes, key: createPublicKey({ key: jwk, format: "jwk" }) };
}

/** Whether `signature` is `by`'s over `message`. */
export function isSignedBy(by: VerifyingKey, message: Uint8Array, signature: Uint8Array): boolean {
  return isWellFormed(signature) && verify(null, message, by.key, signature);
}
