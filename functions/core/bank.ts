import type { Call, RecordedCall } from './account.ts';
import { type Answer, answerFromRecord, type Change, decide } from './decide.ts';
import { keyTimeMs } from './key.ts';
import { MAX_KEY_AHEAD_MS, MAX_REMEMBERED_REPLIES, MAX_WRITES_PER_ATTEMPT } from './limits.ts';
import { type Store, StoreUnavailableError } from './store.ts';

/** The bank, free of HTTP: plain data in, plain data out, time handed in. */
export interface Bank {
  /** Deposits or withdraws, once for ever, and says what the call was answered. */
  move(call: Call, signal: AbortSignal): Promise<Answer>;
  /** The balance in minor units, or undefined for an account that nobody has deposited to. */
  balance(account: string, signal: AbortSignal): Promise<bigint | undefined>;
  /** The reply recorded under a key, or undefined when this Region knows of none. */
  recordedCall(account: string, key: string, signal: AbortSignal): Promise<RecordedCall | undefined>;
  /** Resolves when a strong read works. */
  checkHealth(signal: AbortSignal): Promise<void>;
}

/** Makes a bank over a store. `nowMs` is the clock that keys are held against. */
export function createBank(store: Store, nowMs: () => number): Bank {
  return {
    move: (call, signal) =>
      keyTimeMs(call.key) > nowMs() + MAX_KEY_AHEAD_MS
        ? answerFutureKey(store, call, signal)
        : move(store, call, signal),
    balance: async (account, signal) => (await store.read(account, signal))?.balanceMinor,
    recordedCall: async (account, key, signal) =>
      (await store.read(account, signal))?.recorded.get(key) ?? store.readArchived(account, key, signal),
    checkHealth: (signal) => store.checkHealth(signal),
  };
}

/**
 * Writes first and asks afterwards: the common call is one write and no read. Only a failed condition makes the bank
 * think, and it thinks about the item that the failure carried.
 */
async function move(store: Store, call: Call, signal: AbortSignal): Promise<Answer> {
  let change: Change = { kind: 'execute', call, liftFullMark: false };
  for (let writes = 0; writes < MAX_WRITES_PER_ATTEMPT; writes += 1) {
    const result = await store.write(change, signal);
    if (result.written) {
      if (result.account.recorded.size >= MAX_REMEMBERED_REPLIES) {
        await markFull(store, call.account, signal);
      }
      return { kind: 'replied', recorded: recordOf(result.account.recorded, call), replayed: false };
    }
    const decision = decide(result.account, call);
    switch (decision.kind) {
      case 'answer':
        return decision.answer;
      case 'look_in_archive':
        return answerFromArchive(store, call, signal);
      case 'write':
        change = decision.change;
    }
  }
  throw new StoreUnavailableError('no', `the account changed under each of ${MAX_WRITES_PER_ATTEMPT} writes`);
}

/**
 * A key from the future is not executed, but a reply recorded under it is given: the other Region's clock may have been
 * a little ahead of this one's when it took the call.
 */
async function answerFutureKey(store: Store, call: Call, signal: AbortSignal): Promise<Answer> {
  const account = await store.read(call.account, signal);
  const recorded = account?.recorded.get(call.key);
  return recorded === undefined
    ? { kind: 'turned_away', code: 'key_in_future' }
    : answerFromRecord(recorded, call);
}

/** At or below the watermark nothing is ever executed: the archive answers, or nobody does. */
async function answerFromArchive(store: Store, call: Call, signal: AbortSignal): Promise<Answer> {
  const recorded = await store.readArchived(call.account, call.key, signal);
  return recorded === undefined
    ? { kind: 'turned_away', code: 'key_expired' }
    : answerFromRecord(recorded, call);
}

/**
 * Marking is housekeeping for the calls to come. When it fails, the caller still gets the answer to a call that has
 * been executed, and the next write on the account marks again.
 */
async function markFull(store: Store, account: string, signal: AbortSignal): Promise<void> {
  try {
    await store.markFull(account, signal);
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) {
      throw error;
    }
  }
}

function recordOf(recorded: ReadonlyMap<string, RecordedCall>, call: Call): RecordedCall {
  const own = recorded.get(call.key);
  if (own === undefined) {
    throw new Error(`the store wrote ${call.key} and gave back an account without it`);
  }
  return own;
}
