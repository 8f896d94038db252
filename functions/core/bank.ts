import type { Call, Recorded, Subject } from './account.ts';
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

/** The bank, free of HTTP: plain data in, plain data out, time handed in. */
export interface Bank {
  /** Deposits or withdraws, once for ever, and says what the call was answered. Gives back replies in the same write. */
  move(call: Call, acknowledge: readonly string[], signal: AbortSignal): Promise<Outcome>;
  /** Makes sure that a key never executes, or tells what has come of it. */
  cancel(subject: Subject, signal: AbortSignal): Promise<Outcome>;
  /** The balance in minor units, or undefined for an account that nobody has deposited to. */
  balance(account: string, signal: AbortSignal): Promise<bigint | undefined>;
  /** What is recorded under a key, or undefined when this Region knows of nothing. */
  recorded(subject: Subject, signal: AbortSignal): Promise<Recorded | undefined>;
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
    recorded: async (subject, signal) =>
      (await store.read(subject.account, signal))?.recorded.get(subject.key) ??
      store.readArchived(subject, signal),
    acknowledge: (account, keys, signal) => acknowledge(store, account, keys, signal),
    checkHealth: (signal) => store.checkHealth(signal),
  };
}

/**
 * Only a key of the present may be executed. One from the future, by this clock, may have been taken by the other Region
 * whose clock is a little ahead; one older than the retention may have been executed and forgotten, and one older than a
 * restored bank may have been executed by the bank that was lost. All are answered from the record if there is one.
 */
function settleInTime(
  store: Store,
  intent: Intent,
  { nowMs, keysNotBeforeMs }: { nowMs: number; keysNotBeforeMs: number },
  signal: AbortSignal,
): Promise<Settled> {
  const keyMs = keyTimeMs(intent.call.key);
  if (keyMs > nowMs + MAX_KEY_AHEAD_MS) {
    return settleWithoutWriting(store, intent, 'key_in_future', signal);
  }
  if (keyMs < Math.max(nowMs - RETENTION_MS, keysNotBeforeMs)) {
    return settleWithoutWriting(store, intent, 'key_expired', signal);
  }
  return settle(store, intent, signal);
}
