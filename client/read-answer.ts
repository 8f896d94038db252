import {
  ACCOUNT,
  AMOUNT,
  BALANCE,
  CHANGE,
  ENTRY_KEY,
  type Format,
  KEY,
  REFERENCE,
  TIMESTAMP,
} from './contract/formats.ts';
import { HEADERS } from './contract/operations.ts';

/**
 * Readers of the bank's answers. They take what the schemas of `contract/schemas.ts` take, and throw at everything else; tests
 * hold the two side by side. Fields that a later bank may add are passed over.
 */

/** A recorded reply: the status and the body that a call was answered with. */
export interface RecordedReply {
  readonly status: number;
  readonly body: unknown;
}

/** An RFC 9457 problem, as much of it as the client goes by. */
export interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly executed: false | undefined;
}

/** What a call left in the account's book. */
export interface Receipt {
  /** Balance right after the call, in minor units. A retry is given this one again, not the present one. */
  readonly balance: bigint;
  /** Number of the call's entry in the account's statement: the first one has 1, and none is left out. */
  readonly sequence: number;
  /** Time of that entry, by the clock of the function that wrote it. */
  readonly at: Date;
}

/** What the answer to an executed call has beside its receipt: of a transfer `to`, of a hold and its captures the others. */
export interface ExecutedReceipt extends Receipt {
  /** Account that the money went to, of a transfer, or of a capture for another account. */
  readonly to?: string;
  /** What is held of the account right after the call, in minor units. */
  readonly held?: bigint;
  /** When the hold expires. */
  readonly expiresAt?: Date;
  /** The hold that was captured or voided: the key that made it. */
  readonly hold?: string;
  /** The call that was refunded: its key in the statement. */
  readonly call?: string;
  /** What was captured, released or refunded, in minor units. */
  readonly amount?: bigint;
  /** What was refunded of this call until it was asked, in minor units. Absent when nothing. */
  readonly refunded?: bigint;
  /** What debits became, of a change of status. */
  readonly debits?: Side;
  /** What credits became, of a change of status. */
  readonly credits?: Side;
}

/** Whether money may leave an account (debits), or come in (credits). */
export type Side = 'open' | 'frozen';

/** An open hold of an account. `JSON.stringify` writes its amounts as strings of digits. */
export interface Hold {
  /** Name of the hold: the key that made it. */
  readonly hold: string;
  /** What was held at first, in minor units. */
  readonly amount: bigint;
  /** What can still be captured, in minor units. */
  readonly remaining: bigint;
  /** When it expires, and its money is part of the balance again. */
  readonly expiresAt: Date;
  /** The caller's own words for the hold, if it gave some. */
  readonly reference?: string;
}

/** One entry of an account's statement. `JSON.stringify` writes its amounts as strings of digits. */
export interface Entry extends Receipt {
  /** Key of the call, or one that the bank made. */
  readonly key: string;
  /**
   * `deposit`, `withdrawal`. Of a transfer: `transfer` and `settled`, or `returned`, on the account that pays, `credit` on the other
   * one. Of a hold: `hold`, `capture`, `void`, `expired`. Of a refund: `refund` and
   * `refunded`, or `returned`. `status` where the account was frozen or opened. With `refusals` also `refused` and `cancelled`, which moved nothing. A later
   * bank may have more: `change` and `heldChange` tell of all of them what they moved.
   */
  readonly type: string;
  /** Why a `refused` call was refused, or the money of a transfer `returned`. */
  readonly code?: string;
  /** Amount that was asked for, captured or released, in minor units; a cancellation has none. */
  readonly amount?: bigint;
  /** What was added to the balance, in minor units; negative when money left the account. */
  readonly change: bigint;
  /** What was added to the held money, in minor units; negative when some was captured or released. Absent when nothing. */
  readonly heldChange?: bigint;
  /** The caller's own words for the call, if it gave some. */
  readonly reference?: string;
  /** The other account of a transfer. */
  readonly other?: string;
  /** Key of the transfer, which is on the account that pays: entries of both accounts have it. */
  readonly transfer?: string;
  /** The hold that the entry is about: the key that made it. */
  readonly hold?: string;
  /** The call that is refunded: its key in this statement. */
  readonly call?: string;
  /** Key of the refund that the entry ends, or is the credit of. */
  readonly refund?: string;
  /** What debits became, of a change of status. */
  readonly debits?: Side;
  /** What credits became, of a change of status. */
  readonly credits?: Side;
}

