/**
 * The links and invitations of this node, durable before anyone is told of them. Everything a nats-server knows of links
 * can be rebuilt from here. Holds secrets, so the file is its owner's alone.
 */
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AccountId, AccountSeed, UserSeed } from "@handfast/nats-operator/keys";
import { Hash, LogId, PartnerId } from "@handfast/protocol/ids";
import { z } from "zod";

const every = { id: z.int(), peer: PartnerId, name: z.string(), account: AccountId, isClosed: z.boolean() };

/** A link whose server is ours. `seed` is the account's. */
export const HostLink = z.strictObject({ ...every, role: z.literal("host"), seed: AccountSeed });
export type HostLink = Readonly<z.infer<typeof HostLink>>;
/** A link we dial. `seed` is our user's; `jwt` names it to the host until `expires`. */
export const DialerLink = z.strictObject({
  ...every,
  role: z.literal("dialer"),
  seed: UserSeed,
  jwt: z.string(),
  expires: z.int(),
  endpoints: z.array(z.string()),
  caPem: z.string(),
});
export type DialerLink = Readonly<z.infer<typeof DialerLink>>;
export type StoredLink = HostLink | DialerLink;
const StoredLink = z.discriminatedUnion("role", [HostLink, DialerLink]);

const StoredInvitation = z.strictObject({
  hash: Hash,
  expires: z.int(),
  /** Where its bearer was told to dial; the grant says the same. */
  endpoints: z.array(z.string()),
  /** Who used it; null while it is open. */
  usedBy: z.strictObject({ peer: PartnerId, log: LogId }).nullable(),
  /** The account of its bearer at our server, for as long as it may log in: until who used it is heard over its link. */
  lobby: AccountId.nullable().default(null),
});
export type StoredInvitation = Readonly<z.infer<typeof StoredInvitation>>;

export interface LinksStore extends Disposable {
  links(): readonly StoredLink[];
  /** Adds a link or replaces the one with the same role and account; answers it with its id. */
  keep(link: Omit<HostLink, "id"> | Omit<DialerLink, "id">): StoredLink;
  invitation(hash: string): StoredInvitation | null;
  /** Those whose bearer may still log in. */
  openInvitations(): readonly StoredInvitation[];
  keepInvitation(invitation: StoredInvitation): void;
}

const schema = `
CREATE TABLE IF NOT EXISTS links(
  id INTEGER PRIMARY KEY, role TEXT NOT NULL, account TEXT NOT NULL, link TEXT NOT NULL, UNIQUE(role, account)
) STRICT;
CREATE TABLE IF NOT EXISTS invitations(hash TEXT PRIMARY KEY, invitation TEXT NOT NULL) STRICT;
`;

/** Opens `links.db` in a folder of its own, which is made when absent. */
export function openLinksStore(dir: string): LinksStore {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, "links.db");
  const db = new DatabaseSync(path);
  chmodSync(path, 0o600);
  db.exec(
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF; PRAGMA busy_timeout=2000;",
  );
  db.exec(schema);
  const all = db.prepare("SELECT id, link FROM links ORDER BY id");
  const put = db.prepare(
    "INSERT INTO links(role, account, link) VALUES(?, ?, ?) ON CONFLICT(role, account) DO UPDATE SET link = excluded.link RETURNING id",
  );
  const everyInvitation = db.prepare("SELECT invitation FROM invitations");
  const find = db.prepare("SELECT invitation FROM invitations WHERE hash = ?");
  const putInvitation = db.prepare(
    "INSERT INTO invitations(hash, invitation) VALUES(?, ?) ON CONFLICT(hash) DO UPDATE SET invitation = excluded.invitation",
  );
  return {
    links: () =>
      all.all().map((row) => StoredLink.parse({ ...JSON.parse(row["link"] as string), id: row["id"] })),
    keep: (link) => {
      const { id: _id, ...rest } = { id: 0, ...link };
      const row = put.get(link.role, link.account, JSON.stringify(rest));
      return StoredLink.parse({ ...rest, id: row?.["id"] });
    },
    invitation: (hash) => {
      const row = find.get(hash);
      return row === undefined ? null : StoredInvitation.parse(JSON.parse(row["invitation"] as string));
    },
    openInvitations: () =>
      everyInvitation
        .all()
        .map((row) => StoredInvitation.parse(JSON.parse(row["invitation"] as string)))
        .filter(({ lobby }) => lobby !== null),
    keepInvitation: (invitation) => {
      putInvitation.run(invitation.hash, JSON.stringify(invitation));
    },
    [Symbol.dispose]: () => db.close(),
  };
}
