// Goal: two operators read the same words for one partner, and other words for another.
import { expect, it } from "vitest";
import { fingerprintOf } from "./fingerprint.ts";
import { toMultikey } from "./ids.ts";

it("a fingerprint is four words of five letters, and another partner's differs", () => {
  const orchard = fingerprintOf(toMultikey(new Uint8Array(32).fill(1)));
  expect(orchard).toMatch(/^(?:[bdfghjklmnprstvz][aiou][bdfghjklmnprstvz][aiou][bdfghjklmnprstvz]-?){4}$/);
  expect(fingerprintOf(toMultikey(new Uint8Array(32).fill(2)))).not.toBe(orchard);
});
