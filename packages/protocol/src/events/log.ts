/** `log.opened`: entry 0 of every log, signed by the partner's root key through its control checkpoint. */
import { z } from "zod";
import { formats } from "../formats.ts";
import { Hash, LogId, Multikey } from "../ids.ts";
import { Name } from "../text.ts";

export const LogOpenedX = z.strictObject({
  root: Multikey,
  keys: z
    .array(Multikey)
    .min(1)
    .max(4)
    .refine((keys) => keys.every((key, index) => index === 0 || (keys[index - 1] as string) < key), {
      message: "not sorted, or named twice",
    })
    .register(formats, { description: "Ascending by code units, none twice." }),
  witness: Multikey,
  /** b64u SHA-256 of `handfast/root/v1` NUL multikey of the next root. */
  next: Hash,
  name: Name,
  /** The partner's earlier log, closed at that size. */
  previous: z.strictObject({ log: LogId, size: z.int().min(1), root: Hash }).optional(),
});
export type LogOpenedX = z.infer<typeof LogOpenedX>;