/** Reads the answer to a deposit or withdrawal. */
export function readMoved(body: unknown): { account: string; key: string } & Receipt {
  return { ...readListed(body), ...readKey(body), ...readPlace(body) };
}

/** Reads the answer to a transfer. */
export function readTransferred(body: unknown) {
  return { ...readMoved(body), to: accountName(fieldsOf(body)['to']) };
}

/** Reads the answer to a hold. */
export function readHeld(body: unknown) {
  const { held, expiresAt } = fieldsOf(body);
  return { ...readMoved(body), held: digits(held, BALANCE), expiresAt: time(expiresAt) };
}

/** Reads the answer to a void. */
export function readVoided(body: unknown) {
  const { held, hold, amount } = fieldsOf(body);
  return {
    ...readMoved(body),
    held: digits(held, BALANCE),
    hold: formed(hold, KEY).toLowerCase(),
    amount: amountOf(amount),
  };
}

/** Reads the answer to a capture. */
export function readCaptured(body: unknown) {
  return { ...readVoided(body), ...optional(fieldsOf(body), 'to', accountName) };
}

/** Reads the answer to a refund. */
export function readRefunded(body: unknown) {
  const fields = fieldsOf(body);
  return {
    ...readMoved(body),
    call: entryKey(fields['call']),
    amount: amountOf(fields['amount']),
    ...optional(fields, 'to', accountName),
  };
}

/** Reads the answer to a change of status. */
export function readStatusSet(body: unknown) {
  return { ...readMoved(body), ...readSides(body) };
}

function readSides(body: unknown): { debits?: Side; credits?: Side } {
  const fields = fieldsOf(body);
  return { ...optional(fields, 'debits', side), ...optional(fields, 'credits', side) };
}

function side(value: unknown): Side {
  demand(value === 'open' || value === 'frozen', 'status');
  return value;
}

/** Reads the answer to any call that moved money: which one it was shows in the members that it has. */
export function readExecuted(body: unknown): { account: string; key: string } & ExecutedReceipt {
  const { hold, expiresAt, to, call, debits, credits } = fieldsOf(body);
  if (call !== undefined) {
    return readRefunded(body);
  }
  if (debits !== undefined || credits !== undefined) {
    return readStatusSet(body);
  }
  if (hold !== undefined) {
    return readCaptured(body);
  }
  if (expiresAt !== undefined) {
    return readHeld(body);
  }
  return to === undefined ? readMoved(body) : readTransferred(body);
}

/** Reads one answer of a statement; `next` is where the next one begins. */
export function readEntries(body: unknown): {
  account: string;
  items: readonly Entry[];
  next: number | undefined;
} {
  const { account, entries, next } = fieldsOf(body);
  return {
    account: accountName(account),
    items: listOf(entries).map(readEntry),
    next: next === undefined ? undefined : wholeNumber(next),
  };
}

function readEntry(body: unknown): Entry {
  const fields = fieldsOf(body);
  const { key, balance, type, change } = fields;
  return {
    ...readPlace(body),
    key: entryKey(key),
    type: text(type),
    ...optional(fields, 'code', text),
    ...optional(fields, 'amount', amountOf),
    change: digits(change, CHANGE),
    ...optional(fields, 'heldChange', (value) => digits(value, CHANGE)),
    balance: digits(balance, BALANCE),
    ...optional(fields, 'reference', referenceOf),
    ...optional(fields, 'other', accountName),
    ...optional(fields, 'transfer', entryKey),
    ...optional(fields, 'hold', entryKey),
    ...optional(fields, 'call', entryKey),
    ...optional(fields, 'refund', entryKey),
    ...readSides(body),
  };
}

/** Reads one answer of the list of accounts; `next` is the name that the next one begins after. */
export function readAccounts(body: unknown): {
  items: readonly { account: string; balance: bigint }[];
  next: string | undefined;
} {
  const { accounts, next } = fieldsOf(body);
  return {
    items: listOf(accounts).map(readListed),
    next: next === undefined ? undefined : accountName(next),
  };
}

function readPlace(body: unknown): { sequence: number; at: Date } {
  const { sequence, at } = fieldsOf(body);
  return { sequence: wholeNumber(sequence), at: time(at) };
}

/** True when an answer was already recorded before the attempt that it answers. */
export function isReplayed(headers: Headers): boolean {
  return headers.get(HEADERS.replayed) === 'true';
}

