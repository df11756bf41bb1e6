// Goal: the node and the auditor find the same names alike, and the same ones deceptive. Method: every code point, alone in a name.
import {
  isDeceptive as isDeceptiveToAuditor,
  skeletonOf as skeletonOfAuditor,
} from "@handfast/auditor/look-alike";
import { isDeceptive, skeletonOf } from "@handfast/protocol/look-alike";
import { expect, it } from "vitest";

it("names look alike to both programs, letter by letter", () => {
  const differing: string[] = [];
  for (let point = 0; point < 0x110000; point++) {
    if (point >= 0xd800 && point < 0xe000) continue;
    const name = `a ${String.fromCodePoint(point)}b`;
    if (skeletonOf(name) !== skeletonOfAuditor(name) || isDeceptive(name) !== isDeceptiveToAuditor(name))
      differing.push(point.toString(16));
  }
  expect(differing).toEqual([]);
});
