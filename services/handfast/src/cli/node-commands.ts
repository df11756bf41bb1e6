/** Running a node: making it, starting it, asking how it is, letting people and partners in. */
import { writeFileSync } from "node:fs";
import type { NodeView } from "@handfast/api/views/node";
import type { Command } from "commander";
import { Option } from "commander";
import { hoursIn } from "../node/counts.ts";
import { commandIn, commandToStart, type DataFolder } from "../node/data-folder.ts";
import { usage } from "../node/fault.ts";
import { readSettings, stateDirOf } from "../node/settings.ts";
import { perform } from "./acting.ts";
import { writeNewFile } from "./new-file.ts";
import type { Run } from "./program.ts";
import { type Row, table } from "./table.ts";
import { keyHelp } from "./verbs.ts";

type VoteFlags = { readonly no?: boolean; readonly reason?: string; readonly idempotencyKey?: string };
type LeaveFlags = { readonly yes?: boolean; readonly reason?: string; readonly idempotencyKey?: string };
type Env = Readonly<Record<string, string | undefined>>;
type InviteFlags = {
  readonly hours: string;
  readonly endpoint?: string[];
  readonly out?: string;
  readonly force?: boolean;
};

export function addNodeCommands(program: Command, run: Run, env: Env): void {
  addInit(program, run, env);
  addUp(program, run, env);
  addStatus(program, run);
  addDoctor(program, run, env);
  addToken(program, run);
  addConfig(program, run, env);
  addMembership(program, run, env);
}

const stateDirHelp =
  "where this host keeps how far the log was signed: outside the data folder, never copied with it";

const stateDirFor = (folder: DataFolder, env: Env, named?: string): string =>
  stateDirOf(readSettings(folder, named === undefined ? {} : { stateDir: named }, env).settings, env);

function addInit(program: Command, run: Run, env: Env): void {
  const init = program
    .command("init")
    .description("make a node's data folder: its keys, its settings, and a network if you found one")
    .requiredOption("--name <partner>", "your organization's name, as partners will see it")
    .option("--network <name>", "found a network of this name; leave out to join one by an invitation")
    .option("--http-port <port>", "port of the HTTP API (0: any free one)")
    .option("--nats-port <port>", "port partners' nodes reach yours at (0: any free one)")
    .option("--state-dir <folder>", stateDirHelp);
  init.action(() =>
    run(init, async ({ output, folder }) => {
      const { initCommand } = await import("../node/init-command.ts");
      const { stateDir: named, ...flags } = init.opts<{ name: string; stateDir?: string }>();
      const stateDir = stateDirFor(folder, env, named);
      const done = await initCommand(
        folder,
        { ...flags, stateDir, isStateDirNamed: named !== undefined },
        Date.now(),
      );
      output.result(done, () =>
        [
          `Made the node of ${done.name} in ${folder.dir}`,
          `  partner id   ${done.partner}`,
          `  fingerprint  ${done.fingerprint}   read it to partners when they ask who you are`,
          ...(done.network === null ? [] : [`  network      ${done.network}`]),
          "",
          "Back up the folder's keys/. keys/root.json names you forever and is needed only to open a log:",
          "copy it to a place that is not connected, then take it away from here.",
          "",
          `Next: ${commandToStart(folder)}`,
        ].join("\n"),
      );
    }),
  );
}

function addUp(program: Command, run: Run, env: Env): void {
  const up = program
    .command("up")
    .description("run the node until it is told to stop")
    .option("--http-host <address>", "where the HTTP API listens")
    .option("--http-port <port>", "port of the HTTP API (0: any free one)")
    .option("--nats-port <port>", "port partners' nodes reach this one at")
    .option("--apart", "run each service as a process of its own, started again when it dies")
    .option("--log-level <level>", "debug, info, warn, error or silent")
    .option("--state-dir <folder>", stateDirHelp)
    .addOption(new Option("--stop-with-stdin", "stop when standard input ends").hideHelp());
  up.action(() =>
    run(up, async ({ output, folder }) =>
      (await import("../node/up.ts")).upCommand(folder, up.opts(), env, output),
    ),
  );
}

