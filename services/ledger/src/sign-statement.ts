/**
 * `hf.ledger.sign`: a statement between partners (invitation, join, grant) under a label of its own, by the log key, which
 * never leaves this process. No label is a checkpoint's form, so no statement can pass for one.
 */

import type { SignReply, SignRequest } from "@handfast/api/messages/ledger";
import { toB64u } from "@handfast/protocol/bytes";
import { statementMessage } from "@handfast/protocol/federation";
import type { Signer } from "@handfast/tlog/ed25519";

/** Signs `handfast/<kind>/v1` NUL `text`. */
export const signStatement =
  (logKey: Signer) =>
  ({ kind, text }: SignRequest): SignReply => ({
    sig: toB64u(logKey.sign(statementMessage(kind, text))),
  });
