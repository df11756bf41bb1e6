/** The OpenAPI 3.1 document, read off the routes' schemas; committed as docs/reference/openapi.json and compared by a test. */
import swagger from "@fastify/swagger";
import { Problem } from "@handfast/api/views/answers";
import { PartnerId } from "@handfast/protocol/ids";
import { Name } from "@handfast/protocol/text";
import type { FastifyInstance } from "fastify";
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from "fastify-type-provider-zod";
import { z } from "zod";
import { problemMediaType } from "./problem.ts";

/** What every route may answer besides. */
export const problemResponses = {
  "4xx": { description: "A problem", content: { [problemMediaType]: { schema: Problem } } },
  "5xx": { description: "A problem of this node", content: { [problemMediaType]: { schema: Problem } } },
} as const;

const toJsonSchema = createJsonSchemaTransform({});

const plain = (schema: z.ZodType): object => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema);
  return rest;
};
const idSchema = plain(PartnerId) as { readonly pattern: string };
const idOrName = {
  description: "A partner: its id, or its name where only one bears it",
  anyOf: [idSchema, plain(Name)],
};

/** A body as it may be sent: names are resolved to ids before anything is judged (partner-names.ts). */
function namingPartners(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(namingPartners);
  if (typeof schema !== "object" || schema === null) return schema;
  if ("pattern" in schema && schema.pattern === idSchema.pattern) return idOrName;
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, namingPartners(value)]));
}

export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Handfast",
        version: "1",
        description:
          "One partner's node: what partners promise each other, and the verifiable history of it. Every refusal is a problem (RFC 9457) whose `type` this node explains.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      servers: [{ url: "/" }],
      tags: [
        { name: "node", description: "Who this node is and how it does" },
        {
          name: "initiatives",
          description: "What partners do together, who leads it, and handing the lead over",
        },
        {
          name: "commitments",
          description: "What partners promise each other, the network or an initiative",
        },
        { name: "challenges", description: "Asking for help, and offering it" },
        {
          name: "conversations",
          description: "What partners say to each other, about anything. Being asked obliges nobody",
        },
        { name: "partners", description: "Members of the network, invitations and admission" },
        { name: "events", description: "The history, in this node's order of arrival" },
        { name: "audit", description: "The whole history in one file, for auditors" },
      ],
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: [{ token: [] }],
    },
    hideUntagged: false,
    transform: (document) => {
      const { schema, url } = toJsonSchema(document);
      return {
        schema: { ...schema, ...("body" in schema ? { body: namingPartners(schema.body) } : {}) },
        url,
      };
    },
    transformObject: createJsonSchemaTransformObject({}),
  });
  app.get(
    "/openapi.json",
    { config: { access: "public" }, schema: { hide: true } },
    async (_request, reply) =>
      reply
        .type("application/json")
        .serializer((body: unknown) => JSON.stringify(body))
        .send(withoutUnused(app.swagger() as { readonly components?: Components })),
  );
}

type Components = { readonly schemas?: Readonly<Record<string, unknown>> };

/** The generator writes each shape twice, as it is sent and as it is answered; what nothing refers to is left out. */
function withoutUnused({ components, ...rest }: { readonly components?: Components }): object {
  const schemas = components?.schemas ?? {};
  const used = new Set<string>();
  const look = (value: unknown): void => {
    for (const [, name = ""] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"/]+)/g)) {
      if (used.has(name)) continue;
      used.add(name);
      look(schemas[name] ?? null);
    }
  };
  look(rest);
  const kept = Object.entries(schemas).filter(([name]) => used.has(name));
  return { ...rest, components: { ...components, schemas: Object.fromEntries(kept) } };
}
