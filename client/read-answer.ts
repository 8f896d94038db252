import type { Entry, ExecutedReceipt, Hold, Receipt, Side } from './answers.ts';
import { BALANCE, CHANGE, KEY } from './contract/formats.ts';
import { HEADERS } from './contract/operations.ts';
import {
  accountName,
  amountOf,
  demand,
  digits,
  entryKey,
  fieldsOf,
  formed,
  frozen,
  listOf,
  optional,
  referenceOf,
  side,
  text,
  time,
  wholeNumber,
} from './read-field.ts';

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
