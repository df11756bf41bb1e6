// Goal: our key pairs are the library's, only faster. Method: both, from the same seeds.
import { createAccount, createOperator, createUser } from "@nats-io/nkeys";
import { expect, it } from "vitest";
import { createAccountKey, createUserKey, keyPair, publicKeyOf } from "./keys.ts";

const message = new TextEncoder().encode("signed alike");

it.each([
  ["operator", createOperator],
  ["account", createAccount],
  ["user", createUser],
] as const)("a pair of an %s has the library's keys and signatures", (_what, create) => {
  const theirs = create();
  const ours = keyPair(new TextDecoder().decode(theirs.getSeed()));
  expect(ours.getPublicKey()).toBe(theirs.getPublicKey());
  expect(ours.getPrivateKey()).toEqual(theirs.getPrivateKey());
  expect(ours.getSeed()).toEqual(theirs.getSeed());
  expect(ours.sign(message)).toEqual(theirs.sign(message));
  expect(theirs.verify(message, ours.sign(message))).toBe(true);
});

it("a fresh key is named by its seed", () => {
  const { user, seed } = createUserKey();
  expect(publicKeyOf(seed)).toBe(user);
  const { account, seed: accountSeed } = createAccountKey();
  expect(publicKeyOf(accountSeed)).toBe(account);
});

it("a seed with a letter changed is refused", () => {
  const { seed } = createUserKey();
  const other = seed.charAt(20) === "A" ? "B" : "A";
  expect(() => keyPair(`${seed.slice(0, 20)}${other}${seed.slice(21)}`)).toThrow();
});
