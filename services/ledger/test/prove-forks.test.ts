// Goal: a fork is proven to others as soon as this node may sign, and a node that may not is idle meanwhile and can stop. Method: a
// ledger in a folder, without a bus, to which an author gives two histories of its log.
import { type Author, createAuthor } from "@handfast/testkit/author";
import { eventually } from "@handfast/testkit/eventually";
import { describe, expect, it } from "vitest";
import { createEndpoints } from "../src/endpoints.ts";
import type { LedgerDeps, OpenLedger } from "../src/ledger.ts";
import { append, draft, ledgerFolder, network, startMs, taken } from "./node.ts";

/** Two histories that part at entry 1. */
function liar(): readonly [Author, Author] {
  const histories = [createAuthor(network.net, "millrace"), createAuthor(network.net, "millrace")] as const;
  for (const [branch, author] of histories.entries())
    for (let count = 0; count < 3; count++) author.write({ type: "charter.noted", x: { branch, count } });
  return histories;
}
const give = async (ledger: OpenLedger, [one, other]: readonly [Author, Author]): Promise<void> => {
  for (const frame of [one.frame(0, 1), one.frame(1, 3), other.frame(1, 3)])
    expect(await ledger.rounds.ingest(frame, 1)).toMatchObject({ ok: true });
};
const isProven = (ledger: OpenLedger): boolean =>
  createEndpoints(ledger).status().forks[0]?.isProven === true;
/** A logger that counts what it is told of one event. */
function counting(event: string): { readonly logger: NonNullable<LedgerDeps["logger"]>; count: number } {
  const line = (fields: { readonly event: string }): void => {
    if (fields.event === event) counter.count += 1;
  };
  const logger = { debug: line, info: line, warn: line, error: line };
  const counter = { logger: logger as unknown as NonNullable<LedgerDeps["logger"]>, count: 0 };
  return counter;
}

describe("a fork that is seen", () => {
  it("while nothing may be signed is not written of, and is once it may", async () => {
    using folder = await ledgerFolder();
    const failures = counting("ledger.fork-not-proven");
    await using ledger = await folder.open({ logger: failures.logger });
    ledger.assurance.raise({ code: "root-asked" });
    await give(ledger, liar());
    // A task runs after all rounds that are due: here none is due any more.
    await ledger.rounds.exclusively(() => {});
    expect(createEndpoints(ledger).status().forks).toMatchObject([{ from: 1, isProven: false }]);
    expect(failures.count).toBe(0);
    ledger.assurance.withdraw();
    await eventually("the proof", () => isProven(ledger));
  });

  it("is written of a minute after a refusal, not round after round", async () => {
    using folder = await ledgerFolder();
    const failures = counting("ledger.fork-not-proven");
    let nowMs = startMs + 3_600_000;
    await using ledger = await folder.open({ logger: failures.logger, now: () => nowMs });
    taken(await ledger.rounds.append(append([draft()])));
    // The clock goes back by an hour: nothing may follow what was written ahead of it.
    nowMs = startMs;
    await give(ledger, liar());
    await eventually("an attempt", () => failures.count > 0);
    for (let round = 0; round < 10; round++) await ledger.rounds.append(append([draft()]));
    expect(failures.count).toBe(1);
    nowMs += 3_600_001;
    taken(await ledger.rounds.append(append([draft()])));
    await eventually("the proof", () => isProven(ledger));
  });
});
