import { type Call, isBelowWatermark, type Recorded, type Subject } from './account.ts';
import type { Answer, Intent } from './decide.ts';
import { acknowledge, type Housekeeping, keepHouse } from './housekeeping.ts';
import { keyTimeMs } from './key.ts';
import { MAX_KEY_AHEAD_MS, RETENTION_MS } from './limits.ts';
import { type Settled, settle, settleWithoutWriting } from './settle.ts';
import type { Store } from './store.ts';

/** What a call was answered, and what was done beside it. */
export interface Outcome extends Housekeeping {
  readonly answer: Answer;
  /** True when a write of the call may still arrive, so that its reply must not be given back. */
  readonly mayStillBeWritten: boolean;
}

/**
 * What this Region knows of a key. `none` is certain: replies leave an account only below its watermark, or when their
 * caller gives them back. `forgotten` is not: below the watermark the archive knows, and it may lag behind the other Region's.
 */
export type Known =
  | { readonly kind: 'recorded'; readonly recorded: Recorded }
  | { readonly kind: 'none' }
  | { readonly kind: 'forgotten' };

/** The bank, free of HTTP: plain data in, plain data out, time handed in. */
export interface Bank {
  /** Deposits or withdraws, once for ever, and says what the call was answered. Gives back replies in the same write. */
  move(call: Call, acknowledge: readonly string[], signal: AbortSignal): Promise<Outcome>;
  /** Makes sure that a key never executes, or tells what has come of it. */
  cancel(subject: Subject, signal: AbortSignal): Promise<Outcome>;
  /** The balance in minor units, or undefined for an account that nobody has deposited to. */
  balance(account: string, signal: AbortSignal): Promise<bigint | undefined>;
  /** What has come of a key so far. Changes nothing. */
  outcome(subject: Subject, signal: AbortSignal): Promise<Known>;
  /** Forgets replies that their caller has. Does nothing for keys that are not there. */
  acknowledge(account: string, keys: readonly string[], signal: AbortSignal): Promise<void>;
  /** Resolves when a strong read works. */
  checkHealth(signal: AbortSignal): Promise<void>;
}

/**
 * Makes a bank over a store. `nowMs` is the clock that keys are held against. Keys minted before `keysNotBeforeMs` are
 * never executed; a restored bank is given the time of its restoration.
 */
export function createBank(store: Store, nowMs: () => number, keysNotBeforeMs = 0): Bank {
  const perform = async (intent: Intent, signal: AbortSignal): Promise<Outcome> => {
    const settled = await settleInTime(store, intent, { nowMs: nowMs(), keysNotBeforeMs }, signal);
    const { answer, mayStillBeWritten } = settled;
    return { answer, mayStillBeWritten, ...(await keepHouse(store, intent, settled, nowMs(), signal)) };
  };
  return {
    move: (call, keys, signal) => perform({ kind: 'move', call, acknowledge: keys }, signal),
    cancel: (call, signal) => perform({ kind: 'cancel', call, acknowledge: [] }, signal),
    balance: async (account, signal) => (await store.read(account, signal))?.balanceMinor,
    outcome: async (subject, signal) => {
      const account = await store.read(subject.account, signal);
      const isOld =
        isPast(subject.key, { nowMs: nowMs(), keysNotBeforeMs }) || isBelowWatermark(subject.key, account);
      const recorded =
        account?.recorded.get(subject.key) ?? (isOld ? await store.readArchived(subject, signal) : undefined);
      return recorded === undefined ? { kind: isOld ? 'forgotten' : 'none' } : { kind: 'recorded', recorded };
    },
    acknowledge: (account, keys, signal) => acknowledge(store, account, keys, signal),
    checkHealth: (signal) => store.checkHealth(signal),
  };
}

/**
 * Only a key of the present may be executed. One from the future, by this clock, may have been taken by the other Region
 * whose clock is a little ahead; one older than the retention may have been executed and forgotten, and one older than a
 * restored bank may have been executed by the bank that was lost. All are answered from the record if there is one.
 */
function settleInTime(store: Store, intent: Intent, clock: Clock, signal: AbortSignal): Promise<Settled> {
  const { key } = intent.call;
  if (keyTimeMs(key) > clock.nowMs + MAX_KEY_AHEAD_MS) {
    return settleWithoutWriting(store, intent, 'key_in_future', signal);
  }
  if (isPast(key, clock)) {
    return settleWithoutWriting(store, intent, 'key_expired', signal);
  }
  return settle(store, intent, signal);
}

/** The time that keys are held against. */
interface Clock {
  readonly nowMs: number;
  readonly keysNotBeforeMs: number;
}

/** True for a key that may have been executed and forgotten since, whatever the account says. */
function isPast(key: string, { nowMs, keysNotBeforeMs }: Clock): boolean {
  return keyTimeMs(key) < Math.max(nowMs - RETENTION_MS, keysNotBeforeMs);
}
