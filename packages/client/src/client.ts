/**
 * A node's HTTP API for programs: acts, reads, follows. Typed by the schemas the node itself answers by; a refusal is a
 * `ProblemError` with the node's code. Needs nothing but `fetch`.
 */
import { type Collection, type CommandBody, type CommandName, verbs } from "@handfast/api/verbs";
import type { Page } from "@handfast/api/views/answers";
import type { ChallengeView } from "@handfast/api/views/challenge";
import type { CommitmentView } from "@handfast/api/views/commitment";
import type { ConversationView, ThreadView } from "@handfast/api/views/conversation";
import type { EventView } from "@handfast/api/views/event";
import type { ListFilters } from "@handfast/api/views/filters";
import type { InitiativeView } from "@handfast/api/views/initiative";
import type { NodeView } from "@handfast/api/views/node";
import type { PartnerView } from "@handfast/api/views/partner";
import type { PinnedRef, Ref } from "@handfast/protocol/ids";
import { type EventQuery, type FollowOptions, followEvents } from "./events.ts";
import { AnswerError, ProblemError, problemIn, problemText, UnreachableError } from "./problem-error.ts";

export { AnswerError, ProblemError, problemText, UnreachableError };

export type ClientOptions = {
  /** `http://127.0.0.1:7600`, without a path. */
  readonly url: string;
  readonly token: string;
  /** How long an answer may take. Default 20 s; streams and downloads take as long as they take. */
  readonly timeoutMs?: number;
};

/** `Body` may leave out what has a default. */
export type Asked<Body = Readonly<Record<string, unknown>>> = {
  /** The thing acted on; null where the command creates one. */
  readonly on: string | null;
  readonly body: Body;
  /** The same key is answered the same, however often it is sent. Without it each call is an act of its own. */
  readonly idempotencyKey?: string;
  /** The ETag that was seen: act only when the thing is still so. */
  readonly ifMatch?: string;
};

/** What was appended; beside it the thing as it is now, where the node's view is up to date. */
export type Done<View = Readonly<Record<string, unknown>>> = {
  readonly id: string;
  readonly ref: Ref;
  readonly refs: readonly PinnedRef[];
  readonly position: number;
  readonly readModel: "current" | "behind";
} & Partial<View>;

export type ViewOf = {
  readonly initiatives: InitiativeView;
  readonly commitments: CommitmentView;
  readonly challenges: ChallengeView;
  readonly conversations: ConversationView;
  readonly partners: PartnerView;
};
/** A thing on its own page. */
export type PageOf = Omit<ViewOf, "conversations"> & { readonly conversations: ThreadView };
type CollectionOf<Name extends CommandName> = (typeof verbs)[Name]["collection"];

export type AsOf = {
  /** A day or an RFC 3339 instant; without it, now. */
  readonly asOf?: string;
  readonly timeline?: "recorded" | "occurred";
};
export type ListQuery = AsOf & {
  readonly after?: string;
  readonly limit?: number;
} & ListFilters;
type Query = Readonly<Record<string, string | number | undefined>>;

/** Every method throws `ProblemError` for a refusal, `UnreachableError` when the node does not answer. */
export interface Client {
  command<Name extends CommandName>(
    name: Name,
    asked: Asked<CommandBody<Name> | Readonly<Record<string, unknown>>>,
  ): Promise<Done<ViewOf[CollectionOf<Name>]>>;
  one<C extends Collection>(collection: C, id: string, at?: AsOf): Promise<PageOf[C] | null>;
  page<C extends Collection>(collection: C, query?: ListQuery): Promise<Page<ViewOf[C]>>;
  /** All of them, page by page. */
  list<C extends Collection>(collection: C, query?: ListQuery): AsyncGenerator<ViewOf[C], void>;
  node(): Promise<NodeView>;
  /** Events as they come, over reconnections, without a gap and without a repetition. */
  events(query?: EventQuery, options?: FollowOptions): AsyncGenerator<EventView, void>;
  get<Answer>(path: string, query?: Query): Promise<Answer>;
  /** Null where nothing has this id. */
  find<Answer>(path: string, query?: Query): Promise<Answer | null>;
  post<Answer>(path: string, body: unknown): Promise<Answer>;
  /** A body as it comes. */
  download(path: string): Promise<ReadableStream<Uint8Array>>;
}

export function openClient({ url, token, timeoutMs = 20_000 }: ClientOptions): Client {
  const base = new URL(url);
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = { accept: "application/json", authorization: `Bearer ${token}`, ...init.headers };
    // Redirects would carry the token to wherever they lead.
    const answer = await fetch(new URL(path, base), { ...init, headers, redirect: "error" }).catch(
      (cause: unknown) => {
        throw new UnreachableError(`could not reach the node at ${base.origin}`, { cause });
      },
    );
    if (answer.ok) return answer;
    throw await problemIn(answer);
  };
  const answerOf = async <Answer>(path: string, init: RequestInit): Promise<Answer> => {
    const answer = await send(path, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    const text = await answer.text().catch((cause: unknown) => {
      throw new UnreachableError(`the answer to ${path} broke off`, { cause });
    });
    try {
      return JSON.parse(text) as Answer;
    } catch (cause) {
      throw new AnswerError(`the answer to ${path} is not JSON`, { cause });
    }
  };
  const get = <Answer>(path: string, query: Query = {}): Promise<Answer> =>
    answerOf(withQuery(path, query), {});
  const post = <Answer>(
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> =>
    answerOf(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const find = async <Answer>(path: string, query?: Query): Promise<Answer | null> => {
    try {
      return await get<Answer>(path, query);
    } catch (err) {
      if (err instanceof ProblemError && err.code === "not-found") return null;
      throw err;
    }
  };
  const page = <C extends Collection>(collection: C, query: ListQuery = {}): Promise<Page<ViewOf[C]>> =>
    get(`/v1/${collection}`, query);

  return {
    command: (name, { on, body, idempotencyKey = crypto.randomUUID(), ifMatch }) => {
      const { collection, verb, creates } = verbs[name];
      const path = creates
        ? `/v1/${collection}`
        : `/v1/${collection}/${encodeURIComponent(on ?? "")}/${verb}`;
      return post(path, creates ? { act: verb, ...body } : body, {
        "idempotency-key": idempotencyKey,
        ...(ifMatch === undefined ? {} : { "if-match": `"${ifMatch.replaceAll('"', "")}"` }),
      });
    },
    one: (collection, id, at = {}) => find(`/v1/${collection}/${encodeURIComponent(id)}`, at),
    page,
    list: async function* (collection, query = {}) {
      for (let after = query.after; ; ) {
        const { items, next } = await page(collection, {
          limit: 200,
          ...query,
          ...(after === undefined ? {} : { after }),
        });
        yield* items;
        if (next === null) return;
        after = next;
      }
    },
    node: () => get("/v1/node"),
    events: (query = {}, options = {}) =>
      followEvents(
        (path, headers, signal) => send(path, { headers, ...(signal === undefined ? {} : { signal }) }),
        query,
        options,
      ),
    get,
    find,
    post: (path, body) => post(path, body),
    download: async (path) => {
      const { body } = await send(path, { headers: { accept: "*/*" } });
      if (body === null) throw new AnswerError(`the answer to ${path} is empty`);
      return body as ReadableStream<Uint8Array>;
    },
  };
}

function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0
    ? path
    : `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
