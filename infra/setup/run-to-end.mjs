/**
 * Runs one program to its end, with our stdin, stdout and stderr.
 *
 * A stop is the program's to finish: we pass SIGINT and SIGTERM on and wait. Ctrl-C in a terminal reaches the
 * program without us, so there a SIGINT is not passed on; npm and `timeout` may send us the same signal twice
 * more, so a repeat within a second counts as the same one.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";

const sameSignalMs = 1_000;

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env: NodeJS.ProcessEnv, cwd?: string }} options
 * @returns {Promise<number>} Its exit code; 128 + n when signal n ended it.
 */
export async function runToEnd(command, args, options) {
  const child = spawn(command, args, { ...options, stdio: "inherit" });
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  /** @type {Map<string, number>} */
  const lastAt = new Map();
  /** @param {NodeJS.Signals} signal */
  const passOn = (signal) => {
    const isRepeat = Date.now() - (lastAt.get(signal) ?? 0) < sameSignalMs;
    lastAt.set(signal, Date.now());
    if (!isRepeat && !(signal === "SIGINT" && hasTerminal)) child.kill(signal);
  };
  process.on("SIGINT", passOn).on("SIGTERM", passOn);
  try {
    const [code, signal] = await once(child, "exit");
    return code ?? 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)];
  } finally {
    process.off("SIGINT", passOn).off("SIGTERM", passOn);
  }
}
