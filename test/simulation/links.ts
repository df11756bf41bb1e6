/** Who dials whom, and the store of a node's links as it is after they were made. */
import type { DialerLink, HostLink, LinksStore } from "@handfast/federation/service";
import { partnerIdOf } from "@handfast/testkit/author";

export type Link = { readonly host: string; readonly dialer: string };

/** The account of a link, of the form NATS gives them. */
export const accountOf = ({ host, dialer }: Link): string =>
  `A${`${host}77${dialer}`
    .toUpperCase()
    .replaceAll(/[^A-Z2-7]/g, "7")
    .padEnd(55, "2")
    .slice(0, 55)}`;

const farFuture = 4_000_000_000_000;

export function linksOf(name: string, links: readonly Link[]): LinksStore {
  const stored = new Map<string, HostLink | DialerLink>();
  let nextId = 1;
  const keep: LinksStore["keep"] = (link) => {
    const key = `${link.role} ${link.account}`;
    const kept = { ...link, id: stored.get(key)?.id ?? nextId++ } as HostLink | DialerLink;
    stored.set(key, kept);
    return kept;
  };
  for (const link of links) {
    const account = accountOf(link);
    const isClosed = false;
    if (link.host === name)
      keep({ role: "host", peer: partnerIdOf(link.dialer), name: link.dialer, account, seed: "", isClosed });
    if (link.dialer === name)
      keep({
        role: "dialer",
        peer: partnerIdOf(link.host),
        name: link.host,
        account,
        seed: "",
        jwt: "",
        expires: farFuture,
        endpoints: [link.host],
        caPem: "",
        isClosed,
      });
  }
  return {
    links: () => [...stored.values()],
    keep,
    invitation: () => null,
    openInvitations: () => [],
    keepInvitation: () => {},
    [Symbol.dispose]: () => {},
  };
}
