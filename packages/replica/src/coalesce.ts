/**
 * Contiguous frames of one log as one: only the last root and signature are checked then, five times as fast for batches of
 * one. It never joins across a control entry, and never decides alone: where the joined frame fails, each is judged by itself.
 */
import type { Frame } from "@handfast/protocol/frame";

const joinedEntries = 8_192;

/** Groups in order of arrival; frames of other logs in between do not break one. */
export function contiguous<Arrived extends { readonly frame: Frame }>(
  arrived: readonly Arrived[],
): Arrived[][] {
  const groups: Arrived[][] = [];
  const open = new Map<string, { readonly group: Arrived[]; from: number; to: number }>();
  for (const each of arrived) {
    const { log, net, from, to } = each.frame;
    const last = open.get(log);
    const joins =
      last !== undefined &&
      last.to === from &&
      last.from > 0 &&
      last.group[0]?.frame.net === net &&
      to - last.from <= joinedEntries;
    if (joins) {
      last.group.push(each);
      last.to = to;
      continue;
    }
    const group = [each];
    groups.push(group);
    open.set(log, { group, from, to });
  }
  return groups;
}

/** One frame over all of a group, which has one at least. Not a frame that could be sent: it may be larger than any limit. */
export function joined(frames: readonly Frame[]): Frame {
  const [first, last] = [frames[0], frames.at(-1)] as [Frame, Frame];
  if (first === last) return first;
  const headers = frames.flatMap((frame) => frame.headers);
  return { ...last, from: first.from, headers };
}
