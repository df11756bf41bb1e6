/** From whatever was thrown during a request to the problem that says it. Nothing of the inside leaves the node. */
import { BusError } from "@handfast/bus/fault";
import { ViewsNotReadyError } from "@handfast/views/reads";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { type ProblemDetail, ProblemError, sendProblem } from "./problem.ts";
import type { ProblemCode } from "./problems.ts";
import { MisfitError } from "./validation.ts";

/** Fastify's own refusals, by its codes. */
const framework: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "too-large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "media-type-unsupported",
  FST_ERR_CTP_EMPTY_JSON_BODY: "body-malformed",
  FST_ERR_CTP_INVALID_JSON_BODY: "body-malformed",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "request-malformed",
  FST_ERR_BAD_URL: "request-malformed",
  FST_ERR_ASYNC_CONSTRAINT: "request-malformed",
  FST_ERR_MAX_PARAM_LENGTH: "not-found",
};

export function handleFault(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof ProblemError) return sendProblem(request, reply, error.code, error.more);
  if (error instanceof MisfitError) return sendProblem(request, reply, ...problemOfMisfits(error));
  if (error instanceof ViewsNotReadyError)
    return sendProblem(request, reply, error.code, { detail: error.progress ?? undefined });
  if (error instanceof BusError) {
    request.log.warn({ event: "http.bus-failed", reqId: request.id, err: error });
    return sendProblem(request, reply, busCode(error));
  }
  const isCallers = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500;
  const known = framework[error.code] ?? (isCallers ? "request-malformed" : undefined);
  if (known !== undefined) return sendProblem(request, reply, known);
  request.log.error({
    event: "http.failed",
    reqId: request.id,
    method: request.method,
    route: request.routeOptions.url,
    err: error,
  });
  return sendProblem(request, reply, "internal");
}

function busCode({ code, reason, outcome }: BusError): ProblemCode {
  if (reason === "busy") return "service-busy";
  if (outcome === "unknown") return "outcome-unknown";
  return code === "message-too-large" ? "too-large" : "bus-unavailable";
}

/** A path that holds no id names nothing; what does not fit in a body or a query is reported place by place. */
function problemOfMisfits({ validationContext, misfits }: MisfitError): [ProblemCode, ProblemDetail] {
  if (validationContext === "params") return ["not-found", {}];
  const isBody = validationContext === "body";
  const errors = misfits.map(({ path, code, detail }) => ({
    pointer: isBody ? ["#", ...path.map(pointerPart)].join("/") : path.map(String).join("."),
    code,
    detail,
  }));
  return [isBody ? "body-invalid" : "query-invalid", { errors }];
}

/** RFC 6901 section 3. */
const pointerPart = (key: PropertyKey): string => String(key).replaceAll("~", "~0").replaceAll("/", "~1");
