import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Call, LoadMove } from './call.ts';

/** For seeds like 1, 2 and 3, the first numbers of the generator are nearly the same, so they are skipped. */
const WARM_UP_DRAWS = 32;

/** Numbers from 0 up to 1, evenly spread and the same for the same seed. */
export function chanceFrom(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  for (let draws = 0; draws < WARM_UP_DRAWS; draws += 1) {
    uniformFloat64(generator);
  }
  return () => uniformFloat64(generator);
}

/** The random numbers of one client: its calls do not depend on how fast the other clients are. */
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
/** Part of the calls with an amount that is too large, because small withdrawals are seldom refused. */
const TOO_LARGE = 0.1;
const LARGE_AMOUNT = 1_000_000_000n;
/** Part of the transfers that go to the first account, so that many clients pay it at once. */
const TO_ONE_PAYEE = 0.5;
/** How often a client with an open hold ends one instead of making one, and how it ends it. */
const HOLD_ENDS = 0.6;
const VOIDS = 0.3;
const PARTS = 0.5;
const FINAL = 0.5;
const TO_ANOTHER = 0.4;
/** Part of the holds that expire soon, and the most seconds until then. */
const EXPIRES_SOON = 0.3;
const SOON_SECONDS = 3;

/** Shares of the calls that move money, together at most 1. The rest are deposits and withdrawals. */
export interface Shares {
  /** Transfers between the accounts, if there are two. Default 0. */
  readonly transfers?: number;
  /** Holds, captures and voids. Default 0. */
  readonly holds?: number;
  /** Refunds of withdrawals. Default 0. */
  readonly refunds?: number;
}

/** A hold that a client made, and that may still be open. */
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
  /** An account that is named twice is called twice as often. */
  readonly accounts: readonly string[];
  readonly chance: () => number;
  readonly mintKey: () => string;
  readonly shares?: Shares;
  readonly holds?: readonly OpenHold[];
  readonly withdrawals?: readonly Withdrawal[];
}

/** Draws the next call of a client. Some calls get a key or a reference. */
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
  // Without shares, nothing is drawn for them, so that the calls of a seed stay the same.
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
      // Parts that together exceed the withdrawal in the end, so that the last ones are refused.
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

/** Ends a hold or captures a part of it, even if it has ended or less is left. */
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
