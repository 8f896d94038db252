import type { Move } from '../../contract/schemas.ts';
import type { HammerCommand } from '../arguments.ts';
import { below, chanceFrom } from './chance.ts';

/** What a client asks. */
export type HammerCall =
  | { readonly kind: 'balance'; readonly account: string }
  | { readonly kind: Move; readonly account: string; readonly amountMinor: bigint };

/** A hammering, before it begins. */
export interface Plan {
  readonly seed: number;
  /** Accounts that nobody else has ever called. */
  readonly accounts: readonly string[];
}

/** Draws what the command line leaves open. The accounts are new in each run, and so never part of the seed. */
export function planOf(
  { accounts, seed }: Pick<HammerCommand, 'accounts' | 'seed'>,
  randomBytes: (length: number) => Uint8Array,
): Plan {
  const run = randomBytes(6).reduce((text, byte) => text + byte.toString(16).padStart(2, '0'), '');
  const drawn = randomBytes(4).reduce((number, byte) => number * 256 + byte, 0);
  return {
    seed: seed ?? drawn,
    accounts: Array.from({ length: accounts }, (_, index) => `hammer-${run}-${index + 1}`),
  };
}

/** The chance of one client: what it asks does not depend on how fast the others are. */
export function chanceOf(seed: number, client: number): () => number {
  return chanceFrom(seed + client * 0x9e3779b9);
}

/**
 * Chooses what a client asks next: half deposits, nearly as many withdrawals, and some balances. A withdrawal may be of
 * more than an account holds, because refusals have to be remembered like everything else.
 */
export function nextCall(accounts: readonly string[], chance: () => number): HammerCall {
  const account = accounts[below(accounts.length, chance)];
  if (account === undefined) {
    throw new RangeError('a hammering needs an account');
  }
  const kind = chance();
  if (kind < 0.1) {
    return { kind: 'balance', account };
  }
  const amountMinor = BigInt(1 + below(100, chance));
  return { kind: kind < 0.6 ? 'deposit' : 'withdraw', account, amountMinor };
}
