/**
 * How every refusal and every fault is reported over HTTP (RFC 9457): status, a title that never varies, and what to try. "You" is this
 * node's own partner. One table for the whole node; a code without a row is a type error. This file is long because it is that table.
 */
import type { Guard, Reason } from "@handfast/protocol/reasons";

type ProblemKind = {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 412 | 413 | 415 | 421 | 422 | 429 | 431 | 500 | 503;
  readonly title: string;
  readonly tryThis: string;
};

/** What the domain refuses: the reasons of docs/reference/fold.md, and the guards of commands. */
const domain = {
  opaque: row(422, "This node does not know that type of event.", "Upgrade the node that is to act."),
  malformed: row(422, "The entry this would write is not valid.", "Compare the body with /docs."),
  "ref-not-in-past": row(
    422,
    "It names an entry that this node does not have.",
    "Check the id; if it is right, wait until the entry arrives here.",
  ),
  "wrong-subject": row(
    422,
    "The id names another kind of thing.",
    "Use an id from the collection you act on.",
  ),
  "not-a-member": row(
    403,
    "This node's partner is not an active member of the network.",
    "Wait for the members' votes: `handfast members` or GET /v1/partners shows them.",
  ),
  "subject-full": row(
    409,
    "This has reached the limit of 4,096 entries; nothing more has an effect on it.",
    "Begin a new one, and refer to this one in its text.",
  ),
  "already-a-member": row(409, "That partner is already a member.", "There is nothing left to do."),
  "not-a-founder": row(
    403,
    "Only a founder named in the charter can do this.",
    "Ask a member for an invitation.",
  ),
  "wrong-charter": row(422, "That is another network's charter.", "Use an invitation to this network."),
  "wrong-opening": row(
    422,
    "The vote names another log than the one proposed.",
    "Vote on the sponsorship that GET /v1/partners shows.",
  ),
  "not-an-elector": row(
    403,
    "You have no vote in this decision.",
    "Who may vote was fixed when the decision began.",
  ),
  "already-voted": row(409, "You have already voted, and a vote is final.", "There is nothing left to do."),
  "not-the-candidate": row(
    403,
    "Only the candidate can do this.",
    "Its own node does it as soon as it has the votes.",
  ),
  "not-endorsed": row(409, "It does not have the votes it needs.", "Wait for more members to vote."),
  "not-proven": row(
    422,
    "What it holds does not prove that a log signed two histories.",
    "Nothing: a node writes such an entry by itself, as soon as it can prove a fork.",
  ),
  "already-joined": row(409, "You already take part.", "There is nothing left to do."),
  "not-a-participant": row(409, "You do not take part in it.", "Join first."),
  "not-the-lead": row(403, "Only the lead can do this.", "See who leads it; offer to lead with `step-up`."),
  "wrong-state": row(409, "Its state does not allow this.", "Read it again and see its state."),
  "already-the-lead": row(409, "You already lead it.", "There is nothing left to do."),
  "handoff-to-self": row(422, "You cannot hand a lead to yourself.", "Name another partner as `to`."),
  "not-the-receiver": row(
    403,
    "The lead was offered to another partner.",
    "See the handoffs of the initiative.",
  ),
  "not-the-giver": row(
    403,
    "Only the partner who offered the lead can do this.",
    "See the handoffs of the initiative.",
  ),
  "already-answered": row(409, "It has been answered, and the first answer counts.", "Read it again."),
  "already-retracted": row(409, "That acceptance was already retracted.", "There is nothing left to do."),
  "already-cancelled": row(409, "That offer was already cancelled.", "There is nothing left to do."),
  "handoff-cancelled": row(409, "The offer of the lead was cancelled.", "Ask for another offer."),
  "handoff-closed": row(
    409,
    "The lead has already passed on.",
    "Read the initiative again and see its term.",
  ),
  "not-accepted": row(409, "The offer has not been accepted.", "Wait for the acceptance."),
  "acceptance-retracted": row(409, "The acceptance was retracted.", "Offer the lead again."),
  "receiver-not-a-member": row(
    409,
    "The receiver is not an active member.",
    "Offer the lead to an active member.",
  ),
  "not-crossed": row(
    409,
    "There is no crossing here for you to settle.",
    "Read it again; it may have been settled.",
  ),
  "own-challenge": row(
    422,
    "This is your own challenge.",
    "Other partners offer help with it; you accept or decline their offers.",
  ),
  "not-the-owner": row(403, "Only the challenge's owner can do this.", "Ask its owner."),
  "not-the-offerer": row(403, "Only the partner who offered the help can do this.", "Ask the offerer."),
  "challenge-resolved": row(409, "The challenge is resolved.", "Its owner can reopen it."),
  "offer-closed": row(409, "The offer of help has been answered.", "Read the challenge again."),
  "offer-retracted": row(409, "The offer of help was retracted.", "Accept another offer."),
  "not-a-party": row(
    403,
    "You are not a party to this commitment.",
    "Only its debtor and its beneficiaries can do this.",
  ),
  "own-terms": row(409, "These are your own terms.", "Wait for the other side to answer, or retract them."),
  "parties-changed": row(
    422,
    "New terms must keep the same parties.",
    "Begin a new commitment for other parties.",
  ),
  "terms-closed": row(409, "These terms are closed.", "Read the commitment again and name open terms."),
  "terms-differ": row(409, "The terms differ from those offered.", "Accept them as they stand now."),
  "already-signed": row(409, "You have already agreed to these terms.", "There is nothing left to do."),
  "already-bound": row(
    409,
    "Everyone has agreed to these terms, and they bind.",
    "Withdraw, release, or propose a revision instead.",
  ),
  "party-left": row(409, "A party to it has left the network.", "Make a new commitment with active members."),
  "not-active": row(409, "The commitment is not in force.", "See its state and terms."),
  "not-the-debtor": row(403, "Only the debtor can do this.", "Ask the debtor."),
  "wrong-offer": row(
    422,
    "It names another offer than the one it answers.",
    "Name the offer that the thing itself shows.",
  ),
  "stale-terms": row(409, "The terms have changed since.", "Read it again and name the current terms."),
  "stale-base": row(409, "Other terms are in force now.", "Read it again and base the revision on those."),
  "handoff-without-effect": row(
    409,
    "The handoff it belongs to had no effect.",
    "See the handoffs of the initiative.",
  ),
  "already-declined": row(409, "You have already declined it.", "There is nothing left to do."),
  "not-a-confirmer": row(403, "Only its confirmers can do this.", "See the confirmers of the commitment."),
  "not-claimed": row(409, "The debtor has not claimed that it was kept.", "Wait for the debtor's claim."),
  "already-confirmed": row(409, "You have already confirmed it.", "There is nothing left to do."),
  "already-released": row(409, "You have already released the debtor.", "There is nothing left to do."),
  "already-claimed": row(409, "It is already claimed as kept.", "Wait for the confirmers."),
  closed: row(409, "It is closed.", "Begin a new one."),
  "wrong-link": row(
    422,
    "It names something that this cannot be said of.",
    "Name a text of this conversation, as `handfast conversation show` lists them. To promote one, name a thing of yours that says it comes from that text.",
  ),
  "not-the-author": row(403, "Only the author of that text can do this.", "Reply to it, or ask its author."),
  "not-the-asker": row(
    403,
    "Only who asked the question says whether it is answered.",
    "Answer it, or reply to it.",
  ),
  "not-asked": row(403, "That request asks others for their word.", "Say what you think in a reply."),
  "not-consented": row(
    403,
    "The author of that text has not agreed that you promote it.",
    "Ask for it: `handfast conversation ask-to-promote`. You can promote it once the author agreed to just that.",
  ),
  "not-found": row(
    404,
    "Nothing here has that id.",
    "Check the id; it may not have arrived at this node yet.",
  ),
  "payload-not-held": row(
    409,
    "The text of these terms has not arrived at this node.",
    "You cannot agree to what you could not read. Try again when it has arrived.",
  ),
  "needs-two-commitments": row(
    409,
    "At least two partners must have active commitments to it first.",
    "Pledge something to the initiative, and ask others to.",
  ),
  "due-in-the-past": row(422, "A day named here must not be over.", "Choose a day from today on."),
  "occurred-in-the-future": row(
    422,
    "What has not happened yet cannot be recorded as having occurred.",
    "State when it happened, for example 2026-01-01T12:00:00Z, or leave it out.",
  ),
  "nothing-to-change": row(
    409,
    "That would change nothing.",
    "Where another party has proposed the same, accept that; otherwise there is nothing left to do.",
  ),
  "handoff-lapsed": row(
    409,
    "The last day for accepting this offer of the lead is over.",
    "Ask the lead for another offer.",
  ),
  "initiative-completed": row(
    409,
    "The initiative is completed.",
    "Propose another one, or ask its lead what is left to do.",
  ),
  "unknown-partner": row(
    422,
    "A partner that is named is not an active member.",
    "See `errors`, `handfast members` or GET /v1/partners.",
  ),
  "nothing-to-accept": row(
    409,
    "There is nothing here for you to agree to.",
    "Read it again; it may be agreed already.",
  ),
  "several-open": row(409, "More than one is open.", "Name the one you mean."),
  "ambiguous-terms": row(409, "Several terms fit.", "Name the one you mean."),
  "promise-to-self": row(
    422,
    "You cannot promise something to yourself alone.",
    "Name other partners as beneficiaries and confirmers.",
  ),
  "partners-only": row(
    422,
    "Offers and requests are made between partners.",
    "Name partners as beneficiaries. To promise something to the network or to an initiative, make a pledge: `handfast commitment pledge`, or `act` pledge.",
  ),
  "day-missing": row(
    422,
    "Neither the offer of help nor its acceptance names a day.",
    "Accept it with the day it is due: `--due 2030-06-01`, or `due` in the body.",
  ),
  "nothing-asked": row(
    409,
    "There is nothing here that this could answer.",
    "Read it again: `handfast conversation show` lists what was asked. Name the one you mean.",
  ),
  "promotion-unclear": row(
    422,
    "It is not clear what the text is to become.",
    "Say `as` with a `title` (and `due` for a commitment), or `into` with the id of a thing of yours that comes from it.",
  ),
  crossed: row(
    409,
    "Two acts crossed, and that must be settled first.",
    "The partner who pulled back reaffirms it or lets it go.",
  ),
} as const satisfies Record<Reason | Guard, ProblemKind>;

