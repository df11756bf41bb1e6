/**
 * Canonical JSON (RFC 8785, integers only) recognised by walking over the text once: members in ascending order of
 * code units and without escapes, no white space, one spelling for every number and every escape. Nothing is built and nothing is
 * serialised again, which is what lets an audit of a million headers run in seconds. It accepts exactly the texts
 * that `JSON.stringify` would give back after sorting members.
 */

/** A place in a text that begins at `start`. `fault` says what was wrong first; while it is set, `at` is where. */
export type Cursor = { text: string; start: number; at: number; fault: string };

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const shortEscapes = '"\\bfnrt';

function fail(cursor: Cursor, what: string): false {
  if (cursor.fault === "") cursor.fault = `${what} at character ${cursor.at - cursor.start}`;
  return false;
}

/** Steps over `literal`, or fails. A loop: for a few characters it is several times quicker than `startsWith`. */
export function skipLiteral(cursor: Cursor, literal: string): boolean {
  const { text, at } = cursor;
  for (let index = 0; index < literal.length; index++) {
    if (text.charCodeAt(at + index) !== literal.charCodeAt(index)) return fail(cursor, `expected ${literal}`);
  }
  cursor.at = at + literal.length;
  return true;
}

/** Steps over an integer from 0 to 2^53-1 in its one spelling and gives it, or fails and gives -1. */
export function scanInteger(cursor: Cursor): number {
  const { text } = cursor;
  const start = cursor.at;
  let at = start;
  let value = 0;
  for (; at - start < 16; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) break;
    value = value * 10 + digit;
  }
  const isOne = at - start === 1 || (at > start && text.charCodeAt(start) !== 48);
  if (!isOne || value > Number.MAX_SAFE_INTEGER) {
    fail(cursor, "expected an integer from 0 to 2^53-1");
    return -1;
  }
  cursor.at = at;
  return value;
}

/** Steps over a string with its quotes, or fails. The text is known to hold no lone surrogate (strict UTF-8). */
function skipString(cursor: Cursor): boolean {
  const { text } = cursor;
  if (text.charCodeAt(cursor.at) !== quote) return fail(cursor, "expected a string");
  for (let at = cursor.at + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      cursor.at = at + 1;
      return true;
    }
    if (code < 0x20) break;
    if (code !== backslash) continue;
    const length = escapeLength(text, at);
    if (length === 0) break;
    at += length - 1;
  }
  return fail(cursor, "string not in canonical form");
}

/** RFC 8785 section 3.2.2.2: two-character escapes where JSON has one, else \u00xx in lower case for other controls. */
function escapeLength(text: string, at: number): number {
  if (shortEscapes.includes(text.charAt(at + 1))) return text.length > at + 1 ? 2 : 0;
  const unit = text.slice(at + 2, at + 6);
  if (text.charAt(at + 1) !== "u" || !/^00[01][0-9a-f]$/.test(unit)) return 0;
  return "\b\t\n\f\r".includes(String.fromCharCode(Number.parseInt(unit, 16))) ? 0 : 6;
}

/** Steps over any value, or fails. `depth` is how many levels of objects and lists may still open. */
function skipValue(cursor: Cursor, depth: number): boolean {
  const code = cursor.text.charCodeAt(cursor.at);
  if (code === quote) return skipString(cursor);
  if (code === 0x7b) return skipObject(cursor, depth);
  if (code === 0x5b) return skipList(cursor, depth);
  if (code === 0x74) return skipLiteral(cursor, "true");
  if (code === 0x66) return skipLiteral(cursor, "false");
  if (code === 0x6e) return skipLiteral(cursor, "null");
  return scanInteger(cursor) >= 0;
}

function skipList(cursor: Cursor, depth: number): boolean {
  if (depth === 0) return fail(cursor, "nested too deep");
  cursor.at++;
  if (cursor.text.charCodeAt(cursor.at) === 0x5d) return skipLiteral(cursor, "]");
  while (skipValue(cursor, depth - 1)) {
    if (cursor.text.charCodeAt(cursor.at) !== comma) return skipLiteral(cursor, "]");
    cursor.at++;
  }
  return false;
}

/** Steps over an object, or fails. */
export function skipObject(cursor: Cursor, depth: number): boolean {
  if (depth === 0) return fail(cursor, "nested too deep");
  if (!skipLiteral(cursor, "{")) return false;
  if (cursor.text.charCodeAt(cursor.at) === 0x7d) return skipLiteral(cursor, "}");
  let before = "";
  for (let first = true; ; first = false) {
    const start = cursor.at;
    if (!skipString(cursor)) return false;
    const name = cursor.text.slice(start + 1, cursor.at - 1);
    // Parsers have been seen to take one escaped name for another, so the protocol has none.
    if (name.includes("\\")) return fail(cursor, "an escape in a member's name");
    if (!first && name <= before) return fail(cursor, "members not in ascending order");
    if (name === "__proto__") return fail(cursor, "a member may not be named __proto__");
    before = name;
    if (!skipLiteral(cursor, ":") || !skipValue(cursor, depth - 1)) return false;
    if (cursor.text.charCodeAt(cursor.at) !== comma) return skipLiteral(cursor, "}");
    cursor.at++;
  }
}

/** Why `text` is not one canonical value of at most `depth` levels, or undefined. */
export function whyNotCanonical(text: string, depth: number): string | undefined {
  const cursor: Cursor = { text, start: 0, at: 0, fault: "" };
  if (skipValue(cursor, depth) && cursor.at !== text.length) fail(cursor, "text after the value");
  return cursor.fault === "" ? undefined : cursor.fault;
}
