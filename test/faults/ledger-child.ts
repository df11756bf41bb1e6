/** A ledger in a process of its own, to be killed. Loads everything, waits for a line on stdin, then serves until it dies. */

import { once } from "node:events";
import { flushCompileCache } from "node:module";
import { exitCodes } from "@handfast/api/exit-codes";
import { openBus } from "@handfast/bus/connect";
import { LedgerError, startLedger } from "@handfast/ledger/service";
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
try {
  const ledger = await startLedger(
    { dir, stateDir: testStateDir(), charter: Buffer.from(charter, "base64url") },
    { bus },
  );
  // A process that cannot be sure of its disk ends, as a node's does.
  void ledger.fatal.then(({ exitCode }) => process.exit(exitCode));
} catch (error) {
  process.exit(error instanceof LedgerError ? error.exitCode : exitCodes.fatal);
}
process.stdout.write("serving\n");
