// Goal: what people meet at the command line is what they were promised: files are theirs, nothing is overwritten, nothing given
// away. Method: every command is a process of its own, and the nodes are real.
import {
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDemoNetwork } from "@handfast/handfast/demo/network";
import type { DemoNode } from "@handfast/handfast/demo/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandsOf, handfast } from "./command-line.ts";

const temp = mkdtempDisposableSync(join(tmpdir(), "handfast-command-line-"));
const cleanup = new AsyncDisposableStack();
let orchard: ReturnType<typeof commandsOf>;

beforeAll(async () => {
  const network = cleanup.use(
    await openDemoNetwork({ name: "Valley", partners: ["Orchard"], dir: temp.path, say: () => {} }),
  );
  const [first] = network.nodes as readonly [DemoNode];
  orchard = commandsOf(first);
});
afterAll(async () => {
  await cleanup.disposeAsync();
  temp.remove();
});

describe("an invitation", () => {
  it("is joined by its inviter's fingerprint as people type it, and no refusal says what it would have been", async () => {
    const invitation = join(temp.path, "invitation");
    expect(await orchard("invite", "--out", invitation)).toMatchObject({ code: 0 });
    expect(statSync(invitation).mode & 0o777).toBe(0o600);
    const again = await orchard("invite", "--out", invitation);
    expect([again.code, again.err]).toEqual([2, expect.stringContaining("exists already")]);

    const { fingerprint } = JSON.parse((await orchard("--json", "status")).out) as { fingerprint: string };
    const millrace = join(temp.path, "millrace");
    const joining = (...flags: string[]) => handfast("--data", millrace, "join", invitation, ...flags);
    expect(await handfast("--data", millrace, "init", "--name", "Millrace")).toMatchObject({ code: 0 });
    for (const flags of [[], ["--fingerprint", "lusab-babad-gutih-tugad"], ["--fingerprint", ""]]) {
      const refused = await joining(...flags);
      expect(refused.code).toBe(2);
      expect(refused.err).toContain("Orchard");
      for (const word of fingerprint.split("-")) expect(refused.out + refused.err).not.toContain(word);
    }
    const typed = `  ${fingerprint.toUpperCase().replace("-", " ").replace("-", " – ")} `;
    expect(await joining("--fingerprint", typed)).toMatchObject({ code: 0 });
  });

  it("that is not there says what happened", async () => {
    const empty = join(temp.path, "empty");
    writeFileSync(empty, "");
    const ferry = join(temp.path, "ferry");
    await handfast("--data", ferry, "init", "--name", "Ferry");
    const joining = await handfast("--data", ferry, "join", empty, "--yes");
    expect([joining.code, joining.err]).toEqual([
      2,
      expect.stringMatching(/empty is empty.*failed[\s\S]*invite --out/),
    ]);
  });
});

describe("an export", () => {
  it("never takes a folder for a file, never overwrites unasked, and leaves no part of itself", async () => {
    const dir = join(temp.path, "exports");
    mkdirSync(dir);
    expect(await orchard("audit", "export", dir)).toMatchObject({
      code: 2,
      err: expect.stringContaining("is a folder"),
    });
    expect(readdirSync(temp.path).filter((name) => name.includes(".part"))).toEqual([]);
    const file = join(dir, "history.hfbundle");
    expect(await orchard("audit", "export", file)).toMatchObject({ code: 0 });
    const whole = readFileSync(file);
    expect(await orchard("audit", "export", file)).toMatchObject({ code: 2 });
    expect(readFileSync(file).equals(whole)).toBe(true);
    expect(await orchard("audit", "export", file, "--force")).toMatchObject({ code: 0 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(["history.hfbundle"]);
  });
});
