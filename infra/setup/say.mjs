/** How set-up talks: on stderr, since stdout belongs to the command that is being run. */

/** @param {string} line */
export function say(line) {
  process.stderr.write(`handfast set-up: ${line}\n`);
}

/** What went wrong, for a person: told as one line that says what to type, without a stack. */
export class SetUpError extends Error {}

/**
 * Runs a program to its end and sets its exit code. A `SetUpError` is told and becomes exit code 1.
 *
 * @param {() => Promise<number>} main Resolves to the exit code.
 */
export async function exitWith(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
