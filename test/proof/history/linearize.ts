import { IMPOSSIBLE, NO_ACCOUNT, type State, type Step } from './steps.ts';

/** What the search found. */
type Linearization =
  /** There is an order that explains every answer. */
  | { readonly kind: 'found'; readonly tries: number }
  /** There is none. `stuckAt` had to have happened by then, and cannot have in any order of the steps around it. */
  | { readonly kind: 'none'; readonly stuckAt: Step; readonly tries: number }
  /** The search was ended before it knew. */
  | { readonly kind: 'gave_up'; readonly tries: number };

/** A place of the search: what has happened, the state after it, and the steps that may come next. */
interface Place {
  readonly state: State;
  /** The step that led here; undefined at the beginning. */
  readonly by: number | undefined;
  /** Indexes of steps that are still to be tried from here. */
  next: Iterator<number>;
}

/**
 * Looks for an order of the steps on one account, each between its beginning and its end, in which every one of them is
 * possible. A step without an end may be left out. The steps are sorted by their beginnings.
 *
 * This is the search of Wing and Gong (1993): take the first step that is possible and go on; when none is left that may come next,
 * take back the last one. Lowe's memory (2017) of pairs of "what was taken" and "state" that led nowhere keeps it from going the same
 * way twice. `maxTries` bounds it.
 */
export function linearize(steps: readonly Step[], maxTries: number): Linearization {
  const chosen = new Chosen(steps);
  const seen = new Set<string>();
  let tries = 0;
  let stuck: Step | undefined;
  const path: Place[] = [{ state: NO_ACCOUNT, by: undefined, next: chosen.nextSteps() }];
  for (let place = path.at(-1); place !== undefined; place = path.at(-1)) {
    const due = chosen.firstDue();
    if (due === undefined) {
      return { kind: 'found', tries };
    }
    const { done, value: index } = place.next.next();
    if (done) {
      if (Number(due.endedAt) > Number(stuck?.endedAt ?? -1)) {
        stuck = due;
      }
      path.pop();
      if (place.by !== undefined) {
        chosen.remove(place.by);
      }
      continue;
    }
    tries += 1;
    if (tries > maxTries) {
      return { kind: 'gave_up', tries };
    }
    const { behind, apply } = steps[index] as Step;
    const state = behind !== undefined && !chosen.has(behind) ? IMPOSSIBLE : apply(place.state);
    if (state === IMPOSSIBLE) {
      continue;
    }
    chosen.add(index);
    const name = `${chosen.name()} ${state.balanceMinor} ${state.debits} ${state.credits}`;
    if (seen.has(name)) {
      chosen.remove(index);
      continue;
    }
    seen.add(name);
    if (state === place.state) {
      // A read or a refusal that is possible now changes nothing that comes after it, so no other step has to be tried in its place.
      place.next = NOTHING;
    }
    path.push({ state, by: index, next: chosen.nextSteps() });
  }
  return { kind: 'none', stuckAt: stuck as Step, tries };
}

const NOTHING: Iterator<number> = [].values();

/** Which steps have happened: nearly all up to some moment, and a few of those around it. */
class Chosen {
  readonly #steps: readonly Step[];
  readonly #isChosen: boolean[];
  /** Indexes of the steps that may be left out. */
  readonly #optional: readonly number[];
  /** Index of the first step that must happen and has not. */
  #firstOpen = 0;

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
    this.#isChosen = steps.map(() => false);
    this.#optional = [...steps.keys()].filter((index) => this.#endOf(index) === undefined);
  }

  add(index: number): void {
    this.#isChosen[index] = true;
  }

  remove(index: number): void {
    this.#isChosen[index] = false;
    this.#firstOpen = Math.min(this.#firstOpen, index);
  }

  has(step: Step): boolean {
    return this.#isChosen[this.#steps.indexOf(step)] === true;
  }

  /** Of the steps that must happen and have not, the one with the first end. Undefined when all have happened. */
  firstDue(): Step | undefined {
    const steps = this.#steps;
    while (this.#firstOpen < steps.length && !this.#isOpen(this.#firstOpen)) {
      this.#firstOpen += 1;
    }
    let due = steps[this.#firstOpen];
    for (let index = this.#firstOpen; Number(steps[index]?.invokedAt) <= Number(due?.endedAt); index += 1) {
      if (this.#isOpen(index) && Number(this.#endOf(index)) < Number(due?.endedAt)) {
        due = steps[index];
      }
    }
    return due;
  }

  /**
   * Steps that may come next: those that begin before one that must have happened. Those that may be left out come last. If they came
   * first, the search would try nearly all subsets of them.
   */
  *nextSteps(): Generator<number> {
    const open = [...this.#around(false)];
    yield* open.filter((index) => this.#endOf(index) !== undefined);
    yield* open.filter((index) => this.#endOf(index) === undefined);
  }

  /** A short name for what has happened. */
  name(): string {
    const around = [...this.#around(true)].join();
    return `${this.#firstOpen} ${around}`;
  }

  /** Steps that have or have not happened, among those that may be left out and those from the first open one to the next end. */
  *#around(isChosen: boolean): Generator<number> {
    const until = this.firstDue()?.endedAt ?? Number.POSITIVE_INFINITY;
    const first = this.#firstOpen;
    yield* this.#optional.filter((index) => index < first && this.#isChosen[index] === isChosen);
    for (let index = first; Number(this.#steps[index]?.invokedAt) <= until; index += 1) {
      if (this.#isChosen[index] === isChosen) {
        yield index;
      }
    }
  }

  #isOpen(index: number): boolean {
    return !this.#isChosen[index] && this.#endOf(index) !== undefined;
  }

  #endOf(index: number): number | undefined {
    return this.#steps[index]?.endedAt;
  }
}
