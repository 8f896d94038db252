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

/** A call that has a key. */
export type LoadMove = {
  readonly account: string;
  readonly reference?: string;
  /** Absent if the client mints it. */
  readonly key?: string;
} & (
  | { readonly kind: 'deposit' | 'withdraw'; readonly amountMinor: bigint }
  | { readonly kind: 'transfer'; readonly amountMinor: bigint; readonly to: string }
  | { readonly kind: 'hold'; readonly amountMinor: bigint; readonly expiresInSeconds?: number }
  | {
      readonly kind: 'capture';
      readonly hold: string;
      /** Absent to capture all that remains. */
      readonly amountMinor?: bigint;
      readonly final?: boolean;
      /** Absent if the money leaves the bank. */
      readonly to?: string;
    }
  | { readonly kind: 'void'; readonly hold: string }
  /** Refunds a withdrawal of the account, or a capture that took money out of the bank. */
  | { readonly kind: 'refund'; readonly call: string; readonly amountMinor: bigint }
  | { readonly kind: 'setStatus'; readonly debits?: Side; readonly credits?: Side }
);

/** A call to the bank. */
export type Call = LoadMove | { readonly kind: 'balance'; readonly account: string };

/** True if no other account takes part and nothing is held: then every change of the balance has an answer. */
export function isPlain({ kind }: Call): boolean {
  return kind === 'deposit' || kind === 'withdraw' || kind === 'setStatus' || kind === 'balance';
}

/** The call was executed, or the balance was read. */
export interface Executed {
  readonly kind: 'executed';
  readonly balanceMinor: bigint;
  /** What is held in addition to the balance, if the answer says so. */
  readonly heldMinor?: bigint;
  /** Number of the entry, if the answer has one. */
  readonly sequence?: number;
  /** What was captured, released by a void, or refunded. */
  readonly amountMinor?: bigint;
}

/** How a call ended. */
export type CallOutcome =
  | Executed
  /** Nothing was moved. A call whose key was cancelled is refused, too. */
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly detail: string }
  /** No Region answered, and certainly nothing was moved. */
  | { readonly kind: 'not_executed' }
  | { readonly kind: 'unknown' };

export interface Answer {
  readonly outcome: CallOutcome;
  /** Region that answered; undefined if none did. */
  readonly region: string | undefined;
  readonly key: string | undefined;
  /** True if it was already recorded under the key, so the answered attempt changed nothing. */
  readonly replayed: boolean;
}

/** Makes a call. Refusals and missing answers are outcomes; any other error is a defect, and is thrown. */
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

/** Cancels a key, or learns how its call ended before. */
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
    // A recovered bank never executes the key, but does not know whether the bank before it did.
    if (error instanceof RefusedError && error.code === 'key_expired') {
      return { outcome: { kind: 'unknown' }, region: undefined, key, replayed: false };
    }
    return answerFrom(error);
  }
}

/** Converts an error of the client to an answer. Throws every other error. */
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

/** A call, and how it ended. */
export interface CallRecord {
  readonly call: Call;
  /** Undefined for a balance. If the client mints the key, it is undefined until the answer comes. */
  readonly key: string | undefined;
  readonly startedMs: number;
  /** Undefined while it is under way. */
  readonly durationMs: number | undefined;
  /** The outcome that the caller knows; `unknown` until the answer comes. */
  readonly outcome: CallOutcome;
  /** The outcome that was found out later, if it was unknown. */
  readonly resolved: CallOutcome | undefined;
  /** Region that answered, or that resolved it. */
  readonly region: string | undefined;
  /** Name of the endpoint that answered the caller; undefined if none did, or if it is not known. */
  readonly endpoint: string | undefined;
  /** True if an attempt at one endpoint failed, and another endpoint answered. */
  readonly failedOver: boolean;
}

export type MoveRecord = CallRecord & { readonly call: LoadMove };