function addStatus(program: Command, run: Run): void {
  const status = program.command("status").description("who this node is and how it does");
  status.action(() =>
    run(status, async ({ api, output }) => {
      const node = await api();
      const seen = await node.node();
      output.result(seen, () => statusText(seen, node.url));
    }),
  );
}

function statusText(seen: NodeView, url: string): string {
  const links = seen.peers.map((peer) => `${peer.name ?? peer.partner} ${peer.state}`);
  const { version, belowMinimum } = seen.natsServer;
  const isMember = seen.state === "active";
  const rows: readonly Row[] = [
    ["partner", seen.name],
    ["fingerprint", seen.fingerprint],
    ["id", seen.partner],
    ["network", seen.network.name],
    ["membership", isMember ? "active" : `${seen.state} (handfast members: whose votes it waits for)`],
    ["API", url],
    ["entries", seen.entries],
    ...(seen.ownLog?.doubt ? [["own log", `${seen.ownLog.doubt.detail} (handfast log)`] as const] : []),
    ["health", [seen.health, ...seen.reasons].join("; ")],
    ["nats", `${seen.bus}, server ${version ?? "unknown"}${belowMinimum ? " (old: loopback only)" : ""}`],
    ["links", links.length === 0 ? "none yet" : links.join(", ")],
    ...(seen.forks.length === 0
      ? []
      : [["two histories", `${seen.forks.map(forkText).join("; ")} (handfast doctor)`] as const]),
    ["software", seen.software],
  ];
  return table(["", ""], rows).trimStart();
}

const forkText = ({ name, partner, from }: NodeView["forks"][number]): string =>
  `${name ?? partner}, from entry ${from} on`;

function addDoctor(program: Command, run: Run, env: Env): void {
  const doctor = program
    .command("doctor")
    .description("look for what would keep the node from working: clock, ports, nats-server, files, peers");
  doctor.action(() =>
    run(doctor, async ({ output, folder, api }) => {
      const { examine } = await import("../node/doctor.ts");
      const findings = await examine(folder, env, api, Date.now());
      output.result({ findings }, () =>
        table(
          ["", "what", "found"],
          findings.map((one) => [one.level, one.what, one.found]),
        ),
      );
      return findings.some((one) => one.level === "bad") ? 1 : 0;
    }),
  );
}

function addToken(program: Command, run: Run): void {
  const token = program.command("token").description("tokens by which people and systems speak to this node");
  const create = token
    .command("create")
    .description("make a token; it is shown once")
    .requiredOption("--name <text>", "who or what will use it")
    .addOption(
      new Option("--role <role>", "what it may do")
        .choices(["viewer", "member", "steward", "auditor"])
        .default("member"),
    )
    .option("--days <count>", "valid for so many days (default: until revoked)");
  create.action(() =>
    run(create, async ({ output, folder }) => {
      const { createTokenCommand } = await import("../node/token-commands.ts");
      const made = createTokenCommand(folder, create.opts(), Date.now());
      output.result(made, () => made.token);
      if (!output.isJson) output.say(`${made.role} token ${made.id} for ${made.name}; it is not shown again`);
    }),
  );
  const revoke = token.command("revoke <token-id>").description("end a token, at once");
  revoke.action((id: string) =>
    run(revoke, async ({ output, folder }) => {
      const { revokeTokenCommand } = await import("../node/token-commands.ts");
      revokeTokenCommand(folder, id, Date.now());
      output.result({ revoked: id }, () => `revoked ${id}`);
    }),
  );
  const list = token.command("list").description("tokens there are, without their secrets");
  list.action(() =>
    run(list, async ({ output, folder }) => {
      const { listTokensCommand } = await import("../node/token-commands.ts");
      const items = listTokensCommand(folder);
      output.result({ items }, () =>
        table(
          ["id", "role", "state", "name"],
          items.map((one) => [one.id, one.role, one.state, one.name]),
        ),
      );
    }),
  );
}

