/** Cursors: opaque to callers, a position of this node to us. Pages begin after it, so that nothing is skipped or shown twice. */
import { ProblemError } from "./problem.ts";

export const cursorOf = (position: number): string => Buffer.from(`p${position}`).toString("base64url");

/** @throws {ProblemError} `cursor-invalid` */
export function positionOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const text = Buffer.from(cursor, "base64url").toString();
  if (!/^p\d{1,15}$/.test(text) || cursorOf(Number(text.slice(1))) !== cursor)
    throw new ProblemError("cursor-invalid");
  return Number(text.slice(1));
}
