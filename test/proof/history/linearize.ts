import { IMPOSSIBLE, NO_ACCOUNT, type State, type Step } from './steps.ts';

/** What the search found. */
type Linearization =
  /** An order that explains every answer. */
  | { readonly kind: 'found'; readonly order: readonly Step[]; readonly tries: number }
  /** There is none. `stuckAt` had to have happened by then, and cannot have in any order of the steps around it. */
  | { readonly kind: 'none'; readonly stuckAt: Step; readonly tries: number }
  /** The search was ended before it knew. */
  | { readonly kind: 'gave_up'; readonly tries: number };

/** A place in the history where a step begins or had ended for sure, in a list that steps are taken out of. */
interface Entry {
  readonly step: Step;
  /** Of its step, in the order of their beginnings. */
  readonly index: number;
  readonly position: number;
  readonly isEnd: boolean;
  /** The entry of the step's end, for a beginning whose step has one. */
  end: Entry | undefined;
  before: Entry | undefined;
  after: Entry | undefined;
}

/**
 * Looks for an order of the steps on one account, each between its beginning and its end, in which every one of them is
 * possible. A step without an end may be left out. The steps are sorted by their beginnings.
 *
 * This is the search of Wing and Gong (1993): take the first step that is possible and go on; when a step had to have
 * happened and has not, take back the last one. Lowe's memory (2017) of pairs of "what was taken" and "state" that led
 * nowhere keeps it from going the same way twice. `maxTries` bounds it.
 */
export function linearize(steps: readonly Step[], maxTries: number): Linearization {
  const head = toList(steps);
  const chosen = new Chosen(steps);
  const seen = new Set<string>();
  const happened = new Set<Step>();
  const taken: { readonly entry: Entry; readonly before: State }[] = [];
  let state = NO_ACCOUNT;
  let tries = 0;
  let mustHappen = steps.filter(({ endedAt }) => endedAt !== undefined).length;
  let stuck: Entry | undefined;

  for (let entry = head.after; mustHappen > 0 && entry !== undefined; ) {
    if (entry.isEnd) {
      // Its step had to have happened, and was not possible on the way that led here.
      if (stuck === undefined || entry.position > stuck.position) {
        stuck = entry;
      }
      const last = taken.pop();
      if (last === undefined) {
        return { kind: 'none', stuckAt: stuck.step, tries };
      }
      state = last.before;
      happened.delete(last.entry.step);
      chosen.remove(last.entry.index);
      if (last.entry.end !== undefined) {
        mustHappen += 1;
      }
      putBack(last.entry);
      entry = last.entry.after;
      continue;
    }
    tries += 1;
    if (tries > maxTries) {
      return { kind: 'gave_up', tries };
    }
    const { behind } = entry.step;
    const isTooEarly = behind !== undefined && !happened.has(behind);
    const after: State | typeof IMPOSSIBLE = isTooEarly ? IMPOSSIBLE : entry.step.apply(state);
    if (after === IMPOSSIBLE || !isNew(entry.index, after, chosen, seen)) {
      entry = entry.after;
      continue;
    }
    taken.push({ entry, before: state });
    happened.add(entry.step);
    state = after;
    if (entry.end !== undefined) {
      mustHappen -= 1;
    }
    takeOut(entry);
    entry = head.after;
  }
  return { kind: 'found', order: taken.map(({ entry }) => entry.step), tries };
}

/** Chooses a step and remembers where that led; lets go of it again when the search has been there before. */
function isNew(index: number, state: State, chosen: Chosen, seen: Set<string>): boolean {
  chosen.add(index);
  const place = `${chosen.name()} ${state.balanceMinor} ${state.debits} ${state.credits}`;
  if (seen.has(place)) {
    chosen.remove(index);
    return false;
  }
  seen.add(place);
  return true;
}

function toList(steps: readonly Step[]): Entry {
  const entries = steps.flatMap((step, index): Entry[] => {
    const common = { step, index, before: undefined, after: undefined };
    const end: Entry | undefined =
      step.endedAt === undefined
        ? undefined
        : { ...common, position: step.endedAt, isEnd: true, end: undefined };
    const beginning: Entry = { ...common, position: step.invokedAt, isEnd: false, end };
    return end === undefined ? [beginning] : [beginning, end];
  });
  entries.sort((one, other) => one.position - other.position || Number(one.isEnd) - Number(other.isEnd));
  const head = { position: -1, isEnd: false } as Entry;
  let last = head;
  for (const entry of entries) {
    last.after = entry;
    entry.before = last;
    last = entry;
  }
  return head;
}

function takeOut(entry: Entry): void {
  for (const each of entry.end === undefined ? [entry] : [entry, entry.end]) {
    if (each.before !== undefined) {
      each.before.after = each.after;
    }
    if (each.after !== undefined) {
      each.after.before = each.before;
    }
  }
}

/** The end first: a step may have been taken out whose end was right behind its beginning. */
function putBack(entry: Entry): void {
  for (const each of entry.end === undefined ? [entry] : [entry.end, entry]) {
    if (each.before !== undefined) {
      each.before.after = each;
    }
    if (each.after !== undefined) {
      each.after.before = each;
    }
  }
}

/**
 * Which steps were taken, with a short name for each such set: nearly everything up to some step, and a few beyond it or
 * of those that need not happen.
 */
class Chosen {
  readonly #required: readonly boolean[];
  readonly #isTaken: boolean[];
  readonly #optional = new Set<number>();
  #firstOpen = 0;
  #last = -1;

  constructor(steps: readonly Step[]) {
    this.#required = steps.map(({ endedAt }) => endedAt !== undefined);
    this.#isTaken = steps.map(() => false);
  }

  add(index: number): void {
    if (!this.#required[index]) {
      this.#optional.add(index);
      return;
    }
    this.#isTaken[index] = true;
    this.#last = Math.max(this.#last, index);
  }

  remove(index: number): void {
    this.#optional.delete(index);
    this.#isTaken[index] = false;
    this.#firstOpen = Math.min(this.#firstOpen, index);
  }

  name(): string {
    const { length } = this.#isTaken;
    while (this.#firstOpen < length && (this.#isTaken[this.#firstOpen] || !this.#required[this.#firstOpen])) {
      this.#firstOpen += 1;
    }
    const beyond: number[] = [];
    for (let index = this.#firstOpen + 1; index <= this.#last; index += 1) {
      if (this.#isTaken[index]) {
        beyond.push(index);
      }
    }
    while (this.#last >= 0 && !this.#isTaken[this.#last]) {
      this.#last -= 1;
    }
    const optional = this.#optional.size === 0 ? '' : [...this.#optional].sort((a, b) => a - b).join();
    return `${this.#firstOpen} ${beyond.join()} ${optional}`;
  }
}
