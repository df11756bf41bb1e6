/** Small shapes that all views share: a partner by id and name, an instant, and whether the texts are here. */

import { PartnerId } from "@handfast/protocol/ids";
import { limits } from "@handfast/protocol/limits";
import { z } from "zod";

/** A partner as people know it. A name that another bore first ends in `#` and the last 6 characters of the id. */
export const Named = z.object({ id: PartnerId, name: z.string() }).meta({ id: "Named" });
export type Named = z.infer<typeof Named>;

/** A name as it is shown may have `#` and an id behind it. */
const shownNameLength = limits.nameLength + 1 + 48;

/** Where a request names a partner outside of its body. In any Unicode form: it is looked up, and kept nowhere. */
export const PartnerIdOrName = z
  .union([PartnerId, z.string().min(1).max(shownNameLength)])
  .describe("A partner's id, or its name as it is shown, where only one partner can be meant");

/** RFC 3339 in UTC with milliseconds. */
export const Instant = z.iso.datetime({ precision: 3 });
export const instantOf = (ms: number): string => new Date(ms).toISOString();

/** Whether what people wrote is at this node. Titles and texts are null where they are not. */
export const Texts = z
  .enum(["here", "none", "not here yet", "withheld", "redacted"])
  .describe("Whether what people wrote is at this node");
export type Texts = z.infer<typeof Texts>;

/** When something was written, and when its author says that it happened, where that is another time. */
export const times = { recordedAt: Instant, occurredAt: Instant.optional() } as const;
