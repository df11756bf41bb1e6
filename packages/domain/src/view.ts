/** What the domain is told to decide by: the facts this node holds, who it is, and what only a runtime knows. */
import type { PartnerId, Ref } from "@handfast/protocol/ids";
import type { Cut } from "./cut.ts";

export interface View {
  readonly cut: Cut;
  /** The node's own partner: every command is given by it. */
  readonly self: PartnerId;
  /** Milliseconds since 1970, by the node's clock. */
  readonly nowMs: number;
  /** Whether the node holds the texts of an entry (it has none, or they were delivered and not redacted). */
  holdsPayload(ref: Ref): boolean;
}
