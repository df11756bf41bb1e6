// Goal: facts in memory keep what the port promises. Method: the contract suite that a database runs as well.
import { factsContract } from "@handfast/testkit/facts-contract";
import { createMemoryFacts } from "./memory-facts.ts";

factsContract("memory", (network) => {
  const facts = createMemoryFacts(network);
  return { facts, add: (fact) => void facts.add(fact), [Symbol.dispose]: () => undefined };
});
