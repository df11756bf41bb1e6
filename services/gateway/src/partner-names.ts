/** Partners by name wherever a request may hold their ids: resolved before anything is judged, and refused where it would be a guess. */
import { partnerListMembers, partnerMembers } from "@handfast/api/partner-members";
import { candidateText, isNetworkWord, matchPartner } from "@handfast/api/partner-name";
import type { PartnerView } from "@handfast/api/views/partner";
import { PartnerId, Ref } from "@handfast/protocol/ids";
import type { Reads } from "@handfast/views/reads";
import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import { ProblemError } from "./problem.ts";

export type PartnerReads = Pick<Reads, "list">;

/** How many partners a refusal lists. */
const shownPartners = 20;
const pagePartners = 200;

/** What a partner's place in a body may hold beside a name. */
const isPlain = (text: string): boolean =>
  text === "network" || PartnerId.safeParse(text).success || Ref.safeParse(text).success;

/**
 * The id of a partner named by its id or its name.
 *
 * @param pointer Where it was said, for the refusal: `#/to`, `by`; `id` of a path.
 * @throws {ProblemError} `unknown-partner` (of a path's `id`: `not-found`), `ambiguous-partner`
 */
export async function partnerIdOf(text: string, pointer: string, reads: PartnerReads): Promise<PartnerId> {
  return PartnerId.safeParse(text).success ? text : resolved(text, pointer, await allPartners(reads));
}

/** A hook before validation: a body's partners by their ids. A body that is left out is an empty one. */
export function namesToIds(bodies: readonly z.ZodObject[], reads: PartnerReads) {
  const members = new Set(bodies.flatMap((body) => [...partnerMembers(body)]));
  const lists = new Set(bodies.flatMap((body) => [...partnerListMembers(body)]));
  return async (request: FastifyRequest): Promise<void> => {
    request.body ??= {};
    const body = request.body as Record<string, unknown>;
    // A text in place of a list is refused with what was sent, so it stays as it is.
    const isMeant = (member: string) => typeof body[member] !== "string" || !lists.has(member);
    const named = [...members].filter(
      (member) => Object.hasOwn(body, member) && isMeant(member) && hasName(body[member]),
    );
    if (named.length === 0) return;
    const partners = await allPartners(reads);
    const idOf = (value: unknown, pointer: string): unknown => {
      if (typeof value !== "string" || isPlain(value)) return value;
      return isNetworkWord(value) ? "network" : resolved(value, pointer, partners);
    };
    for (const member of named) {
      const value = body[member];
      body[member] = Array.isArray(value)
        ? value.map((item, index) => idOf(item, `#/${member}/${index}`))
        : idOf(value, `#/${member}`);
    }
  };
}

const hasName = (value: unknown): boolean =>
  Array.isArray(value) ? value.some(hasName) : typeof value === "string" && !isPlain(value);

async function allPartners(reads: PartnerReads): Promise<readonly PartnerView[]> {
  const all: PartnerView[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page: { readonly items: PartnerView[]; readonly next: number | null } = await reads.list(
      "partners",
      {
        at: null,
        after,
        limit: pagePartners,
      },
    );
    all.push(...page.items);
    after = page.next;
  }
  return all;
}

function resolved(text: string, pointer: string, partners: readonly PartnerView[]): PartnerId {
  const match = matchPartner(text, partners);
  if ("found" in match) return match.found.id;
  const isInPath = pointer === "id";
  const code = match.candidates.length > 0 ? "ambiguous-partner" : isInPath ? "not-found" : "unknown-partner";
  const quoted = JSON.stringify(text.slice(0, 64));
  const detail =
    match.candidates.length === 0 && isNetworkWord(text)
      ? `${quoted} means the whole network, and one partner is asked for; partners: ${listed(partners.map(({ name }) => name))}`
      : match.candidates.length === 0
        ? `no partner is called ${quoted}; partners: ${listed(partners.map(({ name }) => name))}`
        : `${quoted} could mean ${listed(match.candidates.map(candidateText))}`;
  throw new ProblemError(code, { errors: [{ pointer, code, detail }] });
}

const listed = (names: readonly string[]): string =>
  names.length <= shownPartners
    ? names.join("; ")
    : `${names.slice(0, shownPartners).join("; ")}; and ${names.length - shownPartners} more`;
