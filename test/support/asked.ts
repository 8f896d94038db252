import type { Subject } from '../../functions/bank/append.ts';
import type { BatchCall } from '../../functions/bank/batch.ts';
import type { Intent } from '../../functions/bank/decide.ts';
import type { Asked, StatusChange } from '../../functions/bank/entry.ts';

type Amount = bigint | number;
type Cash = BatchCall['asked'];

/** The members that differ from the usual ones. */
type Others<Operation extends Asked['operation']> = Partial<Extract<Asked, { operation: Operation }>>;

/** A call. By default its caller may retry it with the same key. */
export function intentOf<Own extends Asked>(
  { account, key }: Subject,
  asked: Own,
  mayRetry = true,
): Extract<Intent, { kind: 'execute' }> & { readonly asked: Own } {
  return { kind: 'execute', account, key, mayRetry, asked };
}

export const depositOf = (amount: Amount, others: Others<'deposit'> = {}): Cash => ({
  ...{ operation: 'deposit', amountMinor: BigInt(amount), mustExist: false, reference: undefined },
  ...others,
});

export const withdrawalOf = (amount: Amount, reference?: string): Cash => ({
  ...{ operation: 'withdraw', amountMinor: BigInt(amount), reference },
});

export const transferOf = (to: string, amount: Amount, reference?: string): Asked => ({
  ...{ operation: 'transfer', amountMinor: BigInt(amount), to, reference },
});

export const holdOf = (amount: Amount, expiresInSeconds = 3600): Asked => ({
  ...{ operation: 'hold', amountMinor: BigInt(amount), expiresInSeconds, reference: undefined },
});

/** The capture of all that a hold has, which leaves the bank and ends the hold. */
export const captureOf = (hold: string, others: Others<'capture'> = {}): Asked => ({
  ...{
    operation: 'capture',
    hold,
    amountMinor: undefined,
    isFinal: true,
    to: undefined,
    reference: undefined,
  },
  ...others,
});

export const voidOf = (hold: string): Asked => ({ operation: 'void', hold, reference: undefined });

/** The refund of a part of a call, or of all that was not refunded before. */
export const refundOf = (call: string, amount?: Amount): Asked => ({
  ...{ operation: 'refund', call, reference: undefined },
  amountMinor: amount === undefined ? undefined : BigInt(amount),
});

/** A change of the sides that it names. */
export const statusOf = (sides: Partial<StatusChange>): Asked => ({
  ...{ operation: 'setStatus', debits: undefined, credits: undefined, reference: undefined },
  ...sides,
});
