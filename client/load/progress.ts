import type { CallOutcome, CallRecord } from './call.ts';

/** How many calls ended, by outcome. All except `failedOver` add up to `calls`. */
export interface Counts {
  readonly calls: number;
  /** Executed calls that have a key. */
  readonly executed: number;
  readonly balances: number;
  readonly refused: number;
  readonly notExecuted: number;
  readonly unknown: number;
  readonly failedOver: number;
}

/** Counts calls as they end, so that the counts are known without reading all records. */
export class Progress {
  readonly #counts = {
    calls: 0,
    executed: 0,
    balances: 0,
    refused: 0,
    notExecuted: 0,
    unknown: 0,
    failedOver: 0,
  };
  readonly #regions = new Map<string, number>();
  /** Number of unknown outcomes that were resolved later. */
  resolved = 0;

  get counts(): Counts {
    return { ...this.#counts };
  }

  /** Number of calls by the Region that answered, without outcomes that were resolved later. */
  get regions(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#regions].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** Counts a call that has ended. */
  end({ call, outcome, region, failedOver }: CallRecord): void {
    this.#counts.calls += 1;
    this.#counts[countOf(call.kind, outcome)] += 1;
    this.#counts.failedOver += failedOver ? 1 : 0;
    if (region !== undefined) {
      this.#regions.set(region, (this.#regions.get(region) ?? 0) + 1);
    }
  }
}

/** The count that a call belongs to. */
export function countOf(kind: string, outcome: CallOutcome): Exclude<keyof Counts, 'calls' | 'failedOver'> {
  switch (outcome.kind) {
    case 'executed':
      return kind === 'balance' ? 'balances' : 'executed';
    case 'not_executed':
      return 'notExecuted';
    case 'refused':
    case 'unknown':
      return outcome.kind;
  }
}

/** Counts these calls, without those that are under way. */
export function progressOf(records: readonly CallRecord[]): Progress {
  const progress = new Progress();
  for (const record of records) {
    if (record.durationMs !== undefined) {
      progress.end(record.resolved === undefined ? record : { ...record, region: undefined });
    }
  }
  return progress;
}
