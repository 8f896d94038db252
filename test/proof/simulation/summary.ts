import type { Run } from './run.ts';

/** A run, without what is too long to be sent. */
export type Played = Omit<Run, 'history' | 'digest'>;

type Counts = Record<string, number>;

/** Several runs, added up. */
export class Summary {
  seeds = 0;
  calls = 0;
  readonly failed: Pick<Played, 'seed' | 'violations'>[] = [];
  readonly #faults: Counts = {};
  readonly #outcomes: Counts = {};
  readonly #entries: Counts = {};
  #transfers = 0;
  #batches = 0;
  #sumMinor = 0n;
  #expectedMinor = 0n;

  add({ seed, violations, ...run }: Played): void {
    this.seeds += 1;
    this.calls += run.calls;
    this.#transfers += run.transfers;
    this.#batches += run.batches;
    this.#sumMinor += run.sumMinor;
    this.#expectedMinor += run.expectedMinor;
    addCounts(this.#faults, run.faults);
    addCounts(this.#outcomes, run.outcomes);
    addCounts(this.#entries, run.entries);
    if (violations.length > 0) {
      this.failed.push({ seed, violations });
      this.failed.sort((one, other) => one.seed - other.seed);
    }
  }

  toText(seconds: number): string {
    const { settled = 0, returned = 0 } = this.#entries;
    const shown = this.failed
      .slice(0, MAX_SHOWN)
      .flatMap(({ seed, violations }) => [
        `seed ${seed}: ${violations.length} violations; again with: npm run sim -- --seeds 1 --from ${seed}`,
        ...violations.slice(0, 3).map(({ invariant, message }) => `  ${invariant}: ${message}`),
      ]);
    return [
      `${this.seeds} seeds, ${this.calls} calls in ${seconds.toFixed(1)} s: ${Math.round(this.calls / seconds)} calls a second`,
      `${this.#transfers} transfers were asked for: ${settled} settled, ${returned} returned`,
      `${this.#batches} writes executed several calls at once`,
      `All accounts have ${this.#sumMinor}; deposits less what left the bank are ${this.#expectedMinor}`,
      `Outcomes\n${listOf(this.#outcomes)}`,
      `Entries\n${listOf(this.#entries)}`,
      `Faults that struck\n${listOf(this.#faults)}`,
      ...shown,
      this.failed.length === 0 ? 'Every promise was kept.' : `${this.failed.length} seeds broke a promise.`,
    ].join('\n');
  }
}

/** Failed seeds that are printed one by one. */
const MAX_SHOWN = 10;

function addCounts(sums: Counts, counts: Readonly<Counts>): void {
  for (const [name, count] of Object.entries(counts)) {
    sums[name] = (sums[name] ?? 0) + count;
  }
}

function listOf(counts: Readonly<Counts>): string {
  return Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `  ${name.padEnd(24)} ${count}`)
    .join('\n');
}
