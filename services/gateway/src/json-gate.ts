/**
 * The gate for request bodies: strict UTF-8, bounded depth, one JSON value in which every member stands once, and none is
 * called `__proto__`. Two readers must never see two different things in one body.
 */
import { parseJson } from "@handfast/protocol/canonical";
import { ProblemError } from "./problem.ts";

const depth = 16;

/** @throws {ProblemError} `body-malformed` */
export function readJsonBody(bytes: Uint8Array, maxBytes: number): unknown {
  const parsed = parseJson(bytes, { bytes: maxBytes, depth });
  if (!parsed.ok) throw new ProblemError("body-malformed", { detail: parsed.detail });
  const bad = badMember(parsed.text);
  if (bad !== null) throw new ProblemError("body-malformed", { detail: bad });
  return parsed.value;
}

/** What is wrong with a member of a text that is known to be JSON: named twice, or `__proto__`. */
function badMember(text: string): string | null {
  const open: (Set<string> | null)[] = [];
  let isName = false;
  for (let index = 0; index < text.length; index++) {
    switch (text.charAt(index)) {
      case "{":
        open.push(new Set());
        isName = true;
        break;
      case "[":
        open.push(null);
        isName = false;
        break;
      case "}":
      case "]":
        open.pop();
        isName = false;
        break;
      case ",":
        isName = open.at(-1) !== null;
        break;
      case ":":
        isName = false;
        break;
      case '"': {
        const end = endOfString(text, index);
        const members = open.at(-1);
        if (isName && members) {
          // Escapes are read first: "\u0061" and "a" are one name.
          const name = JSON.parse(text.slice(index, end + 1)) as string;
          if (name === "__proto__") return "a member named __proto__";
          if (members.has(name)) return "a member that stands twice";
          members.add(name);
        }
        index = end;
      }
    }
  }
  return null;
}

/** Index of the quote that ends the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return index;
}
