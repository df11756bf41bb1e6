/**
 * The root logger of a process: JSON lines, `event` first in what one searches for. Ids always, payloads never; what could
 * be a secret is cut out to two levels, so that logging a whole object by mistake gives nothing away.
 */
import { type Logger as Pino, pino, stdSerializers } from "pino";

export type Logger = Pino;
export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** `HANDFAST_LOG_LEVEL`; `info` where it is absent or unknown. */
export const levelIn = (env: Readonly<Record<string, string | undefined>>): LogLevel =>
  logLevels.find((level) => level === env["HANDFAST_LOG_LEVEL"]) ?? "info";

const secrets = [
  "authorization",
  "cookie",
  "token",
  "secret",
  "seed",
  "creds",
  "credentials",
  "jwt",
  "signingKey",
  "privateKey",
  "password",
  "invitation",
  "payload",
  "salt",
  "body",
];

/** @param to A file descriptor; 2 (standard error) unless told, so that results on standard output stay clean. */
export function createLogger(name: string, level: LogLevel = "info", to: number = 2): Logger {
  return pino(
    {
      name,
      level,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: stdSerializers.err },
      redact: {
        paths: secrets.flatMap((secret) => [secret, `*.${secret}`, `*.*.${secret}`]),
        censor: "[cut]",
      },
    },
    pino.destination({ dest: to, sync: true }),
  );
}
