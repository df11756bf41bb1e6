// Goal: how a network begins and grows, as a story; then, line by line, why an entry does not count.
import { createHistory, type History, inventFoundation, type Told } from "@handfast/testkit/histories";
import { describe, expect, it } from "vitest";
import { fateOf, viewOf, worldOf } from "../../test/told.ts";
import { decideAdmit, decideNetwork, decideSponsor, owedAttestation } from "./decide.ts";

const [orchard, millrace, ferry, heron] = [0, 1, 2, 3] as const;
/** Two founders; Ferry and Heron are outside. */
const begin = () => createHistory(inventFoundation(4, 2));
const idOf = (history: History, who: number) => history.partners[who]?.by ?? "";
const attested = (history: History, who: number): Told =>
  history.facts.find(
    (fact) => fact.header.type === "charter.attested" && fact.by === idOf(history, who),
  ) as Told;
const sponsor = (history: History, by: number, whom: number) =>
  history.tells(by, "member.sponsored", {
    x: { root: idOf(history, whom), log: history.partners[whom]?.log ?? "" },
  });
const vote = (history: History, by: number, opening: Told, yes = true) =>
  history.tells(by, "member.endorsed", { subject: opening, x: { opening: opening.ref, yes } });
const attest = (history: History, by: number, subject: Told | null) =>
  history.tells(by, "charter.attested", { subject, x: { charter: history.net } });
const stateOf = (history: History, who: number) =>
  worldOf(history).now.members.partners.find((one) => one.id === idOf(history, who))?.state;

describe("a network", () => {
  it("grows by a sponsorship, a majority of its electorate, and the candidate's own word", () => {
    const history = begin();
    const opening = sponsor(history, orchard, ferry);
    expect(stateOf(history, ferry)).toBe("sponsored");
    vote(history, orchard, opening);
    expect(fateOf(history, attest(history, ferry, opening))).toBe("not-endorsed");
    vote(history, millrace, opening);
    expect(stateOf(history, ferry)).toBe("endorsed");
    expect(fateOf(history, attest(history, ferry, opening))).toBe("effective");
    expect(stateOf(history, ferry)).toBe("active");
    // Of three, two admit.
    const next = sponsor(history, ferry, heron);
    vote(history, ferry, next);
    vote(history, millrace, next);
    expect(fateOf(history, attest(history, heron, next))).toBe("effective");
  });

  it("asks the electorate of the sponsorship, without those admitted since", () => {
    const history = begin();
    const first = sponsor(history, orchard, ferry);
    const second = sponsor(history, orchard, heron);
    for (const by of [orchard, millrace]) vote(history, by, first);
    attest(history, ferry, first);
    expect(fateOf(history, vote(history, ferry, second))).toBe("not-an-elector");
    expect(worldOf(history).now.membership.admissions.get(second.ref)?.needed).toBe(2);
  });

  it("takes an elector's first vote, and shows that there was another", () => {
    const history = begin();
    const opening = sponsor(history, orchard, ferry);
    vote(history, millrace, opening, false);
    expect(fateOf(history, vote(history, millrace, opening, true))).toBe("already-voted");
    expect(worldOf(history).now.members.admissions[0]).toMatchObject({ yes: [], state: "failed" });
  });

  it("lets a member leave at once, finish nothing new, and come back by a new sponsorship", () => {
    const history = begin();
    const left = history.tells(millrace, "member.left", { subject: attested(history, millrace) });
    expect(fateOf(history, left)).toBe("effective");
    expect(stateOf(history, millrace)).toBe("left");
    expect(fateOf(history, history.tells(millrace, "challenge.shared"))).toBe("not-a-member");
    const opening = sponsor(history, orchard, millrace);
    // Who left is not among the electors: Orchard alone decides.
    expect(fateOf(history, vote(history, orchard, opening))).toBe("effective");
    expect(fateOf(history, attest(history, millrace, opening))).toBe("effective");
    expect(fateOf(history, history.tells(millrace, "challenge.shared"))).toBe("effective");
  });

  it("does not count what a member wrote before it was one", () => {
    const history = begin();
    const early = history.tells(ferry, "initiative.proposed");
    const opening = sponsor(history, orchard, ferry);
    for (const by of [orchard, millrace]) vote(history, by, opening);
    attest(history, ferry, opening);
    expect(fateOf(history, early)).toBe("not-a-member");
    expect(fateOf(history, history.tells(ferry, "initiative.joined", { subject: early }))).toBe(
      "wrong-subject",
    );
  });

  it.each<[reason: string, say: (history: History) => Told]>([
    ["not-a-founder", (history) => attest(history, ferry, null)],
    ["already-a-member", (history) => attest(history, orchard, null)],
    ["not-the-candidate", (history) => attest(history, heron, sponsor(history, orchard, ferry))],
    ["already-a-member", (history) => sponsor(history, orchard, millrace)],
    ["not-a-member", (history) => sponsor(history, ferry, heron)],
    [
      "wrong-opening",
      (history) => {
        const [one, other] = [sponsor(history, orchard, ferry), sponsor(history, orchard, heron)];
        return history.tells(orchard, "member.endorsed", {
          subject: one,
          x: { opening: other.ref, yes: true },
        });
      },
    ],
    [
      "wrong-subject",
      (history) => history.tells(orchard, "member.left", { subject: attested(history, millrace) }),
    ],
    ["wrong-subject", (history) => vote(history, orchard, attested(history, orchard))],
    [
      "ref-not-in-past",
      (history) => {
        const unheard = history.says(orchard, "member.sponsored", {
          x: { root: idOf(history, ferry), log: history.partners[ferry]?.log ?? "" },
        });
        return history.says(millrace, "member.endorsed", {
          subject: unheard,
          x: { opening: unheard.ref, yes: true },
        });
      },
    ],
    [
      "malformed",
      (history) => history.tells(orchard, "member.endorsed", { subject: null, x: { yes: true } }),
    ],
    ["opaque", (history) => history.tells(orchard, "member.painted", { subject: null })],
  ])("says %s", (reason, say) => {
    const history = begin();
    expect(fateOf(history, say(history))).toBe(reason);
  });
});

