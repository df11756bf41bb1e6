/** `handfast log`: whether this node may sign its own log, and the two ways on where it may not; backups and their way back. */
import type { NodeView } from "@handfast/api/views/node";
import { budgets } from "@handfast/protocol/budgets";
import { limits } from "@handfast/protocol/limits";
import { counted } from "@handfast/service-kit/progress";
import type { Command } from "commander";
import { commandIn, type DataFolder } from "../node/data-folder.ts";
import { usage } from "../node/fault.ts";
import type { Run } from "./program.ts";
import { table } from "./table.ts";

type OwnLog = NonNullable<NodeView["ownLog"]>;

export function addLogCommands(program: Command, run: Run): void {
  const log = program
    .command("log")
    .description("this node's own log: where it ends, and whether the node signs in it");
  log.action(() =>
    run(log, async ({ api, output, folder }) => {
      const { ownLog } = await (await api()).node();
      if (ownLog === null) throw usage("the ledger does not answer", commandIn(folder, "doctor"));
      output.result(ownLog, () => logText(ownLog, folder));
      return ownLog.doubt === null && clockTrouble(ownLog, folder) === null ? 0 : 1;
    }),
  );
  const confirm = log
    .command("confirm")
    .description("say that this data folder is the newest of its log: go on in it")
    .option(
      "--yes",
      "you know that nothing was signed in this log elsewhere, or after this folder was copied",
    );
  confirm.action(() =>
    run(confirm, async ({ api, output, folder }) => {
      if (confirm.opts<{ yes?: boolean }>().yes !== true)
        throw usage(
          "a log that is gone on with from an older copy contradicts what partners hold of it",
          `if this folder is the newest: ${commandIn(folder, "log confirm --yes")}; if you are not sure: ${commandIn(folder, "log new")}`,
        );
      const done = await (await api()).confirmLog();
      output.result(done, () => `goes on in log ${String(done["log"])}`);
    }),
  );
  const next = log
    .command("new")
    .description("close this node's log where it ends, and go on in a new one; what partners hold stays")
    .option("--unheard", "also where not every partner's node has said what it holds of the log")
    .option(
      "--yes",
      `also where nothing is wrong with this one; a partner has at most ${budgets.partner.logs} in a network`,
    );
  next.action(() =>
    run(next, async ({ api, output, folder }) => {
      const { unheard = false, yes = false } = next.opts<{ unheard?: boolean; yes?: boolean }>();
      const node = await api();
      const { ownLog } = await node.node();
      if (!yes && ownLog?.doubt === null && clockTrouble(ownLog, folder) === null)
        throw usage(
          `nothing is wrong with this node's log, and a partner has at most ${budgets.partner.logs} in a network`,
          `${commandIn(folder, "log")} shows it; to close it all the same: ${commandIn(folder, "log new --yes")}`,
        );
      const opened = await node.openNextLog(unheard);
      const { log: id, previous } = opened;
      output.result(
        opened,
        () =>
          `closed log ${previous.log} at ${counted(previous.size, ["entry", "entries"])}; goes on in log ${id}`,
      );
    }),
  );
  addBackup(program, run);
}

/** What an operator may do about each doubt, as commands. */
export function waysOn({ code, heard }: NonNullable<OwnLog["doubt"]>, folder: DataFolder): string {
  const next = commandIn(folder, "log new");
  switch (code) {
    case "no-fence":
    case "other-place":
      return heard.links === 0
        ? `if this folder is the newest: ${commandIn(folder, "log confirm --yes")}; else: ${next}`
        : `it goes on by itself once a partner's node has said that it holds no more; or: ${next}`;
    case "behind-fence":
      return `it goes on by itself once partners gave back what is missing; what nobody has is lost: ${next}`;
    case "copy":
      return `the next log is opened once all partners' nodes were asked (${heard.peers} of ${heard.links} so far); without the others: ${next} --unheard`;
    case "peer-has-more":
    case "superseded":
      return next;
    case "root-asked":
      return `give it the answer: ${commandIn(folder, "keys answer <file>")}; or take the request back: ${commandIn(folder, "keys cancel")}`;
    case "forked":
      return `only the root key can open the next log: ${commandIn(folder, "keys request --out <file>")}`;
  }
}

/** What the clock keeps the node from, and what to do; null: nothing. */
export function clockTrouble({ clock }: Pick<OwnLog, "clock">, folder: DataFolder): string | null {
  const seconds = (ms: number): number => Math.round(ms / 1_000);
  if (clock.aheadOfPeersMs > limits.futureMs)
    return `the clock is ${seconds(clock.aheadOfPeersMs)} s ahead of the peers' clocks: set it (if theirs is wrong, ${commandIn(folder, "peers")} shows whose)`;
  if (clock.lastEntryAheadMs > limits.futureMs)
    return `the last entry is ${seconds(clock.lastEntryAheadMs)} s ahead of the clock: wait until then, or leave what lies ahead behind: ${commandIn(folder, "log new")}`;
  return null;
}

function logText(own: OwnLog, folder: DataFolder): string {
  const { log, size, doubt } = own;
  const clock = clockTrouble(own, folder);
  const why = doubt?.detail ?? clock;
  const rows: [string, string | number][] = [
    ["log", log],
    ["entries", size],
    ["signs", why === null ? "yes" : `no: ${why}`],
  ];
  if (doubt !== null) rows.push(["try", waysOn(doubt, folder)]);
  return table(["", ""], rows).trimStart();
}

function addBackup(program: Command, run: Run): void {
  const backup = program
    .command("backup <folder>")
    .description(
      "copy this node into a new folder while it is up; it holds the keys: keep it as safe as they are",
    );
  backup.action((out: string) =>
    run(backup, async ({ output, folder }) => {
      const { backupCommand } = await import("../node/backup-command.ts");
      const done = await backupCommand(folder, out);
      output.result(done, () =>
        [
          `Copied the node of ${done.name} with ${counted(done.entries, ["entry", "entries"])} to ${done.dir}`,
          `Next, where it is needed: ${commandIn(folder, `restore ${done.dir}`)}`,
        ].join("\n"),
      );
    }),
  );
  const restore = program
    .command("restore <backup>")
    .description(
      "make a node's data folder from a backup; it asks partners for what came after, and opens a new log",
    );
  restore.action((from: string) =>
    run(restore, async ({ output, folder }) => {
      const { restoreCommand } = await import("../node/backup-command.ts");
      const done = await restoreCommand(folder, from);
      output.result(done, () =>
        [
          `Restored the node of ${done.name} with ${counted(done.entries, ["entry", "entries"])} to ${done.dir}`,
          "When it is up it asks partners for its own history, and then goes on in a new log.",
          `Next: ${commandIn(folder, "up")}, then: ${commandIn(folder, "log")}`,
        ].join("\n"),
      );
    }),
  );
}
