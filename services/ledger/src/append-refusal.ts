import type { AppendReply } from "@handfast/api/messages/ledger";

type RefusedCode = Extract<AppendReply, { ok: false }>["code"];

/** A refusal on the way, carried out of the writing of several entries at once. */
export class Refusal extends Error {
  readonly code: RefusedCode;
  constructor(code: RefusedCode, detail: string) {
    super(detail);
    this.code = code;
  }
}
