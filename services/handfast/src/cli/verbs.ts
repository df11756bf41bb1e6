/**
 * One subcommand for every command of the protocol: `handfast commitment accept <id> --terms ...`. Names, flags and help
 * texts come from the protocol's table; partners may be named as people name them.
 */

import { randomUUID } from "node:crypto";
import type { Verb } from "@handfast/api/verb";
import { type Collection, type CommandName, verbEntries, verbs } from "@handfast/api/verbs";
import { Multikey, Ref } from "@handfast/protocol/ids";
import type { Command } from "commander";
import { usage } from "../node/fault.ts";
import { type Flag, flagsOf, memberValue, nameOf } from "./flags.ts";
import type { NodeApi } from "./node-api.ts";
import type { Run } from "./program.ts";

/** @param groups The commands that the verbs of a noun go under: `commitment`, `challenge`, `initiative`. */
export function addVerbs(groups: ReadonlyMap<string, Command>, run: Run): void {
  for (const [name, spec] of verbEntries) {
    const group = groups.get(name.slice(0, name.indexOf(".")));
    // Membership has commands of its own at the top: admit, leave.
    if (group !== undefined) addVerb(group, name, spec, run);
  }
}

function addVerb(group: Command, name: CommandName, spec: Verb<Collection>, run: Run): void {
  const flags = flagsOf(spec.body);
  const verb = group.command(spec.creates ? spec.verb : `${spec.verb} <id>`).description(spec.summary);
  for (const flag of flags) {
    if (flag.isRequired) verb.requiredOption(flag.flag, `${flag.description} (required)`.trim());
    else verb.option(flag.flag, flag.description);
  }
  verb.option(
    "--key <text>",
    "idempotency key: the same key answers the same entry, however often it is sent",
  );
  verb.option("--if-match <etag>", "act only when the thing is still as you saw it");
  verb.action((...args: unknown[]) =>
    run(verb, async ({ api, output }) => {
      const id = spec.creates ? null : String(args[0]);
      const given = verb.opts<Record<string, string | string[]>>();
      const node = await api();
      const on = id === null ? null : Ref.safeParse(id).success ? id : await node.findId(spec.collection, id);
      const body = await bodyOf(name, flags, given, node);
      const reply = await node.command(name, {
        on,
        body,
        idempotencyKey: typeof given["key"] === "string" ? given["key"] : randomUUID(),
        ...(typeof given["ifMatch"] === "string" ? { ifMatch: given["ifMatch"] } : {}),
      });
      output.result(reply, () => `${spec.verb}: ${String(reply["ref"])}`);
    }),
  );
}

async function bodyOf(
  name: CommandName,
  flags: readonly Flag[],
  given: Readonly<Record<string, string | string[]>>,
  node: NodeApi,
): Promise<Readonly<Record<string, unknown>>> {
  const spec: Verb = verbs[name];
  const body: Record<string, unknown> = "act" in spec.body.shape ? { act: spec.verb } : {};
  for (const flag of flags) {
    const value = given[flag.member];
    if (value !== undefined)
      body[flag.member] = await withPartners(flag.member, memberValue(flag, value), node);
  }
  const parsed = spec.body.safeParse(body);
  if (parsed.success) return body;
  const issue = parsed.error.issues[0];
  throw usage(
    `${nameOf(String(issue?.path[0] ?? ""))}: ${issue?.message ?? "does not fit"}`,
    `handfast ${name.replace(".", " ")} --help`,
  );
}

const partnerMembers = new Set(["to", "debtor", "beneficiaries", "confirmers"]);

/** Partner ids where a name stood. */
async function withPartners(member: string, value: unknown, node: NodeApi): Promise<unknown> {
  if (!partnerMembers.has(member)) return value;
  if (Array.isArray(value)) return Promise.all(value.map((one) => withPartners(member, one, node)));
  if (
    typeof value !== "string" ||
    value === "network" ||
    Multikey.safeParse(value).success ||
    Ref.safeParse(value).success
  )
    return value;
  return node.partnerId(value);
}
