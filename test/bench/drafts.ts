/** An entry as a service drafts it, of a usual size: a promise with its due day, and its title and text as payload. */
import { hash } from "node:crypto";
import type { AppendRequest, DraftEntry } from "@handfast/api/messages/ledger";
import { partnerIdOf } from "@handfast/testkit/author";

const pledge: DraftEntry = {
  type: "commitment.pledged",
  subject: null,
  x: { debtor: partnerIdOf("orchard"), beneficiaries: ["network"], due: "2027-03-01" },
  body: { title: "Repair the footbridge", text: "Timber from the mill, two days of work, before the flood." },
};

/** Without payload, as a row of facts: what batches are measured with. */
const progress: DraftEntry = {
  type: "commitment.progressed",
  subject: null,
  x: { part: 40, occurredAt: 1_700_000_000_000, externalId: "item-4711" },
};

let keys = 0;

/** One command's entry, under an idempotency key of its own, as the gateway makes them: a hash. */
export const commandAppend = (): AppendRequest => ({
  entries: [pledge],
  expect: [],
  key: hash("sha256", `bench ${keys++}`, "base64url"),
});

/** Many entries at once, without a key, as an import appends them. */
export const bulkAppend = (entries: number): AppendRequest => ({
  entries: Array.from({ length: entries }, () => progress),
  expect: [],
});

/** Bytes of the first header in a frame, and of what lies beside it. */
export const pledgePayloadBytes = 32 + JSON.stringify(pledge.body).length;
