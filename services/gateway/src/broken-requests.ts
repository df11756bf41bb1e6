/** Node's parser refuses bytes that are not HTTP before any request exists; they get an answer in the same form, and the connection ends. */
import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { problemMediaType, problemOf } from "./problem.ts";
import { type ProblemCode, problems } from "./problems.ts";

const reasons = { 400: "Bad Request", 431: "Request Header Fields Too Large" } as const;

export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  // Nobody is there to be told.
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = error.code === "HPE_HEADER_OVERFLOW" ? "headers-too-large" : "request-malformed";
  socket.end(answerOf(code));
}

function answerOf(code: ProblemCode & ("headers-too-large" | "request-malformed")): string {
  const { status } = problems[code];
  const body = JSON.stringify(problemOf(code, {}, randomUUID()));
  const head = [
    `HTTP/1.1 ${status} ${reasons[status]}`,
    `content-type: ${problemMediaType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}
