import {
  type BankClient,
  OutcomeUnknownError,
  type RefusalCode,
  RefusedError,
  UnavailableError,
} from '../index.ts';

/** A deposit or withdrawal. */
export interface Move {
  readonly kind: 'deposit' | 'withdraw';
  readonly account: string;
  readonly amountMinor: bigint;
  readonly reference?: string;
  /** Absent when the client is to mint it. */
  readonly key?: string;
}

/** What a bank is called for. */
export type Call = Move | { readonly kind: 'balance'; readonly account: string };

/** How a call ended. */
export type Outcome =
  /** Of a balance: it was answered. `sequence` is the number of the entry, where the answer has one. */
  | { readonly kind: 'executed'; readonly balanceMinor: bigint; readonly sequence?: number }
  /** Nothing was moved. A call whose key was cancelled ends here too. */
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly detail: string }
  /** No Region answered, and nothing was moved for certain. */
  | { readonly kind: 'not_executed' }
  | { readonly kind: 'unknown' };

export interface Answer {
  readonly outcome: Outcome;
  /** Region that answered; undefined when none did. */
  readonly region: string | undefined;
  readonly key: string | undefined;
  /** True when it was recorded under the key before, so that the attempt that was answered changed nothing. */
  readonly replayed: boolean;
}

/** Makes a call. Every way in which a call can end is an answer; any other error is a defect, and is thrown. */
export async function send(client: BankClient, call: Call): Promise<Answer> {
  try {
    if (call.kind === 'balance') {
      const { balance, region } = await client.balance(call.account);
      return {
        outcome: { kind: 'executed', balanceMinor: balance },
        region,
        key: undefined,
        replayed: false,
      };
    }
    const { kind, account, amountMinor, ...options } = call;
    const { balance, sequence, ...told } = await client[kind](account, amountMinor, options);
    const { region, key, replayed } = told;
    return { outcome: { kind: 'executed', balanceMinor: balance, sequence }, region, key, replayed };
  } catch (error) {
    return answerFrom(error);
  }
}

/** Closes a key: its call was executed or refused before, or it never executes. */
export async function cancel(client: BankClient, account: string, key: string): Promise<Answer> {
  try {
    const found = await client.cancel(account, key);
    const { region } = found;
    switch (found.outcome) {
      case 'executed': {
        const { balance, sequence } = found;
        const outcome = { kind: 'executed', balanceMinor: balance, sequence } as const;
        return { outcome, region, key, replayed: true };
      }
      case 'refused': {
        const outcome = { kind: 'refused', code: found.code, detail: found.detail } as const;
        return { outcome, region, key, replayed: true };
      }
      case 'cancelled':
        return { outcome: { kind: 'refused', code: 'cancelled', detail: '' }, region, key, replayed: false };
    }
  } catch (error) {
    // A bank that was restored never executes the key, and does not know what the bank before it did with it.
    if (error instanceof RefusedError && error.code === 'key_expired') {
      return { outcome: { kind: 'unknown' }, region: undefined, key, replayed: false };
    }
    return answerFrom(error);
  }
}

/** The outcome that an error of the client stands for. Throws every other error. */
export function answerFrom(error: unknown): Answer {
  if (error instanceof RefusedError) {
    const { code, message, region, key, replayed } = error;
    return { outcome: { kind: 'refused', code, detail: message }, region, key, replayed };
  }
  if (error instanceof UnavailableError) {
    return { outcome: { kind: 'not_executed' }, region: undefined, key: error.key, replayed: false };
  }
  if (error instanceof OutcomeUnknownError) {
    return { outcome: { kind: 'unknown' }, region: undefined, key: error.key, replayed: false };
  }
  throw error;
}
