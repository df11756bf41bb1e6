/** A ledger in a process of its own, to be killed. Loads everything, waits for a line on stdin, then serves until it dies. */

import { once } from "node:events";
import { flushCompileCache } from "node:module";
import { openBus } from "@handfast/bus/connect";
import { startLedger } from "@handfast/ledger/service";
import { testStateDir } from "@handfast/testkit/state-folder";

const given = JSON.parse(process.argv[2] ?? "{}") as {
  dir: string;
  charter: string;
  url: string;
  jwt: string;
  seed: string;
};
const { dir, charter, url, jwt, seed } = given;
const bus = await openBus({ servers: [url], credentials: { jwt, seed }, name: "ledger" });
// A process that is killed saves nothing at its end.
flushCompileCache();
process.stdout.write("loaded\n");
await once(process.stdin, "data");
await startLedger({ dir, stateDir: testStateDir(), charter: Buffer.from(charter, "base64url") }, { bus });
process.stdout.write("serving\n");
