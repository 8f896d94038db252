import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Call, LoadMove } from './call.ts';

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
/** Transfers to the first account, which many pay at once then. */
const TO_ONE_PAYEE = 0.5;
/** How likely a client with an open hold is to end one, when it would make one; and what it does with it. */
const HOLD_ENDS = 0.6;
const VOIDS = 0.3;
const PARTS = 0.5;
const FINAL = 0.5;
const TO_ANOTHER = 0.4;
/** Holds that expire soon, and how soon. */
const EXPIRES_SOON = 0.3;
const SOON_SECONDS = 3;

/** Parts of the calls that move money, each from 0 to 1 and all together at most 1; the rest are deposits and withdrawals. */
export interface Shares {
  /** Transfers between the accounts, if there are two. Default 0. */
  readonly transfers?: number;
  /** Holds, captures and voids. Default 0. */
  readonly holds?: number;
  /** Refunds of withdrawals. Default 0. */
  readonly refunds?: number;
}

/** A hold that a client made, and that may be open. */
export interface OpenHold {
  readonly account: string;
  readonly hold: string;
}

/** A withdrawal that a client made, of which something may be left to refund. */
export interface Withdrawal {
  readonly account: string;
  readonly call: string;
  readonly amountMinor: bigint;
}

export interface Workload {
  /** Drawn from evenly: an account that is named twice is called twice as often. */
  readonly accounts: readonly string[];
  readonly chance: () => number;
  readonly mintKey: () => string;
  readonly shares?: Shares;
  readonly holds?: readonly OpenHold[];
  readonly withdrawals?: readonly Withdrawal[];
}

/** Draws what a client calls for next, some of it with a key or a reference of its own. */
export function nextCall(workload: Workload): Call {
  const { accounts, chance, mintKey, shares = {}, holds = [], withdrawals = [] } = workload;
  const account = pick(accounts, chance);
  if (account === undefined) {
    throw new RangeError('a workload needs an account');
  }
  const draw = chance();
  if (draw < BALANCES) {
    return { kind: 'balance', account };
  }
  const isDeposit = draw < BALANCES + DEPOSITS;
  const amount = BigInt(upTo(MAX_AMOUNT, chance));
  const isTooLarge = chance() < TOO_LARGE;
  const hasReference = chance() < WITH_REFERENCE;
  const said = {
    ...(hasReference ? { reference: `order-${upTo(MAX_AMOUNT, chance)}` } : {}),
    ...(chance() < WITH_OWN_KEY ? { key: mintKey() } : {}),
  };
  const { transfers = 0, holds: held = 0, refunds = 0 } = shares;
  // A workload without any draws nothing for them, so that its calls are those of its seed.
  const share = transfers + held + refunds > 0 ? chance() : 1;
  const payee = share < transfers + held ? payeeOf(account, accounts, chance) : undefined;
  const amountMinor = isTooLarge ? amount + LARGE_AMOUNT : amount;
  if (share < transfers && payee !== undefined) {
    return { kind: 'transfer', account, to: payee, amountMinor, ...said };
  }
  if (share >= transfers && share < transfers + held) {
    const open = pick(holds, chance);
    return open !== undefined && chance() < HOLD_ENDS
      ? { ...endOf(open, payee, amount, chance), ...said }
      : { kind: 'hold', account, amountMinor, ...expiry(chance), ...said };
  }
  if (share >= transfers + held && share < transfers + held + refunds) {
    const made = pick(withdrawals, chance);
    if (made !== undefined) {
      // Parts, which come to more than all in the end: the last ones are refused.
      return {
        kind: 'refund',
        ...made,
        amountMinor: BigInt(upTo(Number(made.amountMinor), chance)),
        ...said,
      };
    }
  }
  return isDeposit
    ? { kind: 'deposit', account, amountMinor: amount, ...said }
    : { kind: 'withdraw', account, amountMinor, ...said };
}

function pick<Item>(items: readonly Item[], chance: () => number): Item | undefined {
  return items.length === 0 ? undefined : items[upTo(items.length, chance) - 1];
}

function payeeOf(account: string, accounts: readonly string[], chance: () => number): string | undefined {
  const others = accounts.filter((each) => each !== account);
  return chance() < TO_ONE_PAYEE ? others[0] : pick(others, chance);
}

function expiry(chance: () => number): { readonly expiresInSeconds?: number } {
  return chance() < EXPIRES_SOON ? { expiresInSeconds: upTo(SOON_SECONDS, chance) } : {};
}

/** Ends a hold, or takes a part of it: also of one that has ended, or has less. */
function endOf(
  open: OpenHold,
  payee: string | undefined,
  amountMinor: bigint,
  chance: () => number,
): Extract<LoadMove, { kind: 'capture' | 'void' }> {
  if (chance() < VOIDS) {
    return { kind: 'void', ...open };
  }
  const isOther = chance() < TO_ANOTHER && payee !== open.account;
  return {
    kind: 'capture',
    ...open,
    ...(chance() < PARTS ? { amountMinor } : {}),
    ...(chance() < FINAL ? {} : { final: false }),
    ...(isOther && payee !== undefined ? { to: payee } : {}),
  };
}
