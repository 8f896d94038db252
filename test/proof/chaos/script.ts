import { chanceOfClient, upTo } from '../../../client/load/workload.ts';
import type { NewCall } from './messages.ts';
import type { Mix } from './options.ts';

/** Something that a caller is to ask, before it is known which keys are open when its turn comes. */
export type Line =
  | NewCall
  | { readonly kind: 'balance'; readonly account: string }
  /** Retries or cancels a key whose outcome is unknown, or retries one that was answered; else asks for a balance. */
  | {
      readonly kind: 'retry' | 'cancel' | 'again';
      /** Whose unknown key it takes, if there is one. */
      readonly whose: 'own' | 'other';
      /** Which of them, from 0 up to 1. */
      readonly pick: number;
      readonly account: string;
    }
  | EndingLine
  | RefundLine;

/** Captures or voids a hold that any caller made; makes one if there is none. */
export interface EndingLine {
  readonly kind: 'end';
  readonly ending: 'capture' | 'void';
  /** Undefined for all that remains. */
  readonly amountMinor: bigint | undefined;
  readonly isFinal: boolean;
  /** The account that a capture pays; undefined where the money leaves the bank. */
  readonly to: string | undefined;
  readonly pick: number;
  readonly otherwise: NewCall;
}

/** Refunds a call that any caller made, and that others may be refunding; withdraws if there is none. */
export interface RefundLine {
  readonly kind: 'refund_one';
  /** Undefined for all that the call moved. */
  readonly amountMinor: bigint | undefined;
  readonly pick: number;
  readonly otherwise: NewCall;
}

const DAY_MS = 24 * 60 * 60_000;
/** Ages of stored keys, with how often each is used: below the watermark of a busy account, near their end, and past it. */
const AGES_MS = [
  [0.6, 16 * 60_000],
  [0.95, 29 * DAY_MS],
  [1, 31 * DAY_MS],
] as const;
/** Calls of one caller before all go on with accounts of another generation: what is checked stays small. */
const CALLS_PER_GENERATION = 100;
const HOT_SHARE = 0.6;
const WITH_REFERENCE = 0.2;
const HOT_ACCOUNTS = 3;
/** Holds and refunds are made on accounts of their own: what a history says of these is not searched for an order. */
const HOLD_ACCOUNTS = 2;
/** Holds that expire in the middle of the run, and how soon. */
const EXPIRING_SHARE = 0.4;
const EXPIRES_IN_SECONDS = 4;
/** Part of the new calls before which their account is frozen, and part of the calls of a caller before which it opens that again. */
const FREEZES = 0.02;
const OPENS = 0.2;
const FROZEN = [
  { debits: 'frozen' },
  { credits: 'frozen' },
  { debits: 'frozen', credits: 'frozen' },
] as const;
/** Accounts of a run that is all transfers. */
const TRANSFER_ACCOUNTS = 10;
/** One in this many callers lets its client mint the keys, and so keeps none for later. */
const MINTS_EVERY = 4;

/** True for a caller whose client mints its keys. */
export function letsMint(caller: number): boolean {
  return caller % MINTS_EVERY === MINTS_EVERY - 1;
}

/** The lines of one caller, without end. The same for the same seed and number; callers do not depend on each other. */
export function openScript(seed: number, caller: number, mix: Mix): () => Line {
  const chance = chanceOfClient(seed, caller + 1);
  let count = 0;
  let frozen: string | undefined;
  return () => {
    if (frozen !== undefined && chance() < OPENS) {
      const account = frozen;
      frozen = undefined;
      return { kind: 'setStatus', account, debits: 'open', credits: 'open', keyAgeMs: 0 };
    }
    const generation = 1 + Math.floor(count / CALLS_PER_GENERATION);
    count += 1;
    const line = mix === 'transfers' ? nextTransfer(chance) : nextLine(chance, caller, generation);
    if (frozen === undefined && 'keyAgeMs' in line && chance() < FREEZES) {
      frozen = line.account;
      return { kind: 'setStatus', account: frozen, ...FROZEN[upTo(3, chance) - 1], keyAgeMs: 0 };
    }
    return line;
  };
}

