/**
 * A counter that repeats the words of the terms it answers says nothing else than they do, and is answered with them, as one without
 * words is. The domain knows the terms and not the words, so that the words are compared here.
 */
import type { Command } from "@handfast/api/verbs";
import type { Ref } from "@handfast/protocol/ids";
import type { Views } from "@handfast/views/views";
import type { Attempt } from "./deciding.ts";

const words = ["title", "text"] as const;

/**
 * An attempt that is answered with the terms that stand, where a counter says the same of them in the same words.
 *
 * @param attemptOf The attempt at the same command without its words.
 */
export function withoutEqualCounter(
  attempt: Attempt,
  command: Command,
  { texts }: Pick<Views, "texts">,
  attemptOf: (bare: Command) => Attempt,
): Attempt {
  if (command.name !== "commitment.counter") return attempt;
  const given = words.filter((word) => (command.body[word] ?? "") !== "");
  if (given.length === 0) return attempt;
  const { title: _title, text: _text, ...body } = command.body;
  const bare = attemptOf({ ...command, body });
  const isSaid = (terms: Ref): boolean => {
    if (!texts.isHeld(terms)) return false;
    // Terms without words of their own are called what the commitment is called.
    const [own, first] = [texts.of(terms).body, texts.of(command.on).body];
    return given.every((word) => (own?.[word] ?? first?.[word]) === command.body[word]);
  };
  return {
    ...attempt,
    decide: (view) => {
      const again = bare.decide(view);
      return again.ok && again.standing !== undefined && isSaid(again.standing)
        ? again
        : attempt.decide(view);
    },
  };
}
