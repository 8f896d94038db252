import { Argument, Option } from 'commander';
import * as v from 'valibot';
import type { Balance, Moved, OutcomeSoFar, Side } from '../answers.ts';
import type { BankClient } from '../client.ts';
import { MAX_EXPIRES_IN_SECONDS } from '../contract/formats.ts';
import {
  accountSchema,
  amountSchema,
  entryKeySchema,
  keySchema,
  referenceSchema,
  timestampSchema,
} from '../contract/schemas.ts';
import type { EndpointOptions } from '../options.ts';
import { UsageError } from './usage.ts';

/** What every command needs to call the bank. */
export interface Common {
  /** The preferred endpoint is the first. */
  readonly endpoints: readonly EndpointOptions[];
  readonly timeoutMs: number;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** A command that makes one call. */
export type CallCommand = Common & {
  readonly kind:
    | 'deposit'
    | 'withdraw'
    | 'transfer'
    | 'hold'
    | 'capture'
    | 'void'
    | 'refund'
    | 'status'
    | 'balance'
    | 'outcome'
    | 'cancel';
  readonly account: string;
  readonly send: (client: BankClient, signal: AbortSignal) => Promise<Moved | Balance | OutcomeSoFar>;
};

/** A list of any length. */
export type ListCommand = Common & { readonly csv: boolean } & (
    | { readonly kind: 'accounts' }
    | { readonly kind: 'holds'; readonly account: string }
    | {
        readonly kind: 'statement';
        readonly account: string;
        readonly oldestFirst: boolean;
        readonly refusals: boolean;
        /** Most entries to print; infinite for all of them. */
        readonly limit: number;
      }
  );

/** Reads one account again and again. */
export type WatchCommand = Common & {
  readonly kind: 'watch';
  readonly account: string;
  readonly intervalMs: number;
  /** Undefined: until the user interrupts. */
  readonly seconds: number | undefined;
};

/** Puts load on the bank, and checks the books. */
export type LoadCommand = Common & {
  readonly kind: 'load';
  readonly clients: number;
  readonly seconds: number;
  readonly accounts: number;
  /** Undefined: a random one. */
  readonly seed: number | undefined;
};

/** A command that calls the bank. */
export type Command = CallCommand | ListCommand | WatchCommand | LoadCommand;

/** Reads the text of an argument or option. Throws {@link UsageError}, whose message begins with the name. */
export type ArgumentReader<Value> = (name: string, text: string) => Value;

export const readText: ArgumentReader<string> = (_, text) => text;

/** Makes a reader from a schema of the HTTP contract, so that the command accepts what the bank accepts. */
function readerOf<Schema extends v.GenericSchema>(schema: Schema): ArgumentReader<v.InferOutput<Schema>> {
  return (name, text) => {
    const result = v.safeParse(schema, text);
    if (!result.success) {
      throw new UsageError(`${name}: ${result.issues[0].message}, got ${JSON.stringify(text)}`);
    }
    return result.output;
  };
}

/** Reads the status of a side of an account. */
export const readSide: ArgumentReader<Side> = (name, text) => {
  if (text !== 'open' && text !== 'frozen') {
    throw new UsageError(`${name}: expected open or frozen, got ${JSON.stringify(text)}`);
  }
  return text;
};

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Reads a time such as `1h` as seconds. */
export const readSeconds: ArgumentReader<number> = (name, text) => {
  const [, count = '', unit] = /^([1-9]\d{0,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * SECONDS[(unit ?? 's') as keyof typeof SECONDS];
  if (!(seconds >= 1 && seconds <= MAX_EXPIRES_IN_SECONDS)) {
    const most = MAX_EXPIRES_IN_SECONDS / SECONDS.d;
    throw new UsageError(
      `${name}: expected a time from 1s to ${most}d, such as 90s, 15m or 1h, got ${JSON.stringify(text)}`,
    );
  }
  return seconds;
};

/** Makes a reader of whole numbers. */
export function wholeNumber(from: number, to: number): ArgumentReader<number> {
  return (name, text) => {
    const value = /^(0|[1-9]\d{0,9})$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= from && value <= to)) {
      throw new UsageError(
        `${name}: expected a whole number from ${from} to ${to}, got ${JSON.stringify(text)}`,
      );
    }
    return value;
  };
}

export const readKey = readerOf(keySchema);
export const readEntryKey = readerOf(entryKeySchema);
export const readAccount = readerOf(accountSchema);
export const readReference = readerOf(referenceSchema);
export const readTimeMs: ArgumentReader<number> = (name, text) =>
  Date.parse(readerOf(timestampSchema)(name, text));

/** Reads an amount. A user who gives units and hundredths, such as 12.50, is told how many minor units that is. */
const readAmount: ArgumentReader<bigint> = (name, text) => {
  const [, units, hundredths] = /^(\d{1,13})[.,](\d\d)$/.exec(text) ?? [];
  if (units !== undefined) {
    const minor = BigInt(`${units}${hundredths}`);
    throw new UsageError(`${name}: expected minor units, got "${text}"; in hundredths that is ${minor}`);
  }
  return readerOf(amountSchema)(name, text);
};

export function account(name = 'account', description = 'name of the account'): Argument {
  return argument(name, description, readAccount);
}

export function amount(name = 'amount'): Argument {
  return argument(name, 'minor units (cents, credits, seconds), 1 to 15 digits', readAmount);
}

export function hold(): Argument {
  return argument('hold', 'key of the hold', readKey);
}

/** Makes an argument. It is optional if its name is in brackets. */
export function argument<Value>(name: string, description: string, read: ArgumentReader<Value>): Argument {
  const made = new Argument(name, description);
  return made.argParser((text: string) => read(made.name(), text));
}

/** Makes an option that may be given once. Commander would ignore the first of two keys, and make another call than the user means. */
export function single<Value>(flags: string, description: string, read: ArgumentReader<Value>): Option {
  let isGiven = false;
  const option = new Option(flags, description);
  return option.argParser((text: string) => {
    if (isGiven) {
      throw new UsageError(`${option.long}: given twice`);
    }
    isGiven = true;
    return read(`${option.long}`, text);
  });
}
