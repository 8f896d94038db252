import type { HistoryEvent } from './event.ts';
import { linearize } from './linearize.ts';
import { type Operation, operationsOf } from './operations.ts';
import { groupBy, stepsOf } from './steps.ts';

/** What the checker says of one account. */
export interface AccountVerdict {
  readonly account: string;
  /** `undecided` is no pass: the search gave up. */
  readonly verdict: 'linearizable' | 'broken' | 'undecided';
  /** Things that happened, or may have. */
  readonly steps: number;
  /** Steps that the search tried. */
  readonly tries: number;
  /** What is wrong, or that nothing is. */
  readonly says: string;
}

export interface HistoryVerdict {
  /** True when every account is linearizable. */
  readonly ok: boolean;
  readonly accounts: readonly AccountVerdict[];
}

export interface CheckOptions {
  /** Tries of the search for one account before it gives up. Default 1 million, about a second. */
  readonly maxTries?: number;
}

const DEFAULT_MAX_TRIES = 1_000_000;

/**
 * Checks a history, account by account: whether there is an order of all that happened in which every answer is true, and
 * whether each key was told one thing only. FORMAT.md says what is asked exactly.
 *
 * Throws {@link HistoryError} when the events do not fit together.
 */
export function checkHistory(
  events: readonly HistoryEvent[],
  { maxTries = DEFAULT_MAX_TRIES }: CheckOptions = {},
): HistoryVerdict {
  const byAccount = groupBy(operationsOf(events), ({ event }) => event.account);
  const accounts = [...byAccount].map(([account, operations]) => checkAccount(account, operations, maxTries));
  return { ok: accounts.every(({ verdict }) => verdict === 'linearizable'), accounts };
}

function checkAccount(account: string, operations: readonly Operation[], maxTries: number): AccountVerdict {
  const { steps, contradictions } = stepsOf(operations);
  const [contradiction] = contradictions;
  if (contradiction !== undefined) {
    const says = `${contradiction.key}: ${contradiction.says}`;
    return { account, verdict: 'broken', steps: steps.length, tries: 0, says };
  }
  const { tries, ...found } = linearize(steps, maxTries);
  const common = { account, steps: steps.length, tries };
  switch (found.kind) {
    case 'found':
      return { ...common, verdict: 'linearizable', says: 'there is an order in which every answer is true' };
    case 'none':
      return {
        ...common,
        verdict: 'broken',
        says: `no order is possible in which ${found.stuckAt.says}, by line ${Number(found.stuckAt.endedAt) + 1}`,
      };
    case 'gave_up':
      return { ...common, verdict: 'undecided', says: `gave up after ${maxTries} tries` };
  }
}
