/** Bringing a partner's past: `handfast import FILE` performs what this partner did, and reports every line it could not place. */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { exitCodes } from "@handfast/api/exit-codes";
import type { Command } from "commander";
import { usage } from "../node/fault.ts";
import type { Run } from "./program.ts";
import { table } from "./table.ts";

export function addImport(program: Command, run: Run): void {
  const importing = program
    .command("import <file>")
    .description("perform this partner's part of a history file, each fact with the time it occurred")
    .option("--as <partner>", "this partner's name in the file (default: its own)")
    .option(
      "--only <partners>",
      "partners of the file that have a node, comma separated (default: the network's members by name)",
    )
    .option("--wait <seconds>", "how long to wait for another node's earlier act", "60");
  importing.action((file: string) =>
    run(importing, async ({ api, output }) => {
      const { as, only, wait } = importing.opts<{ as?: string; only?: string; wait: string }>();
      const waitMs = Number(wait) * 1_000;
      if (!Number.isFinite(waitMs) || waitMs < 0) throw usage("--wait takes seconds");
      const { readHistory } = await import("../history/facts.ts");
      const { planHistory } = await import("../history/plan.ts");
      const { importHistory } = await import("../history/import.ts");
      const node = await api();
      const partnerIds = await node.partnerIds();
      const withNode = only === undefined ? new Set(partnerIds.keys()) : new Set(only.split(","));
      const plan = planHistory(readHistory(readText(file)), (partner) => withNode.has(partner));
      const report = await importHistory(node.importNode(), plan, {
        partner: as ?? (await node.node()).name,
        partnerIds,
        waitMs,
        now: () => performance.now(),
        pause: () => delay(20),
        progress: (done, of) => output.progress(`importing: ${done} of ${of}`),
      });
      const planned = plan.flatMap((one) =>
        "notPlaced" in one
          ? [
              {
                line: one.line,
                reason: one.notPlaced,
                ...(one.detail === undefined ? {} : { detail: one.detail }),
              },
            ]
          : [],
      );
      const notPlaced = [...planned, ...report.notPlaced].sort((a, b) => a.line - b.line);
      const leftOut = plan.filter((one) => "leftOut" in one).length;
      output.result({ partner: report.partner, placed: report.placed, leftOut, notPlaced }, () =>
        [
          `placed ${report.placed} facts of ${report.partner}; left out ${leftOut} of partners without a node`,
          ...(notPlaced.length === 0
            ? []
            : [
                "",
                table(
                  ["line", "not placed because", ""],
                  notPlaced.map((one) => [one.line, one.reason, one.detail ?? ""]),
                ),
              ]),
        ].join("\n"),
      );
      return notPlaced.length > 0 ? exitCodes.incomplete : exitCodes.done;
    }),
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw usage(
      `could not read ${file}`,
      (cause as NodeJS.ErrnoException).code === "ENOENT" ? "is the path right?" : undefined,
    );
  }
}
