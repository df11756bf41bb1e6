/** Decides every verb, and adds by itself what this node owes. */
import { type PartnershipDeps, serveCommands } from "./commands.ts";
import { startFollowUps } from "./follow-ups.ts";

export type { PartnershipDeps };

/** Resolves when every verb is served; from then on the node also attests and completes where it is its turn. */
export async function startPartnership(deps: PartnershipDeps): Promise<AsyncDisposable> {
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(await serveCommands(deps));
  cleanup.use(startFollowUps(deps));
  const owned = cleanup.move();
  return { [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
