/**
 * Random histories of several partners that get far: every step picks something its author could sensibly answer, now
 * and then something it could not. Who meets whom is random too, so steps cross.
 *
 * A plan is plain numbers, hence shrinkable; playing it on a `History` makes the entries. The same plan can be played
 * with other identities and real hashes.
 */
import { pinnedRefOf } from "@handfast/domain/fact";
import fc from "fast-check";
import { type Act, acts, days, type Step } from "./acts.ts";
import { createHistory, type Foundation, type History, inventFoundation, type Told } from "./histories.ts";

/** What most steps of a history are about, so that its stories go far instead of many ways. */
const themes = {
  network: ["member", "charter", "initiative"],
  handoff: ["initiative", "lead", "handoff"],
  carrying: ["handoff", "commitment.pledged", "commitment.revision", "commitment.carr", "commitment.claimed"],
  help: ["challenge", "help"],
  signature: [
    "help",
    "commitment.requested",
    "commitment.accepted",
    "commitment.reaffirmed",
    "commitment.let-go",
  ],
  terms: [
    ...["countered", "accepted", "declined", "retracted", "reaffirmed", "let-go"].map(
      (verb) => `commitment.${verb}`,
    ),
    ...["commitment.requested", "commitment.offered"],
  ],
  keeping: ["commitment"],
  talk: ["post", "question", "answer", "ack", "reaction", "decision", "meeting", "thanks", "promotion"],
  everything: [""],
} as const;
export type Theme = keyof typeof themes;

export type Plan = {
  readonly theme: Theme;
  readonly partners: number;
  readonly founders: number;
  /** How far ahead each partner's clock is, in milliseconds. */
  readonly ahead: readonly number[];
  readonly steps: readonly Step[];
  /** What a partner does to its own logs, after so many steps. */
  readonly turns?: readonly Turn[];
};

/**
 * `later`: goes on in another log, opened by the root; `copied` by a log key; `handed` by the next root. `beside`: opens one that closes none. `settle`: closes all its logs by one. `fork`: begins a
 * second history. `proof`: somebody proves one.
 */
export type Turn = {
  readonly after: number;
  readonly kind: "later" | "copied" | "handed" | "beside" | "settle" | "fork" | "proof";
  readonly who: number;
  readonly back: number;
};

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.nat({ max: 10_000 }),
  pick: fc.nat({ max: 10_000 }),
  choice: fc.nat({ max: 10_000 }),
  who: fc.nat({ max: 10_000 }),
  isStray: fc.nat({ max: 11 }).map((roll) => roll === 11),
  heard: fc.constantFrom("nothing", "nothing", "one", "pair", "pair", "all"),
});

/** Plans for 2 to 4 partners, so many acts. */
export const plans = ({
  maxSteps = 40,
  minSteps = Math.floor(maxSteps / 3),
}: {
  readonly maxSteps?: number;
  readonly minSteps?: number;
} = {}): fc.Arbitrary<Plan> =>
  fc.integer({ min: 2, max: 4 }).chain((partners) =>
    fc.record({
      theme: fc.constantFrom(...(Object.keys(themes) as readonly Theme[])),
      partners: fc.constant(partners),
      // Mostly all partners found the network: nothing counts that a partner says before it is a member.
      founders: fc.oneof(
        { weight: 3, arbitrary: fc.constant(partners) },
        { weight: 1, arbitrary: fc.integer({ min: Math.min(2, partners), max: partners }) },
      ),
      ahead: fc.array(fc.constantFrom(0, 0, 500, 7_000, 90_000), {
        minLength: partners,
        maxLength: partners,
      }),
      steps: fc.array(step, { minLength: minSteps, maxLength: maxSteps }),
    }),
  );

/** Some turns, in most plans none. */
export const turns = (
  kinds: readonly Turn["kind"][] = [
    ...(["later", "later", "copied", "copied", "handed", "beside", "settle"] as const),
    ...(["fork", "fork", "proof", "proof"] as const),
  ],
): fc.Arbitrary<readonly Turn[]> =>
  fc.array(
    fc.record({
      after: fc.nat({ max: 40 }),
      kind: fc.constantFrom(...kinds),
      who: fc.nat({ max: 100 }),
      back: fc.constantFrom(0, 0, 1, 2, 5),
    }),
    { minLength: 1, maxLength: 6 },
  );

/** Histories for property tests of folds. */
export const histories = (options: { readonly maxSteps?: number } = {}): fc.Arbitrary<History> =>
  plans(options).map((plan) => play(plan));

/** @param foundation Who the partners are, where they are not just invented. */
export function play(plan: Plan, foundation?: Foundation): History {
  const history = createHistory(foundation ?? inventFoundation(plan.partners, plan.founders, plan.ahead));
  begin(plan.theme, history);
  const ofTheme = acts.filter((act) => themes[plan.theme].some((start) => act.type.startsWith(start)));
  for (const [number, step] of plan.steps.entries()) {
    for (const one of plan.turns ?? []) if (one.after === number) turn(one, history);
    // One in six is about something else.
    take(step, actOf(step.act, step.who % 6 === 0 ? acts : ofTheme), history);
    hear(step, history);
  }
  return history;
}

