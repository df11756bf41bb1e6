/**
 * What does not fit in what somebody sent, in plain words: where, what was given, what is expected, and an example. The schema library's
 * own messages speak of patterns and types, so none of them is shown to people.
 */
import { formats } from "@handfast/protocol/formats";
import { EventType } from "@handfast/protocol/header";
import { OccurredAt } from "@handfast/protocol/provenance";
import { z } from "zod";
import { When } from "./verbs/define.ts";
import { Moment } from "./views/answers.ts";

export type Misfit = {
  /** Names and indexes from the outside in; empty for the whole. */
  readonly path: readonly PropertyKey[];
  /** A fixed word for programs: `missing`, `unknown-member` or `does-not-fit`. */
  readonly code: "missing" | "unknown-member" | "does-not-fit";
  /** One sentence: `got "soon", expected a day (YYYY-MM-DD), for example 2030-06-01`. */
  readonly detail: string;
};

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly misfits: readonly Misfit[] };

/** More help nobody. */
const maxMisfits = 20;

/** Parses a value; a misfit for each place that does not fit, at most 20. */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): Parsed<z.output<Schema>> {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return { ok: true, value: parsed.data };
  const misfits = parsed.error.issues.flatMap((issue) => misfitsOf(issue, schema, value));
  // One place may fail several checks; the first says enough.
  const first = new Map(misfits.map((misfit) => [misfit.path.join("/"), misfit] as const).toReversed());
  return {
    ok: false,
    misfits: misfits.filter((one) => first.get(one.path.join("/")) === one).slice(0, maxMisfits),
  };
}

/** A sentence for one place: `due: got "soon", expected ...`. */
export const misfitText = ({ path, detail }: Misfit): string =>
  path.length === 0 ? detail : `${path.map(String).join(".")}: ${detail}`;

function misfitsOf(issue: z.core.$ZodIssue, whole: z.ZodType, value: unknown): readonly Misfit[] {
  const { path } = issue;
  const place = placeOf(whole, path, value);
  if (issue.code === "unrecognized_keys") {
    const known = place === null ? [] : Object.keys((plain(place) as Partial<z.ZodObject>).shape ?? {});
    return issue.keys.map((key) => ({
      path: [...path, key],
      code: "unknown-member",
      detail: known.length === 0 ? "is not known here" : `is not known here; known: ${known.join(", ")}`,
    }));
  }
  const given = path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  const expected = place === null ? "something else" : expectationOf(place);
  if (given === undefined) return [{ path, code: "missing", detail: `is missing; expected ${expected}` }];
  const why = issue.code === "custom" ? ` (${issue.message})` : "";
  const isSecret = path.some((key) => secrets.has(String(key)));
  return [
    {
      path,
      code: "does-not-fit",
      detail: `got ${isSecret ? "something" : shown(given)}${why}, expected ${expected}`,
    },
  ];
}

/** Members whose content is never repeated. */
const secrets: ReadonlySet<string> = new Set(["invitation", "token"]);

/** A value as a sentence may repeat it: short text as it is, everything long or nested by its size. */
function shown(value: unknown): string {
  if (typeof value === "string")
    return value.length <= 60 ? JSON.stringify(value) : `${value.length} characters`;
  if (Array.isArray(value))
    return value.length === 1 ? "a list of 1 item" : `a list of ${value.length} items`;
  if (value === null) return "null";
  return typeof value === "object" ? "an object" : String(value);
}

/** The schema that judges the place at the end of a path; null where it cannot be told. */
function placeOf(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): z.ZodType | null {
  const [key, ...rest] = path;
  const here = chosen(plain(schema), value);
  if (key === undefined) return here;
  const inside = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  if (here instanceof z.ZodObject) {
    const member = here.shape[String(key)] as z.ZodType | undefined;
    return member === undefined ? null : placeOf(member, rest, inside);
  }
  if (here instanceof z.ZodArray) return placeOf(here.element as z.ZodType, rest, inside);
  if (here instanceof z.ZodDiscriminatedUnion) return here;
  return null;
}

/** Of a union the part that the value means to be: by its discriminator, or as the only one that takes a list or an object. */
function chosen(schema: z.ZodType, value: unknown): z.ZodType {
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const { discriminator, options } = schema.def;
    const named = (options as readonly z.ZodObject[]).find(
      (option) =>
        (option.shape[discriminator] as z.ZodType).safeParse(
          (value as Record<string, unknown> | null)?.[discriminator],
        ).success,
    );
    return named ?? schema;
  }
  if (!(schema instanceof z.ZodUnion) || knownWords(schema) !== undefined) return schema;
  const options = schema.options as readonly z.ZodType[];
  return options.find((option) => Array.isArray(value) && plain(option) instanceof z.ZodArray) ?? schema;
}

/** Without what makes it optional. */
function plain(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return plain(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodPipe) return plain(schema.in as z.ZodType);
  return schema;
}

