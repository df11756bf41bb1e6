/** Commitments: from a verb to what the domain decides of it. */
import { decideCommitment } from "@handfast/domain/decide-commitment";
import { type CommandService, serveCommands } from "@handfast/service-kit/serve-commands";

/** Resolves when every verb about commitments is served. */
export const startCommitments = (deps: CommandService): Promise<AsyncDisposable> =>
  serveCommands({
    ...deps,
    service: "commitments",
    description: "One partner promises others an outcome by a day.",
    decide: decideCommitment,
  });
