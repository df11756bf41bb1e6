// Goal: nobody takes away the name that another bears, whatever the newcomer calls itself and in whatever order entries arrive.
import { createHistory, type History, inventFoundation, type Told } from "@handfast/testkit/histories";
import { describe, expect, it } from "vitest";
import { worldOf } from "../../test/told.ts";
import { shownNames } from "./shown-names.ts";

/** Two founders; the others are outside. */
function networkOf(...names: readonly string[]): History {
  const foundation = inventFoundation(names.length, 2);
  const partners = foundation.partners.map((partner, index) => ({
    ...partner,
    opened: { ...partner.opened, name: names[index] as string },
  }));
  return createHistory({ ...foundation, partners });
}
const idOf = (history: History, who: number) => history.partners[who]?.by ?? "";
const handle = (history: History, who: number, name: string) => `${name}#${idOf(history, who).slice(-6)}`;

function sponsor(history: History, whom: number): Told {
  const x = { root: idOf(history, whom), log: history.partners[whom]?.log ?? "" };
  return history.tells(0, "member.sponsored", { x });
}
function admit(history: History, whom: number, subject = sponsor(history, whom)): void {
  for (const by of [0, 1])
    history.tells(by, "member.endorsed", { subject, x: { opening: subject.ref, yes: true } });
  history.tells(whom, "charter.attested", { subject, x: { charter: history.net } });
}
/** The same whatever order they arrive in. */
function namesIn(history: History): readonly (string | undefined)[] {
  const forwards = shownNames(worldOf(history).now);
  expect(shownNames(worldOf(history, [...history.facts].reverse()).now)).toEqual(forwards);
  return history.partners.map(({ by }) => forwards.get(by));
}

describe("a name", () => {
  it("stays bare with the one that was admitted first, member or not yet", () => {
    const history = networkOf("Orchard", "Millrace", "Millrace", "Ferry", "Ferry");
    expect(namesIn(history).slice(0, 3)).toEqual(["Orchard", "Millrace", handle(history, 2, "Millrace")]);
    sponsor(history, 3);
    expect(namesIn(history).slice(3)).toEqual(["Ferry", handle(history, 4, "Ferry")]);
    admit(history, 4);
    expect(namesIn(history).slice(3), "a member before one that is only sponsored").toEqual([
      handle(history, 3, "Ferry"),
      "Ferry",
    ]);
    admit(history, 3);
    expect(namesIn(history).slice(3), "the later member stays the later one").toEqual([
      handle(history, 3, "Ferry"),
      "Ferry",
    ]);
  });

  it("is not given away when its bearer leaves", () => {
    const history = networkOf("Orchard", "Millrace", "Ferry", "Ferry");
    const subject = sponsor(history, 2);
    admit(history, 2, subject);
    history.tells(2, "member.left", { subject });
    admit(history, 3);
    expect(namesIn(history).slice(2)).toEqual(["Ferry", handle(history, 3, "Ferry")]);
  });

  it("that looks like an older one is shown with its handle", () => {
    const history = networkOf("Orchard", "Millrace", "Оrchard", "Mi11race", "orchard");
    expect(namesIn(history)).toEqual([
      "Orchard",
      "Millrace",
      handle(history, 2, "Оrchard"),
      handle(history, 3, "Mi11race"),
      "orchard",
    ]);
  });

  it("that is made like a handle is shown with a true one", () => {
    const forged = handle(networkOf("Orchard", "Millrace", "x"), 1, "Millrace");
    const history = networkOf("Orchard", "Millrace", forged);
    expect(namesIn(history)[2]).toBe(handle(history, 2, forged));
  });

  it("is given a longer handle where the short ones are alike", () => {
    const foundation = inventFoundation(4, 2);
    const partners = foundation.partners.map((partner, index) => ({
      ...partner,
      by: index > 1 ? `${partner.by.slice(0, -6)}zzzzzz` : partner.by,
      opened: { ...partner.opened, name: index > 0 ? "Ferry" : "Orchard" },
    }));
    const history = createHistory({ ...foundation, partners });
    expect(namesIn(history).slice(2)).toEqual([2, 3].map((who) => `Ferry#${idOf(history, who)}`));
  });

  it("cannot be taken by a member that opens another log under it, however early it says it did", () => {
    const history = networkOf("Orchard", "Millrace", "Ferry");
    admit(history, 2);
    const opened = history.facts.find(({ by }) => by === idOf(history, 1)) as Told;
    if (!opened.told.ok || opened.told.event.type !== "log.opened") throw new Error("an opened log");
    for (const at of [1, Date.UTC(2030, 0, 1)]) {
      const x = { ...opened.told.event.x, name: "Ferry" };
      const renamed = {
        ...opened,
        at: [at, 0] as const,
        log: "B".repeat(21).concat("A"),
        ref: `${"B".repeat(21)}A.0`,
        told: { ...opened.told, event: { ...opened.told.event, x } },
      };
      const shown = shownNames(worldOf(history, [...history.facts, renamed as Told]).now);
      expect(shown.get(idOf(history, 2))).toBe("Ferry");
      expect(shown.get(idOf(history, 1))).toBe(at === 1 ? "Millrace" : handle(history, 1, "Ferry"));
    }
  });
});
