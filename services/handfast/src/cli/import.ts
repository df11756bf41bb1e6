/** Bringing a partner's past: `handfast import FILE` performs what this partner did, and reports every line it could not place. */
import { setTimeout as delay } from "node:timers/promises";
import { exitCodes } from "@handfast/api/exit-codes";
import { createProgress } from "@handfast/service-kit/progress";
import type { Command } from "commander";
import { countIn } from "../node/counts.ts";
import { accountText } from "./account-text.ts";
import type { Run } from "./program.ts";

type Flags = {
  readonly as: readonly string[];
  readonly names?: string;
  readonly only: readonly string[];
  readonly wait: string;
};

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function addImport(program: Command, run: Run): void {
  const importing = program
    .command("import <file>")
    .description("perform this partner's part of a history file, each fact with the time it occurred")
    .option(
      "--as <name>",
      "a name that this partner has in the file, beside its own; may be repeated",
      collect,
      [],
    )
    .option(
      "--names <file>",
      'other partners\' names: a JSON object such as {"Old Orchard": "Orchard"}, the same at every node',
    )
    .option(
      "--only <partners>",
      "partners that have a node, comma separated; may be repeated (default: the network's members)",
      collect,
      [],
    )
    .option(
      "--wait <seconds>",
      "how long to wait for another node's earlier act while nothing arrives",
      "60",
    );
  importing.action((file: string) =>
    run(importing, async ({ api, output }) => {
      const flags = importing.opts<Flags>();
      const waitSeconds = countIn(
        "--wait",
        flags.wait,
        { from: 0, to: 999_999 },
        "seconds, for example --wait 60",
      );
      const { readHistoryFile, readNamesFile } = await import("../history/history-file.ts");
      const { planHistory } = await import("../history/plan.ts");
      const { importHistory } = await import("../history/import.ts");
      const { accountOf } = await import("../history/account.ts");
      const { externalIdsOf } = await import("../history/read-history.ts");
      const { chooseNames } = await import("../history/choose-names.ts");
      const lines = readHistoryFile(file);
      const node = await api();
      const self = (await node.node()).name;
      const partnerIds = await node.partnerIds();
      const naming = chooseNames({
        lines,
        file,
        self,
        members: [...partnerIds.keys()],
        as: flags.as,
        names: flags.names === undefined ? new Map() : readNamesFile(flags.names),
        only: flags.only,
      });
      const plan = planHistory(lines, { naming, now: Date.now() });
      const progress = createProgress("act");
      await using importNode = await node.importNode({
        externalIds: externalIdsOf(lines),
        reading: (done, of) => output.progress(`reading what is here: ${Math.floor((100 * done) / of)} %`),
      });
      const report = await importHistory(importNode, plan, {
        partner: self,
        partnerIds,
        waitMs: waitSeconds * 1_000,
        now: () => performance.now(),
        pause: () => delay(50),
        progress: (done, of) => output.progress(`importing: ${progress(done, of).text}`),
      });
      const account = accountOf(plan, [report]);
      output.result({ partner: self, ...account }, () => accountText(account, self));
      return account.notPlaced.length > 0 ? exitCodes.incomplete : exitCodes.done;
    }),
  );
}
