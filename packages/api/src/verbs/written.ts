/**
 * One-liners as people write them in a command. The wire takes a line of blanks, since an entry's bytes are what they are; a command does
 * not, since it shows nothing.
 */
import { formats } from "@handfast/protocol/formats";
import { External, Title } from "@handfast/protocol/text";

const isNotBlank = (text: string): boolean => text.trim() !== "";
const blank = { message: "blank" };

/** Of the same format as the line it narrows. */
const written = (line: typeof Title): typeof Title =>
  line.refine(isNotBlank, blank).register(formats, formats.get(line) ?? {});

export const WrittenTitle = written(Title);
export const WrittenExternal = written(External);
