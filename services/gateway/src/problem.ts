/** A problem on its way out: thrown anywhere in a request, told in one form. */
import type { Problem } from "@handfast/api/views/answers";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type ProblemCode, problems } from "./problems.ts";

export type ProblemDetail = {
  readonly detail?: string | undefined;
  readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[];
  readonly actual?: string | undefined;
  /** Seconds, for `Retry-After`. */
  readonly retryAfter?: number;
  /** For `Allow`. */
  readonly allow?: readonly string[];
};

/** Ends a request with a problem. It is an answer and no fault: nothing is logged for it but the request. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly code: ProblemCode;
  readonly more: ProblemDetail;
  /** For plugins that look at a thrown error's status. */
  readonly statusCode: number;

  constructor(code: ProblemCode, more: ProblemDetail = {}) {
    super(problems[code].title);
    this.code = code;
    this.more = more;
    this.statusCode = problems[code].status;
  }
}

export const problemMediaType = "application/problem+json";

export function problemOf(code: ProblemCode, more: ProblemDetail, instance: string): Problem {
  const { status, title, tryThis } = problems[code];
  const { detail, errors, actual } = more;
  return {
    type: `/problems/${code}`,
    code,
    title,
    status,
    ...(detail === undefined ? {} : { detail }),
    hint: tryThis,
    instance,
    ...(errors === undefined ? {} : { errors: [...errors] }),
    ...(actual === undefined ? {} : { actual }),
  };
}

/** Sends it. Statuses that pass by themselves say when to come again. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  code: ProblemCode,
  more: ProblemDetail = {},
): FastifyReply {
  const { status } = problems[code];
  const retryAfter = more.retryAfter ?? (status === 503 ? 1 : undefined);
  if (retryAfter !== undefined) reply.header("retry-after", retryAfter);
  if (more.allow !== undefined) reply.header("allow", more.allow.join(", "));
  if (status === 401) reply.header("www-authenticate", 'Bearer realm="handfast"');
  return reply
    .code(status)
    .type(problemMediaType)
    .header("cache-control", "no-store")
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problemOf(code, more, request.id));
}
