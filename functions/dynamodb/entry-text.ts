import type { Asked, Entry, EntryBody, OperationName, RefusalCode } from '../bank/entry.ts';

/**
 * An entry as one short string, because it weighs on every write of its account. What it does to the balance and to what is
 * held stands first, in one form for all kinds, so that a version of the function that does not know a kind can still count it.
 *
 *     25 0 deposit m3x8k2ab                                    executed
 *     -12 0 withdraw m3x8k2ab back =order 4711                 its caller may come back; with a reference
 *     0 0 refused not_enough_money withdraw 1234 m3x8k2ab      what was asked, and what it was refused with
 *     0 0 cancelled m3x8k2ab
 *
 * The time is in milliseconds since 1970, in base 36. Flags follow it, and the reference is the rest after ` =`.
 */
export function encodeEntry({ changeMinor, heldChangeMinor, atMs, mayReturn, body }: Entry): string {
  const head = `${changeMinor} ${heldChangeMinor}`;
  if (body.kind === 'unread') return body.text;
  const at = `${atMs.toString(36)}${mayReturn ? ' back' : ''}`;
  switch (body.kind) {
    case 'executed':
      return `${head} ${body.asked.operation} ${at}${flagsOf(body.asked)}`;
    case 'refused': {
      const { operation, amountMinor } = body.asked;
      return `${head} refused ${body.code} ${operation} ${amountMinor} ${at}${flagsOf(body.asked)}`;
    }
    case 'cancelled':
      return `${head} cancelled ${at}`;
  }
}

function flagsOf({ mustExist, reference }: Asked): string {
  return `${mustExist ? ' exist' : ''}${reference === undefined ? '' : ` =${reference}`}`;
}

const HEAD = /^(-?[0-9]+) (-?[0-9]+) /;
const FLAGS = '([0-9a-z]+)( back)?( exist)?(?: =(.{1,64}))?$';
const EXECUTED = new RegExp(`^(deposit|withdraw) ${FLAGS}`);
const REFUSED = new RegExp(
  `^refused (no_such_account|not_enough_money|balance_too_large|key_expired) (deposit|withdraw) ([0-9]+) ${FLAGS}`,
);
const CANCELLED = /^cancelled ([0-9a-z]+)( back)?$/;

/**
 * Reads an entry back. One that this version does not know is carried along unread.
 *
 * Throws when what it does to the balance cannot be read: then no balance of the account would be right.
 */
export function decodeEntry(key: string, text: string): Entry {
  const [head, change, held] = HEAD.exec(text) ?? [];
  if (head === undefined) throw new Error(`not an entry: ${JSON.stringify(text)}`);
  const changeMinor = BigInt(change ?? 0);
  const common = { key, changeMinor, heldChangeMinor: BigInt(held ?? 0) };
  return { ...common, ...restOf(text.slice(head.length), changeMinor, text) };
}

function restOf(
  rest: string,
  changeMinor: bigint,
  text: string,
): { atMs: number; mayReturn: boolean; body: EntryBody } {
  const executed = EXECUTED.exec(rest);
  if (executed !== null) {
    const [, operation, at, back, exist, reference] = executed;
    const amountMinor = changeMinor < 0n ? -changeMinor : changeMinor;
    const asked = askedOf(operation, amountMinor, exist, reference);
    return { ...timeOf(at, back), body: { kind: 'executed', asked } };
  }
  const refused = REFUSED.exec(rest);
  if (refused !== null) {
    const [, code, operation, amount, at, back, exist, reference] = refused;
    const asked = askedOf(operation, BigInt(amount ?? 0), exist, reference);
    return { ...timeOf(at, back), body: { kind: 'refused', asked, code: code as RefusalCode } };
  }
  const cancelled = CANCELLED.exec(rest);
  if (cancelled !== null) return { ...timeOf(cancelled[1], cancelled[2]), body: { kind: 'cancelled' } };
  return { atMs: 0, mayReturn: false, body: { kind: 'unread', text } };
}

function askedOf(
  operation: string | undefined,
  amountMinor: bigint,
  exist: string | undefined,
  reference: string | undefined,
): Asked {
  return { operation: operation as OperationName, amountMinor, mustExist: exist !== undefined, reference };
}

function timeOf(at = '', back: string | undefined): { atMs: number; mayReturn: boolean } {
  return { atMs: Number.parseInt(at, 36), mayReturn: back !== undefined };
}
