// Goal: what partners say to each other obliges nobody but its author (law L1), and what a conversation comes to follows from what was said
// alone. Method: random histories about conversations; how many of them reach the deep states is counted and required.

import { events } from "@handfast/protocol/events";
import { type Plan, plans, play } from "@handfast/testkit/random-histories";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Conversation } from "../src/conversation/view.ts";
import type { WholeCut } from "../src/whole.ts";
import { verdictsIn, worldOf } from "./told.ts";

const talk = plans({ minSteps: 30, maxSteps: 60 }).map((plan): Plan => ({ ...plan, theme: "talk" }));
const conversationsIn = (cut: WholeCut): readonly Conversation[] =>
  cut.subjects("conversation").flatMap((ref) => cut.conversation(ref) ?? []);
const isOfConversation = (type: string): boolean =>
  (events as { readonly [name: string]: { readonly machine: string } })[type]?.machine === "conversation";

/** Duties, roles and memberships of one partner. */
const heldBy = (cut: WholeCut, partner: string) => ({
  owes: cut.subjects("commitment").filter((ref) => cut.commitment(ref)?.debtor === partner),
  states: cut.subjects("commitment").map((ref) => cut.commitment(ref)?.state),
  leads: cut.subjects("initiative").filter((ref) => cut.initiative(ref)?.lead === partner),
  takesPart: cut.subjects("initiative").filter((ref) => cut.initiative(ref)?.participants.includes(partner)),
  membership: cut.members.partners.find(({ id }) => id === partner)?.state,
});

describe("conversations", { timeout: 120_000 }, () => {
  it("give nobody a duty, a seat, a role or a membership, whatever is said in them", () => {
    fc.assert(
      fc.property(talk, (plan) => {
        const { facts, partners, ...history } = play(plan);
        const all = worldOf({ facts, ...history }).now;
        const said = facts.filter(({ header }) => !isOfConversation(header.type));
        // What names an entry of a conversation as where it comes from still does, so those entries stay, without their kind's effects.
        const opened = facts.filter(({ header }) => isOfConversation(header.type) && header.subject === null);
        const rest = new Set([...said, ...opened]);
        const named = facts.filter(
          (fact) =>
            !rest.has(fact) &&
            said.some(({ header }) => header.x["from"] === fact.ref || header.x["origin"] === fact.ref),
        );
        const without = worldOf({
          facts: facts.filter((fact) => rest.has(fact) || named.includes(fact)),
          ...history,
        }).now;
        for (const { by } of partners) expect(heldBy(all, by)).toEqual(heldBy(without, by));
      }),
      { numRuns: 150 },
    );
  });

  it("wait for those only whom their asker named, and stop when they have spoken", () => {
    fc.assert(
      fc.property(talk, (plan) => {
        for (const { moves, questions, acks, consents } of conversationsIn(worldOf(play(plan)).now))
          for (const { party, verb, ref, asker } of moves) {
            const question = questions.find((one) => one.ref === ref);
            const ack = acks.find((one) => one.ref === ref);
            const consent = consents.find((one) => one.ref === ref);
            expect((question ?? ack ?? consent)?.by).toBe(asker);
            if (question !== undefined) {
              expect(question.state).toBe("open");
              if (party === "anyone") expect([question.to, question.answers]).toEqual([[], []]);
              else {
                expect(question.to).toContain(party);
                expect(question.answers.map(({ by }) => by)).not.toContain(party);
              }
            }
            if (ack !== undefined) {
              expect(ack.from).toContain(party);
              expect(ack.given.map(({ by }) => by)).not.toContain(party);
            }
            if (consent !== undefined) expect(party).toBe(verb === "promote" ? consent.by : consent.author);
          }
      }),
      { numRuns: 150 },
    );
  });

  it("are never crossed, and promote nothing whose author did not agree", () => {
    fc.assert(
      fc.property(talk, (plan) => {
        const history = play(plan);
        const { now } = worldOf(history);
        const verdicts = verdictsIn(now, history.facts);
        for (const { ref, header } of history.facts)
          if (isOfConversation(header.type)) expect(verdicts[ref], ref).not.toBe("crossed");
        for (const { promotions, said, consents } of conversationsIn(now))
          for (const { of, by, into } of promotions) {
            const author = said.find((text) => text.ref === of)?.by;
            const isAgreed = consents.some(
              (one) => one.by === by && one.of === of && one.as === into.kind && one.agreed !== null,
            );
            expect(author === by || isAgreed).toBe(true);
          }
      }),
      { numRuns: 150 },
    );
  });

  it("reach their deep states in the histories that these laws are asked of", () => {
    const deep: { readonly [state: string]: (conversation: Conversation) => boolean } = {
      "a revised text": ({ said }) => said.some(({ revisedAt }) => revisedAt !== null),
      "an accepted answer": ({ questions }) => questions.some(({ state }) => state === "accepted"),
      "a question kept open after an answer": ({ questions }) =>
        questions.some(({ state, answers }) => state === "open" && answers.length > 0),
      "a question that waits for one of several": ({ questions, moves }) =>
        questions.some(
          ({ ref, to, answers }) =>
            to.length > 1 && answers.length > 0 && moves.some((move) => move.ref === ref),
        ),
      "a word given": ({ acks }) => acks.some(({ given }) => given.length > 0),
      "a promotion by consent": ({ promotions, said }) =>
        promotions.some(({ of, by }) => said.find(({ ref }) => ref === of)?.by !== by),
      "a promotion of one's own": ({ promotions, said }) =>
        promotions.some(({ of, by }) => said.find(({ ref }) => ref === of)?.by === by),
    };
    const sample = fc.sample(talk, { numRuns: 300, seed: 7 });
    const reached = new Map(Object.keys(deep).map((state) => [state, 0]));
    for (const plan of sample) {
      const conversations = conversationsIn(worldOf(play(plan)).now);
      for (const [state, is] of Object.entries(deep))
        if (conversations.some(is)) reached.set(state, (reached.get(state) ?? 0) + 1);
    }
    const shares = Object.fromEntries([...reached].map(([state, count]) => [state, count / sample.length]));
    for (const [state, share] of Object.entries(shares))
      expect(share, JSON.stringify({ state, shares })).toBeGreaterThan(0.05);
    if (process.env["HANDFAST_SHARES"] === "1") process.stdout.write(`${JSON.stringify(shares, null, 1)}\n`);
  });
});
