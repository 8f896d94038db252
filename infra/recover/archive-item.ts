import * as v from 'valibot';
import { accountSchema } from '../../client/contract.ts';
import { decodeRecorded } from '../../functions/store/item.ts';
import { checkAmounts, isKey } from './account-item.ts';
import { type Item, ItemError } from './item.ts';

/** Rows of the idempotency table that are not replies: places of sweeps, under a name that no account can have. */
const SWEEP_ROWS = '#sweep';

const replySchema = v.strictObject({
  account: accountSchema,
  key: v.custom<string>(isKey, 'the key is no key'),
  call: v.string(),
  reply: v.union([v.bigint(), v.string()]),
  expiresAt: v.bigint(),
});

/**
 * Checks an archived reply and gives it as it goes into the fresh bank, unchanged; undefined when there is nothing in it to
 * keep: it has expired, or it is a sweep's note of its place.
 *
 * Throws {@link ItemError} when this bank cannot have written it.
 */
export function recoverReply(item: Item, nowMs: number): Item | undefined {
  if (item['account'] === SWEEP_ROWS) {
    return undefined;
  }
  const name = String(item['account']);
  const parsed = v.safeParse(replySchema, item);
  if (!parsed.success) {
    throw new ItemError(name, `an archived reply of it will not do: ${parsed.issues[0].message}`);
  }
  const { key, call, reply, expiresAt } = parsed.output;
  checkAmounts(name, key, decode(name, call, reply));
  return Number(expiresAt) * 1000 <= nowMs ? undefined : item;
}

function decode(name: string, call: string, reply: bigint | string) {
  try {
    return decodeRecorded(call, reply);
  } catch (cause) {
    throw new ItemError(name, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
