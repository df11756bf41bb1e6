// Goal: what a partner wrote in two histories, or in a log without authority, has effect only where another partner relied
// on it without knowing (docs/reference/fold.md section 9). Method: stories, one a rule, told to worlds in two orders.
import { type Past, pinnedRefOf } from "@handfast/domain/fact";
import { createHistory, type History, inventFoundation, type Told } from "@handfast/testkit/histories";
import { describe, expect, it } from "vitest";
import { decideInitiative } from "../src/initiative/decide.ts";
import { type Doubts, InDoubt, noDoubts } from "../src/laws/relying.ts";
import { viewOf, worldOf } from "./told.ts";

const [orchard, millrace, ferry] = [0, 1, 2] as const;
const begin = () => createHistory(inventFoundation(4, 4));
const idOf = (history: History, who: number) => history.partners[who]?.by ?? "";

/** The outcome of entries, whichever order they came in. */
function fates(history: History, ...told: readonly Told[]): readonly string[] {
  const orders = [
    history.facts,
    history.facts.toSorted((a, b) => a.at[0] - b.at[0] || (a.log < b.log ? 1 : -1)),
  ];
  const [first, ...others] = orders.map((facts) => {
    const { now } = worldOf(history, facts);
    return told.map(({ ref }) => {
      const verdict = now.verdictOf(ref);
      return verdict?.effect === "none" ? verdict.reason : (verdict?.effect ?? "not inside");
    });
  });
  for (const other of others) expect(other).toEqual(first);
  return first ?? [];
}

/** Millrace signs two histories: another log entry beside its newest one. */
function fork(history: History): { readonly beside: number; readonly from: number } {
  const from = history.sizeOf(millrace);
  return { beside: history.forks(millrace, from), from };
}
const pledge = (history: History, who: number) =>
  history.says(who, "commitment.pledged", {
    x: { debtor: idOf(history, who), beneficiaries: ["network"], due: "2026-03-01" },
  });

describe("a fork", () => {
  it("quarantines both histories from where they part, and nothing before", () => {
    const history = begin();
    const before = pledge(history, millrace);
    const { beside } = fork(history);
    const [one, other] = [pledge(history, millrace), pledge(history, beside)];
    expect(fates(history, before, one, other)).toEqual(["effective", "quarantined", "quarantined"]);
  });

  it("leaves what another partner signed without knowing, on either history, and nothing that was signed knowing it", () => {
    const history = begin();
    const request = history.tells(orchard, "commitment.requested", {
      x: { debtor: idOf(history, millrace), beneficiaries: [idOf(history, orchard)], due: "2026-03-01" },
    });
    const { beside } = fork(history);
    const counter = (who: number, due: string) =>
      history.says(who, "commitment.countered", {
        subject: request,
        x: {
          base: pinnedRefOf(request),
          debtor: idOf(history, millrace),
          beneficiaries: [idOf(history, orchard)],
          due,
        },
      });
    history.hears(beside, orchard);
    const [relied, unheard] = [counter(millrace, "2026-04-01"), counter(beside, "2026-05-01")];
    history.hears(orchard, millrace);
    const accepted = history.says(orchard, "commitment.accepted", {
      subject: request,
      x: { terms: pinnedRefOf(relied) },
    });
    expect(fates(history, relied, unheard, accepted)).toEqual(["effective", "quarantined", "effective"]);
    const { now } = worldOf(history);
    expect(now.commitment(request.ref)).toMatchObject({ state: "active", due: "2026-04-01" });

    history.proves(ferry, millrace, beside);
    history.hears(ferry, beside);
    const late = history.says(ferry, "commitment.accepted", {
      subject: request,
      x: { terms: pinnedRefOf(unheard) },
    });
    expect(fates(history, late)).not.toEqual(["effective"]);
    expect(fates(history, relied, unheard)).toEqual(["effective", "quarantined"]);
  });

  it("around a completion that both receivers relied on gives the seat to nobody", () => {
    const history = begin();
    const about = history.tells(millrace, "initiative.proposed");
    const offer = (to: number) =>
      history.tells(millrace, "handoff.offered", { subject: about, x: { to: idOf(history, to), term: 1 } });
    const accept = (who: number, of: Told) =>
      history.tells(who, "handoff.accepted", { subject: about, x: { offer: of.ref } });
    const accepts = [accept(orchard, offer(orchard)), accept(ferry, offer(ferry))] as const;
    const { beside } = fork(history);
    history.hears(beside, orchard);
    history.hears(beside, ferry);
    const complete = (who: number, of: Told) =>
      history.says(who, "handoff.completed", { subject: about, x: { accept: of.ref } });
    const [toOrchard, toFerry] = [complete(millrace, accepts[0]), complete(beside, accepts[1])];
    const lead = () => worldOf(history).now.initiative(about.ref)?.lead;
    expect(fates(history, toOrchard, toFerry)).toEqual(["quarantined", "quarantined"]);
    expect(lead()).toBe(idOf(history, millrace));

    history.hears(orchard, millrace);
    const adopted = history.says(orchard, "initiative.adopted", { subject: about, x: { term: 2 } });
    expect(fates(history, toOrchard, toFerry, adopted)).toEqual(["effective", "quarantined", "effective"]);
    expect(lead()).toBe(idOf(history, orchard));

    history.hears(ferry, beside);
    const also = history.says(ferry, "initiative.adopted", { subject: about, x: { term: 2 } });
    expect(fates(history, toOrchard, toFerry, adopted, also)).toEqual(Array(4).fill("crossed"));
    expect(lead()).toBeNull();
  });

  it("is answered by a later log, in which the partner has authority again", () => {
    const history = begin();
    const { beside, from } = fork(history);
    const lost = pledge(history, beside);
    history.proves(ferry, millrace, beside);
    const later = history.opens(millrace, [{ who: millrace, size: from }]);
    history.hears(later, ferry);
    const again = pledge(history, later);
    expect(fates(history, lost, again)).toEqual(["quarantined", "effective"]);
    expect(worldOf(history).now.membership.isActive(idOf(history, millrace), again.past)).toBe(true);
  });
});

