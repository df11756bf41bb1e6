/**
 * The story the demo plays, told as it happens: a challenge, an offer of help that becomes a commitment, an initiative whose
 * lead is handed over, and a network that is cut in two while two acts cross, and heals.
 */
import { ProblemError } from "@handfast/client/client";
import type { Ref } from "@handfast/protocol/ids";
import type { DemoNetwork } from "./demo-network.ts";
import type { DemoNode } from "./demo-node.ts";
import { until } from "./waiting.ts";

export const storyPartners = ["Orchard", "Millrace", "Ferry"] as const;

/** A day some weeks from now. */
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

export async function playStory(network: DemoNetwork, say: (text: string) => void): Promise<void> {
  const [orchard, millrace, ferry] = network.nodes as readonly [DemoNode, DemoNode, DemoNode];
  let acts = 0;
  const act = async (
    node: DemoNode,
    name: Parameters<DemoNode["api"]["command"]>[0],
    on: Ref | null,
    body: Readonly<Record<string, unknown>>,
  ) => {
    const reply = await node.api.command(name, {
      on,
      body,
      idempotencyKey: `story.${++acts}`,
    });
    return String(reply["id"]) as Ref;
  };
  const commitmentAt = (node: DemoNode, id: Ref, state: string) =>
    until(`commitment ${id} as ${state} at ${node.name}`, async () => {
      const seen = await node.api.find("commitments", id);
      return seen?.["state"] === state ? seen : null;
    });

  // 1. A challenge, and help.
  const challenge = await act(ferry, "challenge.share", null, {
    act: "share",
    title: "Our ticket system fails every Saturday",
    text: "We lose an hour of fares each time.",
  });
  say('Ferry shares a challenge: "Our ticket system fails every Saturday"');
  await until("the challenge at Millrace", () => millrace.api.find("challenges", challenge));
  await act(millrace, "challenge.acknowledge", challenge, {});
  await act(millrace, "challenge.offer-help", challenge, {
    title: "We mend it and stay a weekend",
    due: inDays(14),
  });
  say("Millrace has heard it, and offers to mend it within two weeks");
  const offer = await until("the offer at Ferry", async () => {
    const seen = await ferry.api.find("challenges", challenge);
    const [first] = (seen?.["offers"] ?? []) as readonly { readonly id: Ref; readonly texts: string }[];
    // Nobody accepts words that have not arrived.
    return first?.texts === "here" ? first : null;
  });
  await act(ferry, "challenge.accept-help", challenge, { offer: offer.id });
  const help = await until("the commitment of help", async () => {
    const [first] = await ferry.api.list("/v1/commitments", {});
    return first?.["state"] === "active" ? (String(first["id"]) as Ref) : null;
  });
  say("Ferry accepts: Millrace's offer was its signature, so this is a commitment now");
  await commitmentAt(millrace, help, "active");
  await act(millrace, "commitment.claim", help, { text: "Two Saturdays without a failure" });
  await commitmentAt(ferry, help, "claimed");
  await act(ferry, "commitment.confirm", help, {});
  await commitmentAt(millrace, help, "satisfied");
  say("Millrace says it is done; Ferry confirms it");

  // 2. An initiative, and its lead.
  const bus = await act(orchard, "initiative.propose", null, {
    act: "propose",
    title: "A night bus through the valley",
    problem: "Late shifts cannot get home.",
  });
  await act(orchard, "commitment.pledge", null, {
    act: "pledge",
    title: "A driver for the first month",
    beneficiaries: [bus],
    asLeadOf: bus,
    due: inDays(30),
  });
  for (const node of [millrace, ferry]) {
    await until(`the initiative at ${node.name}`, () => node.api.find("initiatives", bus));
    await act(node, "initiative.join", bus, {});
  }
  await act(millrace, "commitment.pledge", null, {
    act: "pledge",
    title: "The timetable, printed",
    beneficiaries: [bus],
    due: inDays(20),
  });
  await until(
    "Millrace's pledge at Orchard",
    async () =>
      (await orchard.api.list("/v1/commitments", {})).filter((one) => one["state"] === "active").length >= 2,
  );
  await act(orchard, "initiative.adopt", bus, {});
  say('Orchard proposes "A night bus through the valley"; two partners promise their part, so it begins');
  await act(ferry, "initiative.step-up", bus, { as: "lead" });
  await until(
    "Ferry's stepping up at Orchard",
    async () =>
      ((await orchard.api.find("initiatives", bus))?.["stepUps"] as readonly unknown[] | undefined)
        ?.length === 1,
  );
  await act(orchard, "initiative.offer-handoff", bus, { to: await orchard.api.partnerId("Ferry") });
  await until(
    "the handoff at Ferry",
    async () =>
      ((await ferry.api.find("initiatives", bus))?.["handoffs"] as readonly unknown[] | undefined)?.length ===
      1,
  );
  await until("the words of Orchard's pledge at Ferry", async () =>
    (await ferry.api.list("/v1/commitments", {})).every((one) => one["texts"] !== "not here yet"),
  );
  await until("the words of the handoff at Ferry", () =>
    act(ferry, "initiative.accept-handoff", bus, { carry: "all" }).catch((err: unknown) => {
      // They come by themselves, right after the entry.
      if (err instanceof ProblemError && err.code === "payload-not-held") return null;
      throw err;
    }),
  );
  for (const node of network.nodes) {
    await until(
      `Ferry's lead at ${node.name}`,
      async () =>
        ((await node.api.find("initiatives", bus))?.["lead"] as { readonly name?: string } | null)?.name ===
        "Ferry",
    );
  }
  say("Ferry steps up, Orchard hands the lead over with its pledge, and Ferry leads");

  // 3. A cut, and two acts that cross.
  const barn = await act(orchard, "commitment.offer", null, {
    act: "offer",
    title: "The barn as a winter stop",
    beneficiaries: [await orchard.api.partnerId("Ferry")],
    due: inDays(60),
  });
  await until(
    "the offer of the barn and its words at Ferry",
    async () => (await ferry.api.find("commitments", barn))?.["texts"] === "here",
  );
  for (const relay of network.relaysOf("Ferry")) relay.cut();
  say("The network is cut: Ferry is alone, Orchard and Millrace go on together");
  await act(orchard, "commitment.retract", barn, { reason: "The roof leaks." });
  await commitmentAt(millrace, barn, "retracted");
  await act(ferry, "commitment.accept", barn, {});
  await commitmentAt(ferry, barn, "active");
  say("Orchard takes its offer of the barn back, while Ferry, not knowing, accepts it");
  for (const relay of network.relaysOf("Ferry")) relay.heal();
  for (const node of network.nodes) await commitmentAt(node, barn, "crossed");
  say("The network heals: everyone sees that the two acts crossed, and nobody is bound");
  await act(orchard, "commitment.reaffirm", barn, {});
  for (const node of network.nodes) await commitmentAt(node, barn, "active");
  say("Orchard reaffirms: the roof can be mended, the promise stands");
}
