import type { HistoryEvent } from './event.ts';
import { linearize } from './linearize.ts';
import { type Operation, operationsOf } from './operations.ts';
import { type AskedOf, groupBy, stepsOf } from './steps.ts';

/** What the checker says of one account. */
interface AccountVerdict {
  readonly account: string;
  /**
   * `undecided` is no pass: the search gave up. `left_out` is an account with holds or refunds, of which only the replies to each key were
   * compared.
   */
  readonly verdict: 'linearizable' | 'left_out' | 'broken' | 'undecided';
  /** Things that happened, or may have. */
  readonly steps: number;
  /** Steps that the search tried. */
  readonly tries: number;
  /** What is wrong, or that nothing is. */
  readonly finding: string;
}

export interface HistoryVerdict {
  /** True when every account is linearizable, or left out. */
  readonly ok: boolean;
  readonly accounts: readonly AccountVerdict[];
}

interface CheckOptions {
  /** Tries of the search for one account before it gives up. Default 1 million, about a second. */
  readonly maxTries?: number;
}

const DEFAULT_MAX_TRIES = 1_000_000;

/**
 * Checks a history, account by account: whether there is an order of all that happened in which every answer is true, and
 * whether each key had one reply only. FORMAT.md defines both.
 *
 * Throws {@link HistoryError} when the events do not fit together.
 */
export function checkHistory(
  events: readonly HistoryEvent[],
  { maxTries = DEFAULT_MAX_TRIES }: CheckOptions = {},
): HistoryVerdict {
  const operations = operationsOf(events);
  const own = groupBy(operations, ({ event }) => event.account);
  const payments = paymentsIn(operations);
  const accounts = [...new Set([...own.keys(), ...payments.keys()])].map((account) =>
    checkAccount(account, { own: own.get(account) ?? [], payments: payments.get(account) ?? [] }, maxTries),
  );
  const isPassed = ({ verdict }: AccountVerdict) => verdict === 'linearizable' || verdict === 'left_out';
  return { ok: accounts.every(isPassed), accounts };
}

/** What was asked with each key that pays an account from another one, cancellations included, by the account that is paid. */
function paymentsIn(operations: readonly Operation[]): ReadonlyMap<string, readonly Operation[][]> {
  const payments = new Map<string, Operation[][]>();
  const byKey = groupBy(operations, ({ event: { account, key } }) => key && `${account} ${key}`);
  for (const asked of byKey.values()) {
    for (const to of new Set(asked.flatMap(({ event }) => event.to ?? []))) {
      payments.set(to, [...(payments.get(to) ?? []), asked]);
    }
  }
  return payments;
}

/** Operations after which the balance depends on clocks, of a hold that expires, or on what was refunded before. */
const LEFT_OUT: ReadonlySet<string> = new Set(['hold', 'capture', 'void', 'refund']);

function checkAccount(account: string, asked: AskedOf, maxTries: number): AccountVerdict {
  const { steps, contradictions } = stepsOf(account, asked);
  const [contradiction] = contradictions;
  if (contradiction !== undefined) {
    const finding = `${contradiction.key}: ${contradiction.message}`;
    return { account, verdict: 'broken', steps: steps.length, tries: 0, finding };
  }
  if (asked.own.some(({ event }) => LEFT_OUT.has(event.operation))) {
    const finding = 'it has holds or refunds, so only the replies to each key were compared';
    return { account, verdict: 'left_out', steps: steps.length, tries: 0, finding };
  }
  const { tries, ...found } = linearize(steps, maxTries);
  const common = { account, steps: steps.length, tries };
  switch (found.kind) {
    case 'found':
      return {
        ...common,
        verdict: 'linearizable',
        finding: 'there is an order in which every answer is true',
      };
    case 'none':
      return {
        ...common,
        verdict: 'broken',
        finding: `no order is possible in which ${found.stuckAt.description}, by line ${Number(found.stuckAt.endedAt) + 1}`,
      };
    case 'gave_up':
      return { ...common, verdict: 'undecided', finding: `gave up after ${maxTries} tries` };
  }
}
