/**
 * Every kind of thing: how its entries are folded, and what views read off the fold. One row a kind; the compiler names the missing one
 * (docs/decisions/0020-how-a-machine-is-added.md).
 */
import { commitmentMachine } from "./commitment/commitment.ts";
import { commitmentOf } from "./commitment/view.ts";
import { conversationMachine } from "./conversation/conversation.ts";
import { conversationOf } from "./conversation/view.ts";
import type { Cut } from "./cut.ts";
import { challengeMachine } from "./help/challenge.ts";
import { challengeOf } from "./help/view.ts";
import { initiativeMachine } from "./initiative/initiative.ts";
import { initiativeOf } from "./initiative/view.ts";
import type { Fold } from "./kernel/fold.ts";
import type { Machine } from "./kernel/machine.ts";
import type { Kind } from "./kind.ts";

/** `read`: what a thing comes to; null where the entry that was to create it has no effect. */
const rows = {
  initiative: { machine: initiativeMachine, read: initiativeOf },
  challenge: { machine: challengeMachine, read: challengeOf },
  commitment: { machine: commitmentMachine, read: commitmentOf },
  conversation: { machine: conversationMachine, read: conversationOf },
} as const satisfies Record<Kind, unknown>;

/** What a thing of some kind comes to, as views see it. */
export type ThingOf<K extends Kind> = NonNullable<ReturnType<(typeof rows)[K]["read"]>>;

/** Without its state's type, which only the machine itself knows. */
export const machineOf = (kind: Kind): Machine<unknown> => rows[kind].machine as Machine<unknown>;

export const readThing = <K extends Kind>(kind: K, fold: Fold<unknown>, cut: Cut): ThingOf<K> | null =>
  (rows[kind].read as (fold: never, cut: Cut) => unknown)(fold as never, cut) as ThingOf<K> | null;
