/**
 * What the command line, the demo and the import ask of a node, over its HTTP API like any partner system: acts, lists, and a
 * few questions in people's words (who is Ferry? which initiative is kep-617?).
 */
import { existsSync, readFileSync } from "node:fs";
import { exitCodes } from "@handfast/api/exit-codes";
import type { AskRootRequest, KeysReply } from "@handfast/api/messages/own-log";
import { candidateText, matchPartner, splitNames } from "@handfast/api/partner-name";
import type { Role } from "@handfast/api/verb";
import type { Collection, CommandName } from "@handfast/api/verbs";
import type { NodeView } from "@handfast/api/views/node";
import type { PartnerView } from "@handfast/api/views/partner";
import { type Client, openClient } from "@handfast/client/client";
import { isRef, Multikey, type PartnerId, Ref } from "@handfast/protocol/ids";
import { External } from "@handfast/protocol/text";
import { assertOwners, commandIn, commandToStart, type DataFolder, readSecret } from "../node/data-folder.ts";
import { NodeError, usage } from "../node/fault.ts";
import { cliToken, createTokenCommand } from "../node/token-commands.ts";
import { exportBundle } from "./export-bundle.ts";
import { type OpenImportNode, openImportNode } from "./import-node.ts";

export type Thing = Readonly<Record<string, unknown>>;
export type Asked = {
  readonly on: string | null;
  readonly body: Readonly<Record<string, unknown>>;
  readonly idempotencyKey: string;
  readonly ifMatch?: string;
};
/** What holds things that have an id elsewhere. */
export type ThingCollection = Exclude<Collection, "partners">;
type Query = Readonly<Record<string, string | undefined>>;
export type NodeApi = ReturnType<typeof createNodeApi>;

/**
 * @param at Where the node is and what to speak with; what is missing is read from the data folder.
 * @throws {NodeError} usage: when there is neither an address nor a node that is up.
 */
export async function openNodeApi(
  folder: DataFolder,
  at: { readonly url?: string; readonly tokenFile?: string },
): Promise<NodeApi> {
  const url = at.url ?? runningUrl(folder);
  if (!URL.canParse(url)) throw usage(`--url: ${url} is not a URL`, "as http://127.0.0.1:7430");
  const token = at.tokenFile === undefined ? ownToken(folder) : tokenIn(at.tokenFile);
  return createNodeApi(folder, url, openClient({ url, token }));
}

function runningUrl(folder: DataFolder): string {
  if (!existsSync(folder.partner)) {
    throw usage(
      `there is no node in ${folder.dir}`,
      `${commandIn(folder, "init --name <partner>")}, or name a folder with --data, or a node with --url`,
    );
  }
  assertOwners(folder);
  const url = writtenUrl(folder.running);
  if (url !== null) return url;
  throw new NodeError("unreachable", `the node in ${folder.dir} is not up`, {
    exitCode: exitCodes.unreachable,
    hint: commandToStart(folder),
  });
}

