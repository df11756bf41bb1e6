// Goal: people talk from two nodes at their command lines: texts, audience `network`, reach the other node; what waits is shown to its parties;
// and a text becomes a promise. Method: two real nodes with links between them, a process for every command.
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDemoNetwork } from "@handfast/handfast/demo/network";
import type { DemoNode } from "@handfast/handfast/demo/node";
import { eventually } from "@handfast/testkit/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandsOf } from "./command-line.ts";

const temp = mkdtempDisposableSync(join(tmpdir(), "handfast-conversation-"));
const cleanup = new AsyncDisposableStack();
/** A node, and the command line of its people. */
type Desk = { readonly node: DemoNode; readonly run: ReturnType<typeof commandsOf> };
const deskOf = (node: DemoNode): Desk => ({ node, run: commandsOf(node) });
let orchard: Desk;
let millrace: Desk;

beforeAll(async () => {
  const network = cleanup.use(
    await openDemoNetwork({
      name: "Valley",
      partners: ["Orchard", "Millrace"],
      dir: temp.path,
      say: () => {},
    }),
  );
  const [first, second] = network.nodes as readonly [DemoNode, DemoNode];
  orchard = deskOf(first);
  millrace = deskOf(second);
}, 600_000);
afterAll(async () => {
  await cleanup.disposeAsync();
  temp.remove();
});

const done = async ({ run }: Desk, ...args: readonly string[]) => {
  const { code, out, err } = await run("--json", ...args);
  expect(code, err).toBe(0);
  return JSON.parse(out) as Readonly<Record<string, unknown>> & { readonly id: string };
};
/** What a node's people read, once the node knows it: asked over HTTP until then, so that no process is started in vain. */
async function shows({ node, run }: Desk, id: string, ...words: readonly string[]): Promise<string> {
  await eventually(
    `${words.join(", ")} is known`,
    async () => {
      const text = JSON.stringify(await node.api.find("conversations", id));
      return words.every((word) => text.includes(word));
    },
    { withinMs: 300_000, everyMs: 200 },
  );
  return (await run("conversation", "show", id)).out;
}

describe("two partners at their command lines", { timeout: 600_000 }, () => {
  it("ask, answer and settle it; what waits is the business of the two", async () => {
    const { id } = await done(
      orchard,
      ...["conversation", "post", "--title", "The small press", "--text", "It stands idle."],
    );
    await done(
      orchard,
      ...["conversation", "ask", id, "--text", "Who wants it?", "--to", "Millrace", "--by", "2099-12-31"],
    );
    const asked = await shows(millrace, id, "It stands idle.", "Who wants it?");
    expect(asked).toContain("for you: answer by 2099-12-31");
    const waiting = async (desk: Desk, whom: string) =>
      ((await done(desk, "conversations", "--waiting", whom))["items"] as readonly { id: string }[]).map(
        (one) => one.id,
      );
    expect(await waiting(millrace, "for-you")).toEqual([id]);
    expect(await waiting(orchard, "for-others")).toEqual([id]);

    const answered = await millrace.run("conversation", "answer", id, "--text", "We do, in October.");
    expect(answered.out, answered.err).toContain("Done: answer");
    await shows(orchard, id, "We do, in October.");
    await done(orchard, "conversation", "accept-answer", id);
    expect(await shows(millrace, id, '"accepted"')).not.toContain("for you");
    expect(await waiting(millrace, "for-you")).toEqual([]);
  });

  it("give their word, react, and make a promise of what was said", async () => {
    const { id } = await done(
      millrace,
      ...["conversation", "note-decision", "--title", "We press on Fridays", "--review-on", "2099-03-01"],
    );
    await done(millrace, "conversation", "ask-for-word", id, "--from", "Orchard", "--by", "2099-01-31");
    expect(await shows(orchard, id, "2099-01-31")).toContain("for you: acknowledge by 2099-01-31");
    await done(orchard, "conversation", "acknowledge", id, "--as", "agree", "--note", "From May on");
    await done(orchard, "conversation", "react", id, "--as", "\u2764");
    const thread = await shows(millrace, id, "From May on", "\u2764");
    expect(thread).toContain("Orchard: agree (From May on)");
    expect(thread).toContain("reactions: \u2764 Orchard");
    const promoted = await done(
      millrace,
      ...[
        "conversation",
        "promote",
        id,
        "--as",
        "commitment",
        "--title",
        "Open the mill",
        "--due",
        "2099-03-01",
      ],
    );
    const [made] = promoted["promoted"] as readonly { readonly id: string }[];
    const promise = made?.id ?? "";
    await eventually(
      "the promise is known at the other node, with the conversation it came from",
      async () => JSON.stringify(await orchard.node.api.find("commitments", promise)).includes(id),
      { withinMs: 300_000, everyMs: 200 },
    );
    const { out } = await orchard.run("commitment", "show", promise);
    expect(out).toContain("came from");
    expect(out).toContain(`${id}  Millrace: We press on Fridays`);
    const { items } = await done(orchard, "conversations", "--about", promise);
    expect(items).toMatchObject([{ id, as: "decision", reviewOn: "2099-03-01" }]);
  });

  it("are told what to do where a command cannot be", async () => {
    const { id } = await done(millrace, "conversation", "post", "--title", "Nothing asked");
    const answered = await millrace.run("conversation", "answer", id, "--text", "Yes");
    expect([answered.code, answered.err]).toEqual([
      3,
      expect.stringContaining("nothing here that this could answer"),
    ]);
    const long = await millrace.run("conversation", "react", id, "--as", "x".repeat(17));
    expect([long.code, long.err]).toEqual([2, expect.stringContaining("--as")]);
  });
});
