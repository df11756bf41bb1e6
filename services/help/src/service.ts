/** Challenges and offers of help: from a verb to what the domain decides of it. */
import { decideHelp } from "@handfast/domain/decide-help";
import { type CommandService, serveCommands } from "@handfast/service-kit/serve-commands";

/** Resolves when every verb about challenges is served. */
export const startHelp = (deps: CommandService): Promise<AsyncDisposable> =>
  serveCommands({
    ...deps,
    service: "help",
    description: "What a partner struggles with, and who would help.",
    decide: decideHelp,
  });