/** What the node wrote when it came up; null where it did not, or was killed while it wrote. */
function writtenUrl(file: string): string | null {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { readonly url: string }).url;
  } catch (err) {
    if (err instanceof SyntaxError || (err as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw err;
  }
}

function tokenIn(file: string): string {
  if (!existsSync(file)) throw usage(`--token-file: there is no file ${file}`, "is the path right?");
  const token = readSecret(file).trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw usage(
    `--token-file: ${file} does not hold a token`,
    "one token alone, as `handfast token create` prints it",
  );
}

function ownToken(folder: DataFolder): string {
  if (existsSync(folder.partner)) return cliToken(folder, Date.now());
  throw usage("a node elsewhere needs a token", "--token-file <file>, or HANDFAST_TOKEN_FILE");
}

/** How many things a refusal lists. */
const maxCandidates = 10;
const candidate = ({ id, title, state, status }: Thing): string =>
  `${String(id)} (${String(state ?? status)}) ${title === null ? "whose title is not here" : JSON.stringify(title)}`;

function createNodeApi(folder: DataFolder, url: string, client: Client) {
  const partners = (): Promise<readonly PartnerView[]> => Array.fromAsync(client.list("partners"));

  /** All items of a paged list, at most `limit`. */
  async function list(
    path: string,
    query: Query,
    limit = Number.POSITIVE_INFINITY,
  ): Promise<readonly Thing[]> {
    const items: Thing[] = [];
    let after: string | null = query["after"] ?? null;
    do {
      const size = Math.min(200, limit - items.length);
      const page: { items: Thing[]; next: string | null } = await client.get(path, {
        ...query,
        limit: String(size),
        ...(after === null ? {} : { after }),
      });
      items.push(...page.items);
      after = page.next;
    } while (after !== null && items.length < limit);
    return items;
  }

  /** @throws {NodeError} usage: where no partner is called so, or several are. */
  function idAmong(
    all: readonly PartnerView[],
    name: string,
    others: ThingCollection | null = null,
  ): PartnerId {
    const match = matchPartner(name, all);
    if ("found" in match) return match.found.id;
    const { candidates } = match;
    throw candidates.length === 0
      ? usage(
          `no partner is called ${name}${others === null ? "" : `, and nothing in ${others} has that id`}`,
          `partners: ${all.map((one) => one.name).join("; ")}`,
        )
      : usage(
          `${name} could mean ${candidates.map(candidateText).join(" or ")}`,
          "use the exact spelling, or the id",
        );
  }

  /** Whether something has that id elsewhere. */
  const isBorne = async (collection: ThingCollection, text: string): Promise<boolean> => {
    const externalId = text.normalize("NFC").trim();
    return (
      External.safeParse(externalId).success &&
      (await list(`/v1/${collection}`, { externalId }, 1)).length > 0
    );
  };

  /**
   * The id of a thing named by its id or by its id elsewhere.
   *
   * @throws {NodeError} usage: where nothing has that id elsewhere, or several things have.
   */
  async function findAmong(collections: readonly ThingCollection[], id: string): Promise<string> {
    if (Ref.safeParse(id).success) return id;
    const externalId = id.normalize("NFC");
    const [among, ...others] = collections;
    const lists = await Promise.all(
      collections.map((each) => list(`/v1/${each}`, { externalId }, maxCandidates + 1)),
    );
    const found = lists.flat();
    const [first, second] = found;
    const where = others.length === 0 ? `${among}` : "things";
    if (first === undefined)
      throw usage(
        `nothing in ${others.length === 0 ? among : collections.join(", ")} has the id ${id}`,
        `\`${commandIn(folder, `${among}`)}\` lists them; an id looks like RmBVbYlMcVbGdnqJIm2XAQ.12`,
      );
    if (second === undefined) return String(first["id"]);
    const shown = [
      ...found.slice(0, maxCandidates).map(candidate),
      ...(found.length > maxCandidates ? ["and more"] : []),
    ];
    throw usage(
      `several ${where} have the external id ${id}: ${shown.join("; ")}`,
      "name the one you mean by its own id",
    );
  }

  const api = {
    url,
    command: (name: CommandName, asked: Asked): Promise<Thing> => client.command(name, asked),
    read: (path: string, query: Query): Promise<Thing> => client.get(path, query),
    list,
    /** One thing, or null when this node knows no such thing (yet). */
    find: (collection: string, id: string): Promise<Thing | null> =>
      client.find(`/v1/${collection}/${encodeURIComponent(id)}`),
    findId: (collection: ThingCollection, id: string): Promise<string> => findAmong([collection], id),
    /** The same where it may be any thing. */
    findThing: (id: string): Promise<string> =>
      findAmong(["initiatives", "commitments", "challenges", "conversations"], id),
    /** As it is shown: people type a name in other cases. */
    partnerName: async (id: PartnerId, typed: string): Promise<string> =>
      (await client.find<PartnerView>(`/v1/partners/${id}`))?.name ?? typed,
    partnerId: async (name: string): Promise<PartnerId> =>
      Multikey.safeParse(name).success ? name : idAmong(await partners(), name),
    /** Ids of the partners in a list of names, in which a name may hold commas. What `isPlain` says is not a name stays as it is. */
    partnerList: async (
      items: readonly string[],
      isPlain: (text: string) => boolean,
      /** Where something else than a partner may stand: ids of things that bear the text as their id elsewhere. */
      others: ThingCollection | null = null,
    ): Promise<readonly string[]> => {
      if (items.flatMap((item) => item.split(",")).every((item) => isPlain(item.trim())))
        return splitNames(items, () => false);
      const all = await partners();
      const isName = (text: string) => {
        const match = matchPartner(text, all);
        return "found" in match || match.candidates.length > 0;
      };
      const idOf = async (item: string) => {
        if (isPlain(item)) return item;
        return others === null || isName(item) || !(await isBorne(others, item))
          ? idAmong(all, item, others)
          : findAmong([others], item);
      };
      const isWhole = async (item: string) =>
        !isName(item) && others !== null && (await isBorne(others, item));
      const named = await Promise.all(
        items.map(async (item) => ((await isWhole(item)) ? [item.trim()] : splitNames([item], isName))),
      );
      return Promise.all(named.flat().map(idOf));
    },
    /** Ids of the things in a list of ids, in which an id elsewhere may hold commas. */
    idList: async (collection: ThingCollection, items: readonly string[]): Promise<readonly string[]> => {
      const pieces = await Promise.all(
        items.map(async (item) => {
          const parts = item.split(",").map((part) => part.trim());
          const isWhole = parts.length > 1 && !parts.every(isRef) && (await isBorne(collection, item));
          return isWhole ? [item.trim()] : parts;
        }),
      );
      // A pinned one is an id as well.
      return Promise.all(pieces.flat().map(async (id) => (isRef(id) ? id : findAmong([collection], id))));
    },
    /** Ids of the active members by name. */
    partnerIds: async (): Promise<ReadonlyMap<string, PartnerId>> =>
      new Map(
        (await partners()).flatMap((one) => (one.state === "active" ? [[one.name, one.id] as const] : [])),
      ),
    /** How far a partner's admission is, by its name; null where this node has not heard of it. */
    memberState: async (name: string): Promise<PartnerView["state"] | null> =>
      (await partners()).find((one) => one.name === name)?.state ?? null,
    node: (): Promise<NodeView> => client.get("/v1/node", {}),
    /** Links, each with the logs of that partner that have two histories. */
    peers: async (): Promise<readonly Thing[]> => {
      const { peers, forks } = await client.get<NodeView>("/v1/node", {});
      return peers.map((peer) => ({
        ...peer,
        forks: forks.filter(({ partner }) => partner === peer.partner),
      }));
    },
    invite: (asked: {
      readonly validHours?: number;
      readonly endpoints?: readonly string[];
    }): Promise<{ readonly invitation: string; readonly expires: number }> =>
      client.post("/v1/invitations", asked),
    acceptInvitation: (invitation: string): Promise<Thing> => client.post("/v1/links", { invitation }),
    /** Closes every link with a partner until it is restored; answers how many there were. */
    cutOff: (partner: PartnerId): Promise<Thing> => client.post(`/v1/links/${partner}/cut-off`, {}),
    restore: (partner: PartnerId): Promise<Thing> => client.post(`/v1/links/${partner}/restore`, {}),
    /** Says that the data folder is the newest of its log. */
    confirmLog: (): Promise<Thing> => client.post("/v1/log/confirm", {}),
    keys: (): Promise<KeysReply> => client.get("/v1/log/keys", {}),
    askRoot: (wish: AskRootRequest): Promise<{ readonly header: string }> =>
      client.post("/v1/log/request", wish),
    /** Null takes the request back. */
    takeRoot: (note: string | null): Promise<{ readonly log: string }> =>
      client.post("/v1/log/answer", { note }),
    /** Closes this node's log and opens the next one; also where not every peer was heard. */
    openNextLog: (
      isUnheard: boolean,
    ): Promise<{
      readonly log: string;
      readonly previous: { readonly log: string; readonly size: number };
    }> => client.post("/v1/log/next", { isUnheard }),
    follow: (query: Query): AsyncIterable<Thing> => client.events(query),
    exportBundle: (file: string, isForced: boolean, progress: (text: string) => void): Promise<number> =>
      exportBundle(client, file, isForced, progress),
    importNode: (asked: OpenImportNode) => openImportNode(client, asked),
    /** On this machine only: tokens are made in the data folder. */
    createToken: async (name: string, role: Role): Promise<string> =>
      createTokenCommand(folder, { name, role }, Date.now()).token,
  };
  return api;
}
