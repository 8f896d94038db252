import { toAccount, toAmountMinor, toEntryKey, toKey, toReference } from './amount.ts';
import type { Status } from './answers.ts';
import type {
  CaptureOptions,
  DepositOptions,
  HoldOptions,
  MoveOptions,
  RefundOptions,
} from './call-options.ts';
import { MAX_EXPIRES_IN_SECONDS, STATUS, TRANSFER_TO_ITSELF } from './contract/formats.ts';
import type { Move } from './contract/operations.ts';
import { InvalidArgumentError } from './errors.ts';
import { count } from './options.ts';
import { MOVED, SIDES } from './read-answer.ts';
import * as field from './read-field.ts';

/**
 * The calls that have a key: what each sends, and how its answer is read. Each function checks its arguments, and throws
 * {@link InvalidArgumentError} for one that the bank would not accept.
 */

/** A call that has a key: the names in its path, its body, and how its answer is read. */
export interface MoveCall<Answer> {
  readonly operation: Move;
  readonly names: {
    readonly account: string;
    readonly to?: string;
    readonly hold?: string;
    readonly call?: string;
  };
  /** Members that are undefined are not sent. */
  readonly body: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly read: (body: unknown) => Answer;
}

const VOIDED = { ...MOVED, held: field.balance, hold: field.key, amount: field.amount };

export const readMoved = field.objectOf(MOVED);
export const readTransferred = field.objectOf({ ...MOVED, to: field.account });
export const readHeld = field.objectOf({ ...MOVED, held: field.balance, expiresAt: field.time });
export const readVoided = field.objectOf(VOIDED);
export const readCaptured = field.objectOf({ ...VOIDED, to: field.optional(field.account) });
export const readRefunded = field.objectOf({
  ...MOVED,
  call: field.entryKey,
  amount: field.amount,
  to: field.optional(field.account),
});
export const readStatusSet = field.objectOf({ ...MOVED, ...SIDES });

/** Reads the answer to any executed call: its members show which call it was. */
export function readExecuted(body: unknown) {
  const { hold, expiresAt, to, call, debits, credits } = field.fieldsOf(body);
  if (call !== undefined) {
    return readRefunded(body);
  }
  if (debits !== undefined || credits !== undefined) {
    return readStatusSet(body);
  }
  if (hold !== undefined) {
    // The answer to a void has the same members, but never `to`.
    return readCaptured(body);
  }
  if (expiresAt !== undefined) {
    return readHeld(body);
  }
  return to === undefined ? readMoved(body) : readTransferred(body);
}

type Amount = bigint | number;

export function depositOf(account: string, amount: Amount, options: DepositOptions) {
  const names = { account: toAccount(account) };
  const body = { ...amountOf(amount, options), mustExist: options.mustExist || undefined };
  return { operation: 'deposit', names, body, read: readMoved } as const;
}

export function withdrawalOf(account: string, amount: Amount, options: MoveOptions) {
  const names = { account: toAccount(account) };
  return { operation: 'withdraw', names, body: amountOf(amount, options), read: readMoved } as const;
}

export function transferOf(account: string, to: string, amount: Amount, options: MoveOptions) {
  const names = { account: toAccount(account), to: destinationOf(account, to) };
  return { operation: 'transfer', names, body: amountOf(amount, options), read: readTransferred } as const;
}

export function holdOf(account: string, amount: Amount, options: HoldOptions) {
  const names = { account: toAccount(account) };
  const { expiresInSeconds: seconds } = options;
  const expiresInSeconds =
    seconds === undefined ? undefined : count('expiresInSeconds', seconds, MAX_EXPIRES_IN_SECONDS);
  const body = { ...amountOf(amount, options), expiresInSeconds };
  return { operation: 'hold', names, body, read: readHeld } as const;
}

export function captureOf(account: string, hold: string, options: CaptureOptions) {
  const { final, to } = options;
  const names = { account: toAccount(account), hold: toKey(hold) };
  const body = { ...partOf(options), final };
  return to === undefined
    ? ({ operation: 'capture', names, body, read: readCaptured } as const)
    : ({
        operation: 'captureTo',
        names: { ...names, to: destinationOf(account, to) },
        body,
        read: readCaptured,
      } as const);
}

export function voidOf(account: string, hold: string, options: MoveOptions) {
  const names = { account: toAccount(account), hold: toKey(hold) };
  return { operation: 'void', names, body: { reference: referenceOf(options) }, read: readVoided } as const;
}

export function refundOf(account: string, call: string, options: RefundOptions) {
  const names = { account: toAccount(account), call: toEntryKey(call) };
  return { operation: 'refund', names, body: partOf(options), read: readRefunded } as const;
}

export function statusOf(account: string, status: Status, options: MoveOptions) {
  const names = { account: toAccount(account) };
  // A caller in plain JavaScript may leave the status out.
  const { debits, credits }: Status = status ?? {};
  const given = [debits, credits].filter((side) => side !== undefined);
  if (given.length === 0 || given.some((side) => side !== 'open' && side !== 'frozen')) {
    throw new InvalidArgumentError(`status: ${STATUS}. Nothing was sent.`);
  }
  const body = { debits, credits, reference: referenceOf(options) };
  return { operation: 'setStatus', names, body, read: readStatusSet } as const;
}

function amountOf(amount: Amount, options: MoveOptions) {
  return { amount: String(toAmountMinor(amount)), reference: referenceOf(options) };
}

/** An optional amount: without it, the call takes all that there is. */
function partOf({ amount, ...options }: RefundOptions) {
  return amount === undefined ? { reference: referenceOf(options) } : amountOf(amount, options);
}

function referenceOf({ reference }: MoveOptions): string | undefined {
  return reference === undefined ? undefined : toReference(reference);
}

function destinationOf(account: string, to: string): string {
  if (account === to) {
    throw new InvalidArgumentError(`to: ${TRANSFER_TO_ITSELF}. Nothing was sent.`);
  }
  return toAccount(to);
}
