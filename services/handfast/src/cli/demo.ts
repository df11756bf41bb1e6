/** A network to look at: three partners on this machine and a short story, or a real history played by its most active partners. */
import type { Command } from "commander";
import { countIn } from "../node/counts.ts";
import { usage } from "../node/fault.ts";
import type { Run } from "./program.ts";

export function addDemo(program: Command, run: Run): void {
  const demo = program
    .command("demo")
    .description("run a network of partners on this machine and play a story, or a history file")
    .option("--history <file>", "play this history instead: one node for each of its most active partners")
    .option("--partners <count>", "how many of them", "3")
    .option("--once", "verify the audit bundle, stop everything and end")
    .option("--bundle <file>", "keep the audit bundle here")
    .option("--force", "overwrite the bundle's file if it exists")
    .option(
      "--dir <folder>",
      "keep the nodes' data folders here (default: a temporary one, removed at the end)",
    );
  demo.action(() =>
    run(demo, async ({ output }) => {
      const { history, partners, once, bundle, force, dir } = demo.opts<{
        history?: string;
        partners: string;
        once?: boolean;
        bundle?: string;
        force?: boolean;
        dir?: string;
      }>();
      const count = countIn(
        "--partners",
        partners,
        { from: 1, to: 16 },
        "handfast demo --history FILE --partners 8",
      );
      if (history === undefined && count !== 3)
        throw usage(
          `--partners: got ${partners}, and the story has 3 partners`,
          "--partners goes with --history",
        );
      const { runDemo } = await import("../demo/demo.ts");
      const isForced = force === true;
      return runDemo({ history, partners: count, isOnce: once === true, bundle, isForced, dir, output });
    }),
  );
}
