/** Initiatives: from a verb to what the domain decides of it; and the handoffs that the giver's node completes by itself. */
import { decideInitiative } from "@handfast/domain/decide-initiative";
import { refuse } from "@handfast/domain/decision";
import { leftToCarry, owedCompletion } from "@handfast/domain/follow-ups";
import type { WholeView } from "@handfast/domain/whole";
import type { Ref } from "@handfast/protocol/ids";
import { type Owed, startFollowUps } from "@handfast/service-kit/follow-ups";
import { type CommandService, serveCommands } from "@handfast/service-kit/serve-commands";

/** Resolves when every verb about initiatives is served; from then on accepted handoffs are completed. */
export async function startInitiatives(deps: CommandService): Promise<AsyncDisposable> {
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(
    await serveCommands({
      ...deps,
      service: "initiatives",
      description: "Work that partners take part in, and who leads it.",
      decide: decideInitiative,
    }),
  );
  cleanup.use(startFollowUps({ ...deps, owed }));
  const kept = cleanup.move();
  return { [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function owed(view: WholeView, subjects: ReadonlySet<string> | null): readonly Owed[] {
  // Who is a member decides whether a handoff can be completed, so a change there concerns all of them.
  const all = subjects === null || subjects.has(view.cut.network);
  const refs = all ? view.cut.subjects("initiative") : [...subjects];
  return refs.flatMap((ref) => [...completionOf(ref, view), ...carryingOf(ref, view)]);
}

/** The pledges that a completed handoff still owes its receiver, part by part. */
function carryingOf(ref: Ref, view: WholeView): readonly Owed[] {
  const parts = (now: WholeView) => {
    const initiative = now.cut.initiative(ref);
    return initiative === null ? [] : leftToCarry(initiative, now);
  };
  return parts(view).map(({ cause }) => ({
    cause,
    decide: (now) => parts(now).find((part) => part.cause === cause)?.decision ?? refuse("wrong-state"),
  }));
}

/** The completion that this node owes on an initiative: caused by the acceptance that it names. */
function completionOf(ref: Ref, view: WholeView): readonly Owed[] {
  const cause = acceptNamed(ref, view)?.accept;
  if (cause === undefined) return [];
  const decide = (now: WholeView) => {
    const owing = acceptNamed(ref, now);
    return owing?.accept === cause ? owing.decision : refuse("not-accepted");
  };
  return [{ cause, decide }];
}

function acceptNamed(ref: Ref, view: WholeView) {
  const initiative = view.cut.initiative(ref);
  const decision = initiative === null ? null : owedCompletion(initiative, view);
  if (decision?.ok !== true) return null;
  const [first] = decision.entries;
  return first.type === "handoff.completed" ? { decision, accept: first.x.accept } : null;
}
