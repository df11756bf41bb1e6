import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accountIdOf, createOperator, nodeAccountNames, parseOperatorIdentity } from "./identity.ts";
import { createAccountKey, createUserKey } from "./keys.ts";

describe("an operator identity", () => {
  const identity = createOperator("Orchard e.V.");

  it("survives its file", () => {
    expect(parseOperatorIdentity(JSON.parse(JSON.stringify(identity)))).toEqual(identity);
  });

  it("has an account of its own for each purpose", () => {
    const ids = nodeAccountNames.map((name) => accountIdOf(identity, name));
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^A[A-Z2-7]{55}$/);
  });

  it.each<[why: string, value: unknown]>([
    ["it is nothing", null],
    ["it is of another version", { ...identity, version: 2 }],
    ["it has a member nobody knows", { ...identity, jetstream: true }],
    ["an account is missing", { ...identity, accountSeeds: { ...identity.accountSeeds, lobby: undefined } }],
    ["a seed is a user's", { ...identity, operatorSeed: createUserKey().seed }],
    ["a seed is an account's", { ...identity, operatorSeed: createAccountKey().seed }],
    ["the name would end the line", { ...identity, name: "orchard\nport: 1" }],
  ])("is refused when %s", (_why, value) => {
    expect(() => parseOperatorIdentity(value)).toThrow();
  });

  it("is refused when any character of a seed is another", () => {
    const seed = identity.operatorSeed;
    // The last character is the one with spare bits: tried one time in three.
    const last = seed.length - 1;
    const place = fc.oneof(
      fc.integer({ min: 0, max: last }),
      fc.integer({ min: 0, max: last }),
      fc.constant(last),
    );
    const letter = fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZ234567a=");
    fc.assert(
      fc.property(place, letter, (index, other) => {
        fc.pre(seed[index] !== other);
        const altered = seed.slice(0, index) + other + seed.slice(index + 1);
        expect(() => parseOperatorIdentity({ ...identity, operatorSeed: altered })).toThrow();
      }),
      { numRuns: 500 },
    );
  });
});
