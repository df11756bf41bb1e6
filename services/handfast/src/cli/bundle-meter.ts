/**
 * How far a bundle has come, read off its bytes as they pass: the manifest at its beginning says how many entries and texts follow, and
 * each of them is a line (docs/reference/bundle.md).
 */
import { createProgress } from "@handfast/service-kit/progress";

/** Sections whose lines are what the manifest counts. */
const counting: ReadonlySet<string> = new Set(["entries", "payloads"]);
const newline = 0x0a;

type Manifest = { readonly logs: readonly { readonly size: number }[]; readonly payloads: number };
type Section = { readonly kind: string; left: number; readonly content: Buffer[] };

/**
 * @returns Takes the next bytes of the bundle, however they are cut, and tells how far it is; null until the manifest is read.
 */
export function createBundleMeter(
  tell = createProgress(["entry and text", "entries and texts"]),
): (chunk: Uint8Array) => string | null {
  let line: Buffer[] = [];
  let section: Section | null = null;
  let total: number | null = null;
  let done = 0;

  /** A section's first line, `<kind> <bytes>`; the first and the last line of the bundle have no section behind them. */
  const begin = (text: string): Section | null => {
    const [, kind = "", bytes] = /^([a-z]+) (\d+)$/.exec(text) ?? [];
    // One more: the newline behind the content.
    return bytes === undefined ? null : { kind, left: Number(bytes) + 1, content: [] };
  };
  const take = (bytes: Buffer, { kind, left, content }: Section): void => {
    const isLast = bytes.length === left;
    const inside = isLast ? bytes.subarray(0, -1) : bytes;
    if (counting.has(kind)) done += linesIn(inside);
    if (kind !== "manifest") return;
    content.push(inside);
    if (!isLast) return;
    const { logs, payloads } = JSON.parse(Buffer.concat(content).toString()) as Manifest;
    total = logs.reduce((sum, { size }) => sum + size, payloads);
  };

  return (chunk) => {
    for (let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength); rest.length > 0; ) {
      if (section === null) {
        const end = rest.indexOf(newline);
        line.push(end < 0 ? rest : rest.subarray(0, end));
        rest = end < 0 ? rest.subarray(rest.length) : rest.subarray(end + 1);
        if (end < 0) continue;
        section = begin(Buffer.concat(line).toString());
        line = [];
      } else {
        const inside = rest.subarray(0, section.left);
        take(inside, section);
        section.left -= inside.length;
        rest = rest.subarray(inside.length);
        if (section.left === 0) section = null;
      }
    }
    return total === null ? null : tell(done, total).text;
  };
}

function linesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) count++;
  return count;
}
