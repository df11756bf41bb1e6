/** Texts that people read in headers. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what must not be in a name
const controls = /[\u0000-\u001f\u007f-\u009f]/;

/** NFC without controls, at most `maxLength` UTF-16 code units. */
export function isText(value: unknown, maxLength: number): value is string {
  return (
    typeof value === "string" &&
    value.length <= maxLength &&
    !controls.test(value) &&
    value.normalize("NFC") === value
  );
}

/** Letters nobody sees, which could make two names look alike or turn them around. */
const invisible = /[\p{Cf}\p{Zl}\p{Zp}]/u;

/** What a partner or a network calls itself: 1 to 64, all of it visible. */
export function isName(value: unknown): value is string {
  return isText(value, 64) && value !== "" && !invisible.test(value);
}
