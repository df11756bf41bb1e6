/** A process of its own: Fastify with one route that reads a JSON body and answers 201. Says where it is, ends with its input. */
import fastify from "fastify";

const app = fastify();
app.post("/v1/commitments", async (request, reply) => {
  const { title } = request.body as { readonly title: string };
  return reply.code(201).send({ title });
});
process.stdout.write(`${JSON.stringify({ url: await app.listen({ host: "127.0.0.1", port: 0 }) })}\n`);
process.stdin.on("end", () => process.exit()).resume();
