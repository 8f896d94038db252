import * as v from 'valibot';
import { MOVES, type Move } from '../../client/contract.ts';
import type { Account, RecordedCall, RecordedRefusal, Reply } from '../core/account.ts';

/**
 * How an account looks as a DynamoDB item. Each remembered reply is two attributes of the item itself, because one
 * UpdateItem can create top-level attributes on an item that does not exist yet, and nested ones it cannot:
 *
 *     account    "joe"
 *     balance    25
 *     watermark  "0198..."                     absent until replies were archived
 *     full       true                          absent unless too many replies are remembered
 *     call:KEY   "deposit 15"                  what was asked
 *     reply:KEY  25 | "not_enough_money"       the balance after it, or the refusal
 */
export const ATTRIBUTES = {
  account: 'account',
  balance: 'balance',
  watermark: 'watermark',
  full: 'full',
  call: (key: string) => `call:${key}`,
  reply: (key: string) => `reply:${key}`,
} as const;

const CALL_PREFIX = ATTRIBUTES.call('');

const balanceSchema = v.optional(v.bigint());
const watermarkSchema = v.optional(v.string());
const fullSchema = v.optional(v.boolean(), false);
const replySchema = v.union([
  v.pipe(
    v.bigint(),
    v.transform((balanceMinor): Reply => ({ kind: 'executed', balanceMinor })),
  ),
  v.pipe(
    v.picklist(['no_such_account', 'not_enough_money', 'balance_too_large'] satisfies RecordedRefusal[]),
    v.transform((code): Reply => ({ kind: 'refused', code })),
  ),
]);

/** What was asked, as one short string: it is stored with every reply and weighs on every write. */
export function encodeCall(call: { move: Move; amountMinor: bigint }): string {
  return `${call.move} ${call.amountMinor}`;
}

/** Reads a recorded call back from its two attributes. Throws on an item that this bank cannot have written. */
export function decodeRecordedCall(call: unknown, reply: unknown): RecordedCall {
  const [move, amount, ...rest] = v.parse(v.string(), call).split(' ');
  if (move === undefined || !isMove(move) || amount === undefined || rest.length > 0) {
    throw new Error(`not a recorded call: ${JSON.stringify(call)}`);
  }
  return { move, amountMinor: BigInt(amount), reply: v.parse(replySchema, reply) };
}

/** Reads an account from its item, whose numbers are bigints. Throws on an item that this bank cannot have written. */
export function decodeAccount(item: Record<string, unknown>): Account {
  const recorded = new Map<string, RecordedCall>();
  for (const [name, value] of Object.entries(item)) {
    if (name.startsWith(CALL_PREFIX)) {
      const key = name.slice(CALL_PREFIX.length);
      recorded.set(key, decodeRecordedCall(value, item[ATTRIBUTES.reply(key)]));
    }
  }
  return {
    balanceMinor: v.parse(balanceSchema, item[ATTRIBUTES.balance]),
    watermark: v.parse(watermarkSchema, item[ATTRIBUTES.watermark]),
    full: v.parse(fullSchema, item[ATTRIBUTES.full]),
    recorded,
  };
}

function isMove(text: string): text is Move {
  return Object.hasOwn(MOVES, text);
}
