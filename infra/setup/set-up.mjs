/**
 * Brings a checkout to the state its lockfiles describe: the pinned Node from the registry, the packages under
 * that Node, and `nats-server`.
 *
 * Two phases, because npm leaves out optional packages whose `engines` want a newer Node than the one npm runs
 * on, and does so silently. When everything is there it starts no process and needs no network.
 */
import { dirname, join } from "node:path";
import { install, isInstalled, packages, pinnedNode } from "./install.mjs";
import { withLock } from "./lock.mjs";
import { findNatsServer, installNatsServer } from "./nats-server.mjs";
import { pathStartingWith, runtime, runtimeBin } from "./places.mjs";

const unpackedNats = join(runtime, "nats");

/**
 * Resolves to the environment to run programs in: its PATH starts with the folders of the pinned Node and of
 * `nats-server`. Throws a `SetUpError` that says what to type.
 *
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function setUp() {
  if (missing().length > 0) {
    await withLock(join(runtime, ".lock"), () => {
      for (const step of missing()) step();
    });
  }
  const nats = findNatsServer(unpackedNats);
  return pathStartingWith(nats === undefined ? [runtimeBin] : [runtimeBin, dirname(nats)]);
}

/**
 * As `setUp`, for a program that needs nothing but Node: the auditor, which shares no code with the rest.
 *
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function setUpNode() {
  if (!isInstalled(pinnedNode)) {
    await withLock(join(runtime, ".lock"), () => {
      if (!isInstalled(pinnedNode)) install(pinnedNode);
    });
  }
  return pathStartingWith([runtimeBin]);
}

/** The steps still to be done, in their order. */
function missing() {
  const parts = [pinnedNode, packages]
    .filter((part) => !isInstalled(part))
    .map((part) => () => install(part));
  return findNatsServer(unpackedNats) ? parts : [...parts, () => installNatsServer(unpackedNats)];
}
