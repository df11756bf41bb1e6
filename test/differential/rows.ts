/** What the domain makes of a cut, told as docs/reference/fold.md section 8 tells it. */
import type { Commitment } from "@handfast/domain/commitment-state";
import { isOverdue, isPresumed } from "@handfast/domain/commitment-views";
import type { WholeCut } from "@handfast/domain/whole";
import type { Charter } from "@handfast/protocol/charter";
import type { PartnerId, Ref } from "@handfast/protocol/ids";

/** A ref as it is named between nodes. */
type IdOf = (ref: Ref) => string;
type NameOf = (partner: PartnerId) => string;

/** Texts are not in these bundles, so nothing has a title. */
export function rowsOf(
  cut: WholeCut,
  idOf: IdOf,
  nameOf: NameOf,
  atMs: number,
  parameters: Charter["parameters"],
): readonly object[] {
  return [
    ...cut.subjects("initiative").flatMap((ref) => initiativeRow(ref, cut, idOf, nameOf)),
    ...cut.subjects("commitment").flatMap((ref) => {
      const commitment = cut.commitment(ref);
      if (commitment === null) return [];
      const isOverdueThen = isOverdue(commitment, atMs, parameters);
      const view = isOverdueThen ? "overdue" : isPresumed(commitment, atMs, parameters) ? "presumed" : null;
      return [{ ...commitmentRow(commitment, cut, idOf, nameOf), ...present("view", view) }];
    }),
    ...cut.subjects("conversation").flatMap((ref) => conversationRow(ref, cut, idOf, nameOf)),
  ];
}

function initiativeRow(ref: Ref, cut: WholeCut, idOf: IdOf, nameOf: NameOf): readonly object[] {
  const initiative = cut.initiative(ref);
  if (initiative === null) return [];
  const { externalId, lead, participants, status, externalStatus, term } = initiative;
  return [
    {
      kind: "initiative",
      id: idOf(ref),
      ...present("externalId", externalId),
      title: null,
      lead: lead === null ? null : nameOf(lead),
      participants: participants.map(nameOf).sort(),
      status,
      ...present("externalStatus", externalStatus),
      term,
      ...asideOf(ref, cut),
    },
  ];
}

function commitmentRow(commitment: Commitment, cut: WholeCut, idOf: IdOf, nameOf: NameOf): object {
  const { ref, externalId, debtor, beneficiaries, due, state } = commitment;
  const named = initiativeOf(commitment, cut);
  return {
    kind: "commitment",
    id: idOf(ref),
    ...present("externalId", externalId),
    ...present("initiative", named === null ? null : idOf(named)),
    title: null,
    debtor: nameOf(debtor),
    beneficiaries: beneficiaries.flatMap((one) => (one.includes(".") ? [] : [nameOf(one)])).sort(),
    due,
    state,
    ...asideOf(ref, cut),
  };
}

function conversationRow(ref: Ref, cut: WholeCut, idOf: IdOf, nameOf: NameOf): readonly object[] {
  const conversation = cut.conversation(ref);
  if (conversation === null) return [];
  const { as, by, about, said, questions, acks } = conversation;
  return [
    {
      kind: "conversation",
      id: idOf(ref),
      as,
      by: nameOf(by),
      ...present("about", about === null ? null : idOf(about.ref)),
      entries: said.length,
      questions: questions.map((question) => ({
        id: idOf(question.ref),
        by: nameOf(question.by),
        state: question.state,
      })),
      acks: acks.map((ack) => ({
        id: idOf(ack.ref),
        given: ack.given
          .map((one) => [nameOf(one.by), one.as])
          .sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
      })),
      ...asideOf(ref, cut),
    },
  ];
}

function asideOf(ref: Ref, cut: WholeCut): object {
  const effect = cut.verdictOf(ref)?.effect;
  return effect === "quarantined" || effect === "stranded" ? { aside: effect } : {};
}

/** The first that there is: of the seat, among those it is promised to, where it came from. */
function initiativeOf({ ref, seat, origin }: Commitment, cut: WholeCut): Ref | null {
  const created = cut.fact(ref);
  const promisedTo =
    created?.told.ok && "beneficiaries" in created.told.event.x ? created.told.event.x.beneficiaries : [];
  const named = [seat?.initiative ?? "", ...(promisedTo ?? []), origin ?? ""];
  return named.find((one) => cut.initiative(one) !== null) ?? null;
}

const present = (name: string, value: string | null): object => (value === null ? {} : { [name]: value });
