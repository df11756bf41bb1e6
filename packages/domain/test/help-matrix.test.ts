// Goal: every unordered pair of entry types about a challenge has a stated outcome when neither knew of the other.
// Method: as for initiatives. What the owner says stands in one log, so two words of the owner are never concurrent.
import { createHistory, inventFoundation, type Told } from "@handfast/testkit/histories";
import { describe, expect, it } from "vitest";
import { fateOf, worldOf } from "./told.ts";

const [owner, helper, third] = [0, 1, 2] as const;
const roles = {
  "challenge.acknowledged": "anyone",
  "challenge.resolved": "owner",
  "challenge.reopened": "owner",
  "help.offered": "helper",
  "help.retracted": "helper",
  "help.accepted": "owner",
  "help.thanked-declined": "owner",
} as const;
type Type = keyof typeof roles;
const types = Object.keys(roles) as readonly Type[];

/** What differs from "both stand", and the state of the challenge and its offers where the pair decides it. */
const stated: {
  readonly [pair: string]: {
    readonly fates?: Partial<Record<Type, string>>;
    readonly offers?: readonly string[];
  };
} = {
  "help.accepted ∥ help.retracted": { fates: { "help.accepted": "crossed" }, offers: ["crossed"] },
  "help.retracted ∥ help.thanked-declined": { offers: ["declined"] },
  "challenge.resolved ∥ help.offered": { offers: ["kept-warm"] },
  "challenge.resolved ∥ help.retracted": { offers: ["retracted"] },
  "challenge.reopened ∥ help.retracted": { offers: ["retracted"] },
  "challenge.reopened ∥ help.offered": { fates: { "help.offered": "challenge-resolved" }, offers: [] },
  "help.offered ∥ help.offered": { offers: ["offered", "offered"] },
  "help.accepted ∥ help.offered": { offers: ["accepted", "offered"] },
  "help.offered ∥ help.thanked-declined": { offers: ["declined", "offered"] },
};

const pairs = types.flatMap((a, index) => types.slice(index).map((b) => [a, b].sort() as [Type, Type]));
const name = (a: Type, b: Type) => `${a} ∥ ${b}`;
const isNever = (a: Type, b: Type) => roles[a] === "owner" && roles[b] === "owner";

function sayBoth(a: Type, b: Type) {
  const history = createHistory(inventFoundation(4, 4));
  const subject = history.tells(owner, "challenge.shared");
  const needsOffer = (type: Type) =>
    ["help.retracted", "help.accepted", "help.thanked-declined"].includes(type);
  const offer = [a, b].some(needsOffer) ? history.tells(helper, "help.offered", { subject }) : null;
  if ([a, b].includes("challenge.reopened")) history.tells(owner, "challenge.resolved", { subject });
  const say = (type: Type, index: number): Told => {
    const who =
      roles[type] === "owner" ? owner : type === "help.retracted" ? helper : index === 0 ? third : 3;
    // Retracting twice, one and the same partner speaks: in order.
    return history.says(who, type, { subject, x: needsOffer(type) ? { offer: offer?.ref ?? "" } : {} });
  };
  return { history, subject, said: [say(a, 0), say(b, 1)] as const };
}

describe("concurrent entries about a challenge", () => {
  it("are 28 pairs of types, beside its creation, which all others have in their past", () =>
    expect(pairs).toHaveLength(28));

  it.each(pairs.filter(([a, b]) => isNever(a, b)).map(([a, b]) => [name(a, b), a, b] as const))(
    "%s: never concurrent, both are the owner's",
    (_name, a, b) => {
      const { said } = sayBoth(a, b);
      expect(said[1].past(said[0].log)).toBe(said[0].seq);
    },
  );

  it.each(
    pairs
      .filter(([a, b]) => !isNever(a, b) && name(a, b) !== "help.retracted ∥ help.retracted")
      .map(([a, b]) => [name(a, b), a, b] as const),
  )("%s", (pair, a, b) => {
    const { history, subject, said } = sayBoth(a, b);
    const { fates = {}, offers } = stated[pair] ?? {};
    expect(fateOf(history, said[0]), a).toBe(fates[a] ?? "effective");
    expect(fateOf(history, said[1]), b).toBe(fates[b] ?? "effective");
    const challenge = worldOf(history).now.challenge(subject.ref);
    if (offers !== undefined) expect(challenge?.offers.map((one) => one.state)).toEqual(offers);
  });

  it("help.retracted ∥ help.retracted: of one offerer's log, the first counts", () => {
    const { history, said } = sayBoth("help.retracted", "help.retracted");
    expect(said.map((one) => fateOf(history, one))).toEqual(["effective", "offer-closed"]);
  });
});
