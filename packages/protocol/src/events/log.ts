/**
 * `log.opened`: entry 0 of every log. Its control checkpoint is signed by the partner's root key; that of a later log may be signed
 * by a log key of the log it goes on from, and says so, since what only a root may do must be readable from the header.
 */
import { z } from "zod";
import { formats } from "../formats.ts";
import { Hash, LogId, Multikey } from "../ids.ts";
import { Name } from "../text.ts";

/** An earlier log, closed at this size, and its tree's root there. */
const closed = { log: LogId, size: z.int().min(1), root: Hash } as const;
export const ClosedLog = z.strictObject(closed);
export type ClosedLog = z.infer<typeof ClosedLog>;

const LogKeys = z
  .array(Multikey)
  .min(1)
  .max(4)
  .refine((keys) => keys.every((key, index) => index === 0 || (keys[index - 1] as string) < key), {
    message: "not sorted, or named twice",
  })
  .register(formats, { description: "Ascending by code units, none twice." });

export const LogOpenedX = z.strictObject({
  root: Multikey,
  keys: LogKeys,
  witness: Multikey,
  /** b64u SHA-256 of `handfast/root/v1` NUL multikey of the next root. */
  next: Hash,
  name: Name,
  /** The partner's earlier log that this one goes on from. `signed`: absent where the root key signs the opening. */
  previous: z.strictObject({ ...closed, signed: z.literal("log-key").optional() }).optional(),
  /** Further earlier logs that it closes; only where the root key signs. */
  also: z
    .array(ClosedLog)
    .min(1)
    .max(15)
    .refine(
      (logs) => logs.every(({ log }, index) => index === 0 || (logs[index - 1] as { log: LogId }).log < log),
      { message: "not sorted, or named twice" },
    )
    .register(formats, { description: "Ascending by log, none twice, not the previous one." })
    .optional(),
});
export type LogOpenedX = z.infer<typeof LogOpenedX>;

/** What several members of a `log.opened` say together; null where it fits, else what does not. */
export function misfitOfOpening({ previous, also }: Pick<LogOpenedX, "previous" | "also">): string | null {
  if (also === undefined) return null;
  if (previous === undefined) return "also: names no previous log";
  if (previous.signed !== undefined) return "also: only a root key closes several logs";
  return also.some(({ log }) => log === previous.log) ? "also: names the previous log again" : null;
}

/** Whether a log key of the log it goes on from opened it, and not the root. */
export const isOpenedByLogKey = ({ previous }: Pick<LogOpenedX, "previous">): boolean =>
  previous?.signed === "log-key";

/** Every earlier log that an opening closes; none for a first log. */
export const closedBy = ({
  previous,
  also = [],
}: Pick<LogOpenedX, "previous" | "also">): readonly ClosedLog[] =>
  previous === undefined ? [] : [previous, ...also];

/** What a verified `fork.proven` says: from this entry on the log is in doubt. */
export type ProvenFork = { readonly log: LogId; readonly from: number };
