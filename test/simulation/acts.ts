/** What people on a node ask of it: mostly sensible commands about what the node knows, decided by the domain as in production. */

import type { DraftEntry } from "@handfast/api/messages/ledger";
import type { Command, CommandName } from "@handfast/api/verbs";
import { verbs } from "@handfast/api/verbs";
import { decideSponsor } from "@handfast/domain/decide-network";
import type { Accepted, Decision } from "@handfast/domain/decision";
import { owedIn } from "@handfast/domain/follow-ups";
import type { WholeView } from "@handfast/domain/whole";
import { decide } from "@handfast/partnership/decide";
import { labelledHash, toB64u } from "@handfast/protocol/bytes";
import type { Hash, LogId, PartnerId } from "@handfast/protocol/ids";
import { partnerIdOf } from "@handfast/testkit/author";
import type { SimulatedNode } from "./node.ts";
import type { Random } from "./random.ts";

/** An act under a key: what was asked, and what its node answered. */
export type Act = {
  readonly node: SimulatedNode;
  readonly key: Hash;
  readonly entries: readonly DraftEntry[];
  readonly expect: readonly { readonly subject: string; readonly heads: string[] }[];
  /** Refs it was acknowledged with; null while nobody knows whether it was done. */
  refs: readonly string[] | null;
  /** It was refused: asked again, it may be done. */
  isRefused: boolean;
};

const keyOf = (text: string): Hash => toB64u(labelledHash("handfast/simulated-act", text));

type Asked = { readonly name: CommandName; readonly on: string | null; readonly body: object };

/** A command about something this node has heard of; null where it has heard of nothing of that kind. */
function chooseCommand(
  { model }: SimulatedNode,
  view: WholeView,
  random: Random,
  others: readonly string[],
): Asked | null {
  const { cut } = view;
  const commitment = (): string | undefined => lastOf(cut.subjects("commitment"), random);
  const initiative = (): string | undefined => lastOf(cut.subjects("initiative"), random);
  const challenge = (): string | undefined => lastOf(cut.subjects("challenge"), random);
  const other = partnerIdOf(random.pick(others));
  const due = "2024-02-01";
  const title = `about ${model.position}`;
  const on = (name: CommandName, thing: string | undefined, body: object = {}): Asked | null =>
    thing === undefined ? null : { name, on: thing, body };
  const choices: readonly (() => Asked | null)[] = [
    () => ({ name: "commitment.pledge", on: null, body: { title, due } }),
    () => ({ name: "commitment.request", on: null, body: { title, debtor: other, due } }),
    () => ({ name: "commitment.offer", on: null, body: { title, beneficiaries: [other], due } }),
    () => on("commitment.accept", commitment()),
    () => on("commitment.accept", commitment()),
    () => on("commitment.retract", commitment()),
    () => on("commitment.decline", commitment()),
    () => on("commitment.counter", commitment(), { due: "2024-03-01" }),
    () => on("commitment.claim", commitment()),
    () => on("commitment.confirm", commitment()),
    () => on("commitment.withdraw", commitment()),
    () => on("commitment.propose-revision", commitment(), { due: "2024-04-01" }),
    () => ({ name: "initiative.propose", on: null, body: { title } }),
    () => on("initiative.join", initiative()),
    () => on("initiative.offer-handoff", initiative(), { to: other }),
    () => on("initiative.offer-handoff", initiative(), { to: other }),
    () => on("initiative.accept-handoff", initiative()),
    () => on("initiative.accept-handoff", initiative()),
    () => on("initiative.cancel-handoff", initiative()),
    () => ({ name: "challenge.share", on: null, body: { title } }),
    () => on("challenge.offer-help", challenge(), { title, due }),
    () => {
      const offered = cut
        .subjects("challenge")
        .flatMap((ref) => cut.factsOf(ref))
        .filter((fact) => fact.told.ok && fact.told.event.type === "help.offered");
      const offer = offered[random.below(Math.max(1, offered.length))];
      return offer === undefined ? null : on("challenge.accept-help", offer.subject, { offer: offer.ref });
    },
    () => {
      const open = cut.members.admissions.filter(({ state }) => state === "open");
      return on("partner.admit", open[0]?.sponsorship, { yes: true });
    },
  ];
  return random.pick(choices)();
}

/** Newest first, mostly: stories go on rather than begin again. */
function lastOf(refs: readonly string[], random: Random): string | undefined {
  return refs.length === 0
    ? undefined
    : refs[Math.max(0, refs.length - 1 - random.below(Math.min(4, refs.length)))];
}

