/**
 * How verbs are declared: one row for each verb, from which HTTP routes, the command line, the partnership service's endpoints and the
 * OpenAPI document are derived. A verb that `says` an event needs no code: its body is derived from the event's row.
 */
import { type EventName, events } from "@handfast/protocol/events";
import { OccurredAt } from "@handfast/protocol/provenance";
import { prose, type Title } from "@handfast/protocol/text";
import { z } from "zod";
import { Moment } from "../views/answers.ts";
import { WrittenExternal, WrittenTitle } from "./written.ts";

/** What a person or system may do at their own partner's node. `auditor` reads and exports; it never acts. */
export const roles = ["viewer", "member", "steward", "auditor"] as const;
export type Role = (typeof roles)[number];

export type VerbRow = {
  /** One sentence for people, in the imperative. */
  readonly summary: string;
  /** The one event that it writes: members of the body become those of `x` and the texts of the same name. */
  readonly says?: EventName;
  /** Members of that event's `x` that the node takes from the thing's state, and no body has. */
  readonly fills?: readonly "term"[];
  /** Members of the body; with `says`, those that differ from the event's row. */
  readonly body?: z.ZodRawShape;
  /** Whether it opens a thing. With `says` that is known from the event. Default: it acts on one that exists. */
  readonly creates?: boolean;
  /** Who may give it. Default: a member. */
  readonly role?: "steward";
  /** A body as people would send it, for the OpenAPI document. */
  readonly example?: Readonly<Record<string, unknown>>;
};

type X<Name extends EventName> = (typeof events)[Name]["members"];
type Texts<Name extends EventName> = (typeof events)[Name]["texts"][number];
type Opens<Name extends EventName> = (typeof events)[Name]["opens"] extends true ? true : false;
type Prose = z.ZodOptional<ReturnType<typeof prose>>;
type TextShape<Name extends EventName> = {
  readonly [Text in Texts<Name>]: Text extends "title"
    ? Opens<Name> extends true
      ? typeof Title
      : z.ZodOptional<typeof Title>
    : Prose;
};
type Fills<Row> = Row extends { readonly fills: readonly (infer Member)[] } ? Member : never;
type Given<Row> = Row extends { readonly body: infer Body extends z.ZodRawShape } ? Body : unknown;
/** What the body of a verb has by the row of the event that it says. */
type Said<Row> = Row extends { readonly says: infer Name extends EventName }
  ? Omit<X<Name>, Fills<Row> & string> & TextShape<Name>
  : unknown;
type Creates<Row> = Row extends { readonly says: infer Name extends EventName }
  ? Opens<Name>
  : Row extends { readonly creates: true }
    ? true
    : false;
type Act<Verb extends string, Row> =
  Creates<Row> extends true ? { readonly act: z.ZodLiteral<Verb> } : unknown;
type Own<Verb extends string, Row> = Act<Verb, Row> & Omit<Said<Row>, keyof Given<Row>> & Given<Row>;
type BodyShape<Verb extends string, Row> = Omit<typeof provenance, keyof Own<Verb, Row>> & Own<Verb, Row>;

/** A verb, whichever it is. */
export type Verb<Collection extends string = string> = {
  /** Imperative in kebab case: `accept`, `offer-handoff`. */
  readonly verb: string;
  /** `POST /v1/<collection>` where it creates (the body's `act` names the verb), else `POST /v1/<collection>/{id}/<verb>`. */
  readonly collection: Collection;
  readonly creates: boolean;
  readonly role: "member" | "steward";
  readonly summary: string;
  /** `null`: what it writes is decided by hand. */
  readonly says: EventName | null;
  readonly fills: readonly "term"[];
  readonly body: z.ZodObject;
};

type VerbDefinition<Collection extends string, Name extends string, Row> = Verb<Collection> & {
  readonly verb: Name;
  readonly creates: Creates<Row>;
  readonly says: Row extends { readonly says: infer Said extends EventName } ? Said : null;
  readonly body: z.ZodObject<BodyShape<Name, Row>>;
};

