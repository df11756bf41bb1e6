/** Handing the history to an auditor. Verifying it is another program's work: `handfast-audit`. */
import type { Command } from "commander";
import { assertWritable } from "./new-file.ts";
import type { Run } from "./program.ts";

export function addAudit(program: Command, run: Run): void {
  const audit = program.command("audit").description("hand the history to auditors");
  const exporting = audit
    .command("export <file>")
    .description(
      "write the audit bundle: charter, every log, checkpoints and texts; verify it with handfast-audit",
    )
    .option("--force", "overwrite the file if it exists");
  exporting.action((file: string) =>
    run(exporting, async ({ api, output }) => {
      const isForced = exporting.opts<{ force?: boolean }>().force === true;
      assertWritable(file, isForced);
      const bytes = await (await api()).exportBundle(file, isForced, (text) =>
        output.progress(`exporting: ${text}`),
      );
      output.result(
        { file, bytes },
        () =>
          `wrote ${file} (${bytes} bytes)\nverify it: npm run --silent handfast-audit -- verify "${file}"`,
      );
    }),
  );
}
