/**
 * Which partners a bundle should hold, by the charter and by what is said of memberships in it: a founder and an admitted partner
 * have a log, so without it the bundle is incomplete; that somebody was only sponsored, and nothing of it is here, is told.
 *
 * Who was a member when a sponsorship was written is taken from the clocks: what an entry knew of is never later than it.
 */
import { isB64u } from "./b64u.ts";
import type { Held, HeldLog } from "./held.ts";
import { isPartnerId } from "./multikey.ts";
import type { Problems } from "./problem.ts";
import type { Naming } from "./read-entries.ts";

type Said = Naming & { readonly by: string; readonly ref: string; readonly at: number };

/** How many absent logs are told one by one. */
const maxTold = 20;

/** Adds a problem for each founder and admitted partner without a log; answers, in words, whose log besides is not here. */
export function checkExpected(held: Held, namings: readonly Naming[], problems: Problems): readonly string[] {
  const here = new Set(held.logs.map(({ by }) => by));
  for (const founder of held.founders) {
    if (here.has(founder)) continue;
    problems.add({
      code: "missing-log",
      detail: `no log of ${founder}, whom the charter names as a founder`,
    });
  }
  const said = namings.map((naming): Said => {
    const { by, log, base, first } = held.logs[naming.byLog] as HeldLog;
    const at = held.atMs[base + naming.seq - first] as number;
    return { ...naming, by, ref: `${log}.${naming.seq}`, at };
  });
  const absent = new Map<string, string>();
  for (const sponsorship of said) {
    const { type, root, log } = sponsorship;
    if (type !== "member.sponsored" || !isPartnerId(root) || !isB64u(log, 16)) continue;
    if (held.logIndex.has(log) || absent.has(`${root} ${log}`)) continue;
    const electorate = membersAt(sponsorship.at, held.founders, said);
    if (!electorate.has(sponsorship.by)) continue;
    const yes = new Set(
      said.flatMap((vote) =>
        vote.type === "member.endorsed" && vote.opening === sponsorship.ref && vote.yes === true
          ? electorate.has(vote.by)
            ? [vote.by]
            : []
          : [],
      ),
    );
    if (2 * yes.size > electorate.size) {
      absent.set(`${root} ${log}`, "");
      const votes = `${yes.size} of ${electorate.size} members`;
      problems.add({
        code: "missing-log",
        log,
        detail: `a log left out, of ${root}, whom ${votes} admitted`,
      });
    } else
      absent.set(
        `${root} ${log}`,
        `what ${root} wrote: it was sponsored, and its log ${log} is not in the bundle`,
      );
  }
  const told = [...absent.values()].filter((text) => text !== "");
  const more = told.length - maxTold;
  return more > 0 ? [...told.slice(0, maxTold), `what ${more} more sponsored partners wrote`] : told;
}

/** Founders and attested partners, without those that left last, as far as the clock has come. */
function membersAt(at: number, founders: readonly string[], said: readonly Said[]): ReadonlySet<string> {
  const last = new Map<string, Said>();
  for (const act of said) {
    if (act.at > at || (act.type !== "charter.attested" && act.type !== "member.left")) continue;
    const before = last.get(act.by);
    if (before === undefined || before.at <= act.at) last.set(act.by, act);
  }
  const members = new Set(founders);
  for (const [partner, { type }] of last) {
    if (type === "charter.attested") members.add(partner);
    else members.delete(partner);
  }
  return members;
}
