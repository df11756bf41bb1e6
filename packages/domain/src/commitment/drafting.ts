/** Small parts of drafts: what a command says of where a fact comes from, and the texts that go into the payload. */
type Provenance = {
  readonly occurredAt?: number | undefined;
  readonly externalId?: string | undefined;
  readonly externalStatus?: string | undefined;
};

export const provenance = ({ occurredAt, externalId, externalStatus }: Provenance) =>
  present({ occurredAt, externalId, externalStatus });

/** The members that have a value. */
export const present = <Members extends object>(members: Members): Present<Members> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present<Members>;

export type Present<Members> = { [Name in keyof Members]?: Exclude<Members[Name], undefined> };

/** The payload's texts, where there are any. */
export function body(
  command: { readonly [name: string]: unknown },
  ...names: readonly string[]
): { readonly body?: { readonly [name: string]: string } } {
  const texts = names.flatMap((name) => {
    const text = command[name];
    return typeof text === "string" && text !== "" ? [[name, text] as const] : [];
  });
  return texts.length === 0 ? {} : { body: Object.fromEntries(texts) };
}
