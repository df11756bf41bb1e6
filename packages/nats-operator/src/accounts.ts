/**
 * Account JWTs: what each account of this partner's nats-server may see of the others.
 *
 * Every link is an account of its own: in a shared one, a peer could make the server publish for it
 * through a reply subject (protocol section 8). FED's exports never change while the server runs,
 * because changing an exporting account loses replies in flight; only link accounts come and go.
 */
import { randomUUID } from "node:crypto";
import { wireSubjects } from "@handfast/protocol/subjects";
import { type Account, type Export, encodeAccount, encodeOperator, type Import } from "@nats-io/jwt";
import { z } from "zod";
import { accountIdOf, type NodeAccountName, nodeAccountNames, type OperatorIdentity } from "./identity.ts";
import { AccountId, AccountSeed, createAccountKey, keyPair } from "./keys.ts";
import { fedSubjects, linkSubjects, subjectToken } from "./subjects.ts";

/** One peer's account at this host for one network. Secret; the federation service keeps it. */
export const LinkAccount = z.strictObject({
  account: AccountId,
  seed: AccountSeed,
  /** The network id. */
  network: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
});
export type LinkAccount = Readonly<z.infer<typeof LinkAccount>>;

/** Connections and subscriptions of one link, and the payload of any message (protocol section 8). */
export const linkLimits = { connections: 4, subscriptions: 64, payloadBytes: 1_048_576 } as const;

/** Connections of one invitation's bearer: it needs one with one inbox, for seconds, and perhaps another when that one hangs. */
export const lobbyLimits = { connections: 2, subscriptions: 8, payloadBytes: 1_048_576 } as const;

/** FED's exports, word for word from protocol section 8. */
const fedExports: readonly Export[] = [
  { name: "rpc", type: "service", subject: fedSubjects.everyCall, account_token_position: 4 },
  { name: "ask", type: "stream", subject: fedSubjects.everyAsk, account_token_position: 4 },
  { name: "live", type: "stream", subject: fedSubjects.everyLive },
  { name: "lobby", type: "service", subject: fedSubjects.everyLobby },
];

const unlimited = { connections: -1, subscriptions: -1, payloadBytes: -1 } as const;

/** The operator's JWT and those of the node's own accounts, fresh at every start. */
export type NodeJwts = { readonly operator: string } & Readonly<Record<NodeAccountName, string>>;

/** Signs the operator and the four accounts every node has. LOBBY was every newcomer's until release 0.1.0, and lets nobody in. */
export async function signNodeJwts(identity: OperatorIdentity): Promise<NodeJwts> {
  const operator = await encodeOperator(identity.name, keyPair(identity.operatorSeed), {
    system_account: accountIdOf(identity, "system"),
  });
  const claims: Readonly<Record<NodeAccountName, Partial<Account>>> = {
    system: { limits: limits(unlimited) },
    home: { limits: limits(unlimited) },
    fed: { limits: limits(unlimited), exports: [...fedExports] },
    lobby: { limits: limits({ ...lobbyLimits, connections: 0 }) },
  };
  const signed = nodeAccountNames.map(async (name) => {
    const jwt = await signAccount(identity, name.toUpperCase(), accountIdOf(identity, name), claims[name]);
    return [name, jwt] as const;
  });
  return { operator, ...(Object.fromEntries(await Promise.all(signed)) as Record<NodeAccountName, string>) };
}

/** A fresh account for one peer in one network. It does nothing before its JWT is pushed (`claims`). */
export function createLinkAccount(network: string): LinkAccount {
  return LinkAccount.parse({ ...createAccountKey(), network });
}

/** The JWT that opens a link: calls as itself, asks to itself, live batches of its one network. */
export function signLinkAccount(identity: OperatorIdentity, link: LinkAccount): Promise<string> {
  const fed = accountIdOf(identity, "fed");
  const imports: Import[] = [
    {
      name: "call",
      type: "service",
      account: fed,
      subject: wireSubjects.rpc(link.account, ">"),
      local_subject: linkSubjects.everyCall,
    },
    { name: "ask", type: "stream", account: fed, subject: wireSubjects.ask(link.account) },
    { name: "live", type: "stream", account: fed, subject: wireSubjects.liveOf(subjectToken(link.network)) },
  ];
  return signAccount(identity, `LINK ${link.network}`, link.account, { limits: limits(linkLimits), imports });
}

/** The JWT of one invitation's account: its bearer may send a join. Deleting the account ends all its connections. */
export function signLobbyAccount(identity: OperatorIdentity, account: AccountId): Promise<string> {
  const claims = { limits: limits(lobbyLimits), imports: [lobbyImport(identity)] };
  return signAccount(identity, "LOBBY", account, claims);
}

function lobbyImport(identity: OperatorIdentity): Import {
  return {
    name: "lobby",
    type: "service",
    account: accountIdOf(identity, "fed"),
    subject: fedSubjects.everyLobby,
  };
}

function signAccount(identity: OperatorIdentity, name: string, account: AccountId, claims: Partial<Account>) {
  // JWTs tell time in seconds, and the server ignores one it has seen: without the tag, an account that is
  // deleted and pushed again within a second would stay shut.
  const unique = { ...claims, tags: [`signed:${randomUUID()}`] };
  return encodeAccount(name, account, unique, { signer: keyPair(identity.operatorSeed) });
}

/** A missing limit is a zero to the server, so every one is written; JetStream and leaf nodes are off. */
function limits(max: { connections: number; subscriptions: number; payloadBytes: number }) {
  return {
    conn: max.connections,
    subs: max.subscriptions,
    payload: max.payloadBytes,
    data: -1,
    imports: -1,
    exports: -1,
    wildcards: true,
    leaf: 0,
    disallow_bearer: true,
    mem_storage: 0,
    disk_storage: 0,
    streams: 0,
    consumer: 0,
  };
}
