import {
  ACCOUNT,
  AMOUNT,
  BALANCE,
  CHANGE,
  ENTRY_KEY,
  type Format,
  KEY,
  REFERENCE,
  TIMESTAMP,
} from './contract/formats.ts';

/** Reads a value of an answer. Throws if it is not what the contract says. */
export type Reader<Value> = (value: unknown) => Value;

/** The readers of the members of an object. A member is optional if its reader may return undefined. */
type Readers = Readonly<Record<string, Reader<unknown>>>;

/** The result of reading an object. */
type Read<Members extends Readers> = {
  readonly [Name in keyof Members as undefined extends ReturnType<Members[Name]> ? never : Name]: ReturnType<
    Members[Name]
  >;
} & {
  readonly [Name in keyof Members as undefined extends ReturnType<Members[Name]> ? Name : never]?: Exclude<
    ReturnType<Members[Name]>,
    undefined
  >;
};

/** Makes the reader of an object. It ignores other members, which a later bank may add. */
export function objectOf<Members extends Readers>(members: Members): Reader<Read<Members>> {
  const readers = Object.entries(members);
  return (value) => {
    const found = fieldsOf(value);
    const read: Record<string, unknown> = {};
    for (const [name, reader] of readers) {
      const member = reader(found[name]);
      if (member !== undefined) {
        read[name] = member;
      }
    }
    return read as Read<Members>;
  };
}

/** Makes the reader of an optional member. */
export function optional<Value>(read: Reader<Value>): Reader<Value | undefined> {
  return (value) => (value === undefined ? undefined : read(value));
}

/** Makes the reader of a list, whose items `JSON.stringify` can write. */
export function listOf<Item extends object>(read: Reader<Item>): Reader<readonly Item[]> {
  return (value) => {
    demand(Array.isArray(value), 'a list is missing');
    return value.map((item) => writable(read(item)));
  };
}

/** Makes the reader of a value that is one of these. */
export function oneOf<Value extends string | boolean>(...values: readonly Value[]): Reader<Value> {
  return (value) => {
    const found = values.find((each) => each === value);
    demand(found !== undefined, `not one of ${values}`);
    return found;
  };
}

export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  demand(typeof value === 'object' && value !== null, 'an object is missing');
  return value as Record<string, unknown>;
}

export function text(value: unknown): string {
  demand(typeof value === 'string', 'a string is missing');
  return value;
}

export function number(value: unknown): number {
  demand(typeof value === 'number', 'a number is missing');
  return value;
}

export function httpStatus(value: unknown): number {
  demand(Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599, 'not a status of HTTP');
  return Number(value);
}

export function wholeNumber(value: unknown): number {
  demand(Number.isSafeInteger(value) && Number(value) >= 1, 'a number from 1 is missing');
  return Number(value);
}

export function time(value: unknown): Date {
  const read = new Date(formed(value, TIMESTAMP));
  demand(!Number.isNaN(read.getTime()), TIMESTAMP.message);
  return read;
}

export const account: Reader<string> = (value) => formed(value, ACCOUNT);
export const key: Reader<string> = (value) => formed(value, KEY).toLowerCase();
export const entryKey: Reader<string> = (value) => formed(value, ENTRY_KEY);
export const reference: Reader<string> = (value) => formed(value, REFERENCE);
export const amount: Reader<bigint> = (value) => BigInt(formed(value, AMOUNT));
export const balance: Reader<bigint> = (value) => BigInt(formed(value, BALANCE));
export const change: Reader<bigint> = (value) => BigInt(formed(value, CHANGE));

function formed(value: unknown, { pattern, message }: Format): string {
  const found = text(value);
  demand(pattern.test(found), message);
  return found;
}

function demand(isMet: boolean, what: string): asserts isMet {
  if (!isMet) {
    throw new Error(`not an answer of the bank: ${what}`);
  }
}

/**
 * Adds a `toJSON` that writes amounts as strings of digits, as HTTP does. Without it, `JSON.stringify` would throw an error for a bigint,
 * after the money has moved. The function is not enumerable, so a result looks like a plain object and equals one. A copy made by
 * spreading does not have it.
 */
export function writable<Result extends object>(result: Result): Result {
  const digits = (value: unknown) => (typeof value === 'bigint' ? String(value) : value);
  const toJSON = () =>
    Object.fromEntries(Object.entries(result).map(([name, value]) => [name, digits(value)]));
  return Object.defineProperty(result, 'toJSON', { value: toJSON });
}