it("is decided on by what the network shows, where entries of the thing are in doubt", () => {
  const history = begin();
  const about = history.tells(orchard, "initiative.proposed");
  const join = { name: "initiative.join", on: about.ref, body: {} } as const;
  const readsNow = () => {
    const decision = decideInitiative(join, viewOf(history, ferry));
    return decision.ok && decision.standing === undefined ? decision.reads : [];
  };
  expect(readsNow()).toEqual([about.ref]);
  const { beside } = fork(history);
  history.hears(beside, orchard);
  for (const who of [millrace, beside])
    history.says(who, "lead.stepped-up", { subject: about, x: { as: "co" } });
  history.meets();
  expect(readsNow()).toEqual(expect.arrayContaining([about.ref, history.net]));
});

describe("a later log", () => {
  it("closes the earlier one: what that holds beyond is stranded, unless somebody relied on it", () => {
    const history = begin();
    const about = history.tells(orchard, "initiative.proposed");
    const size = history.sizeOf(millrace);
    const stranded = pledge(history, millrace);
    const joined = history.says(millrace, "initiative.joined", { subject: about });
    history.hears(orchard, millrace);
    const relying = history.says(orchard, "initiative.adopted", { subject: about, x: { term: 1 } });
    const later = history.opens(millrace, [{ who: millrace, size }]);
    const anew = pledge(history, later);
    expect(fates(history, stranded, joined, relying, anew)).toEqual([
      "stranded",
      "effective",
      "effective",
      "effective",
    ]);
  });

  it("beside another one that closes the same log has no authority, nor has that, until a third closes both", () => {
    const history = begin();
    const size = history.sizeOf(millrace);
    const [one, other] = [0, 1].map(() => history.opens(millrace, [{ who: millrace, size }])) as [
      number,
      number,
    ];
    const pledges = [pledge(history, one), pledge(history, other)] as const;
    expect(fates(history, ...pledges)).toEqual(["quarantined", "quarantined"]);
    history.opens(one, [
      { who: one, size: history.sizeOf(one) },
      { who: other, size: history.sizeOf(other) },
    ]);
    expect(fates(history, ...pledges)).toEqual(["effective", "quarantined"]);
  });

  it("opened by a log key yields to one by the root, and that to one by the next root; what goes on from them too", () => {
    for (const [lower, higher] of [
      ["log-key", "root"],
      ["log-key", "next-root"],
      ["root", "next-root"],
    ] as const)
      for (const isFirst of [true, false]) {
        const history = begin();
        const closes = [{ who: millrace, size: history.sizeOf(millrace) }];
        const order = isFirst ? [lower, higher] : [higher, lower];
        const opened = order.map((by) => history.opens(millrace, closes, by));
        const stolen = opened[order.indexOf(lower)] ?? 0;
        const own = opened[order.indexOf(higher)] ?? 0;
        const further = history.opens(stolen, [{ who: stolen, size: 1 }], "log-key");
        const said = [own, stolen, further].map((who) => pledge(history, who));
        expect(fates(history, ...said), `${order}`).toEqual(["effective", "quarantined", "quarantined"]);
        // Closed by the root together with its own, it has no more authority.
        history.opens(own, [
          { who: own, size: history.sizeOf(own) },
          { who: stolen, size: 1 },
        ]);
        expect(fates(history, ...said)[0], `${order}`).toBe("effective");
      }
  });

  it("by the root settles which of two histories counts, below where it closes them", () => {
    for (const by of ["root", "next-root", "log-key"] as const) {
      const history = begin();
      const { beside } = fork(history);
      const kept = [pledge(history, millrace), pledge(history, millrace)];
      const [stolen, beyond] = [pledge(history, beside), pledge(history, millrace)];
      history.proves(orchard, millrace, beside);
      const closes = [{ who: millrace, size: history.sizeOf(millrace) - 1 }];
      history.opens(millrace, closes, by);
      const fate = by === "log-key" ? "quarantined" : "effective";
      expect(fates(history, ...kept), by).toEqual([fate, fate]);
      expect(fates(history, stolen, beyond), by).toEqual(["quarantined", "quarantined"]);
    }
  });

  it("by a log key strands nothing that the root keeps", () => {
    for (const isFirst of [true, false]) {
      const history = begin();
      const kept = pledge(history, millrace);
      const size = history.sizeOf(millrace);
      const beyond = pledge(history, millrace);
      const open = (by: "root" | "log-key") =>
        history.opens(millrace, [{ who: millrace, size: by === "root" ? size : 1 }], by);
      for (const by of isFirst ? (["log-key", "root"] as const) : (["root", "log-key"] as const)) open(by);
      expect(fates(history, kept, beyond)).toEqual(["effective", "stranded"]);
    }
  });

  it("leaves a history in doubt for those who know of the fork, and not of how it was settled", () => {
    const history = begin();
    const request = history.tells(orchard, "commitment.requested", {
      x: { debtor: idOf(history, millrace), beneficiaries: [idOf(history, orchard)], due: "2026-03-01" },
    });
    const { beside } = fork(history);
    const counter = history.says(millrace, "commitment.countered", {
      subject: request,
      x: {
        base: pinnedRefOf(request),
        debtor: idOf(history, millrace),
        beneficiaries: [idOf(history, orchard)],
        due: "2026-04-01",
      },
    });
    pledge(history, beside);
    const proof = history.proves(ferry, millrace, beside);
    const later = history.opens(millrace, [{ who: millrace, size: history.sizeOf(millrace) }], "root");
    const [opening] = history.lineOf(history.partners[later]?.log ?? "");
    const sign = (sees: readonly Told[]) =>
      history.says(orchard, "commitment.accepted", {
        subject: request,
        x: { terms: pinnedRefOf(counter) },
        sees,
      });
    const early = sign([counter, proof]);
    const settled = sign([counter, proof, opening as Told]);
    expect(fates(history, counter, early, settled)).toEqual(["effective", "not-a-party", "effective"]);
  });

  it("that closes none has no authority beside the first", () => {
    const history = begin();
    const second = history.opens(millrace, []);
    history.says(second, "charter.attested", { x: { charter: history.net } });
    expect(fates(history, pledge(history, second), pledge(history, millrace))).toEqual([
      "quarantined",
      "effective",
    ]);
  });

  it("makes nobody vote twice", () => {
    const history = createHistory(inventFoundation(4, 3));
    const sponsored = history.tells(orchard, "member.sponsored", {
      x: { root: idOf(history, 3), log: history.partners[3]?.log ?? "" },
    });
    const vote = (who: number) =>
      history.says(who, "member.endorsed", { subject: sponsored, x: { opening: sponsored.ref, yes: true } });
    vote(millrace);
    const later = history.opens(millrace, [{ who: millrace, size: history.sizeOf(millrace) }]);
    history.hears(later, orchard);
    expect(fates(history, vote(later))).toEqual(["already-voted"]);
  });
});

it("what was written upon an entry in doubt is called as that entry is, and falls with it", () => {
  const history = begin();
  const about = history.tells(orchard, "initiative.proposed");
  const step = () => history.says(millrace, "lead.stepped-up", { subject: about, x: { as: "co" } });
  const [doubted, upon] = [step(), step()];
  const inDoubt = new InDoubt();
  const isKnownIn = (past: Past): boolean => past("later") >= 0;
  const doubts: Doubts = {
    ...noDoubts,
    of: (fact) => (fact === doubted ? { as: "stranded", isKnownIn } : null),
  };
  // Its author did not know of the doubt.
  inDoubt.take(doubted, doubts);
  inDoubt.take(upon, doubts);
  const reader = (log: string) => (log === "later" ? 0 : 99);
  expect([...inDoubt.asideIn(reader)]).toEqual([doubted.ref, upon.ref]);
  expect(inDoubt.asideIn((log) => (log === "later" ? -1 : 99)).size).toBe(0);
  expect(inDoubt.asideIn((log) => (log === "later" ? 0 : -1)).size, "of entries that it does not know").toBe(
    0,
  );
  expect([inDoubt.asOf(doubted.ref), inDoubt.asOf(upon.ref)]).toEqual(["stranded", "stranded"]);
});
