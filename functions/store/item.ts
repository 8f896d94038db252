import * as v from 'valibot';
import { MOVES, type Move } from '../../client/contract.ts';
import type { Account, Recorded, RecordedRefusal, Reply } from '../core/account.ts';

/**
 * How an account looks as a DynamoDB item. Each remembered reply is two attributes of the item itself, because one
 * UpdateItem can create top-level attributes on an item that does not exist yet, and nested ones it cannot:
 *
 *     account    "joe"
 *     balance    25
 *     watermark  "0198..."                     absent until replies were archived
 *     full       true                          absent unless too many replies are remembered
 *     revision   20015998343868                absent until something is recorded without a balance, or cancelled
 *     call:KEY   "deposit 15" | "cancel"       what was asked
 *     reply:KEY  25 | "not_enough_money" | "cancelled"   the balance after it, or what was said
 */
export const ATTRIBUTES = {
  account: 'account',
  balance: 'balance',
  watermark: 'watermark',
  full: 'full',
  revision: 'revision',
  call: (key: string) => `call:${key}`,
  reply: (key: string) => `reply:${key}`,
} as const;

/** The two attributes of a cancelled key. */
export const CANCELLED = { call: 'cancel', reply: 'cancelled' } as const;

const CALL_PREFIX = ATTRIBUTES.call('');

const accountSchema = v.object({
  balance: v.optional(v.bigint()),
  watermark: v.optional(v.string()),
  full: v.optional(v.boolean(), false),
  revision: v.optional(v.bigint(), 0n),
});
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

/** The two attributes of what is recorded. */
export function encodeRecorded(recorded: Recorded): { call: string; reply: string | bigint } {
  if (recorded.kind === 'cancelled') {
    return CANCELLED;
  }
  const { reply } = recorded;
  return { call: encodeCall(recorded), reply: reply.kind === 'executed' ? reply.balanceMinor : reply.code };
}

/** Reads what is recorded back from its two attributes. Throws on an item that this bank cannot have written. */
export function decodeRecorded(call: unknown, reply: unknown): Recorded {
  if (call === CANCELLED.call && reply === CANCELLED.reply) {
    return { kind: 'cancelled' };
  }
  const [move, amount, ...rest] = v.parse(v.string(), call).split(' ');
  if (move === undefined || !isMove(move) || amount === undefined || rest.length > 0) {
    throw new Error(`not a recorded call: ${JSON.stringify(call)}`);
  }
  return { kind: 'call', move, amountMinor: BigInt(amount), reply: v.parse(replySchema, reply) };
}

/** Reads an account from its item, whose numbers are bigints. Throws on an item that this bank cannot have written. */
export function decodeAccount(item: Record<string, unknown>): Account {
  const recorded = new Map<string, Recorded>();
  for (const [name, value] of Object.entries(item)) {
    if (name.startsWith(CALL_PREFIX)) {
      const key = name.slice(CALL_PREFIX.length);
      recorded.set(key, decodeRecorded(value, item[ATTRIBUTES.reply(key)]));
    }
  }
  const { balance, watermark, full, revision } = v.parse(accountSchema, item);
  return { balanceMinor: balance, watermark, full, revision, recorded };
}

function isMove(text: string): text is Move {
  return Object.hasOwn(MOVES, text);
}
