import type { Request } from './books.ts';
import { upTo } from './chance.ts';

/** Accounts of one drill. */
export interface Accounts {
  /** An account that only one client moves money on. */
  own(client: number): string;
  /** An account that all of them do. */
  readonly shared: string;
}

/** Names the accounts of a drill. */
export function accountsOf(run: string): Accounts {
  return { own: (client) => `drill-${run}-${client}`, shared: `drill-${run}-shared` };
}

/**
 * Chooses what a client asks next: deposits, withdrawals, and sometimes a balance, mostly of its own account. Some
 * withdrawals are of more than any account holds, because refusals have to be remembered like everything else.
 */
export function nextRequest(
  client: number,
  accounts: Accounts,
  { chance, mint }: { readonly chance: () => number; readonly mint: () => string },
): Request {
  const account = chance() < 0.25 ? accounts.shared : accounts.own(client);
  const kind = chance();
  if (kind < 0.2) return { kind: 'balance', account };
  const amountMinor = BigInt(upTo(100, chance));
  if (kind < 0.6) return { kind: 'deposit', account, key: mint(), amountMinor };
  const tooMuch = chance() < 0.1 ? 1_000_000_000n : 0n;
  return { kind: 'withdraw', account, key: mint(), amountMinor: amountMinor + tooMuch };
}
