/** Membership: the votes and leavings that people decide, and the attestation that the node owes once it was voted in. */
import { decideNetwork, owedAttestation } from "@handfast/domain/decide-network";
import { refuse } from "@handfast/domain/decision";
import type { WholeView } from "@handfast/domain/whole";
import { type Owed, startFollowUps } from "@handfast/service-kit/follow-ups";
import { type CommandService, serveCommands } from "@handfast/service-kit/serve-commands";

/** Resolves when every verb about membership is served; from then on the node attests where it is its turn. */
export async function startNetwork(deps: CommandService): Promise<AsyncDisposable> {
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(
    await serveCommands({
      ...deps,
      service: "network",
      description: "Who takes part, by whose word.",
      decide: decideNetwork,
    }),
  );
  cleanup.use(startFollowUps({ ...deps, owed }));
  const kept = cleanup.move();
  return { [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Its operator agreed to the charter by joining, so the node says so as soon as the votes are there. */
function owed(view: WholeView, subjects: ReadonlySet<string> | null): readonly Owed[] {
  if (subjects !== null && !subjects.has(view.cut.network)) return [];
  const decision = owedAttestation(view);
  if (decision?.ok !== true) return [];
  // A founder's own membership is caused by the charter; anybody else's by the sponsorship.
  const cause = decision.entries[0].subject ?? view.cut.network;
  return [{ cause, decide: (now) => owedAttestation(now) ?? refuse("already-a-member") }];
}
