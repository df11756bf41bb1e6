/**
 * A partner's fingerprint as words that two operators can read to each other before a link opens.
 *
 * Proquints (Daniel S. Wilkerson, 2009): 16 bits a word of five letters, consonants and vowels in turn. Four words are
 * the first 64 bits of SHA-256 over `handfast/fingerprint/v1` NUL partner id.
 */
import { labelledHash } from "./bytes.ts";
import type { PartnerId } from "./ids.ts";

const consonants = "bdfghjklmnprstvz";
const vowels = "aiou";

/** Four words, `lusab-babad-gutih-tugad`. */
export function fingerprintOf(partner: PartnerId): string {
  const hash = labelledHash("handfast/fingerprint/v1", partner);
  return [0, 2, 4, 6]
    .map((index) => word((hash[index] as number) * 256 + (hash[index + 1] as number)))
    .join("-");
}

function word(bits: number): string {
  const letter = (from: string, shift: number, size: number) => from[Math.floor(bits / shift) % size];
  return [
    letter(consonants, 4_096, 16),
    letter(vowels, 1_024, 4),
    letter(consonants, 64, 16),
    letter(vowels, 16, 4),
    letter(consonants, 1, 16),
  ].join("");
}
