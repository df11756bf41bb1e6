/** Looking: lists and single things, as of any moment, as the node's own people see them. */

import { listFilters } from "@handfast/api/views/filters";
import { NetworkId } from "@handfast/protocol/ids";
import { shellWord } from "@handfast/service-kit/shell";
import { type Command, Option } from "commander";
import { countIn } from "../node/counts.ts";
import { commandIn, type DataFolder } from "../node/data-folder.ts";
import { usage } from "../node/fault.ts";
import { nameOf } from "./flags.ts";
import type { NodeApi, Thing } from "./node-api.ts";
import type { Run } from "./program.ts";
import { escaped, type Row, table, terminalWidth } from "./table.ts";
import { things } from "./things.ts";

type Shown = Readonly<Record<string, unknown>>;

const name = (value: unknown): string => String((value as { readonly name?: unknown } | null)?.name ?? "-");
const instantOf = (ms: unknown): string => (typeof ms === "number" ? new Date(ms).toISOString() : "-");

const asOf = () => new Option("--as-of <moment>", "as it stood then: a day or an RFC 3339 instant");
const timeline = () =>
  new Option("--timeline <line>", "by when it was recorded, or when it is said to have occurred").choices([
    "recorded",
    "occurred",
  ]);

/** Adds `initiatives`, `commitments`, `challenges`, `conversations`, `members`, `peers`, `events`, and `<noun> show`; answers the nouns' groups. */
export function addReads(program: Command, run: Run): ReadonlyMap<string, Command> {
  const groups = new Map<string, Command>();
  for (const [noun, kind] of Object.entries(things)) {
    const group = program.command(noun).description(`act on one ${noun}, or begin one`);
    groups.set(noun, group);
    addShow(group, kind, run);
    addList(program, noun, kind, run);
  }
  addMembers(program, run);
  addPeers(program, run);
  addEvents(program, run);
  return groups;
}

type Kind = (typeof things)[keyof typeof things];

function addShow(group: Command, { collection, sheet }: Kind, run: Run): void {
  const show = group
    .command("show <id>")
    .description("show everything known about it")
    .addOption(asOf())
    .addOption(timeline());
  show.action((id: string) =>
    run(show, async ({ api, output }) => {
      const node = await api();
      const thing = await node.read(
        `/v1/${collection}/${encodeURIComponent(await node.findId(collection, id))}`,
        show.opts(),
      );
      output.result(thing, () => sheet(thing));
    }),
  );
}

function addList(program: Command, noun: string, kind: Kind, run: Run): void {
  const list = program
    .command(kind.collection)
    .description(`list ${kind.collection}`)
    .addOption(asOf())
    .addOption(timeline())
    .option("--external-id <id>", `only the ${noun} with this id elsewhere`)
    .option("--partner <partner>", "only those in which this partner has a part")
    .option("--text <words>", "only those whose title has words that begin so");
  if (kind.collection === "conversations") addTalkFilters(list);
  else
    list.addOption(
      new Option("--state <state>", "only those in this state").choices(statesOf(kind.collection)),
    );
  if (kind.collection === "commitments") {
    list
      .option("--due-before <day>", "only those due earlier than that day")
      .option("--due-after <day>", "only those due later than that day")
      .option("--overdue", "only those whose day and days of grace are over")
      .option("--initiative <ref>", "only those for this initiative, made as its lead, or come from it");
  }
  list.option("--limit <count>", "at most this many (default: all)");
  list.action(() =>
    run(list, async ({ api, output, folder }) => {
      const { limit, ...options } = list.opts<Record<string, string | true>>();
      // `--overdue` is the one that takes no value.
      const given = Object.fromEntries(
        Object.entries(options).map(([option, value]) => [option, String(value)]),
      );
      const node = await api();
      const query = await withIds(node, given);
      const path = `/v1/${kind.collection}`;
      const items = await node.list(path, query, countOf(limit === true ? undefined : limit));
      const why = items.length > 0 || output.isJson ? "" : await whyEmpty(node, kind, given, folder);
      output.result({ items }, () =>
        items.length === 0
          ? why
          : table(
              kind.heads,
              items.map((item) => kind.row(item)),
              undefined,
              terminalWidth(),
            ),
      );
    }),
  );
}