function addConfig(program: Command, run: Run, env: Env): void {
  const config = program.command("config").description("settings of this node");
  const explain = config.command("explain").description("each setting's value, and where it comes from");
  explain.action(() =>
    run(explain, async ({ output, folder }) => {
      const { readSettings, settingKeys } = await import("../node/settings.ts");
      const { settings, sources } = readSettings(folder, {}, env);
      const items = settingKeys.map((key) => ({ key, value: settings[key] ?? null, source: sources[key] }));
      output.result({ items }, () =>
        table(
          ["setting", "from", "value"],
          items.map((one) => [one.key, one.source, JSON.stringify(one.value)]),
        ),
      );
    }),
  );
}

function addMembership(program: Command, run: Run, env: Env): void {
  const invite = program
    .command("invite")
    .description("make an invitation for one partner, good once: a secret to hand over privately")
    .option("--out <file>", "write it to this file, which only you can read, instead of printing it")
    .option("--force", "overwrite that file if it exists")
    .option("--hours <count>", "valid for this many hours, 72 at most", "72")
    .option("--endpoint <url...>", "where the newcomer dials, tls://host:port (default: natsAdvertise)");
  invite.action(() =>
    run(invite, async ({ api, output }) => {
      const { hours, endpoint, out, force } = invite.opts<InviteFlags>();
      const validHours = hoursIn(hours);
      const make = async () =>
        (await api()).invite({ validHours, ...(endpoint === undefined ? {} : { endpoints: endpoint }) });
      if (out === undefined) {
        const made = await make();
        output.result(made, () => made.invitation);
        return;
      }
      const { expires } = await writeNewFile(out, force === true, async (part) => {
        const made = await make();
        writeFileSync(part, `${made.invitation}\n`);
        return made;
      });
      output.result(
        { file: out, expires },
        () =>
          `wrote ${out}: a secret, good once, until ${new Date(expires).toISOString()}. Hand it over privately.`,
      );
    }),
  );

  const join = program
    .command("join <invitation>")
    .description("accept an invitation: its text, or a file that holds it")
    .option("--fingerprint <words>", "the inviter's fingerprint, as its operator read it to you")
    .option("--yes", "join without comparing fingerprints");
  join.action((invitation: string) =>
    run(join, async ({ output, folder, api }) => {
      const { joinCommand } = await import("../node/join-command.ts");
      const joined = await joinCommand(
        folder,
        invitation,
        { ...join.opts(), stateDir: stateDirFor(folder, env) },
        api,
        Date.now(),
      );
      output.result(joined, () => joined.told.join("\n"));
    }),
  );

  const admit = program
    .command("admit <partner>")
    .description(
      "vote on admitting a sponsored partner, by name or id; one that left is sponsored anew; a vote is final",
    )
    .option("--no", "vote against it")
    .option("--reason <text>", "why")
    .option("--idempotency-key <text>", keyHelp);
  admit.action((partner: string) =>
    run(admit, async ({ api, output }) => {
      const { no, reason, idempotencyKey } = admit.opts<VoteFlags>();
      const node = await api();
      const on = await node.partnerId(partner);
      const name = await node.partnerName(on, partner);
      const body = { yes: no !== true, ...(reason === undefined ? {} : { reason }) };
      const reply = await perform(node, { name: "partner.admit", on, body, idempotencyKey }, output);
      output.result(reply, () => `voted ${no === true ? "no" : "yes"} on ${name}`);
    }),
  );

  const leave = program
    .command("leave")
    .description("leave the network, at once; what you promised stays visible")
    .option("--yes", "confirm")
    .option("--reason <text>", "why")
    .option("--idempotency-key <text>", keyHelp);
  leave.action(() =>
    run(leave, async ({ api, output, folder }) => {
      const { yes, reason, idempotencyKey } = leave.opts<LeaveFlags>();
      if (yes !== true)
        throw usage(
          "leaving cannot be taken back by yourself: a member must sponsor you again",
          commandIn(folder, "leave --yes"),
        );
      const node = await api();
      const on = (await node.node()).partner;
      const body = reason === undefined ? {} : { reason };
      const reply = await perform(node, { name: "partner.leave", on, body, idempotencyKey }, output);
      output.result(reply, () => "you have left the network; the node keeps its copy of the history");
    }),
  );
}
