import type { BalanceOptions, DepositOptions } from '../answers.ts';
import type { EndpointOptions } from '../options.ts';
import { COMMAND_NAMES, isCommandName, type Shell } from './command-table.ts';
import { nearest } from './nearest.ts';
import {
  readAccount,
  readAmount,
  readKey,
  readMoment,
  readNumber,
  readOperands,
  readReference,
  readShell,
} from './operands.ts';
import type { CommandName } from './option-table.ts';
import type { ReadFile } from './outputs.ts';
import { parse, rejectMisplaced, type Values } from './parse.ts';
import { findEndpoints } from './places.ts';
import { UsageError } from './usage.ts';

/** Where the bank is, and how it is asked and told of. */
export interface Common {
  /** The preferred one first. */
  readonly endpoints: readonly EndpointOptions[];
  readonly timeoutMs: number;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** One call. */
export type CallCommand = Common &
  (
    | { readonly kind: 'balance'; readonly account: string; readonly options: Pick<BalanceOptions, 'at'> }
    | { readonly kind: 'cancel' | 'outcome'; readonly account: string; readonly key: string }
    | {
        readonly kind: 'deposit' | 'withdraw';
        readonly account: string;
        readonly amountMinor: bigint;
        readonly options: Pick<DepositOptions, 'key' | 'reference' | 'mustExist'>;
      }
  );

/** A list, however long. */
export type ListCommand = Common & { readonly csv: boolean } & (
    | { readonly kind: 'accounts' }
    | {
        readonly kind: 'statement';
        readonly account: string;
        readonly isOldestFirst: boolean;
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
  /** Undefined watches until somebody ends it. */
  readonly seconds: number | undefined;
};

/** Load, and a verdict on the books. */
export type HammerCommand = Common & {
  readonly kind: 'hammer';
  readonly clients: number;
  readonly seconds: number;
  readonly accounts: number;
  /** Undefined leaves it to chance. */
  readonly seed: number | undefined;
};

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'help'; readonly of: CommandName | undefined }
  | { readonly kind: 'version' }
  | { readonly kind: 'completion'; readonly shell: Shell }
  | CallCommand
  | ListCommand
  | WatchCommand
  | HammerCommand;

/** Reads the command line and the environment. Throws {@link UsageError}. */
export function readCommand(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  readFile: ReadFile,
): Command {
  const { values, positionals } = parse(args);
  const [name, ...words] = positionals;
  if (values.help) {
    return { kind: 'help', of: isCommandName(name) ? name : undefined };
  }
  if (values.version) {
    return { kind: 'version' };
  }
  if (!isCommandName(name)) {
    throw unknownCommand(name);
  }
  rejectMisplaced(values, name);
  const operands = readOperands(name, words);
  if (name === 'completion') {
    return { kind: name, shell: readShell(operands[0]) };
  }
  const common = {
    endpoints: findEndpoints(values, environment, readFile),
    timeoutMs: readNumber('timeout-ms', values['timeout-ms']),
    json: values.json,
    verbose: values.verbose,
  };
  return { ...common, ...readOwn(name, operands, values) };
}

type Own<C> = C extends Common ? Omit<C, keyof Common> : never;

/** Reads what is a command's own. */
function readOwn(
  kind: Exclude<CommandName, 'completion'>,
  [first, second]: readonly string[],
  values: Values,
): Own<Command> {
  switch (kind) {
    case 'balance':
      return {
        kind,
        account: readAccount(first),
        options: values.at === undefined ? {} : { at: readMoment('--at', values.at) },
      };
    case 'cancel':
    case 'outcome':
      return { kind, account: readAccount(first), key: readKey('KEY', second) };
    case 'deposit':
    case 'withdraw':
      return {
        kind,
        account: readAccount(first),
        amountMinor: readAmount(second),
        options: {
          ...(values.key === undefined ? {} : { key: readKey('--key', values.key) }),
          ...(values.reference === undefined ? {} : { reference: readReference(values.reference) }),
          mustExist: values['must-exist'],
        },
      };
    case 'accounts':
      return { kind, csv: readCsv(values) };
    case 'statement':
      if (values.all && values.limit !== undefined) {
        throw new UsageError('give either --limit or --all, not both');
      }
      return {
        kind,
        account: readAccount(first),
        isOldestFirst: values['oldest-first'],
        refusals: values.refusals,
        limit: values.all ? Number.POSITIVE_INFINITY : readNumber('limit', values.limit),
        csv: readCsv(values),
      };
    case 'watch':
      return {
        kind,
        account: readAccount(first),
        intervalMs: readNumber('interval-ms', values['interval-ms']),
        seconds: values.seconds === undefined ? undefined : readNumber('seconds', values.seconds),
      };
    case 'hammer':
      return {
        kind,
        clients: readNumber('clients', values.clients),
        seconds: readNumber('seconds', values.seconds),
        accounts: readNumber('accounts', values.accounts),
        seed: values.seed === undefined ? undefined : readNumber('seed', values.seed),
      };
  }
}

function readCsv({ csv, json }: Values): boolean {
  if (csv && json) {
    throw new UsageError('give either --json or --csv, not both');
  }
  return csv;
}

function unknownCommand(name: string | undefined): UsageError {
  const names = `${COMMAND_NAMES.slice(0, -1).join(', ')} or ${COMMAND_NAMES.at(-1)}`;
  if (name === undefined) {
    return new UsageError(`say what to do: ${names}`);
  }
  const near = nearest(name, COMMAND_NAMES);
  return new UsageError(
    `there is no command ${JSON.stringify(name)}; ${near === undefined ? `say ${names}` : `did you mean ${near}?`}`,
  );
}
