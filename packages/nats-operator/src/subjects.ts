/**
 * The NATS subjects that accounts and users are granted, exactly as protocol section 8 lists them.
 *
 * A link account L calls `hf.v1.call.<op>`; the server turns that into `hf.v1.rpc.<L>.<op>`, so the
 * callee reads the caller from the subject and the caller cannot choose it.
 */

/** What the federation service of a host listens to and publishes on, in account FED. */
export const fedSubjects = {
  /** Calls of all links; the fourth token is the calling account. */
  everyCall: "hf.v1.rpc.*.>",
  everyAsk: "hf.v1.ask.*",
  everyLive: "hf.v1.live.>",
  everyLobby: "hf.v1.lobby.>",
} as const;

/** What a dialer may use, in its link account. */
export const linkSubjects = {
  everyCall: "hf.v1.call.>",
  everyInbox: "_INBOX.>",
} as const;

/** Where a dialer sends one call (`op` such as `sync.range`). */
export function callSubject(op: string): string {
  return `hf.v1.call.${op}`;
}

/** Where the calls of one link arrive at the host, in FED. */
export function rpcSubject(account: string, op = ">"): string {
  return `hf.v1.rpc.${account}.${op}`;
}

/** Where the host asks the dialer of one link. */
export function askSubject(account: string): string {
  return `hf.v1.ask.${account}`;
}

/** Batches of one network: of one author, or (no author given) of all. */
export function liveSubject(network: string, author = ">"): string {
  return `hf.v1.live.${network}.${author}`;
}

/** Where the bearer of one invitation sends its join; the same subject in LOBBY and in FED. */
export function joinSubject(token: string): string {
  return `hf.v1.lobby.join.${token}`;
}

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
