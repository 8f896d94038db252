import { BankClient, RefusedError, UnavailableError } from '../../../../../client/index.ts';
import type { Difference, RegionBooks } from './tally.ts';

/** Longest time for one balance. A Region that takes longer counts as silent. */
const READ_TIMEOUT_MS = 2_000;

/** Asks one Region, and only this one, for every balance, and compares them with those that must be. */
export async function readBooks(
  { region, url }: { readonly region: string; readonly url: string },
  expected: ReadonlyMap<string, bigint>,
): Promise<RegionBooks> {
  await using client = new BankClient({ endpoints: [{ region, url }], callTimeoutMs: READ_TIMEOUT_MS });
  const differences: Difference[] = [];
  try {
    for (const [account, amount] of expected) {
      const found = await balanceOf(client, account);
      if (found !== amount) differences.push({ account, expected: amount, found });
    }
  } catch (error) {
    if (error instanceof UnavailableError) return { kind: 'silent', region };
    throw error;
  }
  return differences.length === 0 ? { kind: 'agrees', region } : { kind: 'differs', region, differences };
}

/** An account that never had a deposit holds nothing. */
async function balanceOf(client: BankClient, account: string): Promise<bigint> {
  try {
    return (await client.balance(account)).balance;
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'no_such_account') return 0n;
    throw error;
  }
}