describe("a vote", () => {
  it("that comes after the admission is answered with what stands, yes or no", () => {
    const history = createHistory(inventFoundation(4, 3));
    const opening = sponsor(history, orchard, heron);
    const decide = (yes: boolean) =>
      decideAdmit(
        { name: "partner.admit", on: opening.ref, body: { yes } } as Parameters<typeof decideAdmit>[0],
        viewOf(history, ferry),
      );
    for (const by of [orchard, millrace]) vote(history, by, opening);
    expect(decide(true), "passed, but not attested yet").toMatchObject({ ok: true });
    attest(history, heron, opening);
    for (const yes of [true, false])
      expect(decide(yes)).toMatchObject({ ok: false, refusal: "already-a-member" });
  });
});

describe("a node, about membership,", () => {
  it("attests as soon as its partner was voted in, and not again", () => {
    const history = begin();
    const opening = sponsor(history, orchard, ferry);
    vote(history, orchard, opening);
    expect(owedAttestation(viewOf(history, ferry))).toBeNull();
    vote(history, millrace, opening);
    expect(owedAttestation(viewOf(history, ferry))).toMatchObject({
      ok: true,
      entries: [{ type: "charter.attested", subject: opening.ref }],
    });
    attest(history, ferry, opening);
    expect(owedAttestation(viewOf(history, ferry))).toBeNull();
    history.tells(ferry, "member.left", { subject: opening });
    expect(owedAttestation(viewOf(history, ferry))).toBeNull();
  });

  it("attests for a founder that has not yet, and not for one that left", () => {
    const unattested = createHistory({ ...inventFoundation(2, 2), founders: 1 });
    expect(owedAttestation(viewOf(unattested, millrace))).toMatchObject({
      ok: true,
      entries: [{ type: "charter.attested", subject: null }],
    });
    const history = begin();
    history.tells(millrace, "member.left", { subject: attested(history, millrace) });
    expect(owedAttestation(viewOf(history, millrace))).toBeNull();
  });

  it("sponsors a partner that left anew, and votes with the next admit, whether it founded the network or joined it", () => {
    const history = begin();
    const admit = (who: number, on: Told) =>
      decideAdmit({ name: "partner.admit", on: on.ref, body: { yes: true } }, viewOf(history, who));
    const founding = attested(history, millrace);
    expect(admit(orchard, founding)).toMatchObject({ ok: false });
    history.tells(millrace, "member.left", { subject: founding });
    const { log } = history.partners[millrace] ?? {};
    expect(admit(orchard, founding)).toMatchObject({
      ok: true,
      entries: [
        { type: "member.sponsored", subject: null, x: { root: idOf(history, millrace), log } },
        { type: "member.endorsed", subject: "#0", x: { opening: "#0", yes: true } },
      ],
    });
    const no = { name: "partner.admit", on: founding.ref, body: { yes: false } } as const;
    expect(decideAdmit(no, viewOf(history, orchard))).toMatchObject({ ok: false });

    const opening = sponsor(history, orchard, millrace);
    expect(admit(orchard, opening)).toMatchObject({ entries: [{ type: "member.endorsed" }] });
    vote(history, orchard, opening);
    attest(history, millrace, opening);
    history.tells(millrace, "member.left", { subject: opening });
    // The old sponsorship was voted on; it stands for who left.
    expect(admit(orchard, opening)).toMatchObject({ ok: true, entries: [{}, { x: { opening: "#0" } }] });
  });

  it("refuses with the fold's own reasons", () => {
    const history = begin();
    const opening = sponsor(history, orchard, ferry);
    const admit = (who: number) =>
      decideAdmit({ name: "partner.admit", on: opening.ref, body: { yes: true } }, viewOf(history, who));
    expect(admit(millrace)).toMatchObject({ ok: true, reads: [history.net] });
    expect(admit(heron)).toMatchObject({ ok: false, refusal: "not-a-member" });
    vote(history, millrace, opening);
    expect(admit(millrace)).toMatchObject({ ok: false, refusal: "already-voted" });
    const candidate = { root: idOf(history, millrace), log: history.partners[millrace]?.log ?? "" };
    expect(decideSponsor(candidate, viewOf(history, orchard))).toMatchObject({ refusal: "already-a-member" });
    const leave = { name: "partner.leave", on: attested(history, orchard).ref, body: {} } as const;
    expect(decideNetwork(leave, viewOf(history, orchard))).toMatchObject({ ok: true });
    expect(decideNetwork(leave, viewOf(history, millrace))).toMatchObject({ refusal: "wrong-subject" });
  });
});
