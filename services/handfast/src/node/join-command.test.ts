// Goal: nobody enters a network by words that cannot be an invitation. (Joining by a true one: test/network.)

import { existsSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testStateDir } from "@handfast/testkit/state-folder";
import { expect, it } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { initNode } from "./init.ts";
import { joinCommand } from "./join-command.ts";

const now = Date.UTC(2026, 0, 1);
const notAsked = () => Promise.reject(new Error("nobody is asked"));

it("takes no file that is not there, no damaged text, and does nothing in a folder without a node", async () => {
  using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-join-"));
  const folder = dataFolder(join(temp.path, "millrace"));
  const joining = (given: string) =>
    joinCommand(folder, given, { yes: true, stateDir: testStateDir() }, notAsked, now);
  await expect(joining("hfinv1.e30")).rejects.toMatchObject({ code: "usage", exitCode: 2 });

  await initNode(folder, "Millrace", {}, now);
  await expect(joining(join(temp.path, "none"))).rejects.toMatchObject({
    code: "usage",
    message: expect.stringMatching(/^there is no file /),
  });
  const damaged = join(temp.path, "invitation");
  writeFileSync(damaged, "hfinv1.e30\n");
  for (const given of ["hfinv1.e30", "hfinv1.", damaged])
    await expect(joining(given)).rejects.toMatchObject({ code: "invitation-malformed", exitCode: 3 });
  expect(existsSync(folder.charter)).toBe(false);
  expect(existsSync(folder.pendingInvitation)).toBe(false);
});
