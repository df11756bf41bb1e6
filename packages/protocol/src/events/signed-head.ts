/** A checkpoint as an entry states it: what its note says besides the origin, which follows from the log. */
import { z } from "zod";
import { fromB64u } from "../bytes.ts";
import { formats } from "../formats.ts";
import { Hash } from "../ids.ts";

/** b64u of what stands in the note's signature line: four bytes of key id, 64 of Ed25519. */
export const NoteSignature = z
  .string()
  .refine((text) => fromB64u(text)?.length === 68, { message: "not a note's signature" })
  .register(formats, {
    id: "note-signature",
    description:
      "What a C2SP note's signature line holds, 4 bytes of key id and 64 of Ed25519, base64url without padding.",
  });

export const SignedHead = z.strictObject({
  size: z.int().min(1),
  root: Hash,
  signature: NoteSignature,
});
export type SignedHead = z.infer<typeof SignedHead>;
