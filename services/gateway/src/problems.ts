/**
 * How every expected no, and every fault, is told over HTTP (RFC 9457): status, a title that never varies, and what to try.
 * One table for the whole node; a code without a row is a type error. This file is long because it is that table.
 */
import type { Guard, Reason } from "@handfast/protocol/reasons";

export type ProblemKind = {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 412 | 413 | 415 | 421 | 422 | 429 | 431 | 500 | 503;
  readonly title: string;
  readonly tryThis: string;
};

/** Where the domain says no: the reasons of docs/reference/fold.md, and the guards of commands. */
const domain = {
  opaque: row(422, "This node does not know that kind of event.", "Update the node that should act."),
  malformed: row(422, "What would be written does not fit its own form.", "Check the body against /docs."),
  "ref-not-in-past": row(
    422,
    "It names an entry that this node does not hold.",
    "Wait until it arrived here, or check the id.",
  ),
  "wrong-subject": row(
    422,
    "The id names another kind of thing.",
    "Use an id from the collection you act on.",
  ),
  "not-a-member": row(
    403,
    "Your partner is no active member of the network.",
    "Wait for the members' votes: GET /v1/partners shows them.",
  ),
  "subject-full": row(
    409,
    "So much was said about this that nothing more has effect: 4,096 entries are the limit.",
    "Begin a new one, and name this one in its text.",
  ),
  "already-a-member": row(409, "That partner is a member already.", "Nothing is left to do."),
  "not-a-founder": row(
    403,
    "Only a founder of the charter begins that way.",
    "Ask a member for an invitation.",
  ),
  "wrong-charter": row(422, "That is another network's charter.", "Use the invitation of this network."),
  "wrong-opening": row(
    422,
    "The vote names another opening than the one it is about.",
    "Vote on the sponsorship that GET /v1/partners shows.",
  ),
  "not-an-elector": row(
    403,
    "Your partner has no vote in this decision.",
    "Who may vote was fixed when the decision began.",
  ),
  "already-voted": row(
    409,
    "Your partner has voted; a word counts once.",
    "Nothing can be changed about it.",
  ),
  "not-the-candidate": row(
    403,
    "Only the candidate itself may do this.",
    "Its own node does it once the votes are there.",
  ),
  "not-endorsed": row(409, "The votes needed are not there.", "Wait for more members to vote."),
  "already-joined": row(409, "Your partner takes part already.", "Nothing is left to do."),
  "not-a-participant": row(409, "Your partner does not take part.", "Join first."),
  "not-the-lead": row(403, "Only the lead may do this.", "See who leads it now; step up if you would."),
  "wrong-state": row(
    409,
    "It is not in a state in which that can be done.",
    "Read it again and see its state.",
  ),
  "already-the-lead": row(409, "Your partner leads it already.", "Nothing is left to do."),
  "handoff-to-self": row(422, "A lead is handed to another partner.", "Name another partner as `to`."),
  "not-the-receiver": row(
    403,
    "The lead was offered to another partner.",
    "See the handoffs of the initiative.",
  ),
  "not-the-giver": row(403, "Only who offered the lead may do this.", "See the handoffs of the initiative."),
  "already-answered": row(409, "That was answered; the first answer counts.", "Read it again."),
  "already-retracted": row(409, "That acceptance was taken back already.", "Nothing is left to do."),
  "already-cancelled": row(409, "That offer was taken back already.", "Nothing is left to do."),
  "handoff-cancelled": row(409, "The offer of the lead was taken back.", "Ask for another offer."),
  "handoff-closed": row(409, "The lead has passed on.", "Read the initiative again and see its term."),
  "not-accepted": row(409, "Nobody accepted it.", "Wait for the acceptance."),
  "acceptance-retracted": row(409, "The acceptance was taken back.", "Offer it again."),
  "receiver-not-a-member": row(409, "The receiver is no active member.", "Offer it to a member."),
  "not-crossed": row(409, "Nothing crossed that you could settle.", "Read it again; it may be settled."),
  "own-challenge": row(422, "It is your own partner's challenge.", "Others offer help for it; you accept."),
  "not-the-owner": row(403, "Only the challenge's owner may do this.", "Ask its owner."),
  "not-the-offerer": row(403, "Only who offered the help may do this.", "Ask who offered it."),
  "challenge-resolved": row(409, "The challenge is resolved.", "Its owner can open it again."),
  "offer-closed": row(409, "The offer of help was answered.", "Read the challenge again."),
  "offer-retracted": row(409, "The offer of help was taken back.", "Accept another one."),
  "not-a-party": row(403, "Your partner is no party to this.", "Only those it names can do this."),
  "own-terms": row(409, "These are your own terms.", "Wait for the other side, or retract them."),
  "parties-changed": row(
    422,
    "Other terms keep the same parties.",
    "Begin a new commitment for other parties.",
  ),
  "terms-closed": row(409, "These terms are closed.", "Read the commitment again and name open terms."),
  "terms-differ": row(409, "The terms differ from what was offered.", "Accept them as they stand now."),
  "already-signed": row(409, "Your partner agreed to these terms already.", "Nothing is left to do."),
  "already-bound": row(
    409,
    "These terms are agreed by everyone and bind.",
    "Withdraw, release or propose a revision instead.",
  ),
  "party-left": row(409, "A party to it has left the network.", "Agree with somebody who is here."),
  "not-active": row(409, "The commitment binds nobody now.", "See its state and terms."),
  "not-the-debtor": row(403, "Only who owes it may do this.", "Ask the debtor."),
  "wrong-offer": row(
    422,
    "It names another offer than the one it answers.",
    "Name the offer that the thing itself shows.",
  ),
  "stale-terms": row(409, "The terms have changed since.", "Read it again and name the current terms."),
  "stale-base": row(409, "Other terms are in force now.", "Read it again and base the revision on these."),
  "handoff-without-effect": row(
    409,
    "The handoff it belongs to had no effect.",
    "See the handoffs of the initiative.",
  ),
  "already-declined": row(409, "Your partner declined it already.", "Nothing is left to do."),
  "not-a-confirmer": row(
    403,
    "Only those named to confirm may do this.",
    "See the confirmers of the commitment.",
  ),
  "not-claimed": row(409, "Nobody said that it was kept.", "Wait for the debtor's claim."),
  "already-confirmed": row(409, "Your partner confirmed it already.", "Nothing is left to do."),
  "already-released": row(409, "Your partner released it already.", "Nothing is left to do."),
  "already-claimed": row(409, "It is said to be kept already.", "Wait for the confirmers."),
  closed: row(409, "It is closed.", "Begin a new one."),
  "not-found": row(
    404,
    "There is no such thing here.",
    "Check the id; it may not have arrived at this node yet.",
  ),
  "payload-not-held": row(
    409,
    "The words of these terms have not arrived at this node.",
    "Nobody agrees to what they could not read: try again when they are here.",
  ),
  "needs-two-commitments": row(
    409,
    "At least two partners must have active commitments to it first.",
    "Pledge something to the initiative, and ask others to.",
  ),
  "due-in-the-past": row(422, "That day is over.", "Choose a day from today on."),
  "unknown-partner": row(422, "A partner that is named is no active member.", "See GET /v1/partners."),
  "nothing-to-accept": row(
    409,
    "Nothing waits for your agreement.",
    "Read it again; it may be agreed already.",
  ),
  "several-open": row(409, "More than one is open.", "Name the one you mean."),
  "ambiguous-terms": row(409, "Several terms fit.", "Name the one you mean."),
  "promise-to-self": row(
    422,
    "A promise needs another partner.",
    "Name others as beneficiaries and confirmers.",
  ),
  crossed: row(
    409,
    "Something crossed and waits for a word first.",
    "Whoever pulled back reaffirms it or lets it go.",
  ),
} as const satisfies Record<Reason | Guard, ProblemKind>;

