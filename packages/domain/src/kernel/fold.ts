/**
 * The kernel: folds the entries of one thing by the table of rules of its kind.
 *
 * What an author could see is what its log has come to see, and that only grows. So a fold keeps one state per log, adds
 * to it what the log newly sees, asks the rule of the entry's type once, and never looks back. A log that has seen
 * everything asks the whole state, which is kept anyway; honest logs rarely need a state of their own.
 *
 * Entries are taken in any order that keeps causes before effects, hence also as they arrive. Each costs one rule.
 *
 * Where logs are in doubt (law L6), a state leaves out what is set aside for its reader, and is made anew when that changes.
 */
import type { EventName } from "@handfast/protocol/events";
import type { LogId, Ref } from "@handfast/protocol/ids";
import type { Reason } from "@handfast/protocol/reasons";
import type { Cut } from "../cut.ts";
import {
  compareFacts,
  type Entry,
  type Fact,
  insertInOrder,
  isBefore,
  type Past,
  wholePast,
} from "../fact.ts";
import { InDoubt, nothingAside, sameRefs } from "../laws/relying.ts";
import { crossed, effective, type Verdict, without } from "../verdict.ts";
import type { Counted, Machine, Rule } from "./machine.ts";

/** Entries of one thing that count: one with so many in its past has no effect (docs/reference/fold.md section 2). */
export const maxCounting = 4_096;
/** States of single logs that a fold keeps at most: bounds its memory, however many logs write to it. */
const defaultKeptViews = 32;

/** What a log's author had seen of the thing when it wrote last. */
type View<State> = {
  readonly state: State;
  /** How many of each log's `news` are in the state. */
  readonly upTo: Map<LogId, number>;
  news: number;
  /** Entries of the thing among them, the creating one included. */
  counting: number;
  /** Which of them were left out as set aside, and which were not though they may be. */
  readonly aside: Set<Ref>;
  readonly doubtful: Set<Ref>;
};
/** What states are told of in causal order: an entry that counts, or one that was heard of (`counted` is `null`). */
type News = { readonly fact: Fact; readonly counted: Counted | null };

/**
 * @property refs Entries of the thing whose verdict may have changed.
 * @property hasMoved Whether what the thing comes to may have changed.
 */
export type Changes = { readonly refs: readonly Ref[]; readonly hasMoved: boolean };

export class Fold<State> {
  readonly #machine: Machine<State>;
  readonly #cut: Cut;
  readonly #keptViews: number;
  readonly #subject: string;
  readonly #creation: Fact | null = null;
  readonly #begin: (() => State) | null = null;
  #whole: State | null = null;
  readonly #inDoubt = new InDoubt();
  /** What is set aside in the whole. */
  #aside: ReadonlySet<Ref> = nothingAside;
  #counting = 0;
  readonly #views = new Map<LogId, View<State>>();
  readonly #news = new Map<LogId, News[]>();
  readonly #fates = new Map<Ref, Reason | Counted>();
  /** What counts, in fold order. */
  readonly #counted: Counted[] = [];
  /** Those of them that may cross, each with what was last reported of it. */
  readonly #mayCross = new Map<Counted, boolean>();
  /** Entries of the thing that were taken since changes were last asked for. */
  #fresh: Fact[] = [];
  #hasMoved = true;
  /** What was heard has no fate here, so that it must be remembered not to count twice. */
  readonly #heard = new Map<Ref, Fact>();
  /** What creates the thing is left out: that may know of something that is heard. */
  readonly #latest = new Map<LogId, Fact>();

  constructor(machine: Machine<State>, creation: Fact, cut: Cut, keptViews = defaultKeptViews) {
    this.#machine = machine;
    this.#cut = cut;
    this.#keptViews = keptViews;
    this.#subject = creation.subject;
    this.#fresh.push(creation);
    const { event, reason } = machine.gate(creation, creation, cut);
    const opened = event === null ? reason : machine.opens({ fact: creation, event } as Entry, cut);
    if (event === null || typeof opened === "string") {
      this.#fates.set(creation.ref, opened as Reason);
      return;
    }
    this.#creation = creation;
    this.#begin = opened;
    this.#whole = opened();
    this.#counting = 1;
    this.#count({ fact: creation, event, note: null } as Counted);
    this.#aside = this.#asideIn(wholePast);
  }

