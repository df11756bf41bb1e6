/**
 * One subcommand for every command of the protocol: `handfast commitment accept <id> --terms ...`. Names, flags and help
 * texts come from the protocol's table; partners may be named as people name them.
 */
import { parseInput } from "@handfast/api/misfits";
import { partnerMembers } from "@handfast/api/partner-members";
import { isNetworkWord } from "@handfast/api/partner-name";
import type { Verb } from "@handfast/api/verb";
import { type Collection, type CommandName, verbEntries, verbs } from "@handfast/api/verbs";
import { isRef, Multikey, Ref } from "@handfast/protocol/ids";
import type { Command } from "commander";
import { usage } from "../node/fault.ts";
import { actAnswer, carriedSections, pledgesToCarry } from "./act-answer.ts";
import { perform } from "./acting.ts";
import { type Flag, flagsOf, memberValue, nameOf } from "./flags.ts";
import { lowered } from "./misuse.ts";
import type { NodeApi, ThingCollection } from "./node-api.ts";
import type { Run } from "./program.ts";
import type { Noun } from "./things.ts";

/** Of `--idempotency-key`, wherever something is done. */
export const keyHelp = "repeat an act by its key: the same key answers the same entry (default: a new key)";

/** @param groups The commands that the verbs of a noun go under: `commitment`, `challenge`, `conversation`, `initiative`. */
export function addVerbs(groups: ReadonlyMap<string, Command>, run: Run): void {
  for (const [name, spec] of verbEntries) {
    const group = groups.get(nounOf(name));
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
  verb.option("--idempotency-key <text>", keyHelp);
  verb.option("--if-match <etag>", "act only when the thing is still as you saw it");
  verb.action((...args: unknown[]) =>
    run(verb, async ({ api, output }) => {
      const id = spec.creates ? null : String(args[0]);
      const given = verb.opts<Record<string, string | string[]>>();
      const node = await api();
      const on = id === null ? null : await onOf(spec.collection, id, node);
      const body = await bodyOf(name, flags, given, node);
      const { idempotencyKey, ifMatch } = given as Readonly<Record<string, string>>;
      // Asked before: afterwards they are no longer the giver's.
      const pledges =
        name === "initiative.accept-handoff" && !output.isJson
          ? await pledgesToCarry(node, String(on))
          : null;
      const reply = await perform(node, { name, on, body, idempotencyKey, ifMatch }, output);
      const carried = pledges === null ? [] : await carriedSections(node, pledges);
      output.result(reply, () => actAnswer(nounOf(name), spec.verb, reply, carried));
    }),
  );
}

/** The thing that is acted on. */
const onOf = async (collection: Collection, id: string, node: NodeApi): Promise<string> =>
  collection === "partners" ? id : node.findId(collection, id);

const nounOf = (name: CommandName): Noun => name.slice(0, name.indexOf(".")) as Noun;

async function bodyOf(
  name: CommandName,
  flags: readonly Flag[],
  given: Readonly<Record<string, string | string[]>>,
  node: NodeApi,
): Promise<Readonly<Record<string, unknown>>> {
  const spec: Verb = verbs[name];
  const body: Record<string, unknown> = "act" in spec.body.shape ? { act: spec.verb } : {};
  const partners = partnerMembers(spec.body);
  for (const flag of flags) {
    const value = given[flag.member];
    if (value === undefined) continue;
    assertNoGap(flag, value, partners.has(flag.member));
    body[flag.member] = partners.has(flag.member)
      ? await partnersOf(flag, value, node)
      : await thingsOf(flag, value, node);
  }
  const parsed = parseInput(spec.body, body);
  if (parsed.ok) return body;
  const [first] = parsed.misfits;
  throw usage(
    `${nameOf(String(first?.path[0] ?? ""))}: ${first?.detail ?? "does not fit"}`,
    `handfast ${name.replace(".", " ")} --help`,
  );
}

/** An item that is missing from a list of names or ids, as an unset variable of a script leaves it. @throws {NodeError} usage */
function assertNoGap(flag: Flag, value: string | readonly string[], isOfPartners: boolean): void {
  if (flag.shape !== "list" || !(isOfPartners || flag.holdsIds)) return;
  const gap = [value].flat().find((item) => item.split(",").some((part) => part.trim() === ""));
  if (gap === undefined) return;
  if (gap.trim() === "")
    throw usage(
      `${nameOf(flag.member)}: got an empty text, expected ${lowered(flag.description)}`,
      "leave the option out, or name whom or what you mean",
    );
  throw usage(
    `${nameOf(flag.member)}: got ${JSON.stringify(gap)}, in which an item is empty`,
    "leave out the comma, or name whom or what you mean there",
  );
}

/** Members that name things, and where those are; the rest name entries, which have no id elsewhere. */
const thingMembers: Readonly<Record<string, ThingCollection | "any">> = {
  about: "any",
  asLeadOf: "initiatives",
  carry: "commitments",
  into: "any",
  origin: "any",
};

/** Ids of things where ids elsewhere stood. */
async function thingsOf(flag: Flag, given: string | readonly string[], node: NodeApi): Promise<unknown> {
  const collection = thingMembers[flag.member];
  const value = memberValue(flag, given);
  if (collection === undefined || value === "all") return value;
  if (flag.shape === "list" && collection !== "any") return node.idList(collection, [given].flat());
  const idOf = async (id: string) => {
    // A pinned one is an id as well.
    if (isRef(id)) return id;
    return collection === "any" ? node.findThing(id) : node.findId(collection, id);
  };
  return idOf(String(value));
}

/** What may stand in a partner's place and is not a name. */
const isPlain = (text: string): boolean =>
  isNetworkWord(text) || Multikey.safeParse(text).success || Ref.safeParse(text).success;

/** The network's word in the one form that bodies have it in. */
const plainForm = (text: string): string => (isNetworkWord(text) ? "network" : text);

/** Lists of partners in which something else may stand, by its id elsewhere too. */
const besidePartners: Readonly<Record<string, ThingCollection>> = { beneficiaries: "initiatives" };

/** Partner ids where names stood. */
async function partnersOf(flag: Flag, value: string | readonly string[], node: NodeApi): Promise<unknown> {
  if (flag.shape === "list") {
    const others = besidePartners[flag.member] ?? null;
    return (await node.partnerList([value].flat(), isPlain, others)).map(plainForm);
  }
  const text = String(value);
  return isPlain(text) ? plainForm(text) : node.partnerId(text);
}