/** What the formats of the protocol are called. */
const formatWords: Readonly<Record<string, string>> = {
  multikey: "a partner: its name, or its id (z6Mk...)",
  "line-ref": "the id of a thing or entry as it is listed, for example RmBVbYlMcVbGdnqJIm2XAQ.12",
  ref: "the id of a thing or entry as it is listed, for example RmBVbYlMcVbGdnqJIm2XAQ.12",
  "pinned-ref": "terms or an entry with its hash, as `terms` and `refs` show them (<id>@<hash>)",
  hash: "43 characters of base64url",
  "log-id": "22 characters of base64url",
  endpoint: "an address of the form tls://host:port, for example tls://hub.orchard.example:7422",
  "host-name": "a host name or an address, without a port, for example handfast.orchard.example",
  day: "a day (YYYY-MM-DD), for example 2030-06-01",
};
const otherWords: readonly (readonly [z.ZodType, string])[] = [
  [Moment, "a day or an RFC 3339 instant, for example 2030-06-01 or 2030-06-01T12:00:00Z"],
  [
    When,
    "a day or an RFC 3339 instant from 1970 on, for example 2026-01-01T12:00:00Z; or milliseconds since 1970",
  ],
  [EventType, "a type of event, for example commitment.pledged"],
  [OccurredAt, "a moment in milliseconds since 1970, for example 1767225600000"],
];

function knownWords(schema: z.ZodType): string | undefined {
  for (let from: z.ZodType | undefined = schema; from !== undefined; from = parentOf(from)) {
    const here = from;
    const words = formatWords[formats.get(here)?.id ?? ""] ?? otherWords.find(([base]) => base === here)?.[1];
    if (words !== undefined) return words;
  }
  return undefined;
}

/** What a schema was made from by adding a check or a description. */
const parentOf = (schema: z.ZodType): z.ZodType | undefined => schema._zod.parent as z.ZodType | undefined;

/** What a schema takes, in words that follow "expected". */
export function expectationOf(schema: z.ZodType): string {
  const words = knownWords(schema);
  if (words !== undefined) return words;
  const inner = plain(schema);
  if (inner !== schema) return expectationOf(inner);
  if (inner instanceof z.ZodString) return textExpectation(inner);
  if (inner instanceof z.ZodNumber) return numberExpectation(inner);
  if (inner instanceof z.ZodBoolean) return "true or false";
  if (inner instanceof z.ZodEnum) return oneOf(Object.values(inner.def.entries));
  if (inner instanceof z.ZodLiteral) return oneOf([...inner.values]);
  if (inner instanceof z.ZodArray) return `a list of ${listExpectation(inner)}`;
  if (inner instanceof z.ZodDiscriminatedUnion)
    return `an object whose ${inner.def.discriminator} is ${oneOf(discriminators(inner))}`;
  if (inner instanceof z.ZodUnion)
    return (inner.options as readonly z.ZodType[]).map(expectationOf).join("; or ");
  return inner instanceof z.ZodObject ? "an object" : "another value";
}

const discriminators = ({ def }: z.ZodDiscriminatedUnion): readonly unknown[] =>
  (def.options as readonly z.ZodObject[]).flatMap((option) => {
    const literal = plain(option.shape[def.discriminator] as z.ZodType);
    return literal instanceof z.ZodLiteral ? [...literal.values] : [];
  });

const oneOf = (values: readonly unknown[]): string =>
  values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(", ")}`;

function textExpectation({ minLength, maxLength }: z.ZodString): string {
  if (maxLength === null) return "text";
  return minLength === null || minLength === 0
    ? `text of at most ${maxLength} characters`
    : `text of ${minLength} to ${maxLength} characters`;
}

function numberExpectation({ minValue, maxValue, isInt }: z.ZodNumber): string {
  const kind = isInt ? "a whole number" : "a number";
  const isBounded = (bound: number | null) => bound !== null && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  if (isBounded(minValue) && isBounded(maxValue)) return `${kind} from ${minValue} to ${maxValue}`;
  if (isBounded(minValue)) return `${kind} from ${minValue} on`;
  return isBounded(maxValue) ? `${kind} of at most ${maxValue}` : kind;
}

function listExpectation({ element, def }: z.ZodArray): string {
  const bounds = Object.fromEntries(
    (def.checks ?? []).flatMap(({ _zod }) => {
      const { check, minimum, maximum } = _zod.def as { check: string; minimum?: number; maximum?: number };
      return check === "min_length" ? [["min", minimum]] : check === "max_length" ? [["max", maximum]] : [];
    }),
  ) as { readonly min?: number; readonly max?: number };
  const count = bounds.max === undefined ? "" : `${bounds.min ?? 0} to ${bounds.max} items, each `;
  return `${count}${expectationOf(element as z.ZodType)}`;
}
