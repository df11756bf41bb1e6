/**
 * What accounts and users are granted beyond the single subjects of `@handfast/protocol/subjects` and `@handfast/api/messages/subjects`:
 * wildcards, inboxes, and who is calling.
 *
 * A link account L calls `hf.v1.call.<op>`; the server turns that into `hf.v1.rpc.<L>.<op>`, so the
 * callee reads the caller from the subject and the caller cannot choose it.
 */
import { wireSubjects } from "@handfast/protocol/subjects";

/** FED's exports (protocol section 8). The fourth token of calls and asks is the link account. */
export const fedSubjects = {
  everyCall: wireSubjects.rpcs,
  everyAsk: wireSubjects.ask("*"),
  everyLive: "hf.v1.live.>",
  everyLobby: wireSubjects.lobbies,
} as const;

/** What a dialer may use in its link account, its asks and its network's batches apart. */
export const linkSubjects = {
  everyCall: wireSubjects.call(">"),
  everyInbox: "_INBOX.>",
} as const;

/**
 * The inbox of one invitation. The lobby is one account for all newcomers, so each has an inbox of its
 * own, or one invitation's bearer could read another's grant.
 */
export function lobbyInboxPrefix(token: string): string {
  return `_INBOX.${token}`;
}

/** The account and operation in a subject of FED's `rpc`, or null when it is none. */
export function parseRpcSubject(subject: string): { readonly account: string; readonly op: string } | null {
  const found = /^hf\.v1\.rpc\.(A[A-Z2-7]{55})\.([^\s*>]+)$/.exec(subject);
  const [, account, op] = found ?? [];
  return account === undefined || op === undefined ? null : { account, op };
}

/**
 * Asserts that a text can stand as one token of a subject and cannot widen a permission.
 *
 * @throws {TypeError} When it holds a dot, a wildcard, white space, or is empty or over 64 characters.
 */
export function subjectToken(value: string): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(value)) throw new TypeError("not a token of a NATS subject");
  return value;
}
