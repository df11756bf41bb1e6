/** Numbers as people type them: digits alone, since `1e1` or `0x10` is a slip sooner than a number. */
import { usage } from "./fault.ts";

export type CountRange = { readonly from: number; readonly to: number };

/**
 * @param option As in `--limit`, for the message.
 * @param example A command or an option that fits.
 * @throws {NodeError} usage
 */
export function countIn(option: string, text: string, { from, to }: CountRange, example: string): number {
  const count = Number(text);
  if (/^\d{1,16}$/.test(text) && count >= from && count <= to) return count;
  const range = to === Number.MAX_SAFE_INTEGER ? `from ${from} on` : `from ${from} to ${to}`;
  throw usage(`${option}: got ${JSON.stringify(text)}, expected a whole number ${range}`, example);
}

const mostHours = 72;

/** How long an invitation is good, which may be less than an hour. @throws {NodeError} usage */
export function hoursIn(text: string): number {
  const hours = Number(text);
  if (/^\d{1,2}(\.\d{1,6})?$/.test(text) && hours > 0 && hours <= mostHours) return hours;
  throw usage(
    `--hours: got ${JSON.stringify(text)}, expected a number of hours above 0, ${mostHours} at most`,
    "for example --hours 24",
  );
}