function addTalkFilters(list: Command): void {
  const { as, waiting } = listFilters.conversations;
  list
    .option("--about <id>", "only those about this thing, or from which it came")
    .addOption(new Option("--as <kind>", "only those that began so").choices(as.unwrap().options))
    .addOption(
      new Option(
        "--waiting <whom>",
        "only those in which somebody waits for your word, or you for others'",
      ).choices(waiting.unwrap().options),
    )
    .option("--review-before <day>", "only decisions to be looked at again before that day");
}

type Given = Readonly<Record<string, string>>;

/** Filters by ids, where people name a partner or give an initiative's id elsewhere. */
async function withIds(node: NodeApi, { partner, initiative, about, ...rest }: Given): Promise<Given> {
  return {
    ...rest,
    ...(partner === undefined ? {} : { partner: await node.partnerId(partner) }),
    ...(about === undefined ? {} : { about: await node.findThing(about) }),
    ...(initiative === undefined ? {} : { initiative: await node.findId("initiatives", initiative) }),
  };
}

/** Nothing there yet, nothing there at that moment, or nothing that the filters let through. */
async function whyEmpty(
  node: Pick<NodeApi, "list">,
  { collection, empty }: Kind,
  { asOf: moment, timeline: line, ...filters }: Readonly<Record<string, string>>,
  folder: DataFolder,
): Promise<string> {
  const when = {
    ...(moment === undefined ? {} : { asOf: moment }),
    ...(line === undefined ? {} : { timeline: line }),
  };
  const all = Object.keys(filters).length === 0 ? [] : await node.list(`/v1/${collection}`, when, 1);
  const at = moment === undefined ? "" : ` as of ${moment}`;
  if (all.length === 0)
    return moment === undefined
      ? empty.replace("handfast ", commandIn(folder, ""))
      : `There were no ${collection}${at}.`;
  const given = Object.entries(filters).map(([option, value]) =>
    value === "true" ? nameOf(option) : `${nameOf(option)} ${JSON.stringify(value)}`,
  );
  return `None of the ${collection}${at} fits ${given.join(" ")}; without ${given.length === 1 ? "it" : "them"} there are some.`;
}

const statesOf = (collection: "initiatives" | "commitments" | "challenges"): readonly string[] =>
  listFilters[collection].state.unwrap().options;

function addMembers(program: Command, run: Run): void {
  const members = program
    .command("members")
    .description("the network's partners, and whose admission waits for votes")
    .addOption(asOf())
    .addOption(timeline());
  members.action(() =>
    run(members, async ({ api, output }) => {
      const items = await (await api()).list("/v1/partners", members.opts());
      output.result({ items }, () =>
        table(
          ["partner", "state", "fingerprint", "id"],
          items.map((one) => [one["name"], one["state"], one["fingerprint"], one["id"]] as Row),
        ),
      );
    }),
  );
}

function addPeers(program: Command, run: Run): void {
  const peers = program
    .command("peers")
    .description("links to other partners' nodes, and how far behind each is");
  addLinkActs(peers, run);
  peers.action(() =>
    run(peers, async ({ api, output, folder }) => {
      const items = await (await api()).peers();
      output.result({ items }, () =>
        items.length === 0
          ? `No links yet. Invite a partner: ${commandIn(folder, "invite")}`
          : `${table(
              [
                "partner",
                "role",
                "state",
                "last heard",
                "behind us",
                "we are behind",
                "held of it",
                "of at most",
              ],
              items.map(
                (one) =>
                  [
                    one["name"] ?? one["partner"],
                    one["role"],
                    one["state"],
                    instantOf(one["lastHeardAt"]),
                    ...entriesBehind(one["lag"]),
                    ...heldOf(one["taken"]),
                  ] as Row,
              ),
            )}${reasonsOf(items)}${forksOf(items)}`,
      );
    }),
  );
}

/** A line a peer that signed two histories. */
const forksOf = (items: readonly Thing[]): string =>
  items
    .filter((link) => Array.isArray(link["forks"]) && link["forks"].length > 0)
    .map((link) => {
      const them = String(link["name"] ?? link["partner"]);
      return `\n${escaped(`${them} signed two histories of its log: handfast doctor says what to do`)}`;
    })
    .join("");

