/** Moments on the command line: RFC 3339, or a bare day for its end. */
import { isDay } from "./day.ts";

const form = /^(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Milliseconds since 1970; a bare day means its last millisecond, UTC. Undefined for anything else. */
export function parseAsOf(text: string): number | undefined {
  if (isDay(text)) return Date.parse(`${text}T23:59:59.999Z`);
  const [, day, hour, minute, second, fraction, zone] = form.exec(text) ?? [];
  if (day === undefined || !isDay(day) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    return undefined;
  }
  const ms = `${fraction ?? "."}000`.slice(0, 4);
  const at = Date.parse(`${day}T${hour}:${minute}:${second}${ms}${zone?.toUpperCase()}`);
  return Number.isNaN(at) ? undefined : at;
}
