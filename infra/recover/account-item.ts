import * as v from 'valibot';
import { accountSchema, keySchema, MAX_AMOUNT_MINOR } from '../../client/contract.ts';
import type { Recorded } from '../../functions/core/account.ts';
import { keyTimeMs } from '../../functions/core/key.ts';
import { ATTRIBUTES, decodeAccount } from '../../functions/store/item.ts';
import { type Item, ItemError } from './item.ts';

/** Attributes of an account that do not belong to one of its replies. */
const OWN_ATTRIBUTES: ReadonlySet<string> = new Set([
  ATTRIBUTES.account,
  ATTRIBUTES.balance,
  ATTRIBUTES.watermark,
  ATTRIBUTES.full,
  ATTRIBUTES.revision,
]);

/**
 * Checks an account's item and gives it as it goes into the fresh bank: the same, with its watermark raised to the last key
 * that can have been minted before `keysNotBeforeMs`. The replies that it remembers still answer their retries; every other
 * key from before is refused, because the bank that was lost may have executed it.
 *
 * Throws {@link ItemError} when this bank cannot have written the item, or when it knows of a key minted later than
 * that: then somebody was still at work on the table that it comes from.
 */
export function recoverAccount(item: Item, keysNotBeforeMs: number): Item {
  const name = String(item[ATTRIBUTES.account]);
  if (!v.is(accountSchema, item[ATTRIBUTES.account])) {
    throw new ItemError(name, 'it has no name that an account can have');
  }
  const { balanceMinor, watermark, recorded } = decode(name, item);
  if (balanceMinor !== undefined && !isAmount(balanceMinor)) {
    throw new ItemError(name, `its balance is ${balanceMinor}`);
  }
  checkAttributes(name, item, [...recorded.keys()]);
  for (const [key, each] of recorded) {
    checkRecorded(name, key, each);
  }
  const newest = [...recorded.keys(), ...(watermark === undefined ? [] : [watermark])].find(
    (key) => keyTimeMs(key) >= keysNotBeforeMs,
  );
  if (newest !== undefined) {
    throw new ItemError(
      name,
      `it knows the key ${newest}, which was minted after the time that keys are refused before: choose a later one`,
    );
  }
  return { ...item, [ATTRIBUTES.watermark]: lastKeyBefore(keysNotBeforeMs) };
}

/** The highest UUIDv7 (RFC 9562) whose time is before a moment: every key minted from then on is above it. */
export function lastKeyBefore(timeMs: number): string {
  const time = (timeMs - 1).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7fff-bfff-ffffffffffff`;
}

function decode(name: string, item: Item) {
  try {
    return decodeAccount(item);
  } catch (cause) {
    throw new ItemError(name, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** A reply without its call would be forgotten when it is read, and an attribute of no meaning hides a mistake. */
function checkAttributes(name: string, item: Item, keys: readonly string[]): void {
  const known = new Set([
    ...OWN_ATTRIBUTES,
    ...keys.flatMap((key) => [ATTRIBUTES.call(key), ATTRIBUTES.reply(key)]),
  ]);
  const unknown = Object.keys(item).find((attribute) => !known.has(attribute));
  if (unknown !== undefined) {
    throw new ItemError(name, `it has an attribute ${unknown}, which no account has`);
  }
  const watermark = item[ATTRIBUTES.watermark];
  if (watermark !== undefined && !isKey(watermark)) {
    throw new ItemError(name, `its watermark is no key: ${JSON.stringify(watermark)}`);
  }
}

function checkRecorded(name: string, key: string, recorded: Recorded): void {
  if (!isKey(key)) {
    throw new ItemError(name, `it remembers a reply under ${JSON.stringify(key)}, which is no key`);
  }
  checkAmounts(name, key, recorded);
}

/** Checks the numbers of what is recorded, wherever that is. */
export function checkAmounts(name: string, key: string, recorded: Recorded): void {
  if (recorded.kind === 'cancelled') {
    return;
  }
  const { amountMinor, reply } = recorded;
  if (amountMinor < 1n || !isAmount(amountMinor)) {
    throw new ItemError(name, `the call ${key} is about ${amountMinor}`);
  }
  if (reply.kind === 'executed' && !isAmount(reply.balanceMinor)) {
    throw new ItemError(name, `the call ${key} was answered with a balance of ${reply.balanceMinor}`);
  }
}

/** True for a canonical key. */
export function isKey(value: unknown): value is string {
  return v.is(keySchema, value) && value === value.toLowerCase();
}

function isAmount(valueMinor: bigint): boolean {
  return valueMinor >= 0n && valueMinor <= MAX_AMOUNT_MINOR;
}