/** Where the ledger cannot, or not now. */
const ledger = {
  moved: row(409, "Others kept being faster.", "Send the same request again, with the same key."),
  "clock-ahead": row(
    503,
    "The clock of this machine is behind what it wrote before.",
    "Set the clock, then send the same request again.",
  ),
  "disk-full": row(503, "The disk of this node is full.", "Make room, then send the same request again."),
  "outcome-unknown": row(
    503,
    "It is not known whether this was done.",
    "Send the same request again with the same Idempotency-Key: it is never done twice.",
  ),
  fatal: row(
    503,
    "The ledger stopped, because it could not be sure of what it had written.",
    "The node's operator must look at its log; reads go on.",
  ),
  "ledger-unavailable": row(503, "The ledger does not answer.", "Send the same request again in a moment."),
} as const satisfies Record<string, ProblemKind>;

/** What HTTP, identity and limits refuse. */
const transport = {
  "request-malformed": row(
    400,
    "The request is not well-formed HTTP for this node.",
    "Check its target and its HTTP headers.",
  ),
  "body-malformed": row(
    400,
    "The body is no JSON that this node reads.",
    "Send one JSON object in UTF-8, each member once.",
  ),
  "query-invalid": row(400, "A parameter does not fit.", "See `errors`, and /docs."),
  "cursor-invalid": row(
    400,
    "That is not a cursor of this collection.",
    "Use the `next` of a page of the same collection unchanged, or begin without `after`.",
  ),
  "idempotency-key-missing": row(
    400,
    "A command needs an Idempotency-Key.",
    "Send one of 1 to 255 printable ASCII characters, a new one for each new act.",
  ),
  "no-such-route": row(
    404,
    "This API has no such path.",
    "Check the path and the verb; /docs and /openapi.json list every route.",
  ),
  "not-authenticated": row(
    401,
    "Who you are is not known.",
    "Send `Authorization: Bearer <token>`; `handfast token create` makes one.",
  ),
  "not-permitted": row(
    403,
    "Your token's role may not do this.",
    "Ask a steward of your partner's node for a token with another role.",
  ),
  "method-not-allowed": row(
    405,
    "That cannot be done at this place.",
    "See the `Allow` HTTP header, and /docs.",
  ),
  "wrong-revision": row(
    412,
    "It has changed since you read it.",
    "Read it again, look at what changed, and send it with the new ETag.",
  ),
  "too-large": row(
    413,
    "That is too large.",
    "A body has at most 64 KiB; all entries of one act together have limits too.",
  ),
  "media-type-unsupported": row(415, "This node reads JSON only.", "Send `Content-Type: application/json`."),
  "host-unknown": row(
    421,
    "This node does not answer by that name.",
    "Use its address, or allow the name in its settings.",
  ),
  "body-invalid": row(422, "The body does not fit.", "See `errors`, and /docs."),
  "idempotency-key-reused": row(
    422,
    "That Idempotency-Key was used for another request.",
    "Use a new key for a new act.",
  ),
  "ambiguous-partner": row(
    422,
    "More than one partner could be meant by that name.",
    "Use the exact spelling, or the partner's id: see `errors`.",
  ),
  "too-many-requests": row(429, "That was too much at once.", "Wait as long as `Retry-After` says."),
  "headers-too-large": row(431, "The HTTP headers are too large.", "They have at most 8 KiB."),
  "link-refused": row(
    409,
    "The invitation or link was refused.",
    "The detail says by which code; ask its maker for a new invitation.",
  ),
  "views-not-ready": row(
    503,
    "The node is still building its read model.",
    "The detail says how far it is. Send the same request again then; nothing was done.",
  ),
  "inviter-unreachable": row(
    503,
    "The node that made the invitation does not answer.",
    "Nothing was done. Send the same request again when that node is up, or ask its operator which address it can be reached at.",
  ),
  internal: row(
    500,
    "Something went wrong in this node.",
    "Tell its operator the `instance`; it is in the node's log.",
  ),
  "bus-unavailable": row(
    503,
    "The node's services cannot be reached just now.",
    "Nothing was done. Reads go on; send the same request again in a moment.",
  ),
  "service-busy": row(
    503,
    "The node has too much to do.",
    "Nothing was done. Send the same request again in a moment.",
  ),
  starting: row(503, "The node is still reading its history.", "Try again in a moment."),
} as const satisfies Record<string, ProblemKind>;

export const problems = { ...transport, ...ledger, ...domain } as const;
export type ProblemCode = keyof typeof problems;

export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problems, code);

function row<Status extends ProblemKind["status"]>(status: Status, title: string, tryThis: string) {
  return { status, title, tryThis } as const;
}
