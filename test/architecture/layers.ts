/** The layers of docs/architecture.md as a rule: a package may depend only on packages of lower layers. */
import type { Manifest } from "./packages.ts";

const layers = [
  ["protocol", "tlog"],
  ["api", "storage"],
  ["domain", "replica", "webhook"],
  ["client", "logstore", "node-store", "bus", "nats-operator"],
  ["logstore-sqlite", "logstore-kurrent", "service-kit"],
  ["views"],
  ["ledger", "partnership", "federation", "webhooks", "gateway"],
  ["handfast"],
];

const heights = new Map(layers.flatMap((names, layer) => names.map((name) => [ours(name), layer] as const)));
const testOnly = ours("testkit");
const alone = ours("auditor");

/** Outside clients that exactly one package may import, so that moving to a successor changes one package. */
const onlyImporters = new Map([
  ["nats", ours("bus")],
  ["@nats-io/jwt", ours("nats-operator")],
  ["@nats-io/nkeys", ours("nats-operator")],
  ["@peculiar/x509", ours("nats-operator")],
  ["pino", ours("service-kit")],
  ["fastify", ours("gateway")],
  ["commander", ours("handfast")],
]);

/** What a manifest depends on although its layer does not allow it, one sentence each; empty when it keeps the rule. */
export function breachesOfLayers(manifest: Manifest): readonly string[] {
  const { name } = manifest;
  const needed = Object.keys(manifest.dependencies ?? {});
  const forTests = Object.keys(manifest.devDependencies ?? {});

  if (name === alone) {
    const shared = forTests.filter((dependency) => dependency.startsWith("@handfast/"));
    return [...needed, ...shared].map((dependency) => `${name} trusts nobody, yet needs ${dependency}`);
  }
  if (name === testOnly) return [];

  const own = heights.get(name);
  if (own === undefined) return [`${name} has no layer: name it in test/architecture/layers.ts`];

  const heightOf = (dependency: string) => {
    const isOutside = !dependency.startsWith("@handfast/");
    return isOutside ? Number.NEGATIVE_INFINITY : (heights.get(dependency) ?? Number.POSITIVE_INFINITY);
  };
  return [
    ...needed
      .filter((dependency) => heightOf(dependency) >= own)
      .map((dependency) => `${name} is not above ${dependency}, which it imports`),
    // Tests may use a package of the same layer (those of the bus need accounts to connect with), never one above.
    ...forTests
      .filter((dependency) => dependency !== testOnly && heightOf(dependency) > own)
      .map((dependency) => `${name} is below ${dependency}, which its tests import`),
    ...needed
      .filter((dependency) => (onlyImporters.get(dependency) ?? name) !== name)
      .map((dependency) => `${name} imports ${dependency}, which only ${onlyImporters.get(dependency)} may`),
  ];
}

function ours(name: string): string {
  return `@handfast/${name}`;
}
