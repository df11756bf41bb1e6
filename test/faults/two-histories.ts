/** A founder of the network that signed two histories of its log: one of three entries, and one of four that leaves it behind the first. */
import { type Author, createAuthor, testCharter } from "@handfast/testkit/author";

export const network = testCharter("orchard", "thistle");

export function histories(): readonly [Author, Author] {
  const [first, second] = [createAuthor(network.net, "thistle"), createAuthor(network.net, "thistle")];
  for (let count = 1; count < 3; count += 1) first.write({ x: { count } });
  for (let count = 1; count < 4; count += 1) second.write({ x: { count, other: true } });
  return [first, second];
}
