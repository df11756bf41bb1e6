/**
 * Multikey text of an Ed25519 public key: `z`, then base58btc of 0xed 0x01 and the 32 bytes. A partner's id is the
 * multikey of its first root key, so who a partner is can be read from its name.
 */

const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const form = /^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/;

/** Whether `text` looks like a partner id. Cheap: the key itself is judged where the log opens. */
export function isPartnerId(text: unknown): text is string {
  return typeof text === "string" && form.test(text);
}

/** The 32 key bytes, or undefined where the text is not the one multikey of an Ed25519 key. */
export function decodeMultikey(text: string): Buffer | undefined {
  if (!isPartnerId(text)) return undefined;
  let value = 0n;
  for (const letter of text.slice(1)) value = value * 58n + BigInt(alphabet.indexOf(letter));
  const hex = value.toString(16).padStart(68, "0");
  return hex.length === 68 && hex.startsWith("ed01") ? Buffer.from(hex.slice(4), "hex") : undefined;
}
