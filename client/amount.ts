import { ACCOUNT, ENTRY_KEY, type Format, KEY, MAX_AMOUNT_MINOR, REFERENCE } from './contract/formats.ts';
import { InvalidArgumentError } from './errors.ts';

/** Brings an amount to whole minor units. Throws {@link InvalidArgumentError} unless it is a whole number from 1 to 999999999999999. */
export function toAmountMinor(amount: bigint | number): bigint {
  if (typeof amount !== 'bigint' && !Number.isSafeInteger(amount)) {
    throw new InvalidArgumentError(
      `An amount is a bigint or a whole number of minor units, not ${String(amount)}. Nothing was sent.`,
    );
  }
  const amountMinor = BigInt(amount);
  if (amountMinor < 1n || amountMinor > MAX_AMOUNT_MINOR) {
    throw new InvalidArgumentError(
      `An amount is from 1 to ${MAX_AMOUNT_MINOR}, not ${amount}. Nothing was sent.`,
    );
  }
  return amountMinor;
}

/** Checks an account's name, so that it needs no escaping in a path. Throws {@link InvalidArgumentError}. */
export function toAccount(account: string): string {
  return check(ACCOUNT, account);
}

/** Checks an idempotency key and brings it to its canonical form. Throws {@link InvalidArgumentError}. */
export function toKey(key: string): string {
  return check(KEY, key).toLowerCase();
}

/** Checks the key of an entry of a statement: of a call, or one that the bank made. Throws {@link InvalidArgumentError}. */
export function toEntryKey(key: string): string {
  return check(ENTRY_KEY, typeof key === 'string' ? key.toLowerCase() : key);
}

/** Checks a reference. Throws {@link InvalidArgumentError}. */
export function toReference(reference: string): string {
  return check(REFERENCE, reference);
}

/** Brings a moment to milliseconds since 1970. Throws {@link InvalidArgumentError}. */
export function toMomentMs(at: Date | number): number {
  const timeMs = Number(at);
  if (!Number.isFinite(timeMs) || Number.isNaN(new Date(timeMs).getTime())) {
    throw new InvalidArgumentError(
      `at: a Date, or milliseconds since 1970, not ${String(at)}. Nothing was sent.`,
    );
  }
  return timeMs;
}

function check({ pattern, message }: Format, input: string): string {
  // A pattern would take a number for the digits that it is written with.
  if (typeof input !== 'string' || !pattern.test(input)) {
    // Quoted, to show what cannot be seen; but JSON has no way to write a bigint, as swapped arguments bring.
    const shown = typeof input === 'string' ? JSON.stringify(input) : String(input);
    throw new InvalidArgumentError(`${shown} is not valid: ${message}. Nothing was sent.`);
  }
  return input;
}
