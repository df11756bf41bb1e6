/** Texts that people read in headers. */

// Controls, what hides, and what turns the direction of its surroundings (fold.md section 7).
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what must not be in a text
const unreadable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;

/** One line that says something: NFC, 1 to `maxLength` UTF-16 code units, nothing unreadable. */
export function isText(value: unknown, maxLength: number): value is string {
  return (
    typeof value === "string" &&
    value !== "" &&
    value.length <= maxLength &&
    !unreadable.test(value) &&
    value.normalize("NFC") === value
  );
}

/** What a partner or a network calls itself. */
export function isName(value: unknown): value is string {
  return isText(value, 64);
}
