/**
 * Cursors: opaque to callers, a place in one collection to us. Pages begin after it, so that nothing is skipped or shown twice; a
 * cursor of one collection means nothing in another.
 */
import type { Collection } from "@handfast/api/verbs";
import { ProblemError } from "./problem.ts";

export type Paged = Collection | "events";

export const cursorOf = (collection: Paged, position: number): string =>
  Buffer.from(`${collection} ${position}`).toString("base64url");

/** @throws {ProblemError} `cursor-invalid` */
export function positionOf(collection: Paged, cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const [, of = "", digits = ""] =
    /^([a-z]+) (\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (of !== "" && of !== collection)
    throw new ProblemError("cursor-invalid", { detail: `It is a cursor of ${of}, not of ${collection}.` });
  if (of === "" || cursorOf(collection, Number(digits)) !== cursor) throw new ProblemError("cursor-invalid");
  return Number(digits);
}
