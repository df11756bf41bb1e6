// Goal: what cannot be sent is wrong usage and is never sent.
import { exitCodes } from "@handfast/api/exit-codes";
import { expect, it } from "vitest";
import { perform } from "./acting.ts";

it.each([
  [{ idempotencyKey: "two\nlines" }, /--idempotency-key: got "two\\nlines"/],
  [{ idempotencyKey: "" }, /--idempotency-key: got ""/],
  [{ idempotencyKey: "ключ" }, /--idempotency-key/],
  [{ idempotencyKey: "x".repeat(256) }, /got 256 characters/],
  [{ ifMatch: "a\r\nb" }, /--if-match/],
])("refuses %j before anything is sent", async (given, said) => {
  let sent = 0;
  const command = async () => {
    sent++;
    return {};
  };
  const act = { name: "partner.admit", on: "x.1", body: {}, ...given } as const;
  const refused = perform({ command }, act, { say: () => {} });
  await expect(refused).rejects.toMatchObject({
    exitCode: exitCodes.usage,
    message: expect.stringMatching(said),
  });
  expect(sent).toBe(0);
});
