// Goal: a wait ends when the state is there, and says what it waited for when it never comes.
import { expect, it } from "vitest";
import { eventually } from "./eventually.ts";

it("answers what it saw as soon as it is there", async () => {
  let looks = 0;
  expect(await eventually("a third look", () => (++looks === 3 ? "here" : null))).toBe("here");
  expect(looks).toBe(3);
});

it("takes 0 and the empty text for something, and gives up with what it waited for", async () => {
  expect(await eventually("a number", () => 0)).toBe(0);
  const look = () => {
    throw new Error("not there");
  };
  const given = eventually("a ghost", look, { withinMs: 10 });
  await expect(given).rejects.toMatchObject({
    message: expect.stringContaining("a ghost"),
    cause: { message: "not there" },
  });
});
