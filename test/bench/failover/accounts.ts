import { BankClient } from '../../../client/index.ts';
import type { CallReport } from './caller-process.ts';
import { FailoverError } from './errors.ts';
import type { Accounting } from './result.ts';

/** An account that one caller has paid into, and what that caller knows of it. */
export interface Paid {
  readonly account: string;
  readonly reports: readonly CallReport[];
}

/**
 * Finds out the unknown outcomes of deposits by calling again with the same key, and
 * then that each account holds what was answered and not a unit more: a benchmark that loses money measures nothing.
 */
export async function audit(
  paid: readonly Paid[],
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<Accounting> {
  await using bank = new BankClient({ endpoints: addresses });
  const audited: Accounting[] = [];
  for (const { account, reports } of paid) {
    const count = (kind: string) => reports.filter(({ ending }) => ending.kind === kind).length;
    const open = reports.flatMap(({ ending }) => ('key' in ending ? [ending.key] : []));
    for (const key of open) await bank.deposit(account, 1n, { key, signal });
    const answered = count('answered');
    const { balance } = await bank.balance(account, { signal });
    if (balance !== BigInt(answered + open.length)) {
      throw new FailoverError(
        'money_lost',
        `${account} holds ${balance}, but ${answered} deposits of 1 were answered and ${open.length} made sure of.`,
      );
    }
    audited.push({
      calls: reports.length,
      answered,
      unavailable: count('unavailable'),
      settled: open.length,
    });
  }
  return sumOf(audited);
}

/** Adds up. */
export function sumOf(accountings: readonly Accounting[]): Accounting {
  const sum = (pick: (each: Accounting) => number) =>
    accountings.reduce((total, each) => total + pick(each), 0);
  return {
    calls: sum(({ calls }) => calls),
    answered: sum(({ answered }) => answered),
    unavailable: sum(({ unavailable }) => unavailable),
    settled: sum(({ settled }) => settled),
  };
}
