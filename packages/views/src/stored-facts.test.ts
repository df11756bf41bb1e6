// Goal: facts in the file are the domain's facts. Method: the contract suite that the in-memory store keeps, on real files.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { factsContract } from "@handfast/testkit/facts-contract";
import { inventPartners } from "@handfast/testkit/histories";
import { createArrivals } from "../test/told-entries.ts";
import { openForWriting } from "./open-file.ts";
import { openStore } from "./store.ts";

const logs = inventPartners(8).map(({ log }) => log);

factsContract("SQLite", ({ network, charter }) => {
  const dir = mkdtempSync(join(tmpdir(), "handfast-views-"));
  const owner = { net: network, self: charter.founders[0] as string, charter };
  const database = openForWriting(dir, owner, () => undefined);
  const store = openStore(database, owner);
  const arrive = createArrivals(logs);
  return {
    facts: store.facts,
    add: (fact) => {
      if (store.facts.fact(fact.ref) === undefined)
        store.take({ entries: [arrive(fact)], head: 0 }, new Map());
    },
    [Symbol.dispose]: () => {
      database.close();
      rmSync(dir, { recursive: true });
    },
  };
});
