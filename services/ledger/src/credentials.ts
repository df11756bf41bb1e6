/**
 * Which keys speak for a partner, as this node holds it: those that a root set last. What shows it goes with every statement
 * between partners, so that somebody who holds nothing of a log can tell a key in force from one that was replaced.
 */
import { fromUtf8 } from "@handfast/protocol/bytes";
import type { Credentials, KeyChange } from "@handfast/protocol/federation";
import { compareAt } from "@handfast/protocol/header";
import type { NetworkId, PartnerId } from "@handfast/protocol/ids";
import { isOpenedByLogKey } from "@handfast/protocol/log";
import type { HeldLog } from "@handfast/replica/replica";
import { damaged } from "./fault.ts";
import { rangeFrame, readVerified, type Served } from "./frames.ts";
import type { Stores } from "./stores.ts";

type Context = { readonly stores: Stores; readonly served: Served; readonly net: NetworkId };

export async function credentialsOf(partner: PartnerId, context: Context): Promise<Credentials | null> {
  const { stores, served, net } = context;
  const logs = [...served.values()].flatMap(({ known }) =>
    known.by === partner && known.base === null ? [known] : [],
  );
  const newest = logs.filter(isByRoot).reduce<HeldLog | null>(newer, null);
  if (newest === null) return null;
  const [first, ...later] = pathTo(newest, served);
  if (first === undefined) throw damaged(`log ${newest.log} goes on from logs that are not held`);
  const opened = fromUtf8(await rangeFrame(stores, first, edgeOf(first, served), { net, from: 0, limit: 1 }));
  if (opened === null) throw damaged(`the opening of log ${first.log} is not text`);
  // A reader who follows the roots needs each change of them, and the newest entry: what lies between changes nothing for it.
  let { root } = first.authority.opened;
  const since: KeyChange[] = [];
  for (const log of later) {
    if (log !== newest && log.authority.opened.root === root) continue;
    root = log.authority.opened.root;
    since.push(await changeOf(log, context));
  }
  return { opened, ...(since.length === 0 ? {} : { since }) };
}

/** A log key opens a log with the keys in force: that changes nothing of who speaks. */
const isByRoot = ({ authority }: HeldLog): boolean => !isOpenedByLogKey(authority.opened);

/** A later root counts before an earlier one, whatever times say; under one root the entry with the later time. */
function newer(best: HeldLog | null, log: HeldLog): HeldLog {
  if (best === null) return log;
  const [one, other] = [best, log].map(({ authority }) => authority.inForceAt(1).generation) as [
    number,
    number,
  ];
  const isNewer = one === other ? compareAt(log.ats.at(0), best.ats.at(0)) > 0 : other > one;
  return isNewer ? log : best;
}

/** From a partner's first log to this one, each going on from the one before. */
function pathTo(log: HeldLog, served: Served): readonly HeldLog[] {
  const path = [log];
  for (let previous = log.authority.opened.previous; previous !== undefined; ) {
    const earlier = served.get(previous.log)?.known;
    if (earlier === undefined || path.includes(earlier)) return [];
    path.unshift(earlier);
    previous = earlier.authority.opened.previous;
  }
  return path;
}

function edgeOf({ line }: HeldLog, served: Served) {
  const held = served.get(line);
  if (held === undefined) throw damaged(`log ${line} is not held`);
  return held.edge;
}

async function changeOf(log: HeldLog, { stores }: Context): Promise<KeyChange> {
  const [bytes] = await readVerified(stores.logs, log, 0, 1);
  const header = bytes === undefined ? null : fromUtf8(bytes);
  const checkpoint = stores.node.checkpointFrom(log.line, 1);
  if (header === null || checkpoint?.size !== 1)
    throw damaged(`the control checkpoint of log ${log.log} is missing`);
  return { header, before: [], note: checkpoint.note };
}
