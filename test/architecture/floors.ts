/** The picture in docs/architecture.md, as a rule: a room may depend only on rooms of lower floors. */
import type { Manifest } from "./rooms.ts";

const floors = [
  ["protocol", "tlog"],
  ["api"],
  ["domain", "replica", "webhook"],
  ["client", "eventlog", "logstore", "node-store", "bus", "nats-operator"],
  ["logstore-sqlite", "logstore-kurrent", "service-kit"],
  ["projection", "views"],
  ["ledger", "partnership", "federation", "webhooks", "gateway"],
  ["handfast"],
];

const heights = new Map(floors.flatMap((names, floor) => names.map((name) => [ours(name), floor] as const)));
const testOnly = ours("testkit");
const alone = ours("auditor");

/** Clients of the outside world that exactly one room may know, so that a successor is a change of one room. */
const onlyImporters = new Map([
  ["nats", ours("bus")],
  ["@nats-io/jwt", ours("nats-operator")],
  ["@nats-io/nkeys", ours("nats-operator")],
  ["@peculiar/x509", ours("nats-operator")],
  ["pino", ours("service-kit")],
  ["fastify", ours("gateway")],
  ["commander", ours("handfast")],
]);

/** What a manifest depends on that its floor does not allow, one sentence each; empty when it is as it should be. */
export function breachesOfFloors(manifest: Manifest): readonly string[] {
  const { name } = manifest;
  const needed = Object.keys(manifest.dependencies ?? {});
  const forTests = Object.keys(manifest.devDependencies ?? {});

  if (name === alone) {
    const shared = forTests.filter((dependency) => dependency.startsWith("@handfast/"));
    return [...needed, ...shared].map((dependency) => `${name} trusts nobody, yet needs ${dependency}`);
  }
  if (name === testOnly) return [];

  const own = heights.get(name);
  if (own === undefined) return [`${name} has no floor`];

  const heightOf = (dependency: string) => {
    const isOutside = !dependency.startsWith("@handfast/");
    return isOutside ? Number.NEGATIVE_INFINITY : (heights.get(dependency) ?? Number.POSITIVE_INFINITY);
  };
  return [
    ...needed
      .filter((dependency) => heightOf(dependency) >= own)
      .map((dependency) => `${name} does not stand above ${dependency}`),
    // A test may use a neighbour (the bus's tests need accounts to connect with), never what is built on it.
    ...forTests
      .filter((dependency) => dependency !== testOnly && heightOf(dependency) > own)
      .map((dependency) => `${name} stands below ${dependency}, which its tests need`),
    ...needed
      .filter((dependency) => (onlyImporters.get(dependency) ?? name) !== name)
      .map(
        (dependency) => `${name} knows ${dependency}, which is ${onlyImporters.get(dependency)}'s to know`,
      ),
  ];
}

function ours(name: string): string {
  return `@handfast/${name}`;
}
