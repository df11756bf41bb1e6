// Goal: a service that dies is started again, as a process and as a thread; one that must not go on is not; and why a service cannot
// start is told in its own words.
import { mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createLogger } from "@handfast/service-kit/logger";
import { eventually } from "@handfast/testkit/eventually";
import { describe, expect, it } from "vitest";
import { keepService } from "./keep-service.ts";
import type { Form, Launch } from "./launch.ts";

const supervisor = import.meta.resolve("@handfast/service-kit/supervisor");
const logger = createLogger("test", "silent");

/** A service that notes each start in a file, and does then what the text says. */
function service(dir: string, then: string): Launch & { readonly starts: () => number } {
  const main = join(dir, "main.ts");
  const notes = join(dir, "notes");
  writeFileSync(notes, "");
  writeFileSync(
    main,
    `import { appendFileSync } from "node:fs";
     import { supervisor } from ${JSON.stringify(supervisor)};
     const parent = supervisor();
     parent.onStop(() => process.exit(0));
     appendFileSync(process.env.NOTES, ".");
     ${then}`,
  );
  return {
    name: "test",
    main: pathToFileURL(main).href,
    serve: () => Promise.reject(new Error("not in place")),
    env: { NOTES: notes },
    starts: () => readFileSync(notes, "utf8").length,
  };
}
const starting = 'parent.report({ state: "starting", progress: "reading: 1 of 2 entries" });';
const up = 'parent.report({ state: "up", facts: { port: 7 } });';

describe.each(["process", "thread"] satisfies Form[])("a service as a %s", { timeout: 240_000 }, (form) => {
  it("says how far a long start is", async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-keep-"));
    const slow = service(temp.path, `${starting} ${up}`);
    const said: string[] = [];
    await using kept = await keepService(slow, {
      form,
      logger,
      again: () => slow,
      onProgress: (text) => void said.push(text),
    });
    expect([kept.facts, said]).toEqual([{ port: 7 }, ["reading: 1 of 2 entries"]]);
  });

  it("is started again each time it dies, with what its first start chose, until it is told to stop", async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-keep-"));
    const dying = service(temp.path, `${up} setTimeout(() => process.exit(1), 20);`);
    const again: unknown[] = [];
    {
      await using kept = await keepService(dying, {
        form,
        logger,
        again: (facts) => {
          again.push(facts);
          return dying;
        },
      });
      expect(kept.facts).toEqual({ port: 7 });
      await eventually("three starts", () => dying.starts() >= 3, { withinMs: 30_000 });
    }
    expect(again[0]).toEqual({ port: 7 });
    const stopped = dying.starts();
    await new Promise((resolve) => setImmediate(resolve));
    expect(dying.starts()).toBe(stopped);
  });

  it("is not started again when it must not go on", async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-keep-"));
    const doubting = service(
      temp.path,
      `${up} setTimeout(() => {
         parent.report({ state: "failed", code: "fatal", message: "cannot be sure", hint: "look", exitCode: 70 });
         process.exitCode = 70;
         parent[Symbol.dispose]();
       }, 20);`,
    );
    await using kept = await keepService(doubting, { form, logger, again: () => doubting });
    expect(await kept.fatal).toMatchObject({
      code: "fatal",
      message: "cannot be sure",
      hint: "look",
      exitCode: 70,
    });
    expect(doubting.starts()).toBe(1);
  });

  it("says why it cannot start", async () => {
    using temp = mkdtempDisposableSync(join(tmpdir(), "handfast-keep-"));
    const failing = service(
      temp.path,
      `parent.report({ state: "failed", code: "settings-invalid", message: "HANDFAST_DATA: invalid", exitCode: 2 });
       process.exitCode = 2;
       parent[Symbol.dispose]();`,
    );
    await expect(keepService(failing, { form, logger, again: () => failing })).rejects.toMatchObject({
      code: "settings-invalid",
      message: "HANDFAST_DATA: invalid",
      exitCode: 2,
    });
  });
});
