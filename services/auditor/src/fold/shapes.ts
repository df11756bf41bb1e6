/**
 * Section 7 of `docs/reference/fold.md`: the types this release knows, what their `x` holds, and whether they create
 * a thing or speak of one. A table, so that it can be laid beside the page.
 */
import { isB64u } from "../b64u.ts";
import { isPartnerId } from "../multikey.ts";
import { isText } from "../name.ts";
import { isPinnedRef, isPlainRef } from "../ref.ts";

type Check = (value: unknown) => boolean;
type Member = { readonly check: Check; readonly isOptional: boolean };

/** Kinds of thing an entry can be about. */
export type Kind = "log" | "membership" | "initiative" | "challenge" | "commitment" | "anything";

export type Shape = {
  readonly kind: Kind;
  /** `yes`: `subject` is null; `no`: it is a ref; `either`. */
  readonly creates: "yes" | "no" | "either";
  readonly members: ReadonlyMap<string, Member>;
  /** Members of `x` that hold refs. */
  readonly refs: readonly string[];
};

const integer = (min: number, max: number): Check => {
  return (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
};
const text: Check = (value) => isText(value, 200);
/** 2100-01-01, as for the clocks in headers. */
const moment = integer(0, 4_102_444_800_000);
const oneOf =
  (...words: string[]): Check =>
  (value) =>
    words.includes(value as string);
const listOf = (check: Check, min: number, max: number): Check => {
  return (value) =>
    Array.isArray(value) && value.length >= min && value.length <= max && value.every((item) => check(item));
};
const setOf = (check: Check, min: number): Check => {
  const list = listOf(check, min, 32);
  return (value) => list(value) && new Set(value as unknown[]).size === (value as unknown[]).length;
};

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A calendar day that exists, `YYYY-MM-DD`. */
export function isDay(value: unknown): value is string {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const [year, month, day] = [Number(value.slice(0, 4)), Number(value.slice(5, 7)), Number(value.slice(8))];
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && isLeap ? 29 : (monthDays[month - 1] ?? 0);
  return day >= 1 && day <= days;
}

const isBeneficiary: Check = (value) => value === "network" || isPartnerId(value) || isPlainRef(value);
const isTerm = integer(1, 1_000_000);
const isSeat: Check = (value) => {
  if (typeof value !== "object" || value === null) return false;
  const { initiative, term, ...more } = value as Record<string, unknown>;
  return isPlainRef(initiative) && isTerm(term) && Object.keys(more).length === 0;
};

/** What every type but control ones may carry besides its own. */
const always: Record<string, Check> = {
  "occurredAt?": moment,
  "externalId?": text,
  "externalStatus?": text,
  "must?": listOf((name) => typeof name === "string" && name.length <= 96, 0, 16),
};

const parties = {
  debtor: isPartnerId,
  beneficiaries: setOf(isBeneficiary, 1),
  "confirmers?": setOf(isPartnerId, 0),
  due: isDay,
};
const creating = { ...parties, "origin?": isPlainRef };
const helpTerms = {
  "due?": isDay,
  "beneficiaries?": parties.beneficiaries,
  "confirmers?": parties["confirmers?"],
  "part?": text,
};
const part = integer(1, 100);
const criteria = listOf((value) => isText(value, 32), 0, 32);
const progress = { "criteria?": criteria, "part?": part };
const terms = { terms: isPinnedRef };
const term = { term: isTerm };

function shape(kind: Kind, creates: Shape["creates"], x: Record<string, Check>, ...refs: string[]): Shape {
  const members = Object.entries(creates === "yes" && kind === "log" ? x : { ...always, ...x }).map(
    ([name, check]): [string, Member] => [name.replace("?", ""), { check, isOptional: name.endsWith("?") }],
  );
  return { kind, creates, members: new Map(members), refs };
}

/** Every type this release can apply. */
export const shapes: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  // Its `x` was judged where the log opened.
  ["log.opened", shape("log", "yes", {})],
  ["charter.attested", shape("membership", "either", { charter: (value) => isB64u(value, 32) })],
  ["member.sponsored", shape("membership", "yes", { root: isPartnerId, log: isLogId })],
  [
    "member.endorsed",
    shape("membership", "no", { opening: isPlainRef, yes: (value) => typeof value === "boolean" }, "opening"),
  ],
  ["member.left", shape("membership", "no", {})],

  ["initiative.proposed", shape("initiative", "yes", { "seat?": oneOf("open") })],
  ["initiative.joined", shape("initiative", "no", {})],
  ["initiative.left", shape("initiative", "no", {})],
  ["initiative.adopted", shape("initiative", "no", term)],
  ["initiative.paused", shape("initiative", "no", term)],
  ["initiative.resumed", shape("initiative", "no", term)],
  ["initiative.completed", shape("initiative", "no", term)],
  ["initiative.status-noted", shape("initiative", "no", { ...term, externalStatus: text })],
  ["lead.stepped-up", shape("initiative", "no", { as: oneOf("lead", "co", "shadow") })],
  [
    "handoff.offered",
    shape("initiative", "no", { ...term, to: isPartnerId, "until?": isDay, "trialUntil?": isDay }),
  ],
  ["handoff.accepted", shape("initiative", "no", { offer: isPlainRef }, "offer")],
  ["handoff.declined", shape("initiative", "no", { offer: isPlainRef }, "offer")],
  ["handoff.cancelled", shape("initiative", "no", { offer: isPlainRef }, "offer")],
  ["handoff.acceptance-retracted", shape("initiative", "no", { accept: isPlainRef }, "accept")],
  ["handoff.completed", shape("initiative", "no", { accept: isPlainRef }, "accept")],
  ["handoff.reaffirmed", shape("initiative", "no", { accept: isPlainRef }, "accept")],

  ["challenge.shared", shape("challenge", "yes", { "ackBy?": isDay })],
  ["challenge.acknowledged", shape("challenge", "no", {})],
  ["challenge.resolved", shape("challenge", "no", {})],
  ["challenge.reopened", shape("challenge", "no", {})],
  ["help.offered", shape("challenge", "no", helpTerms, "beneficiaries")],
  ["help.accepted", shape("challenge", "no", { offer: isPlainRef, "part?": text }, "offer")],
  ["help.retracted", shape("challenge", "no", { offer: isPlainRef }, "offer")],
  ["help.thanked-declined", shape("challenge", "no", { offer: isPlainRef }, "offer")],

  ["commitment.requested", shape("commitment", "yes", creating, "beneficiaries", "origin")],
  ["commitment.offered", shape("commitment", "yes", creating, "beneficiaries", "origin")],
  [
    "commitment.pledged",
    shape("commitment", "yes", { ...creating, "seat?": isSeat }, "beneficiaries", "origin", "seat"),
  ],
  [
    "commitment.countered",
    shape("commitment", "no", { ...parties, base: isPinnedRef }, "beneficiaries", "base"),
  ],
  ["commitment.accepted", shape("commitment", "no", terms, "terms")],
  ["commitment.declined", shape("commitment", "no", terms, "terms")],
  ["commitment.retracted", shape("commitment", "no", terms, "terms")],
  ["commitment.reaffirmed", shape("commitment", "no", terms, "terms")],
  ["commitment.let-go", shape("commitment", "no", terms, "terms")],
  ["commitment.progressed", shape("commitment", "no", progress)],
  ["commitment.claimed", shape("commitment", "no", progress)],
  ["commitment.disputed", shape("commitment", "no", progress)],
  [
    "commitment.confirmed",
    shape("commitment", "no", { as: oneOf("full", "partial"), "criteria?": criteria }),
  ],
  ["commitment.released", shape("commitment", "no", {})],
  ["commitment.withdrawn", shape("commitment", "no", {})],
  ["commitment.pledge-declined", shape("commitment", "no", {})],
  ["commitment.revision-proposed", shape("commitment", "no", { base: isPinnedRef, due: isDay }, "base")],
  ["commitment.revision-accepted", shape("commitment", "no", terms, "terms")],
  ["commitment.revision-declined", shape("commitment", "no", terms, "terms")],
  ["commitment.revision-retracted", shape("commitment", "no", terms, "terms")],
  ["commitment.carry-accepted", shape("commitment", "no", { offer: isPlainRef, ...terms }, "offer", "terms")],
  [
    "commitment.carried",
    shape("commitment", "no", { completed: isPlainRef, accepted: isPlainRef }, "completed", "accepted"),
  ],
  ["subject.merged", shape("anything", "no", {})],
]);

function isLogId(value: unknown): boolean {
  return typeof value === "string" && isPlainRef(`${value}.0`);
}

/** Whether `x` says what a reader must understand. This release knows no extension by name, so it never does. */
export function hasMust({ must }: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(must) && must.length > 0;
}

/** Whether `x` has what `type` needs, each in its form. Members the type does not know are nobody's business. */
export function fits(type: string, shape: Shape, x: Readonly<Record<string, unknown>>): boolean {
  if (isBetweenPartners.has(type) && !hasPartnersOnly(x)) return false;
  for (const [name, { check, isOptional }] of shape.members) {
    const value = x[name];
    if (value === undefined ? !isOptional : !check(value)) return false;
  }
  return true;
}

/** What is asked of or offered to partners, as opposed to pledged to whom one likes. */
const isBetweenPartners: ReadonlySet<string> = new Set(["commitment.requested", "commitment.offered"]);

function hasPartnersOnly({ beneficiaries, debtor }: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(beneficiaries) && beneficiaries.every((to) => isPartnerId(to) && to !== debtor);
}
