import {
  type BankClient,
  type ExecutedReceipt,
  type Moved,
  OutcomeUnknownError,
  type RefusalCode,
  RefusedError,
  type Side,
  UnavailableError,
} from '../index.ts';

/** A call that moves or holds money. */
export type LoadMove = {
  readonly account: string;
  readonly reference?: string;
  /** Absent when the client is to mint it. */
  readonly key?: string;
} & (
  | { readonly kind: 'deposit' | 'withdraw'; readonly amountMinor: bigint }
  | { readonly kind: 'transfer'; readonly amountMinor: bigint; readonly to: string }
  | { readonly kind: 'hold'; readonly amountMinor: bigint; readonly expiresInSeconds?: number }
  | {
      readonly kind: 'capture';
      readonly hold: string;
      /** Absent for all that remains. */
      readonly amountMinor?: bigint;
      readonly final?: boolean;
      /** Absent where the money leaves the bank. */
      readonly to?: string;
    }
  | { readonly kind: 'void'; readonly hold: string }
  /** Of a withdrawal of the account, or of a capture that paid no other account. */
  | { readonly kind: 'refund'; readonly call: string; readonly amountMinor: bigint }
  | { readonly kind: 'setStatus'; readonly debits?: Side; readonly credits?: Side }
);

/** What a bank is called for. */
export type Call = LoadMove | { readonly kind: 'balance'; readonly account: string };

/** True where no other account takes part, and nothing is held: each answer then has the balance that it led to. */
export function isPlain({ kind }: Call): boolean {
  return kind === 'deposit' || kind === 'withdraw' || kind === 'setStatus' || kind === 'balance';
}

/** It was executed; of a balance: it was answered. */
export interface Executed {
  readonly kind: 'executed';
  readonly balanceMinor: bigint;
  /** What is held beside the balance, where the answer says so. */
  readonly heldMinor?: bigint;
  /** Number of the entry, where the answer has one. */
  readonly sequence?: number;
  /** What was captured, released by a void, or refunded. */
  readonly amountMinor?: bigint;
}

/** How a call ended. */
export type CallOutcome =
  | Executed
  /** Nothing was moved. A call whose key was cancelled ends here too. */
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly detail: string }
  /** No Region answered, and nothing was moved for certain. */
  | { readonly kind: 'not_executed' }
  | { readonly kind: 'unknown' };

export interface Answer {
  readonly outcome: CallOutcome;
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
      const { balance, held, region } = await client.balance(call.account);
      const outcome = { kind: 'executed', balanceMinor: balance, heldMinor: held } as const;
      return { outcome, region, key: undefined, replayed: false };
    }
    const moved = await make(client, call);
    const { region, key, replayed } = moved;
    return { outcome: executed(moved), region, key, replayed };
  } catch (error) {
    return answerFrom(error);
  }
}

function make(client: BankClient, call: LoadMove): Promise<Moved> {
  switch (call.kind) {
    case 'deposit':
    case 'withdraw':
      return client[call.kind](call.account, call.amountMinor, call);
    case 'transfer':
      return client.transfer(call.account, call.to, call.amountMinor, call);
    case 'hold':
      return client.hold(call.account, call.amountMinor, call);
    case 'capture': {
      const { account, hold, amountMinor, ...options } = call;
      const amount = amountMinor === undefined ? {} : { amount: amountMinor };
      return client.capture(account, hold, { ...options, ...amount });
    }
    case 'void':
      return client.void(call.account, call.hold, call);
    case 'refund': {
      const { account, call: refunded, amountMinor, ...options } = call;
      return client.refund(account, refunded, { ...options, amount: amountMinor });
    }
    case 'setStatus':
      return client.setStatus(call.account, call, call);
  }
}

function executed({ balance, sequence, held, amount }: ExecutedReceipt): Executed {
  return {
    kind: 'executed',
    balanceMinor: balance,
    sequence,
    ...(held === undefined ? {} : { heldMinor: held }),
    ...(amount === undefined ? {} : { amountMinor: amount }),
  };
}

/** Closes a key: its call was executed or refused before, or it never executes. */
export async function cancel(client: BankClient, account: string, key: string): Promise<Answer> {
  try {
    const found = await client.cancel(account, key);
    const { region } = found;
    switch (found.outcome) {
      case 'executed':
        return { outcome: executed(found), region, key, replayed: true };
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

/** The answer that an error of the client means. Throws every other error. */
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
