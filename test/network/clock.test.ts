// Goal: a node whose clock is ahead of those it hears signs nothing ahead of time, and goes on when the clock is set. Method: two
// real nodes, one of which tells and compares a clock that is set while they run.
import { eventually } from "@handfast/testkit/eventually";
import { expect, it } from "vitest";
import { createOwner } from "./ledger.ts";
import { charterOf, converged, join } from "./network.ts";
import { openNode } from "./node.ts";

it("a node ahead of its peers signs nothing until its clock is set, and its peers go on", async () => {
  await using cleanup = new AsyncDisposableStack();
  const owner = createOwner("Orchard");
  const charter = charterOf(owner.partner);
  let aheadMs = 0;
  const clock = { now: () => Date.now() + aheadMs };
  const orchard = cleanup.use(await openNode({ name: "Orchard", charter, owner, clock }));
  const mill = cleanup.use(await openNode({ name: "Mill", charter }));
  await join(mill, orchard);
  const signs = (node: typeof orchard): Promise<string> =>
    node.append().then(
      () => "signed",
      (error: Error) => (error.message.includes("clock-apart") ? "clock-apart" : error.message),
    );
  expect(await signs(orchard)).toBe("signed");
  aheadMs = 10 * 60_000;
  await eventually("nothing is signed", async () => (await signs(orchard)) === "clock-apart", {
    withinMs: 20_000,
    everyMs: 50,
  });
  expect(await signs(mill)).toBe("signed");
  aheadMs = 0;
  await eventually("it goes on", async () => (await signs(orchard)) === "signed", {
    withinMs: 20_000,
    everyMs: 50,
  });
  await converged([orchard, mill]);
});
