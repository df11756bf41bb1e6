/**
 * Answers the server's login challenge with OpenSSL. The client's own way expands the seed three times in JavaScript, which
 * blocks the event loop for 15 ms at every reconnect and for every link.
 */
import { createPrivateKey, sign } from "node:crypto";
import type { Authenticator } from "nats";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/** The DER prefix of an Ed25519 private key in PKCS#8 (RFC 8410 section 7). */
const pkcs8Prefix = Uint8Array.fromHex("302e020100300506032b657004220420");
const seedBytes = 32;

/**
 * @param credentials.jwt The user's JWT.
 * @param credentials.seed Its seed as nkeys writes it: base32 of two prefix bytes, 32 seed bytes and a checksum of two.
 */
export function loginWith({ jwt, seed }: { readonly jwt: string; readonly seed: string }): Authenticator {
  const rawSeed = fromBase32(seed).subarray(2, 2 + seedBytes);
  if (rawSeed.length !== seedBytes) throw new TypeError("the credentials hold no whole nkey seed");
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, rawSeed]),
    format: "der",
    type: "pkcs8",
  });
  return (nonce = "") => ({ jwt, sig: sign(null, Buffer.from(nonce), key).toString("base64") });
}

/** RFC 4648 section 6, without padding; the last bits that fill no byte are dropped. */
function fromBase32(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let pending = 0;
  let bits = 0;
  let length = 0;
  for (const letter of text) {
    const value = alphabet.indexOf(letter);
    if (value < 0) throw new TypeError("the nkey seed is not base32");
    pending = ((pending << 5) | value) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = (pending >> bits) & 0xff;
  }
  return bytes;
}
