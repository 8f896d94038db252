import type { Side } from './answers.ts';
import { ACCOUNT, AMOUNT, ENTRY_KEY, type Format, REFERENCE, TIMESTAMP } from './contract/formats.ts';

/** Readers of one member of an answer: each throws unless the member is what the contract says. */

export function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  demand(typeof body === 'object' && body !== null, 'body');
  return body as Record<string, unknown>;
}

export function listOf(value: unknown): readonly unknown[] {
  demand(Array.isArray(value), 'a list is missing');
  return value as unknown[];
}

export function wholeNumber(value: unknown): number {
  demand(Number.isSafeInteger(value) && Number(value) >= 1, 'a number from 1 is missing');
  return Number(value);
}

export function formed(value: unknown, { pattern, message }: Format): string {
  const found = text(value);
  demand(pattern.test(found), message);
  return found;
}

export function digits(value: unknown, format: Format): bigint {
  return BigInt(formed(value, format));
}

export function time(value: unknown): Date {
  const read = new Date(formed(value, TIMESTAMP));
  demand(!Number.isNaN(read.getTime()), TIMESTAMP.message);
  return read;
}

export function accountName(value: unknown): string {
  return formed(value, ACCOUNT);
}

export function entryKey(value: unknown): string {
  return formed(value, ENTRY_KEY);
}

export function referenceOf(value: unknown): string {
  return formed(value, REFERENCE);
}

export function amountOf(value: unknown): bigint {
  return digits(value, AMOUNT);
}

/** A member that an answer may leave out: an object with it, or without any. */
export function optional<Name extends string, Value>(
  fields: Readonly<Record<string, unknown>>,
  name: Name,
  read: (value: unknown) => Value,
): { readonly [Each in Name]?: Value } {
  const { [name]: value } = fields;
  return value === undefined ? {} : ({ [name]: read(value) } as { readonly [Each in Name]: Value });
}

export function text(value: unknown): string {
  demand(typeof value === 'string', 'a string is missing');
  return value;
}

export function demand(holds: boolean, what: string): asserts holds {
  if (!holds) {
    throw new Error(`not an answer of the bank: ${what}`);
  }
}

export function side(value: unknown): Side {
  demand(value === 'open' || value === 'frozen', 'status');
  return value;
}

export function frozen(value: unknown): 'frozen' {
  demand(value === 'frozen', 'status');
  return 'frozen';
}
