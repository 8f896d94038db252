import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Call } from './call.ts';

/** The generator's first numbers after seeds like 1, 2 and 3 are nearly the same; after these they are not. */
const WARM_UP_DRAWS = 32;

/** Numbers from 0 up to 1, evenly spread and the same for the same seed. */
export function chanceFrom(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  for (let draws = 0; draws < WARM_UP_DRAWS; draws += 1) {
    uniformFloat64(generator);
  }
  return () => uniformFloat64(generator);
}

/** The chance of one client of many: what it calls for does not depend on how fast the others are. */
export function chanceOfClient(seed: number, client: number): () => number {
  return chanceFrom((seed + Math.imul(client, 0x9e3779b9)) | 0);
}

/** A whole number from 1 to a limit. */
export function upTo(limit: number, chance: () => number): number {
  return 1 + Math.floor(chance() * limit);
}

const BALANCES = 0.2;
const DEPOSITS = 0.4;
const WITH_REFERENCE = 0.2;
const WITH_OWN_KEY = 0.5;
const MAX_AMOUNT = 100;
/** Refusals have to be remembered like everything else, and a small withdrawal is seldom refused. */
const TOO_LARGE = 0.1;
const LARGE_AMOUNT = 1_000_000_000n;

export interface Workload {
  /** Drawn from evenly: an account that is named twice is called twice as often. */
  readonly accounts: readonly string[];
  readonly chance: () => number;
  readonly mintKey: () => string;
}

/** Draws what a client calls for next: balances, deposits and withdrawals, some with a key or a reference of its own. */
export function nextCall({ accounts, chance, mintKey }: Workload): Call {
  const account = accounts[upTo(accounts.length, chance) - 1];
  if (account === undefined) {
    throw new RangeError('a workload needs an account');
  }
  const draw = chance();
  if (draw < BALANCES) {
    return { kind: 'balance', account };
  }
  const isDeposit = draw < BALANCES + DEPOSITS;
  const amount = BigInt(upTo(MAX_AMOUNT, chance));
  const isTooLarge = chance() < TOO_LARGE && !isDeposit;
  const hasReference = chance() < WITH_REFERENCE;
  return {
    kind: isDeposit ? 'deposit' : 'withdraw',
    account,
    amountMinor: isTooLarge ? amount + LARGE_AMOUNT : amount,
    ...(hasReference ? { reference: `order-${upTo(MAX_AMOUNT, chance)}` } : {}),
    ...(chance() < WITH_OWN_KEY ? { key: mintKey() } : {}),
  };
}