function nextLine(chance: () => number, caller: number, generation: number): Line {
  const { account, isAged } = nextAccount(chance, caller, generation);
  const kind = chance();
  if (kind < 0.2) {
    return { kind: 'balance', account };
  }
  if (kind < 0.32) {
    return { kind: chance() < 0.6 ? 'retry' : 'cancel', whose: whose(chance), pick: chance(), account };
  }
  if (kind < 0.36) {
    return { kind: 'again', whose: whose(chance), pick: chance(), account };
  }
  const amountMinor = BigInt(upTo(100, chance));
  const keyAgeMs = isAged && !letsMint(caller) ? ageMs(chance()) : 0;
  const reference = chance() < WITH_REFERENCE ? { reference: `order-${upTo(100, chance)}` } : {};
  if (kind < 0.58) {
    return { kind: 'deposit', account, amountMinor, keyAgeMs, ...reference };
  }
  const tooMuch = chance() < 0.1 ? 1_000_000_000n : 0n;
  const common = { account, amountMinor: amountMinor + tooMuch, keyAgeMs, ...reference };
  if (kind < 0.7) {
    return { kind: 'withdraw', ...common };
  }
  const to = payeeOf(account, chance, caller, generation);
  if (kind < 0.82) {
    return { kind: 'transfer', ...common, to };
  }
  const held = `held-${upTo(HOLD_ACCOUNTS, chance)}.${generation}`;
  if (kind < 0.86) {
    return { kind: 'deposit', account: held, amountMinor, keyAgeMs, ...reference };
  }
  const expiry = chance() < EXPIRING_SHARE ? { expiresInSeconds: upTo(EXPIRES_IN_SECONDS, chance) } : {};
  const hold = { kind: 'hold', ...common, account: held, ...expiry } as const;
  if (kind < 0.91) {
    return hold;
  }
  const withdrawal = { kind: 'withdraw', ...common, account: held } as const;
  if (kind < 0.93) {
    return withdrawal;
  }
  if (kind < 0.96) {
    const part = chance() < 0.7 ? amountMinor : undefined;
    return { kind: 'refund_one', amountMinor: part, pick: chance(), otherwise: withdrawal };
  }
  const payee = chance() < 0.4 ? account : undefined;
  return {
    kind: 'end',
    ending: chance() < 0.7 ? 'capture' : 'void',
    // A history needs the amount that the payee was paid.
    amountMinor: payee !== undefined || chance() < 0.5 ? amountMinor : undefined,
    isFinal: chance() < 0.5,
    to: payee,
    pick: chance(),
    otherwise: hold,
  };
}

/** Another account than the one that pays: most often a hot one. Some do not exist yet. */
function payeeOf(account: string, chance: () => number, caller: number, generation: number): string {
  const { account: payee } = nextAccount(chance, caller, generation);
  return payee === account ? `own-${caller + 2}.${generation}` : payee;
}

/** Ten accounts that pay each other, beside deposits to some, so that there is money. */
function nextTransfer(chance: () => number): Line {
  const number = upTo(TRANSFER_ACCOUNTS, chance);
  const other = 1 + ((number - 1 + upTo(TRANSFER_ACCOUNTS - 1, chance)) % TRANSFER_ACCOUNTS);
  const account = `pays-${number}`;
  const amountMinor = BigInt(upTo(100, chance));
  const kind = chance();
  if (kind < 0.04) {
    return { kind: 'deposit', account, amountMinor: 100n * amountMinor, keyAgeMs: 0 };
  }
  if (kind < 0.1) {
    return { kind: chance() < 0.6 ? 'retry' : 'cancel', whose: whose(chance), pick: chance(), account };
  }
  return { kind: 'transfer', account, to: `pays-${other}`, amountMinor, keyAgeMs: 0 };
}

function ageMs(dice: number): number {
  return AGES_MS.find(([below]) => dice < below)?.[1] ?? 0;
}

function whose(chance: () => number): 'own' | 'other' {
  return chance() < 0.4 ? 'own' : 'other';
}

/** One of the accounts that all callers share, the last of which is used with old keys, or the caller's own. */
function nextAccount(
  chance: () => number,
  caller: number,
  generation: number,
): { account: string; isAged: boolean } {
  const isHot = chance() < HOT_SHARE;
  const number = isHot ? upTo(HOT_ACCOUNTS, chance) : caller + 1;
  const isAged = isHot ? number === HOT_ACCOUNTS : caller % 2 === 1;
  return { account: `${isHot ? 'hot' : 'own'}-${number}.${generation}`, isAged };
}