/** Acts on links: they change this node alone, and write no entry to any log. */
function addLinkActs(peers: Command, run: Run): void {
  const cutOff = peers
    .command("cut-off <partner>")
    .description("close every link with a partner, until you restore it; what was written stays");
  cutOff.action((partner: string) =>
    run(cutOff, async ({ api, output, folder }) => {
      const node = await api();
      const id = await node.partnerId(partner);
      const done = await node.cutOff(id);
      const name = await node.partnerName(id, partner);
      output.result(
        done,
        () => `cut off from ${name}; ${commandIn(folder, `peers restore ${shellWord(name)}`)} takes it back`,
      );
    }),
  );
  const restore = peers
    .command("restore <partner>")
    .description("open the closed links with a partner again; its operator has to do the same");
  restore.action((partner: string) =>
    run(restore, async ({ api, output }) => {
      const node = await api();
      const id = await node.partnerId(partner);
      const done = await node.restore(id);
      const name = await node.partnerName(id, partner);
      output.result(done, () => `links with ${name} are open again, as far as this node is concerned`);
    }),
  );
}

/** How many entries the peer lacks of ours, and we of theirs, by the last heads heard. */
function entriesBehind(lag: unknown): readonly [number, number] {
  const logs = lag as readonly { readonly ours: number; readonly theirs: number }[];
  const missing = (of: (log: (typeof logs)[number]) => number) =>
    logs.reduce((sum, log) => sum + Math.max(0, of(log)), 0);
  return [missing(({ ours, theirs }) => ours - theirs), missing(({ ours, theirs }) => theirs - ours)];
}

/** How many of its entries this node holds, and how many it takes by its standing. */
function heldOf(taken: unknown): readonly [Row[number], Row[number]] {
  const { entries, most } = (taken ?? {}) as { readonly entries?: number; readonly most?: number };
  return [entries, most];
}

/** Why links are not connected, one line each. */
const reasonsOf = (links: readonly Thing[]): string =>
  links
    .filter((link) => typeof link["why"] === "string")
    .map((link) => `\n${escaped(`${String(link["name"] ?? link["partner"])}: ${String(link["why"])}`)}`)
    .join("");

function addEvents(program: Command, run: Run): void {
  const events = program
    .command("events")
    .description("the network's history in this node's order of arrival")
    .option("--after <position>", "only what came after it")
    .option("--type <type>", "only events of this type")
    .option("--subject <ref>", "only events about this")
    .addOption(asOf())
    .addOption(timeline())
    .option("--follow", "stay, and print what comes")
    .option("--limit <count>", "at most this many (default: all)");
  events.action(() =>
    run(events, async ({ api, output }) => {
      const { limit, follow, ...given } = events.opts<
        { limit?: string; follow?: boolean } & Record<string, string>
      >();
      const node = await api();
      const query = await withSubject(node, given);
      const line = (event: Shown) =>
        [
          event["position"],
          event["at"],
          name(event["by"]),
          event["type"],
          event["subject"],
          event["effect"],
        ] as Row;
      if (follow === true && (query["asOf"] ?? query["timeline"]) !== undefined)
        throw usage("what comes has no --as-of", "leave out --follow, or --as-of and --timeline");
      if (follow === true)
        return followEvents(node, query, (event) =>
          output.result(event, () => table(["", "", "", "", "", ""], [line(event)]).trim()),
        );
      const items = await node.list("/v1/events", query, countOf(limit));
      output.result({ items }, () =>
        table(["position", "at", "by", "type", "subject", "effect"], items.map(line)),
      );
      return undefined;
    }),
  );
}

/** The network is a subject too. */
async function withSubject(node: NodeApi, { subject, ...rest }: Given): Promise<Given> {
  if (subject === undefined) return rest;
  return { ...rest, subject: NetworkId.safeParse(subject).success ? subject : await node.findThing(subject) };
}

/** @throws {NodeError} usage */
function countOf(limit: string | undefined): number | undefined {
  if (limit === undefined) return undefined;
  return countIn("--limit", limit, { from: 1, to: 999_999_999 }, "for example --limit 20");
}

async function followEvents(
  node: NodeApi,
  query: Readonly<Record<string, string>>,
  print: (event: Shown) => void,
): Promise<undefined> {
  for await (const event of node.follow(query)) print(event);
  return undefined;
}
