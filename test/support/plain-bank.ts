import type { CashMove } from '../../client/contract/operations.ts';
import type { Subject } from '../../functions/bank/append.ts';
import { type Bank, createBank } from '../../functions/bank/bank.ts';
import type { BatchCall } from '../../functions/bank/batch.ts';
import type { Intent } from '../../functions/bank/decide.ts';
import type { KeyAnswer } from '../../functions/bank/execute.ts';
import type { Store } from '../../functions/bank/store.ts';
import { depositOf, intentOf, withdrawalOf } from './asked.ts';

/** A bank whose calls return only their answer, after turning any page that is due. */
export interface PlainBank extends Omit<Bank, 'execute' | 'executeBatch' | 'balance'> {
  execute(intent: Intent, signal: AbortSignal): Promise<KeyAnswer>;
  executeBatch(account: string, calls: readonly BatchCall[], signal: AbortSignal): Promise<void>;
  balance(account: string, signal: AbortSignal): Promise<bigint | undefined>;
}

export function plainBank(store: Store, nowMs: () => number, keysNotBeforeMs = 0): PlainBank {
  const bank = createBank({ store, nowMs, keysNotBeforeMs });
  return {
    ...bank,
    balance: async (account, signal) => (await bank.balance(account, signal))?.balanceMinor,
    execute: async (intent, signal) => {
      const { answer, remaining } = await bank.execute(intent, signal);
      await remaining?.done;
      return answer;
    },
    executeBatch: async (account, calls, signal) => {
      const { remaining } = await bank.executeBatch({ account, calls }, signal);
      await remaining?.done;
    },
  };
}

/** A deposit or a withdrawal under a key. */
export function callOf(
  subject: Subject,
  operation: CashMove,
  amountMinor: bigint,
  others: { reference?: string | undefined; mustExist?: boolean; mayRetry?: boolean } = {},
): BatchCall {
  const { mayRetry = true, reference, mustExist = false } = others;
  const asked =
    operation === 'deposit'
      ? depositOf(amountMinor, { reference, mustExist })
      : withdrawalOf(amountMinor, reference);
  return intentOf(subject, asked, mayRetry);
}

/** The cancellation of a key. */
export function cancelOf({ account, key }: Subject): Intent {
  return { kind: 'cancel', account, key, mayRetry: true };
}

/** The balance in an answer, or the code of its refusal. */
export function outcomeOf(answer: KeyAnswer): bigint | string {
  if (answer.kind !== 'recorded') {
    return answer.kind === 'rejected' ? answer.code : answer.kind;
  }
  const { entry, balanceMinor } = answer.line;
  if (answer.returned !== undefined) {
    return answer.returned;
  }
  if (entry.body.kind === 'refused') {
    return entry.body.code;
  }
  return entry.body.kind === 'executed' ? balanceMinor : entry.body.kind;
}
