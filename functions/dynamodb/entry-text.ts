import type { Asked, Entry, EntryBody, OperationName, RefusalCode } from '../bank/entry.ts';

/**
 * An entry as one short string, because it weighs on every write of its account. What it does to the balance and to what is
 * held, and its time, stand first, in one form for all kinds: a version of the function that does not know a kind can still
 * count it and tell when it was.
 *
 *     25 0 m3x8k2ab deposit                                    executed
 *     -12 0 m3x8k2ab withdraw back =order 4711                 its caller may come back; with a reference
 *     0 0 m3x8k2ab refused not_enough_money withdraw 1234      what was asked, and what it was refused with
 *     0 0 m3x8k2ab cancelled
 *
 * The time is in milliseconds since 1970, in base 36. Flags end it, and the reference is the rest after ` =`.
 */
export function encodeEntry({ changeMinor, heldChangeMinor, atMs, mayReturn, body }: Entry): string {
  if (body.kind === 'unread') return body.text;
  const head = `${changeMinor} ${heldChangeMinor} ${atMs.toString(36)}`;
  const back = mayReturn ? ' back' : '';
  switch (body.kind) {
    case 'executed':
      return `${head} ${body.asked.operation}${back}${flagsOf(body.asked)}`;
    case 'refused': {
      const { operation, amountMinor } = body.asked;
      return `${head} refused ${body.code} ${operation} ${amountMinor}${back}${flagsOf(body.asked)}`;
    }
    case 'cancelled':
      return `${head} cancelled${back}`;
  }
}

function flagsOf({ mustExist, reference }: Asked): string {
  return `${mustExist ? ' exist' : ''}${reference === undefined ? '' : ` =${reference}`}`;
}

const HEAD = /^(-?[0-9]+) (-?[0-9]+) ([0-9a-z]+) /;
const FLAGS = '( back)?( exist)?(?: =(.{1,64}))?$';
const EXECUTED = new RegExp(`^(deposit|withdraw)${FLAGS}`);
const REFUSED = new RegExp(
  `^refused (no_such_account|not_enough_money|balance_too_large|key_expired) (deposit|withdraw) ([0-9]+)${FLAGS}`,
);
const CANCELLED = /^cancelled( back)?$/;

/** True for a text that {@link decodeEntry} reads. */
export function isEntry(text: string): boolean {
  return HEAD.test(text);
}

/**
 * Reads an entry back. One that this version does not know is carried along unread.
 *
 * Throws when what it does to the balance cannot be read: then no balance of the account would be right.
 */
export function decodeEntry(key: string, text: string): Entry {
  const [head, change, held, at] = HEAD.exec(text) ?? [];
  if (head === undefined) throw new Error(`not an entry: ${JSON.stringify(text)}`);
  const changeMinor = BigInt(change ?? 0);
  const atMs = Number.parseInt(at ?? '', 36);
  const common = { key, changeMinor, heldChangeMinor: BigInt(held ?? 0), atMs };
  return { ...common, ...restOf(text.slice(head.length), changeMinor, text) };
}

function restOf(rest: string, changeMinor: bigint, text: string): { mayReturn: boolean; body: EntryBody } {
  const executed = EXECUTED.exec(rest);
  if (executed !== null) {
    const [, operation, back, exist, reference] = executed;
    const amountMinor = changeMinor < 0n ? -changeMinor : changeMinor;
    const asked = askedOf(operation, amountMinor, exist, reference);
    return { mayReturn: back !== undefined, body: { kind: 'executed', asked } };
  }
  const refused = REFUSED.exec(rest);
  if (refused !== null) {
    const [, code, operation, amount, back, exist, reference] = refused;
    const asked = askedOf(operation, BigInt(amount ?? 0), exist, reference);
    return { mayReturn: back !== undefined, body: { kind: 'refused', asked, code: code as RefusalCode } };
  }
  const cancelled = CANCELLED.exec(rest);
  if (cancelled !== null) return { mayReturn: cancelled[1] !== undefined, body: { kind: 'cancelled' } };
  return { mayReturn: false, body: { kind: 'unread', text } };
}

function askedOf(
  operation: string | undefined,
  amountMinor: bigint,
  exist: string | undefined,
  reference: string | undefined,
): Asked {
  return { operation: operation as OperationName, amountMinor, mustExist: exist !== undefined, reference };
}
