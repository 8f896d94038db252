import { ACCOUNT, AMOUNT, BALANCE, CHANGE, ENTRY_KEY, type Format, KEY, TIMESTAMP } from './contract/formats.ts';
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

/** One entry of an account's statement. `JSON.stringify` writes its amounts as strings of digits. */
export interface Entry extends Receipt {
  /** Key of the call. */
  readonly key: string;
  /**
   * `deposit`, `withdrawal`; with `refusals` also `refused` and `cancelled`, which moved nothing. A later bank may have more:
   * `change` tells of all of them what they moved.
   */
  readonly type: string;
  /** Why a `refused` call was refused. */
  readonly code?: string;
  /** Amount that was asked for, in minor units; a cancellation has none. */
  readonly amount?: bigint;
  /** What was added to the balance, in minor units; negative when money left the account. */
  readonly change: bigint;
  /** The caller's own words for the call, if it gave some. */
  readonly reference?: string;
}

/** Reads the answer to a deposit or withdrawal. */
export function readMoved(body: unknown): { account: string; key: string } & Receipt {
  return { ...readBalance(body), ...readKey(body), ...readPlace(body) };
}

/** Reads one answer of a statement; `next` is where the next one begins. */
export function readEntries(body: unknown): {
  account: string;
  items: readonly Entry[];
  next: number | undefined;
} {
  const { account, entries, next } = fieldsOf(body);
  return {
    account: formed(account, ACCOUNT),
    items: listOf(entries).map(readEntry),
    next: next === undefined ? undefined : wholeNumber(next),
  };
}

function readEntry(body: unknown): Entry {
  const { key, balance, type, code, amount, change, reference } = fieldsOf(body);
  return {
    ...readPlace(body),
    key: formed(key, ENTRY_KEY),
    type: text(type),
    ...(code === undefined ? {} : { code: text(code) }),
    ...(amount === undefined ? {} : { amount: BigInt(formed(amount, AMOUNT)) }),
    change: BigInt(formed(change, CHANGE)),
    balance: BigInt(formed(balance, BALANCE)),
    ...(reference === undefined ? {} : { reference: text(reference) }),
  };
}

/** Reads one answer of the list of accounts; `next` is the name that the next one begins after. */
export function readAccounts(body: unknown): {
  items: readonly { account: string; balance: bigint }[];
  next: string | undefined;
} {
  const { accounts, next } = fieldsOf(body);
  return {
    items: listOf(accounts).map(readBalance),
    next: next === undefined ? undefined : formed(next, ACCOUNT),
  };
}

function readPlace(body: unknown): { sequence: number; at: Date } {
  const { sequence, at } = fieldsOf(body);
  const time = new Date(formed(at, TIMESTAMP));
  demand(!Number.isNaN(time.getTime()), TIMESTAMP.message);
  return { sequence: wholeNumber(sequence), at: time };
}

/** True when an answer was already recorded before the attempt that it answers. */
export function isReplayed(headers: Headers): boolean {
  return headers.get(HEADERS.replayed) === 'true';
}

/** Reads the answer to a balance. */
export function readBalance(body: unknown): { account: string; balance: bigint } {
  const { account, balance } = fieldsOf(body);
  return { account: formed(account, ACCOUNT), balance: BigInt(formed(balance, BALANCE)) };
}

/** Reads a recorded reply under its key. */
export function readRecordedReply(body: unknown): { key: string } & RecordedReply {
  return { ...readKey(body), ...readReply(body) };
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

function text(value: unknown): string {
  demand(typeof value === 'string', 'a string is missing');
  return value;
}

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) {
    throw new Error(`not an answer of the bank: ${what}`);
  }
}
