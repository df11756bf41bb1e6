// Goal: what a process of ours writes gives no secret away, and it stops as it is told to. Method: real processes.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const src = join(import.meta.dirname, "..", "src");
const script = (text: string) => ["--input-type=module", "--eval", text];

describe("a process", () => {
  it("logs ids and faults with their causes, and cuts secrets out to two levels", async () => {
    const { stderr } = await promisify(execFile)(process.execPath, [
      ...script(`
        import { createLogger } from "${src}/logger.ts";
        const logger = createLogger("orchard", "info");
        const secret = "hunter2";
        logger.info({ event: "token.created", id: "a1", token: secret, request: { authorization: secret, headers: { cookie: secret } } });
        logger.error({ event: "append.failed", err: new Error("could not append", { cause: new Error("disk full") }), draft: { body: secret } });
        logger.debug({ event: "not.shown" });
      `),
    ]);
    const lines = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ event }) => event)).toEqual(["token.created", "append.failed"]);
    expect(lines[0]).toMatchObject({ name: "orchard", id: "a1", token: "[cut]" });
    expect(stderr).not.toContain("hunter2");
    expect(JSON.stringify(lines[1])).toContain("disk full");
  });

  it.each(["SIGINT", "SIGTERM"] as const)("disposes its service on %s, and ends with 0", async (signal) => {
    const child = spawn(process.execPath, [
      ...script(`
        import { createLogger } from "${src}/logger.ts";
        import { run } from "${src}/run.ts";
        const tick = setInterval(() => {}, 1000);
        await run(async () => {
          process.stdout.write("up");
          return { [Symbol.asyncDispose]: async () => { clearInterval(tick); process.stdout.write(" down"); } };
        }, createLogger("orchard", "silent"));
      `),
    ]);
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    await once(child.stdout, "data");
    child.kill(signal);
    const [code] = await once(child, "close");
    expect([code, text]).toEqual([0, "up down"]);
  });

  it("that cannot start ends with 1 and says why", async () => {
    const failed = promisify(execFile)(process.execPath, [
      ...script(`
        import { createLogger } from "${src}/logger.ts";
        import { run } from "${src}/run.ts";
        await run(async () => { throw new Error("the port is taken"); }, createLogger("orchard", "info"));
      `),
    ]);
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the port is taken"),
    });
  });
});