function turn({ kind, who, back }: Turn, history: History): void {
  const one = who % history.partners.length;
  const { by } = history.partners[one] ?? {};
  const ofPartner = [...history.partners.keys()].filter((index) => history.partners[index]?.by === by);
  const size = (index: number) => Math.max(2, history.sizeOf(index) - back);
  if (ofPartner.length > 9 || history.sizeOf(one) < 3) return;
  // A history that was begun but not written has no end to close.
  const whole = ofPartner.filter((index) => history.partners[index]?.parts === undefined);
  switch (kind) {
    case "later":
      if (history.partners[one]?.parts === undefined) history.opens(one, [{ who: one, size: size(one) }]);
      return;
    case "copied":
      if (history.partners[one]?.parts === undefined)
        history.opens(one, [{ who: one, size: size(one) }], "log-key");
      return;
    case "handed": {
      const isFirst = history.partners[one]?.opened["root"] === by;
      if (history.partners[one]?.parts === undefined && isFirst)
        history.opens(one, [{ who: one, size: size(one) }], "next-root");
      return;
    }
    case "beside":
      history.opens(one, []);
      return;
    case "settle":
      history.opens(
        one,
        whole
          .toReversed()
          .map((index) => ({ who: index, size: Math.min(size(index), history.sizeOf(index)) })),
      );
      return;
    case "fork":
      history.says(
        history.forks(one, Math.max(1, Math.min(history.sizeOf(one) - 1, size(one)))),
        "challenge.shared",
      );
      return;
    case "proof": {
      const written = [...history.partners.keys()].filter(
        (index) => history.sizeOf(index) > (history.partners[index]?.parts?.from ?? Number.POSITIVE_INFINITY),
      );
      const branch = written[who % Math.max(1, written.length)];
      const main = history.partners.findIndex(
        (other) => other.parts === undefined && other.log === history.partners[branch ?? -1]?.log,
      );
      if (branch !== undefined) history.proves(back % history.partners.length, main, branch);
    }
  }
}

function hear({ heard, who, choice }: Step, history: History): void {
  const count = history.partners.length;
  const [one, other] = [who % count, choice % count];
  if (heard === "all") history.meets();
  else if (heard === "pair") history.meets(one, other);
  else if (heard === "one") history.hears(one, other);
}

function actOf(roll: number, among: readonly Act[]): Act {
  let left = roll % among.reduce((sum, act) => sum + act.weight, 0);
  for (const act of among) {
    left -= act.weight;
    if (left < 0) return act;
  }
  return acts[0] as Act;
}

/** The first of what a theme is about, which everybody knows of. */
function begin(theme: Theme, history: History): void {
  const [one, other] = history.partners;
  const terms = { debtor: other?.by ?? "", beneficiaries: [one?.by ?? ""], due: days[0] as string };
  if (theme === "handoff") history.tells(0, "initiative.proposed");
  if (theme === "help" || theme === "signature") history.tells(0, "challenge.shared");
  if (theme === "talk") history.tells(0, "post.published");
  if (theme === "terms" || theme === "keeping") {
    const requested = history.tells(0, "commitment.requested", { x: terms });
    if (theme === "keeping") {
      history.tells(1, "commitment.accepted", { subject: requested, x: { terms: pinnedRefOf(requested) } });
    }
  }
  if (theme === "carrying") {
    const proposed = history.tells(0, "initiative.proposed");
    history.tells(0, "commitment.pledged", {
      x: {
        debtor: one?.by ?? "",
        beneficiaries: ["network"],
        due: days[0] as string,
        seat: { initiative: proposed.ref, term: 1 },
      },
    });
    history.tells(0, "handoff.offered", { subject: proposed, x: { to: other?.by ?? "", term: 1 } });
  }
}

/** Newest first in two of three, so that stories go on rather than begin again. */
function choose<T>(among: readonly T[], pick: number): T | undefined {
  const recent = among.slice(-3);
  return pick % 3 === 0 ? among[pick % Math.max(1, among.length)] : recent[pick % Math.max(1, recent.length)];
}

function take(step: Step, act: Act, history: History): void {
  const { partners } = history;
  const anyone = step.who % partners.length;
  if (act.to === undefined) {
    const x = act.x === undefined ? {} : act.x(history.facts[0] as Told, history, step);
    history.says(anyone, act.type, { x: x as Told["header"]["x"] });
    return;
  }
  const { to } = act;
  const answered = choose(
    history.facts.filter((fact) => to.includes(fact.header.type)),
    step.pick,
  );
  if (answered === undefined) return;
  const by = act.by?.(answered, history, step);
  const x = act.x === undefined ? {} : act.x(answered, history, step);
  if (x === null) return;
  // A partner may write several logs, each with its own index.
  const own = partners.flatMap((one, index) => (one.by === by ? [index] : []));
  const author = step.isStray ? anyone : (own[step.pick % Math.max(1, own.length)] ?? anyone);
  // Mostly nobody speaks of what they did not hear; to hear of it is to hear of its author.
  const teller = partners.findIndex((one) => one.by === answered.by);
  if (!history.knows(author, answered) && step.choice % 10 !== 0) history.hears(author, teller);
  const subject = act.subject === undefined ? answered.subject : act.subject(answered, history);
  const said = history.says(author, act.type, { subject, x: x as Told["header"]["x"] });
  act.andThen?.(said, author, history, step);
}