/** A row may narrow what its event has; another member would be lost on the way into the entry. */
type Checked<Row> = Row extends { readonly says: EventName; readonly body: infer Body }
  ? [Exclude<keyof Body, keyof Said<Row>>] extends [never]
    ? unknown
    : { readonly body: { readonly [Member in Exclude<keyof Body, keyof Said<Row>>]: never } }
  : unknown;

/** The verbs on one kind of thing; their names are `<noun>.<verb>`. */
export function defineVerbs<
  const Noun extends string,
  const Collection extends string,
  const Rows extends { readonly [verb: string]: VerbRow },
>(
  { noun, collection }: { readonly noun: Noun; readonly collection: Collection },
  rows: Rows & { readonly [Verb in keyof Rows]: Checked<Rows[Verb]> },
): {
  readonly [Verb in keyof Rows & string as `${Noun}.${Verb}`]: VerbDefinition<Collection, Verb, Rows[Verb]>;
} {
  const creating = Object.values<VerbRow>(rows).filter(creates).length;
  const defined = Object.entries<VerbRow>(rows).map(([verb, row]) => {
    const act = z.literal(verb);
    // Where only one verb creates such a thing, it may be left out.
    const named = creates(row) ? { act: creating === 1 ? act.default(verb) : act } : {};
    const { summary, says = null, fills = [], role = "member" } = row;
    const shape = { ...provenance, ...named, ...saidBy(row), ...row.body };
    const definition = {
      verb,
      collection,
      creates: creates(row),
      role,
      summary,
      says,
      fills,
      // An import says when it was: what happened today needs nothing waived.
      body: z
        .strictObject(shape)
        .refine(({ imported, occurredAt }) => imported !== true || occurredAt !== undefined, {
          path: ["occurredAt"],
          message: "needed where imported is true",
        })
        .meta(row.example === undefined ? {} : { examples: [row.example] }),
    };
    return [`${noun}.${verb}`, definition];
  });
  return Object.fromEntries(defined);
}

const creates = ({ says, creates: isCreating = false }: VerbRow): boolean =>
  says === undefined ? isCreating : events[says].opens === true;

/** Texts first, as people write them first. */
function saidBy({ says, fills = [] }: VerbRow): z.ZodRawShape {
  if (says === undefined) return {};
  const { members, texts, opens } = events[says];
  const title = opens === true ? WrittenTitle : WrittenTitle.optional();
  const words = texts.map((name) => [name, name === "title" ? title : prose().optional()]);
  const x = Object.entries(members).filter(([name]) => !fills.some((filled) => filled === name));
  return Object.fromEntries([...words, ...x]);
}

/** What `occurredAt` of a body may be. */
export const When = z.union([OccurredAt, Moment]);
/** When something happened, as answers say it (RFC 3339; a day is its first moment, UTC), or in milliseconds as entries hold it. */
export const Occurred = When.transform((when) => (typeof when === "number" ? when : Date.parse(when)))
  .pipe(OccurredAt)
  .meta({
    id: "Occurred",
    description:
      "When it happened, not in the future, for facts recorded elsewhere first: a day (its first moment, UTC) or an RFC 3339 instant, for example 2026-01-01T12:00:00Z; or milliseconds since 1970. It waives nothing",
  });

/** Where a fact comes from that was recorded elsewhere first. Only `imported` waives guards; that it is long ago waives none. */
const provenance = {
  occurredAt: Occurred.optional(),
  externalId: WrittenExternal.optional().describe("The id it has where it was recorded first"),
  externalStatus: WrittenExternal.optional().describe("The word for its state where it was recorded first"),
  imported: z
    .boolean()
    .optional()
    .describe(
      "Whether it is imported from elsewhere, with `occurredAt`: a day that is over, or a beginning without promises, is then no obstacle, and the answer's `waived` says so",
    ),
} as const;
