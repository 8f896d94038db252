import { chanceOfClient, upTo } from '../../../client/load/workload.ts';
import type { NewCall } from './messages.ts';

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
    };

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
/** One in this many callers lets its client mint the keys, and so keeps none for later. */
const MINTS_EVERY = 4;

/** True for a caller whose client mints its keys. */
export function letsMint(caller: number): boolean {
  return caller % MINTS_EVERY === MINTS_EVERY - 1;
}

/** The lines of one caller, without end. The same for the same seed and number; callers do not depend on each other. */
export function openScript(seed: number, caller: number): () => Line {
  const chance = chanceOfClient(seed, caller + 1);
  let count = 0;
  return () => {
    const generation = 1 + Math.floor(count / CALLS_PER_GENERATION);
    count += 1;
    return nextLine(chance, caller, generation);
  };
}

function nextLine(chance: () => number, caller: number, generation: number): Line {
  const { account, isAged } = nextAccount(chance, caller, generation);
  const kind = chance();
  if (kind < 0.2) return { kind: 'balance', account };
  if (kind < 0.32) {
    return { kind: chance() < 0.6 ? 'retry' : 'cancel', whose: whose(chance), pick: chance(), account };
  }
  if (kind < 0.36) return { kind: 'again', whose: whose(chance), pick: chance(), account };
  const amountMinor = BigInt(upTo(100, chance));
  const keyAgeMs = isAged && !letsMint(caller) ? ageMs(chance()) : 0;
  const reference = chance() < WITH_REFERENCE ? { reference: `order-${upTo(100, chance)}` } : {};
  if (kind < 0.7) return { kind: 'deposit', account, amountMinor, keyAgeMs, ...reference };
  const tooMuch = chance() < 0.1 ? 1_000_000_000n : 0n;
  return { kind: 'withdraw', account, amountMinor: amountMinor + tooMuch, keyAgeMs, ...reference };
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
