/** Text that people wrote: NFC always; names and one-liners without control characters. */
import { z } from "zod";
import { formats } from "./formats.ts";
import { limits } from "./limits.ts";

// C0, DEL, C1, and the characters that reorder or hide what surrounds them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point
export const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above, but prose may hold tabs and line breaks
const unprintableInProse = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

const isNfc = (text: string) => text.isWellFormed() && text.normalize("NFC") === text;

/** One line: 1 to `max` UTF-16 units in NFC, without control characters and direction marks. */
export function lineOfText(max: number) {
  const known = lines.get(max);
  if (known !== undefined) return known;
  const line = z
    .string()
    .min(1)
    .max(max)
    .refine(isNfc, { message: "not in Unicode form NFC" })
    .refine((text) => !unprintable.test(text), { message: "holds a control or direction character" })
    .register(formats, {
      id: `text-${max}`,
      description: `1 to ${max} UTF-16 code units in NFC, without U+0000-1F, 7F-9F, 200B-200F, 202A-202E, 2060-2069, FEFF.`,
    });
  lines.set(max, line);
  return line;
}
/** One schema a length, so that the document of events defines each once. */
const lines = new Map<number, z.ZodString>();

/** Prose: NFC, line breaks and tabs allowed; `max` UTF-16 units. */
export const prose = (max: number = limits.textLength) =>
  z
    .string()
    .max(max)
    .refine(isNfc, { message: "not in Unicode form NFC" })
    .refine((text) => !unprintableInProse.test(text), { message: "holds a control character" });

export const Name = lineOfText(limits.nameLength);
export const Title = lineOfText(limits.titleLength);
export const External = lineOfText(limits.externalLength);
