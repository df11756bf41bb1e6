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
  const votes = Map.groupBy(
    said.filter(({ type, yes }) => type === "member.endorsed" && yes === true),
    ({ opening }) => opening,
  );
  const membersAt = followMembers(held.founders, said);
  for (const sponsorship of said.filter(({ type }) => type === "member.sponsored").sort(byClock)) {
    const { root, log } = sponsorship;
    const electorate = membersAt(sponsorship.at);
    if (!isPartnerId(root) || !isB64u(log, 16)) continue;
    if (held.logIndex.has(log) || absent.has(`${root} ${log}`)) continue;
    if (!electorate.has(sponsorship.by)) continue;
    const voters = (votes.get(sponsorship.ref) ?? []).map(({ by }) => by);
    const yes = new Set(voters.filter((voter) => electorate.has(voter)));
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

const byClock = (a: Said, b: Said): number => a.at - b.at;

/**
 * Founders and attested partners, without those that left last, as far as the clock has come. To be asked of ever later moments:
 * what was said is gone through once, whatever the number of sponsorships.
 */
function followMembers(
  founders: readonly string[],
  said: readonly Said[],
): (at: number) => ReadonlySet<string> {
  const acts = said.filter(({ type }) => type === "charter.attested" || type === "member.left").sort(byClock);
  const members = new Set(founders);
  let next = 0;
  return (at) => {
    for (let act = acts[next]; act !== undefined && act.at <= at; act = acts[++next]) {
      if (act.type === "charter.attested") members.add(act.by);
      else members.delete(act.by);
    }
    return members;
  };
}
