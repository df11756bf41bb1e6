/** The founding charter: the founders and the rules. Its hash is the network's id, so nobody can change it later. */
import { z } from "zod";
import { fromB64u, labelledHash, toB64u, toBytes } from "./bytes.ts";
import { canonicalText, type Gated, gate, type Json } from "./canonical.ts";
import { type NetworkId, PartnerId } from "./ids.ts";
import { Name } from "./text.ts";

const days = z.int().min(0).max(3_650);

/** Which form the headers of a network's entries have: 1 in networks that release 0.1.0 founded. */
export type HeaderVersion = 1 | 2;

/** Times are whole days. The defaults are the founding ones of docs/reference/fold.md. */
export const Charter = z.strictObject({
  name: Name,
  /** Left out where it is 1. */
  headers: z.literal(2).optional(),
  founders: z
    .array(PartnerId)
    .min(1)
    .max(16)
    .refine(
      (founders) =>
        founders.every((founder, index) => index === 0 || (founders[index - 1] as string) < founder),
      {
        message: "not sorted, or named twice",
      },
    ),
  /** b64u of 16 random bytes: two networks of one name and founder differ. */
  nonce: z.string().refine((text) => fromB64u(text)?.length === 16, { message: "not 16 bytes" }),
  parameters: z.strictObject({
    sponsors: z.literal(1),
    objectionDays: days,
    confirmWindowDays: days,
    disputeCloseDays: days,
    graceDays: days,
    noticeDays: days,
    leadSoftCap: z.int().min(1).max(100),
    ackByWorkingDays: days,
  }),
});
export type Charter = z.infer<typeof Charter>;

export const defaultParameters: Charter["parameters"] = {
  sponsors: 1,
  objectionDays: 7,
  confirmWindowDays: 14,
  disputeCloseDays: 60,
  graceDays: 2,
  noticeDays: 7,
  leadSoftCap: 3,
  ackByWorkingDays: 3,
};

export const headerVersionOf = ({ headers }: Pick<Charter, "headers">): HeaderVersion => headers ?? 1;

export const encodeCharter = (charter: Charter): Uint8Array =>
  toBytes(canonicalText(charter as unknown as Json));
export const parseCharter = (bytes: Uint8Array): Gated<Charter> =>
  gate(bytes, Charter, { bytes: 65_536, depth: 8 });
/** b64u(SHA-256(`handfast/charter/v1` NUL canonical charter)), protocol section 2. */
export const networkIdOf = (charterBytes: Uint8Array): NetworkId =>
  toB64u(labelledHash("handfast/charter/v1", charterBytes));
