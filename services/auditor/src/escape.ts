/**
 * Text from a bundle, made harmless for a terminal: nothing in it may move the cursor, colour what follows, set a
 * window's title or turn the order of letters around.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
const dangerous = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

function codeOf(letter: string): string {
  return letter.charCodeAt(0).toString(16);
}

/** `text` with controls (C0, C1), bidi marks and other invisible characters written as `\u{...}`. */
export function escapeText(text: string): string {
  return text.replace(dangerous, (letter) => `\\u{${codeOf(letter)}}`);
}

/** `value` as one line of JSON in which the same characters are written as `\uXXXX`: it parses to the same value. */
export function formatJson(value: unknown): string {
  return JSON.stringify(value).replace(dangerous, (letter) => `\\u${codeOf(letter).padStart(4, "0")}`);
}