/** Where the ledger cannot, or not now. */
const ledger = {
  moved: row(
    409,
    "It changed while we tried.",
    "Send the same request again, with the same Idempotency-Key.",
  ),
  "clock-ahead": row(
    503,
    "This machine's clock is behind an entry that this node has already written.",
    "Set the clock, then send the same request again.",
  ),
  "in-doubt": row(
    409,
    "What this would build on is in doubt: its author signed several histories of the log that it stands in.",
    "Nothing can build on it any more; `GET /v1/node` lists such logs under `forks`. Act on what its author says in the log that it goes on in.",
  ),
  "own-log-unsure": row(
    503,
    "This node cannot be sure that its data folder holds all that it ever signed.",
    "`handfast log`, or GET /v1/node, says why and what to do. Reads still work.",
  ),
  "clock-apart": row(
    503,
    "This machine's clock is ahead of its peers' clocks by more than two minutes.",
    "Set the clock, then send the same request again. If a peer's clock is wrong, `handfast peers` shows whose.",
  ),
  "next-log-clock-apart": row(
    409,
    "This machine's clock is ahead of its peers' clocks: the new log would be as well.",
    "Set the clock first.",
  ),
  "next-log-peers-unheard": row(
    409,
    "Not every peer has said what it holds of this node's log.",
    "Wait until the links are up; or leave behind what the others may hold: `handfast log new --unheard`.",
  ),
  "next-log-root-needed": row(
    409,
    "Only the partner's root key can open the next log now.",
    "`handfast keys` says where that key is and how it signs.",
  ),
  "next-log-not-that-long": row(
    422,
    "The log does not hold that many entries.",
    "Close it at a size that it has: `handfast log` shows how many entries it holds.",
  ),
  "next-log-not-the-next-root": row(
    422,
    "The log committed to another next root.",
    "Make the root file with `handfast keys next-root` from the root file in use.",
  ),
  "next-log-nothing-asked": row(
    409,
    "No request to the root key waits for an answer.",
    "Ask first: `handfast keys request`.",
  ),
  "next-log-not-signed": row(
    422,
    "The answer is not signed for this request by its root key.",
    "Sign the newest request, with the root file that `handfast keys` names.",
  ),
  "next-log-log-grew": row(
    409,
    "Entries came back from a peer since the root key was asked.",
    "Take the request back with `handfast keys cancel`, and ask again.",
  ),
  "next-log-too-many-logs": row(
    409,
    "This partner has as many logs as a network takes.",
    "Join the network again as another partner.",
  ),
  "disk-full": row(
    503,
    "The disk of this node is full.",
    "Free some space, then send the same request again.",
  ),
  "outcome-unknown": row(
    503,
    "It is not known whether this was done.",
    "Send the same request again with the same Idempotency-Key: it is never done twice.",
  ),
  fatal: row(
    503,
    "The ledger stopped because it could not be sure of what it had written.",
    "The node's operator must read its log. Reads still work.",
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
    "The body is not JSON that this node accepts.",
    "Send one JSON object in UTF-8, with each member once.",
  ),
  "query-invalid": row(400, "A parameter is not valid.", "See `errors`, and /docs."),
  "cursor-invalid": row(
    400,
    "That is not a cursor of this collection.",
    "Use the `next` of a page of the same collection unchanged, or begin without `after`.",
  ),
  "cursor-ahead": row(
    409,
    "That cursor is further than this node has ever been.",
    "`actual` is the newest position. Was the node put back to an older state, or is the cursor of another? Read anew from the beginning, without `after`.",
  ),
  "cursor-foreign": row(
    409,
    "That cursor is of another node, or of this one before it was restored.",
    "Positions are each node's own. Read anew from the beginning, without `after`; `actual` is the newest position here.",
  ),
  "idempotency-key-missing": row(
    400,
    "A command needs an Idempotency-Key.",
    "Send 1 to 255 printable ASCII characters, and a new key for each new act.",
  ),
  "no-such-problem": row(404, "No problem has this code.", "/problems lists those there are."),
  "no-such-route": row(
    404,
    "This API has no such path.",
    "Check the path and the verb; /docs and /openapi.json list every route.",
  ),
  "not-authenticated": row(
    401,
    "The request has no valid token.",
    "Send `Authorization: Bearer <token>`; `handfast token create` makes a token.",
  ),
  "not-permitted": row(
    403,
    "Your token's role does not allow this.",
    "Ask a steward of this node for a token with another role.",
  ),
  "method-not-allowed": row(
    405,
    "This path does not take that method.",
    "See the `Allow` header, and /docs.",
  ),
  "wrong-revision": row(
    412,
    "It has changed since you read it.",
    "Read it again, look at what changed, and send it with the new ETag.",
  ),
  "too-large": row(
    413,
    "The request is too large.",
    "A body has at most 64 KiB; all entries of one act together have limits too.",
  ),
  "media-type-unsupported": row(
    415,
    "This node accepts JSON only.",
    "Send `Content-Type: application/json`.",
  ),
  "host-unknown": row(
    421,
    "This node does not answer to that host name.",
    "Use its address, or add the name to `httpNames` in its settings.",
  ),
  "body-invalid": row(422, "The body is not valid.", "See `errors`, and /docs."),
  "idempotency-key-reused": row(
    422,
    "That Idempotency-Key was used for another request.",
    "Use a new key for a new act.",
  ),
  "ambiguous-partner": row(
    422,
    "That name could mean more than one partner.",
    "Use the exact spelling, or the partner's id: see `errors`.",
  ),
  "too-many-requests": row(
    429,
    "Too many requests at once.",
    "Wait for the seconds that `Retry-After` says.",
  ),
  "headers-too-large": row(431, "The HTTP headers are too large.", "They may have at most 8 KiB."),
  "link-refused": row(
    409,
    "The invitation or link was refused.",
    "See `detail` for the code; ask the inviter for a new invitation.",
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
    "The node's services cannot be reached.",
    "Nothing was done. Reads still work; send the same request again in a moment.",
  ),
  "service-busy": row(
    503,
    "The node is too busy.",
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