/** Decides and appends one act; null where the domain refuses it, which is most of what people try. */
export async function act(
  node: SimulatedNode,
  name: string,
  random: Random,
  others: readonly string[],
  onBegun: (act: Act) => void,
): Promise<Act | null> {
  const { ledger, model } = node;
  if (ledger === null) return null;
  await model.catchUp(ledger);
  const view = model.view(node.now());
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const asked = chooseCommand(node, view, random, others);
    if (asked === null) continue;
    const decision = decide(commandOf(asked), view);
    if (!decision.ok || decision.standing !== undefined) continue;
    const begun = actOf(node, keyOf(name), decision);
    onBegun(begun);
    return appended(node, begun);
  }
  return null;
}

/** Sponsors a newcomer, as a node does whose invitation was used. */
export async function sponsor(
  node: SimulatedNode,
  newcomer: { readonly partner: PartnerId; readonly log: LogId },
  onBegun: (act: Act) => void,
): Promise<void> {
  const { ledger, model } = node;
  if (ledger === null) return;
  await model.catchUp(ledger);
  const decision = decideSponsor({ root: newcomer.partner, log: newcomer.log }, model.view(node.now()));
  if (!decision.ok || decision.standing !== undefined) return;
  const begun = actOf(node, keyOf(`sponsor ${newcomer.log}`), decision);
  onBegun(begun);
  await appended(node, begun);
}

/** The command to vote yes on everybody who waits for votes. */
export async function admitAll(node: SimulatedNode, onBegun: (act: Act) => void): Promise<void> {
  const { ledger, model } = node;
  if (ledger === null) return;
  await model.catchUp(ledger);
  const view = model.view(node.now());
  for (const { sponsorship } of view.cut.members.admissions) {
    const decision = decide(commandOf({ name: "partner.admit", on: sponsorship, body: { yes: true } }), view);
    if (!decision.ok || decision.standing !== undefined) continue;
    const begun = actOf(node, keyOf(`admit ${sponsorship} ${node.name}`), decision);
    onBegun(begun);
    await appended(node, begun);
  }
}

/** What the node owes by itself, after what it has heard. */
export async function followUp(node: SimulatedNode, onBegun: (act: Act) => void): Promise<void> {
  const { ledger, model } = node;
  if (ledger === null) return;
  await model.catchUp(ledger);
  const view = model.view(node.now());
  for (const owed of owedIn(view, null)) {
    const decision: Decision = owed.decide(view);
    if (!decision.ok || decision.standing !== undefined) continue;
    const begun = actOf(node, keyOf(`owed ${node.name} ${owed.cause}`), decision);
    onBegun(begun);
    await appended(node, begun);
    await model.catchUp(ledger);
  }
}

function actOf(node: SimulatedNode, key: Hash, decision: Accepted): Act {
  const { world } = node.model;
  return {
    node,
    key,
    entries: decision.entries.map(({ type, subject, x, body }) => ({
      type,
      subject,
      x: x as DraftEntry["x"],
      ...(body === undefined ? {} : { body: body as NonNullable<DraftEntry["body"]> }),
    })),
    expect: [...new Set(decision.reads)].map((subject) => ({ subject, heads: [...world.headsOf(subject)] })),
    refs: null,
    isRefused: false,
  };
}

/** Asks for it, for the first time or again. */
export async function appended(node: SimulatedNode, given: Act): Promise<Act> {
  const { key, entries, expect } = given;
  const reply = await node.ledger?.append({
    entries: [...entries],
    expect: expect.map(({ subject, heads }) => ({ subject, heads: [...heads] })),
    key,
    request: key,
  });
  if (reply?.ok === true) {
    if (given.refs !== null && given.refs.join() !== reply.refs.join())
      throw new Error(`one key, two answers: ${given.refs.join()} and ${reply.refs.join()}`);
    given.refs = reply.refs;
  } else if (reply !== undefined) given.isRefused = reply.code !== "outcome-unknown";
  return given;
}

/** As the gateway hands it on: the body parsed by its verb's schema, with what it defaults to. */
const commandOf = ({ name, on, body }: Asked): Command =>
  ({
    name,
    on,
    body: verbs[name].body.parse(
      on === null && name.startsWith("commitment.")
        ? { ...body, act: name.slice("commitment.".length) }
        : body,
    ),
  }) as unknown as Command;
