/** How a kind of thing is shown, and the small parts that all kinds share. */
import type { Collection } from "@handfast/api/verbs";
import type { Named } from "@handfast/api/views/named";
import type { Line } from "./sheet.ts";
import type { Row } from "./table.ts";

export type ThingKind<View> = {
  readonly collection: Exclude<Collection, "partners">;
  readonly empty: string;
  readonly heads: readonly string[];
  row(view: View): Row;
  /** How it stands now, in a few lines: what an act's answer ends with. */
  standing(view: View): readonly Line[];
  sheet(view: View): string;
};

/** Texts come after their entries: what has not arrived is told apart from what nobody wrote. */
export const titleOf = ({
  title,
  texts,
}: {
  readonly title: string | null;
  readonly texts: string;
}): string | null => title ?? (texts === "here" || texts === "none" ? null : `(${texts})`);

export const namesOf = (partners: readonly Named[]): string => partners.map(({ name }) => name).join("; ");

export const whenOf = ({
  recordedAt,
  occurredAt,
}: {
  readonly recordedAt: string;
  readonly occurredAt?: string | undefined;
}) =>
  [
    ["recorded", recordedAt],
    ["occurred", occurredAt],
  ] as const;
