/** Structured log lines, `event` first; pino's logger is one. */
export interface Logger {
  debug(fields: LogFields): void;
  info(fields: LogFields): void;
  warn(fields: LogFields): void;
  error(fields: LogFields): void;
}

export type LogFields = { readonly event: string; readonly [field: string]: unknown };