/** Reads the answer to a balance. */
export function readBalance(body: unknown): {
  account: string;
  balance: bigint;
  held: bigint;
  debits?: 'frozen';
  credits?: 'frozen';
} {
  const fields = fieldsOf(body);
  return {
    ...readListed(body),
    held: digits(fields['held'], BALANCE),
    ...optional(fields, 'debits', frozen),
    ...optional(fields, 'credits', frozen),
  };
}

function frozen(value: unknown): 'frozen' {
  demand(value === 'frozen', 'status');
  return 'frozen';
}

function readListed(body: unknown): { account: string; balance: bigint } {
  const { account, balance } = fieldsOf(body);
  return { account: accountName(account), balance: digits(balance, BALANCE) };
}

/** Reads the open holds of an account. */
export function readHolds(body: unknown): { account: string; holds: readonly Hold[] } {
  const { account, holds } = fieldsOf(body);
  return { account: accountName(account), holds: listOf(holds).map(readHold) };
}

function readHold(body: unknown): Hold {
  const fields = fieldsOf(body);
  const { hold, amount, remaining, expiresAt } = fields;
  return {
    hold: formed(hold, KEY).toLowerCase(),
    amount: amountOf(amount),
    remaining: amountOf(remaining),
    expiresAt: time(expiresAt),
    ...optional(fields, 'reference', referenceOf),
  };
}

/** Reads a recorded reply under its key. */
export function readRecordedReply(body: unknown): { key: string; refunded?: bigint } & RecordedReply {
  return { ...readKey(body), ...readReply(body), ...optional(fieldsOf(body), 'refunded', amountOf) };
}

/** Reads the answer that a transfer is under way. */
export function readPending(body: unknown): { key: string } {
  demand(fieldsOf(body)['outcome'] === 'pending', 'outcome');
  return readKey(body);
}

/** Reads the answer to a cancellation: `reply` is what the call with the key was answered, if it was not cancelled. */
export function readCancellation(body: unknown): { key: string; reply: RecordedReply | undefined } {
  const { outcome, reply } = fieldsOf(body);
  demand(outcome === 'cancelled' || outcome === 'executed', 'outcome');
  return { ...readKey(body), reply: outcome === 'executed' ? readReply(reply) : undefined };
}

/** Reads a problem. */
export function readProblem(body: unknown): Problem {
  const { type, title, status, detail, code, executed } = fieldsOf(body);
  demand(typeof status === 'number', 'status');
  demand(executed === undefined || executed === false, 'executed');
  text(type);
  text(title);
  return { code: text(code), detail: text(detail), executed };
}

function readKey(body: unknown): { key: string } {
  return { key: formed(fieldsOf(body)['key'], KEY).toLowerCase() };
}

function readReply(reply: unknown): RecordedReply {
  const { status, body } = fieldsOf(reply);
  demand(Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599, 'status');
  return { status: Number(status), body: fieldsOf(body) };
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  demand(typeof body === 'object' && body !== null, 'body');
  return body as Record<string, unknown>;
}

function listOf(value: unknown): readonly unknown[] {
  demand(Array.isArray(value), 'a list is missing');
  return value as unknown[];
}

function wholeNumber(value: unknown): number {
  demand(Number.isSafeInteger(value) && Number(value) >= 1, 'a number from 1 is missing');
  return Number(value);
}

function formed(value: unknown, { pattern, message }: Format): string {
  const found = text(value);
  demand(pattern.test(found), message);
  return found;
}

function digits(value: unknown, format: Format): bigint {
  return BigInt(formed(value, format));
}

function time(value: unknown): Date {
  const read = new Date(formed(value, TIMESTAMP));
  demand(!Number.isNaN(read.getTime()), TIMESTAMP.message);
  return read;
}

function accountName(value: unknown): string {
  return formed(value, ACCOUNT);
}

function entryKey(value: unknown): string {
  return formed(value, ENTRY_KEY);
}

function referenceOf(value: unknown): string {
  return formed(value, REFERENCE);
}

function amountOf(value: unknown): bigint {
  return digits(value, AMOUNT);
}

/** A member that an answer may leave out: an object with it, or without any. */
function optional<Name extends string, Value>(
  fields: Readonly<Record<string, unknown>>,
  name: Name,
  read: (value: unknown) => Value,
): { readonly [Each in Name]?: Value } {
  const { [name]: value } = fields;
  return value === undefined ? {} : ({ [name]: read(value) } as { readonly [Each in Name]: Value });
}

function text(value: unknown): string {
  demand(typeof value === 'string', 'a string is missing');
  return value;
}

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) {
    throw new Error(`not an answer of the bank: ${what}`);
  }
}
