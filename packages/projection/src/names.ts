/** Partners by their names: what each said of itself when it opened its log, told apart where two say the same. */

import type { Named } from "@handfast/api/views/named";
import type { Fact } from "@handfast/domain/fact";
import type { LogId, PartnerId } from "@handfast/protocol/ids";

export interface Names {
  /** Takes a fact; `log.opened` names its author, a sponsorship a candidate. */
  add(fact: Fact): void;
  /** The name shown; a partner whose log is not here is named by the end of its id. */
  of(partner: PartnerId): string;
  named(partner: PartnerId): Named;
  /** Founders, then everyone else in the order in which this node heard of them first. */
  readonly partners: readonly PartnerId[];
  logsOf(partner: PartnerId): readonly LogId[];
}

export function createNames(founders: readonly PartnerId[]): Names {
  const own = new Map<PartnerId, { name: string; readonly logs: LogId[] }>();
  const bearers = new Map<string, Set<PartnerId>>();
  const partners = [...founders];
  const known = new Set<PartnerId>(founders);
  const hear = (partner: PartnerId): void => {
    if (known.has(partner)) return;
    known.add(partner);
    partners.push(partner);
  };

  const of = (partner: PartnerId): string => {
    const name = own.get(partner)?.name;
    if (name === undefined) return `#${partner.slice(-6)}`;
    return (bearers.get(name)?.size ?? 0) > 1 ? `${name}#${partner.slice(-6)}` : name;
  };
  return {
    add: ({ told, by, log }) => {
      if (told.ok && told.event.type === "member.sponsored") hear(told.event.x.root);
      if (!told.ok || told.event.type !== "log.opened") return;
      hear(by);
      const { name } = told.event.x;
      const before = own.get(by);
      // A partner that goes on in a new log is called by what it says there.
      if (before === undefined) own.set(by, { name, logs: [log] });
      else {
        bearers.get(before.name)?.delete(by);
        before.name = name;
        before.logs.push(log);
      }
      bearers.set(name, (bearers.get(name) ?? new Set()).add(by));
    },
    of,
    named: (id) => ({ id, name: of(id) }),
    partners,
    logsOf: (partner) => own.get(partner)?.logs ?? [],
  };
}
