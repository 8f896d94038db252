import * as v from 'valibot';
import { accountSchema, keySchema, MAX_AMOUNT_MINOR } from './contract.ts';
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
  return check(accountSchema, account);
}

/** Checks an idempotency key and brings it to its canonical form. Throws {@link InvalidArgumentError}. */
export function toKey(key: string): string {
  return check(keySchema, key);
}

function check(schema: v.GenericSchema<string, string>, input: string): string {
  const result = v.safeParse(schema, input);
  if (!result.success) {
    // Quoted, to show what cannot be seen; but JSON has no way to write a bigint, as swapped arguments bring.
    const shown = typeof input === 'string' ? JSON.stringify(input) : String(input);
    throw new InvalidArgumentError(`${shown} will not do: ${result.issues[0].message}. Nothing was sent.`);
  }
  return result.output;
}
