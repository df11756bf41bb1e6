/** What adversaries say (packages/testkit), said again with real keys, so that it can be bundled and verified. */
import type { Fact } from "@handfast/domain/fact";
import { pinnedRefOf } from "@handfast/domain/fact";
import type { Header } from "@handfast/protocol/header";
import { type Adversaries, stated, typeOf } from "@handfast/testkit/adversary";
import { createHistory, type History, type Told } from "@handfast/testkit/histories";
import { signedFoundation } from "./signed-network.ts";

export function retell(adversaries: Adversaries): History {
  const { partners, logs, facts } = adversaries;
  const logsEach = logs.length / partners.length;
  const count = partners.length;
  const history = createHistory(
    signedFoundation({ partners: count, founders: count, ahead: [], variant: 0 }),
  );
  // Adversaries list the logs of one partner beside each other: here they are histories of its one log.
  const writers = logs.map((_, index) => {
    const partner = Math.floor(index / logsEach);
    if (index % logsEach > 0) return history.forks(partner, 2);
    if (logsEach > 1) history.says(partner, "challenge.shared");
    return partner;
  });
  const writerOf = new Map(logs.map(({ log }, index) => [log, writers[index] as number]));
  const words = new Map<string, string>([
    ...logs.map(({ log, by }, index): [string, string] => {
      const identity = history.partners[writers[index] as number];
      return index % logsEach === 0 ? [by, identity?.by ?? ""] : [log, identity?.log ?? ""];
    }),
    ...logs.map(({ log }, index): [string, string] => [
      log,
      history.partners[writers[index] as number]?.log ?? "",
    ]),
    [adversaries.world.now.network, history.net],
  ]);
  const retold = new Map<string, Told>();
  const learn = (fact: Fact, told: Told): void => {
    retold.set(fact.ref, told);
    words.set(fact.ref, told.ref);
    words.set(pinnedRefOf(fact), pinnedRefOf(told));
  };
  const founding = history.facts.filter((one) => one.header.type === "charter.attested");
  for (const [index, fact] of facts.entries()) {
    const founded = founding[index];
    if (founded !== undefined) {
      learn(fact, founded);
      continue;
    }
    const seen = logs.flatMap(({ log }) => retold.get(`${log}.${fact.past(log)}`) ?? []);
    const subject = fact.names === null ? null : (words.get(fact.names) ?? fact.names);
    const x = translated(stated(fact), words) as Header["x"];
    const type = typeOf(fact);
    // Nothing that could not be read says anything here.
    if (type !== null)
      learn(fact, history.says(writerOf.get(fact.log) as number, type, { subject, x, sees: seen }));
  }
  return history;
}

function translated(value: unknown, words: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") return words.get(value) ?? value;
  if (Array.isArray(value)) return value.map((one) => translated(one, words));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, translated(one, words)]));
}
