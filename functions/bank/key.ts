import { createHash } from 'node:crypto';

/**
 * The time at which a UUIDv7 was minted, in milliseconds since 1970 (RFC 9562, section 5.7: the first 48 bits).
 *
 * @example keyTimeMs('00000000-03e8-7000-8000-000000000000') // 1000
 */
export function keyTimeMs(key: string): number {
  return Number.parseInt(key.slice(0, 8) + key.slice(9, 13), 16);
}

/** What the name of a register begins with. No account of a caller can: a name begins with a letter or a digit. */
const REGISTER = '~';

/** The account that counts what was refunded of a call. It belongs to the bank, and what it counts is no money. */
export function registerOf(account: string, call: string): string {
  return `${REGISTER}${account}${REGISTER}${call}`;
}

/** True for the name of a register. */
export function isRegister(account: string): boolean {
  return account.startsWith(REGISTER);
}

/**
 * The key that the bank makes for what ends a call: the credit of a transfer, the end of a refund, or the expiry of a hold. It is a UUIDv8 (RFC 9562, section
 * 5.8) with a time where a UUIDv7 has it, so no caller can use it. It follows from the call, so neither its entry nor its mark has to hold
 * it: that is a third of their bytes. The time is hashed as well, so that no caller can look for two calls of one key beforehand. **It must never change:** a transfer that one version has begun, another one ends.
 */
export function bankKeyOf(account: string, key: string, timeMs: number): string {
  const digits = createHash('sha256').update(`${account} ${key} ${timeMs}`).digest('hex');
  const time = timeMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-8${digits.slice(0, 3)}-8${digits.slice(3, 6)}-${digits.slice(6, 18)}`;
}
