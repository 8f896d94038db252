import { createHash } from 'node:crypto';
import { MAX_KEY_AGE_MS, MAX_KEY_AHEAD_MS } from './limits.ts';

/**
 * The time at which a UUIDv7 was minted, in milliseconds since 1970 (RFC 9562, section 5.7: the first 48 bits).
 *
 * @example keyTimeMs('00000000-03e8-7000-8000-000000000000') // 1000
 */
export function keyTimeMs(key: string): number {
  return Number.parseInt(key.slice(0, 8) + key.slice(9, 13), 16);
}

/** Whether a key may still be used for the first time. */
export type KeyAge = 'usable' | 'from_the_future' | 'expired' | 'from_before_recovery';

/**
 * Compares the time in a key with the function's clock. `notBeforeMs` is when the bank was recovered: older keys may have been used in
 * the bank that was lost.
 */
export function ageOf(key: string, nowMs: number, notBeforeMs: number): KeyAge {
  const mintedMs = keyTimeMs(key);
  if (mintedMs > nowMs + MAX_KEY_AHEAD_MS) {
    return 'from_the_future';
  }
  if (mintedMs < notBeforeMs) {
    return 'from_before_recovery';
  }
  return mintedMs < nowMs - MAX_KEY_AGE_MS ? 'expired' : 'usable';
}

/** The first character of the name of a register. No caller can name one: an account name begins with a letter or a digit. */
const REGISTER = '~';

/** The name of the register that counts what was refunded of a call. It is an item of the accounts table, but its balance is not money. */
export function registerOf(account: string, call: string): string {
  return `${REGISTER}${account}${REGISTER}${call}`;
}

/** True for the name of a register. */
export function isRegister(account: string): boolean {
  return account.startsWith(REGISTER);
}

/**
 * The key that the bank makes for an entry that ends what a call began: the credit of a transfer, the end of a refund, or the expiry of a
 * hold. It is a UUIDv8 (RFC 9562, section 5.8) with the time where a UUIDv7 has it, so no caller can use it. It follows from the call, so
 * neither the entry of the call nor its mark stores it: that saves a third of their bytes. The time is part of the hash: a caller who
 * searches for two calls with the same key has to begin both in one chosen millisecond, and then one of their transfers stays under way.
 * **It must never change:** one version may begin a transfer and another end it.
 */
export function bankKeyOf(account: string, key: string, timeMs: number): string {
  const digits = createHash('sha256').update(`${account} ${key} ${timeMs}`).digest('hex');
  const time = timeMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-8${digits.slice(0, 3)}-8${digits.slice(3, 6)}-${digits.slice(6, 18)}`;
}
