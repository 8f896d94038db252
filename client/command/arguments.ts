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
import type { CommandName } from './commands.ts';
import { UsageError } from './usage.ts';

/** What every command that calls the bank is given. */
export interface Common {
  /** The preferred one first. */
  readonly endpoints: readonly EndpointOptions[];
  readonly timeoutMs: number;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Makes one call. */
export type CallCommand = Common & {
  readonly kind: Exclude<CommandName, (ListCommand | WatchCommand | LoadCommand)['kind']>;
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
        /** Most entries; infinite for all of them. */
        readonly limit: number;
      }
  );

/** One account, read again and again. */
export type WatchCommand = Common & {
  readonly kind: 'watch';
  readonly account: string;
  readonly intervalMs: number;
  /** Undefined: until it is interrupted. */
  readonly seconds: number | undefined;
};

/** Load, and a check of the books. */
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

/** Reads the text of an argument or option. Throws {@link UsageError}, which begins with the name. */
export type ArgumentReader<Value> = (name: string, text: string) => Value;

export const readText: ArgumentReader<string> = (_, text) => text;

/** A reader of what a schema of the HTTP contract accepts, so that the command and the bank say the same. */
function readerOf<Schema extends v.GenericSchema>(schema: Schema): ArgumentReader<v.InferOutput<Schema>> {
  return (name, text) => {
    const result = v.safeParse(schema, text);
    if (!result.success) {
      throw new UsageError(`${name}: ${result.issues[0].message}, got ${JSON.stringify(text)}`);
    }
    return result.output;
  };
}

/** Reads what a side of an account becomes. */
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

/** A reader of whole numbers. */
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

/** An amount is minor units. A user who gave units and hundredths learns how many minor units those are. */
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

/** An argument, which may be left out if its name is in brackets. */
export function argument<Value>(name: string, description: string, read: ArgumentReader<Value>): Argument {
  const made = new Argument(name, description);
  return made.argParser((text: string) => read(made.name(), text));
}

/** An option that may be given once: of two keys one would be dropped, and a call made that was not meant. */
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
