/** From a verb to the domain's decision: one row a kind of thing; the compiler names the missing one. */

import type { Command, CommandName } from "@handfast/api/verbs";
import { decideCommitment } from "@handfast/domain/decide-commitment";
import { decideConversation } from "@handfast/domain/decide-conversation";
import { decideHelp } from "@handfast/domain/decide-help";
import { decideInitiative } from "@handfast/domain/decide-initiative";
import { decideNetwork } from "@handfast/domain/decide-network";
import type { Decision } from "@handfast/domain/decision";
import type { WholeView } from "@handfast/domain/whole";

/** `commitment` of `commitment.offer`. */
type Thing = CommandName extends `${infer Name}.${string}` ? Name : never;
type CommandOn<Name extends Thing> = Command<Extract<CommandName, `${Name}.${string}`>>;

const deciders: { readonly [Name in Thing]: (command: CommandOn<Name>, view: WholeView) => Decision } = {
  partner: decideNetwork,
  initiative: decideInitiative,
  challenge: decideHelp,
  commitment: decideCommitment,
  conversation: decideConversation,
};

/** Pure: the entries to append, or a refusal with its code. */
export function decide(command: Command, view: WholeView): Decision {
  const [thing] = command.name.split(".", 1) as [Thing];
  return (deciders[thing] as (command: Command, view: WholeView) => Decision)(command, view);
}