  /** Everything there is: what the thing comes to. `null` where the entry that was to create it has no effect. */
  get whole(): State | null {
    return this.#whole;
  }

  /** How much is kept: entries taken, with effect or without. */
  get size(): number {
    return this.#fates.size + this.#heard.size;
  }

  /** How many logs needed a state of their own. */
  get viewCount(): number {
    return this.#views.size;
  }

  /** Takes an entry of this thing, or one it hears of. False: an effect of it was taken before; fold anew. */
  take(fact: Fact): boolean {
    if (this.#fates.has(fact.ref) || this.#heard.has(fact.ref)) return true;
    if (this.hasEffectOf(fact)) return false;
    this.#latest.set(fact.log, fact);
    if (fact.subject !== this.#subject) {
      this.#heard.set(fact.ref, fact);
      this.#hasMoved = true;
      this.#tell({ fact, counted: null });
      return true;
    }
    const fate = this.#judge(fact, this.#cut, (one) => this.#seenBy(one));
    this.#fresh.push(fact);
    if (typeof fate === "string") {
      this.#fates.set(fact.ref, fate);
      return true;
    }
    this.#count(fate);
    if (fate.event.type === "subject.merged") return true;
    this.#counting++;
    this.#tell({ fact, counted: fate });
    return true;
  }

  /** Whether an entry that was taken has this one in its past. */
  hasEffectOf(fact: Fact): boolean {
    for (const latest of this.#latest.values()) if (isBefore(fact, latest)) return true;
    return false;
  }

  hasTaken(fact: Fact): boolean {
    return this.#fates.has(fact.ref) || this.#heard.has(fact.ref);
  }

  /**
   * What would become of an entry that is only thought of. Costs one rule and moves nothing: it may never be written.
   *
   * @param cut Where the draft cites other drafts: a cut that knows them.
   */
  outcomeOf(draft: Fact, cut: Cut = this.#cut): Verdict {
    const fate = this.#judge(draft, cut, (one) => this.#seenByDraft(one));
    if (typeof fate === "string") return without(fate);
    const crosses = this.#whole !== null && this.#machine.crossesAtOnce(fate, this.#whole, cut);
    return crosses ? crossed : effective;
  }

  /** Why a draft would not count; `null` where it would. */
  refuses(draft: Fact): Reason | null {
    const outcome = this.outcomeOf(draft);
    return outcome.effect === "none" ? outcome.reason : null;
  }

  verdictOf(ref: Ref): Verdict | undefined {
    const fate = this.#fates.get(ref);
    if (fate === undefined) return undefined;
    if (typeof fate === "string") return without(fate);
    if (this.#aside.has(ref)) return { effect: this.#inDoubt.asOf(ref) };
    return this.#whole !== null && this.#machine.isCrossed(fate, this.#whole, this.#cut)
      ? crossed
      : effective;
  }

  /** What counts, in fold order; what is set aside does not. */
  counting(): readonly Counted[] {
    if (this.#aside.size === 0) return this.#counted;
    return this.#counted.filter(({ fact }) => !this.#aside.has(fact.ref));
  }

  /** Whether entries of the thing may be set aside, for some reader. */
  get isInDoubt(): boolean {
    return !this.#inDoubt.isEmpty;
  }

  /** Whether an entry of the thing is set aside for a reader of this past. */
  isAside(ref: Ref, past: Past): boolean {
    return this.#inDoubt.has(ref) && this.#inDoubt.asideIn(past).has(ref);
  }

  /**
   * What changed since this was last asked; the first time, everything. An entry without effect changes its own verdict
   * and nothing else, so it costs nothing more, whatever the number of entries.
   */
  changes(): Changes {
    const refs = this.#fresh.map(({ ref }) => ref);
    const hasMoved = this.#hasMoved;
    this.#fresh = [];
    this.#hasMoved = false;
    if (!hasMoved || this.#whole === null) return { refs, hasMoved };
    for (const [entry, before] of this.#mayCross) {
      if (this.#aside.has(entry.fact.ref)) continue;
      const isCrossed = this.#machine.isCrossed(entry, this.#whole, this.#cut);
      if (isCrossed === before) continue;
      this.#mayCross.set(entry, isCrossed);
      refs.push(entry.fact.ref);
    }
    return { refs, hasMoved };
  }

  /** Whether what the thing comes to may have changed since changes were last asked for. */
  get hasMoved(): boolean {
    return this.#hasMoved;
  }

  #count(entry: Counted): void {
    this.#hasMoved = true;
    this.#fates.set(entry.fact.ref, entry);
    insertInOrder(this.#counted, entry, ({ fact }) => fact);
    if (this.#machine.mayCross(entry)) this.#mayCross.set(entry, false);
    if (!this.#cut.doubts.isEmpty && entry.event.type !== "subject.merged")
      this.#inDoubt.take(entry.fact, this.#cut.doubts);
  }

  #judge(fact: Fact, cut: Cut, seenBy: (fact: Fact) => Seen<State>): Reason | Counted {
    const { event, reason } = this.#machine.gate(fact, this.#creation, cut);
    if (event === null) return reason;
    if (event.type === "subject.merged") return { fact, event, note: null };
    const rule = this.#machine.rules[event.type] as Rule<State, EventName> | undefined;
    if (this.#creation === null || rule === undefined) return "wrong-subject";
    const { state, counting } = seenBy(fact);
    if (counting >= maxCounting) return "subject-full";
    const entry = { fact, event } as Entry;
    const result = rule.judge(entry, state, cut);
    return typeof result === "string" ? (result as Reason) : { ...entry, note: result };
  }

  #tell(news: News): void {
    const { log } = news.fact;
    const written = this.#news.get(log);
    if (written === undefined) this.#news.set(log, [news]);
    else written.push(news);
    if (this.#whole === null) return;
    const before = this.#aside;
    this.#aside = this.#asideIn(wholePast);
    const { ref } = news.fact;
    if (this.#aside !== before) {
      const changed = this.#aside.symmetricDifference(before);
      changed.delete(ref);
      if (changed.size > 0) {
        this.#beginAnew(changed);
        return;
      }
    }
    if (!this.#aside.has(ref)) this.#add(this.#whole, news);
  }

  /** After something that was set aside is relied on, or the other way around: states only grow, so the whole is made anew. */
  #beginAnew(changed: ReadonlySet<Ref>): void {
    const whole = (this.#begin as () => State)();
    this.#whole = whole;
    const all = [...this.#news.values()].flat().sort((a, b) => compareFacts(a.fact, b.fact));
    for (const news of all) if (!this.#aside.has(news.fact.ref)) this.#add(whole, news);
    for (const { fact } of this.#counted) if (changed.has(fact.ref)) this.#fresh.push(fact);
  }

  #asideIn(past: Past): ReadonlySet<Ref> {
    if (this.#cut.doubts.isEmpty) return nothingAside;
    const own = this.#inDoubt.asideIn(past);
    if (this.#heard.size === 0) return own;
    const isAside = (fact: Fact) => past(fact.log) >= fact.seq && this.#cut.isAside(fact, past);
    const heard = this.#heard
      .values()
      .filter(isAside)
      .map(({ ref }) => ref);
    return own.union(new Set(heard));
  }

  #add(state: State, { fact, counted }: News): void {
    if (counted === null) {
      this.#machine.learn(state, fact);
      return;
    }
    const rule = this.#machine.rules[counted.event.type] as Rule<State, EventName> | undefined;
    rule?.add(state, counted);
  }

  #seenBy(fact: Fact): Seen<State> {
    const aside = this.#asideIn(fact.past);
    if (this.#isWhole(fact, aside)) return { state: this.#whole as State, counting: this.#counting };
    const known = this.#views.get(fact.log);
    const view =
      (known !== undefined && fits(known, aside) ? known : this.#takeOver(fact, aside)) ?? this.#newView();
    this.#update(view, fact, aside);
    this.#keep(fact.log, view);
    return view;
  }

  /** The state of its log is not moved on: the next entry there may have seen less. */
  #seenByDraft(draft: Fact): Seen<State> {
    const aside = this.#asideIn(draft.past);
    if (this.#isWhole(draft, aside)) return { state: this.#whole as State, counting: this.#counting };
    const view = this.#newView();
    this.#update(view, draft, aside);
    return view;
  }

  #newView(): View<State> {
    const state = (this.#begin as () => State)();
    return { state, upTo: new Map(), news: 0, counting: 1, aside: new Set(), doubtful: new Set() };
  }

  #update(view: View<State>, fact: Fact, aside: ReadonlySet<Ref>): void {
    for (const one of this.#newsFor(fact, view.upTo)) {
      const { ref } = one.fact;
      if (aside.has(ref)) view.aside.add(ref);
      else this.#add(view.state, one);
      if (one.counted === null || this.#inDoubt.has(ref)) view.doubtful.add(ref);
      view.news++;
      if (one.counted !== null) view.counting++;
    }
  }

  /** Where no more states are kept: one of another log that saw nothing which this one did not, the furthest of them. */
  #takeOver(fact: Fact, aside: ReadonlySet<Ref>): View<State> | null {
    if (this.#views.size < this.#keptViews) return null;
    const hasSeen = ([log, upTo]: readonly [LogId, number]) =>
      fact.past(log) >= (this.#news.get(log)?.[upTo - 1]?.fact.seq ?? -1);
    const furthestFirst = [...this.#views].sort(([, a], [, b]) => b.news - a.news);
    const found = furthestFirst.find(([, view]) => fits(view, aside) && view.upTo.entries().every(hasSeen));
    if (found === undefined) return null;
    this.#views.delete(found[0]);
    return found[1];
  }

  #keep(log: LogId, view: View<State>): void {
    // A map is in the order of setting: the first was not asked for longest.
    this.#views.delete(log);
    this.#views.set(log, view);
    const [oldest] = this.#views.keys();
    if (this.#views.size > this.#keptViews && oldest !== undefined) this.#views.delete(oldest);
  }

  /** Whether the whole is what an author had seen. */
  #isWhole(fact: Fact, aside: ReadonlySet<Ref>): boolean {
    if (!sameRefs(aside, this.#aside)) return false;
    for (const [log, written] of this.#news) {
      if (fact.past(log) < (written.at(-1)?.fact.seq ?? -1)) return false;
    }
    return true;
  }

  /** What a log has come to see since its last entry, causes first. */
  #newsFor(fact: Fact, upTo: Map<LogId, number>): readonly News[] {
    const news: News[] = [];
    for (const [log, written] of this.#news) {
      const from = upTo.get(log) ?? 0;
      const seen = fact.past(log);
      let index = from;
      for (let next = written[index]; next !== undefined && next.fact.seq <= seen; next = written[++index]) {
        news.push(next);
      }
      if (index > from) upTo.set(log, index);
    }
    return news.sort((a, b) => compareFacts(a.fact, b.fact));
  }
}

/** Whether just that is left out of a state which a reader is to leave out, as far as the state goes. */
const fits = ({ aside, doubtful }: View<unknown>, wanted: ReadonlySet<Ref>): boolean =>
  (aside.size === 0 && wanted.size === 0) ||
  doubtful.values().every((ref) => aside.has(ref) === wanted.has(ref));

type Seen<State> = { readonly state: State; readonly counting: number };

/**
 * Folds a thing from nothing.
 *
 * @param own Entries of its own, in fold order; those without effect may be left out.
 */
export function foldThing<State>(
  machine: Machine<State>,
  creation: Fact,
  cut: Cut,
  keptViews?: number,
  own: readonly Fact[] = cut.factsOf(creation.subject),
): Fold<State> {
  const fold = new Fold(machine, creation, cut, keptViews);
  for (const fact of withHeard(machine, own, cut)) fold.take(fact);
  return fold;
}

/** All that a fold takes, its own entries and those it hears of, in fold order. */
function withHeard<State>(machine: Machine<State>, own: readonly Fact[], cut: Cut): readonly Fact[] {
  const heard = new Set(own.flatMap((fact) => heardBecauseOf(machine, fact, cut)));
  return heard.size === 0 ? own : [...own, ...heard].sort(compareFacts);
}

/** What a thing hears because of one of its entries; nothing where that is not understood. */
export const heardBecauseOf = <State>(machine: Machine<State>, fact: Fact, cut: Cut): readonly Fact[] =>
  fact.told.ok ? machine.hears({ fact, event: fact.told.event } as Entry, cut) : [];
