import * as v from 'valibot';
import type { Side, Status } from '../answers.ts';
import type {
  BalanceOptions,
  CaptureOptions,
  DepositOptions,
  HoldOptions,
  RefundOptions,
} from '../call-options.ts';
import { MAX_EXPIRES_IN_SECONDS } from '../contract/formats.ts';
import type { EndpointOptions } from '../options.ts';
import { UsageError } from './usage.ts';

/** What every command that calls the bank is given. */
export interface Common {
  /** The preferred one first. */
  readonly endpoints: readonly EndpointOptions[];
  readonly timeoutMs: number;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Options of every call that has a key. */
type MoveOption = 'key' | 'reference';

/** One call. */
export type CallCommand = Common &
  (
    | { readonly kind: 'balance'; readonly account: string; readonly options: Pick<BalanceOptions, 'at'> }
    | { readonly kind: 'cancel' | 'outcome'; readonly account: string; readonly key: string }
    | {
        readonly kind: 'deposit' | 'withdraw';
        readonly account: string;
        readonly amountMinor: bigint;
        readonly options: Pick<DepositOptions, MoveOption | 'mustExist'>;
      }
    | {
        readonly kind: 'transfer';
        readonly account: string;
        readonly to: string;
        readonly amountMinor: bigint;
        readonly options: Pick<DepositOptions, MoveOption>;
      }
    | {
        readonly kind: 'hold';
        readonly account: string;
        readonly amountMinor: bigint;
        readonly options: Pick<HoldOptions, MoveOption | 'expiresInSeconds'>;
      }
    | {
        readonly kind: 'capture' | 'void';
        readonly account: string;
        readonly hold: string;
        /** Of a void the first two only. */
        readonly options: Pick<CaptureOptions, MoveOption | 'amount' | 'final' | 'to'>;
      }
    | {
        readonly kind: 'refund';
        readonly account: string;
        /** Key of the entry to refund. */
        readonly call: string;
        readonly options: Pick<RefundOptions, MoveOption | 'amount'>;
      }
    | {
        readonly kind: 'status';
        readonly account: string;
        readonly status: Status;
        readonly options: Pick<DepositOptions, MoveOption>;
      }
  );

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
export type Reader<Value> = (name: string, text: string) => Value;

export const readText: Reader<string> = (_, text) => text;

/** A reader of what a schema of the HTTP contract accepts, so that the command and the bank say the same. */
export function readerOf<Schema extends v.GenericSchema>(schema: Schema): Reader<v.InferOutput<Schema>> {
  return (name, text) => {
    const result = v.safeParse(schema, text);
    if (!result.success) {
      throw new UsageError(`${name}: ${result.issues[0].message}, got ${JSON.stringify(text)}`);
    }
    return result.output;
  };
}

/** Reads what a side of an account becomes. */
export const readSide: Reader<Side> = (name, text) => {
  if (text !== 'open' && text !== 'frozen') {
    throw new UsageError(`${name}: expected open or frozen, got ${JSON.stringify(text)}`);
  }
  return text;
};

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Reads a time such as `1h` as seconds. */
export const readSeconds: Reader<number> = (name, text) => {
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
export function wholeNumber(from: number, to: number): Reader<number> {
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
