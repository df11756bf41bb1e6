/** The exit codes of the command line, the same for every command. */
export const exitCodes = {
  done: 0,
  fault: 1,
  usage: 2,
  invalid: 3,
  unreachable: 4,
  incomplete: 5,
  fatal: 70,
  locked: 73,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
