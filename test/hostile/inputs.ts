/** The tables of hostile inputs, and how their bytes are made: as they stand, or as a good input with one thing wrong. */
import { readdirSync, readFileSync } from "node:fs";
import { toBytes } from "@handfast/protocol/bytes";

export type Surface = "header" | "opening" | "payload" | "charter" | "frame";
type Recipe =
  | { readonly text: string }
  | { readonly base64: string }
  /** Texts and how often each stands there: what is too large for a table. */
  | { readonly parts: readonly (readonly [text: string, times: number])[] }
  /** Before and behind the good input of the surface. */
  | { readonly around: readonly [before: string, behind: string] }
  /** In the good input of the surface. */
  | { readonly edit: readonly (readonly [from: string, to: string])[] };
type Row = {
  /** As in the catalogue: group and number. */
  readonly id: string;
  readonly why: string;
  readonly surfaces: readonly Surface[];
  readonly input: Recipe;
  /** A code of the gate, or `ok`: taken, and without harm. */
  readonly code: string;
  /** Refused before anything parses it. */
  readonly unparsed?: boolean;
};
export type Case = Omit<Row, "surfaces" | "input"> & {
  readonly surface: Surface;
  readonly make: () => Uint8Array;
};

const here = new URL("./", import.meta.url);
const read = <T>(path: string): T => JSON.parse(readFileSync(new URL(path, here), "utf8")) as T;

type Entries = { line: string; payload: { body: string } | null }[];
const { charter, logs } = read<{ charter: string; logs: { entries: Entries }[] }>("../vectors/log.json");
const { valid: frames } = read<{ valid: { frame: string }[] }>("../vectors/frames.json");
const orchard = logs[0]?.entries ?? [];

/** One good input of each surface, from the vectors. */
export const good: Readonly<Record<Surface, string>> = {
  header: orchard[4]?.line ?? "",
  opening: orchard[0]?.line ?? "",
  payload: orchard[4]?.payload?.body ?? "",
  charter,
  frame: frames[4]?.frame ?? "",
};

/** Every case of every table in this folder. */
export function readCases(): readonly Case[] {
  const tables = readdirSync(here).filter((name) => name.endsWith(".json"));
  const rows = tables.sort().flatMap((name) => read<{ cases: Row[] }>(name).cases);
  return rows.flatMap(({ surfaces, input, ...row }) =>
    surfaces.map((surface) => ({ ...row, surface, make: () => bytesOf(input, good[surface]) })),
  );
}

function bytesOf(input: Recipe, base: string): Uint8Array {
  if ("text" in input) return toBytes(input.text);
  if ("base64" in input) return new Uint8Array(Buffer.from(input.base64, "base64"));
  if ("parts" in input) return toBytes(input.parts.map(([text, times]) => text.repeat(times)).join(""));
  if ("around" in input) return toBytes(input.around.join(base));
  return toBytes(input.edit.reduce(replaceOnce, base));
}

function replaceOnce(text: string, [from, to]: readonly [string, string]): string {
  const [before, behind, ...more] = text.split(from);
  if (before === undefined || behind === undefined || more.length > 0)
    throw new Error(`${from} does not stand there once`);
  return `${before}${to}${behind}`;
}
