/** `handfast keys`: which keys are in force, and the ceremony by files in which the root key, kept apart, opens the next log. */
import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { counted } from "@handfast/service-kit/progress";
import type { Command } from "commander";
import { countIn } from "../node/counts.ts";
import { commandIn } from "../node/data-folder.ts";
import { usage } from "../node/fault.ts";
import type { Run } from "./program.ts";
import { type Row, table } from "./table.ts";

export function addKeysCommands(program: Command, run: Run): void {
  const keys = program
    .command("keys")
    .description("the keys in force in this node's log, and where the root key lies");
  keys.action(() =>
    run(keys, async ({ api, output, folder }) => {
      const inForce = await (await api()).keys();
      const rootFile = existsSync(folder.rootKey) ? folder.rootKey : null;
      output.result({ ...inForce, rootFile }, () => {
        const rows: readonly Row[] = [
          ["log", inForce.log],
          ["root", inForce.root],
          ["root file", rootFile ?? "not on this machine: with its owner"],
          ["next root", `commits to ${inForce.next}`],
          ["log key", inForce.keys.join(", ")],
          ["witness", inForce.witness],
          ...(inForce.isAsked ? [["request", "waits for the root key's answer"] as const] : []),
        ];
        return table(["", ""], rows).trimStart();
      });
    }),
  );
  addRequest(keys, run);
  addOffline(keys, run);
}

function addRequest(keys: Command, run: Run): void {
  const request = keys
    .command("request")
    .description(
      "ask the root key for a next log with a new log key; the node signs nothing until the answer",
    )
    .requiredOption("--out <file>", "where the request is written; it holds no secret")
    .option("--close-at <entries>", "the last good size: what was signed beyond it has no effect any more")
    .option(
      "--root <multikey>",
      "the next root, where the root in force is lost or stolen (handfast keys next-root)",
    )
    .option("--next <hash>", "the hash of the root after it, as that command names it");
  request.action(() =>
    run(request, async ({ api, output, folder }) => {
      const { out, closeAt, root, next } = request.opts<{
        out: string;
        closeAt?: string;
        root?: string;
        next?: string;
      }>();
      if ((root === undefined) !== (next === undefined))
        throw usage("--root and --next belong together", "handfast keys next-root names both");
      const size =
        closeAt === undefined
          ? undefined
          : countIn(
              "--close-at",
              closeAt,
              { from: 1, to: Number.MAX_SAFE_INTEGER },
              "entries, for example --close-at 120",
            );
      if (existsSync(resolve(out))) throw usage(`${out} exists already`, "name another file with --out");
      const { header } = await (await api()).askRoot({
        ...(size === undefined ? {} : { closeAt: size }),
        ...(root === undefined || next === undefined ? {} : { root: { key: root, next } }),
      });
      const { requestText } = await import("../node/root-file.ts");
      writeFileSync(out, requestText(header), { flag: "wx" });
      output.result({ out }, () =>
        [
          `Wrote ${out}. Nothing is signed until the answer comes.`,
          `Next, where the root key is: handfast keys sign ${out} --key <root file> --out <answer>`,
          `Then here: ${commandIn(folder, "keys answer <answer>")}`,
        ].join("\n"),
      );
    }),
  );
  const answer = keys
    .command("answer <file>")
    .description("take the root key's answer: the next log is opened");
  answer.action((file: string) =>
    run(answer, async ({ api, output }) => {
      const { noteIn } = await import("../node/root-file.ts");
      const taken = await (await api()).takeRoot(noteIn(file));
      output.result(taken, () => `goes on in log ${taken.log}, with a new log key`);
    }),
  );
  const cancel = keys.command("cancel").description("take a request to the root key back");
  cancel.action(() =>
    run(cancel, async ({ api, output }) => {
      const taken = await (await api()).takeRoot(null);
      output.result(taken, () => `goes on in log ${taken.log}`);
    }),
  );
}

function addOffline(keys: Command, run: Run): void {
  const sign = keys
    .command("sign <request>")
    .description("on the machine that holds the root key: sign a request; no node and no network is asked")
    .requiredOption("--key <file>", "the root key, as init wrote it (keys/root.json)")
    .requiredOption("--out <file>", "where the answer is written; it holds no secret");
  sign.action((request: string) =>
    run(sign, async ({ output }) => {
      const { key, out } = sign.opts<{ key: string; out: string }>();
      if (existsSync(resolve(out))) throw usage(`${out} exists already`, "name another file with --out");
      const { signRequest } = await import("../node/root-file.ts");
      const { answer, signing } = signRequest(request, key);
      writeFileSync(out, answer, { flag: "wx" });
      output.result({ ...signing, out }, () =>
        [
          `Signed for partner ${signing.partner}:`,
          ...signing.closes.map(
            ({ log, size }) => `  closes log ${log} at ${counted(size, ["entry", "entries"])}`,
          ),
          `  opens log ${signing.log} with the log key ${signing.keys.join(", ")}`,
          `Wrote ${out}: give it to the node with handfast keys answer`,
        ].join("\n"),
      );
    }),
  );
  const next = keys
    .command("next-root")
    .description(
      "where the root key is lost or stolen: make the file of the next root, which the log committed to",
    )
    .requiredOption("--key <file>", "the root file in use, or its copy: it holds the next root")
    .requiredOption("--out <file>", "where the next root's file is written: it is a secret");
  next.action(() =>
    run(next, async ({ output }) => {
      const { key, out } = next.opts<{ key: string; out: string }>();
      if (existsSync(resolve(out))) throw usage(`${out} exists already`, "name another file with --out");
      const { writeNextRoot } = await import("../node/root-file.ts");
      const names = writeNextRoot(key, out);
      output.result(names, () =>
        [
          `Wrote ${out}: keep it apart, and as safe as the one before.`,
          `At the node: handfast keys request --root ${names.key} --next ${names.next} --out <file>`,
        ].join("\n"),
      );
    }),
  );
}
