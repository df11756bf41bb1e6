/** What an import was let pass: the refusal that the same command would have met, had it been given as of today. */
import type { Command } from "@handfast/api/verbs";
import type { Decision } from "@handfast/domain/decision";
import type { WholeView } from "@handfast/domain/whole";
import { decide } from "./decide.ts";

export type Waiver = {
  /** The code of that refusal, by the last decision noted; null: it would have been accepted all the same. */
  readonly code: string | null;
  note(command: Command, decision: Decision, view: WholeView): void;
};

export function createWaiver(): Waiver {
  let code: string | null = null;
  return {
    get code() {
      return code;
    },
    note: (command, decision, view) => {
      code = null;
      if (!decision.ok || command.body.imported !== true) return;
      // On the same view: what differs is only what being an import waives.
      const unwaived = decide({ ...command, body: { ...command.body, imported: false } } as Command, view);
      code = unwaived.ok ? null : unwaived.refusal;
    },
  };
}
