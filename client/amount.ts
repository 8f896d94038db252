import { ACCOUNT, ENTRY_KEY, type Format, KEY, MAX_AMOUNT_MINOR, REFERENCE } from './contract/formats.ts';
import { InvalidArgumentError } from './errors.ts';

/** Returns an amount as a `bigint`. Throws {@link InvalidArgumentError} unless it is a whole number from 1 to 999999999999999. */
export function toAmountMinor(amount: bigint | number): bigint {
  if (typeof amount !== 'bigint' && !Number.isSafeInteger(amount)) {
    throw new InvalidArgumentError(
      `The amount must be a bigint or a whole number of minor units; got ${String(amount)}. Nothing was sent.`,
    );
  }
  const amountMinor = BigInt(amount);
  if (amountMinor < 1n || amountMinor > MAX_AMOUNT_MINOR) {
    throw new InvalidArgumentError(
      `The amount must be from 1 to ${MAX_AMOUNT_MINOR}; got ${amount}. Nothing was sent.`,
    );
  }
  return amountMinor;
}

/** Checks the name of an account. A valid one needs no escaping in a path. Throws {@link InvalidArgumentError}. */
export function toAccount(account: string): string {
  return check(ACCOUNT, account);
}

/** Checks an idempotency key and returns it in lower case. Throws {@link InvalidArgumentError}. */
export function toKey(key: string): string {
  return check(KEY, key).toLowerCase();
}

/** Checks the key of an entry, which a caller or the bank has made, and returns it in lower case. Throws {@link InvalidArgumentError}. */
export function toEntryKey(key: string): string {
  return check(ENTRY_KEY, typeof key === 'string' ? key.toLowerCase() : key);
}

/** Checks a reference. Throws {@link InvalidArgumentError}. */
export function toReference(reference: string): string {
  return check(REFERENCE, reference);
}

/** Returns a time as milliseconds since 1970; NaN if it is neither a date nor a number. `Number` alone would take null for 1970. */
export function timeMsOf(at: Date | number): number {
  return typeof at === 'number' || Object.prototype.toString.call(at) === '[object Date]'
    ? Number(at)
    : Number.NaN;
}

/** Returns a time as milliseconds since 1970. Throws {@link InvalidArgumentError}. */
export function toMomentMs(at: Date | number): number {
  const timeMs = timeMsOf(at);
  if (!Number.isFinite(timeMs) || Number.isNaN(new Date(timeMs).getTime())) {
    throw new InvalidArgumentError(
      `at must be a Date or milliseconds since 1970; got ${String(at)}. Nothing was sent.`,
    );
  }
  return timeMs;
}

function check({ pattern, message }: Format, input: string): string {
  // Without the first check, a pattern would accept a number, because it converts it to text.
  if (typeof input !== 'string' || !pattern.test(input)) {
    // Quotes make white space visible. JSON cannot write a bigint, which is what swapped arguments give.
    const shown = typeof input === 'string' ? JSON.stringify(input) : String(input);
    throw new InvalidArgumentError(`${shown} is not valid: ${message}. Nothing was sent.`);
  }
  return input;
}
