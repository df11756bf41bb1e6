/** The rule of doors: a room is entered through its `exports`, never through a path into its inside. */
import { dirname, join } from "node:path";
import type { Room, Source } from "./rooms.ts";

const specifiers = /(?:\bfrom|\bimport|\bimport\()\s*"([^"]+)"/g;

/** Imports of one file that pass a door by, one sentence each. */
export function breachesOfDoors({ path, text }: Source, rooms: readonly Room[]): readonly string[] {
  return [...text.matchAll(specifiers)]
    .map((match) => match[1] ?? "")
    .filter((specifier) => (specifier.startsWith(".") ? leaves(path, specifier) : misses(specifier, rooms)))
    .map((specifier) => `${path} imports ${specifier}`);
}

/** A relative import that ends outside the room (or outside `test/`) it starts in. */
function leaves(path: string, specifier: string): boolean {
  return !`${join(dirname(path), specifier)}/`.startsWith(`${roomOf(path)}/`);
}

function roomOf(path: string): string {
  const [top = "", name = ""] = path.split("/");
  return top === "test" ? top : join(top, name);
}

/** A name of ours that no `exports` map has. */
function misses(specifier: string, rooms: readonly Room[]): boolean {
  const [scope, name, ...rest] = specifier.split("/");
  if (scope !== "@handfast") return false;
  const room = rooms.find(({ manifest }) => manifest.name === `${scope}/${name}`);
  const door = [".", ...rest].join("/");
  return room?.manifest.exports?.[door] === undefined;
}
