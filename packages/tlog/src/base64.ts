/** Standard base64 of RFC 4648 section 4, padded: the only base64 in C2SP texts. */
import { fromBase64, toBase64 } from "#runtime";

export const encodeBase64 = (bytes: Uint8Array): string => toBase64(bytes);

/** The bytes, or undefined for any text that `encodeBase64` would not have written: each value has one spelling. */
export const decodeBase64 = (text: string): Uint8Array | undefined => fromBase64(text) ?? undefined;
