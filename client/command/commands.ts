import { Argument, Option, type Command as Program } from 'commander';
import type { BalanceOptions, DepositOptions } from '../answers.ts';
import {
  accountSchema,
  amountSchema,
  keySchema,
  referenceSchema,
  timestampSchema,
} from '../contract/schemas.ts';
import { type Command, type Common, type Reader, readerOf, wholeNumber } from './arguments.ts';
import { type EndpointSources, findEndpoints } from './endpoints.ts';
import type { CommandProcess } from './process.ts';
import { UsageError } from './usage.ts';

/** The options that every command takes, as they are given. */
export interface CommonOptions extends EndpointSources {
  readonly timeoutMs: number;
  readonly json?: true;
  readonly verbose?: true;
}

/** The commands, with what they do. */
const SUMMARIES: Readonly<Record<Command['kind'], string>> = {
  deposit: 'put money into an account, print its balance',
  withdraw: 'take money out of an account, print its balance',
  balance: 'print the balance of an account',
  statement: 'print the entries of an account, newest first',
  accounts: 'print all accounts and their balances',
  outcome: 'print the outcome of a call',
  cancel: 'make sure that a call is never executed',
  watch: 'print the balance whenever it changes',
  hammer: 'put load on the bank, check its books',
};

/** True for the name of a command. */
export function isCommandName(word: string): word is Command['kind'] {
  return Object.hasOwn(SUMMARIES, word);
}

const KEY_IS_PRINTED = 'The key of the call is printed, on standard error, before the call is sent.';
const CSV = ['--csv', 'print comma-separated values (RFC 4180) below a line of their names'] as const;

/** Adds the commands to the program. Each passes on what it has read. */
export function addCommands(
  program: Program,
  { environment, readFile }: Pick<CommandProcess, 'environment' | 'readFile'>,
  pass: (command: Command) => void,
): void {
  const add = (kind: Command['kind'], description: string, ...examples: readonly string[]): Program =>
    program
      .command(kind)
      .summary(SUMMARIES[kind])
      .description(withExamples(description, examples))
      .addHelpText('after', '\nbank --help has the options of every command, such as --endpoint and --json.');

  const common = (): Common => {
    const { timeoutMs, json = false, verbose = false, ...sources } = program.opts<CommonOptions>();
    return { endpoints: findEndpoints(sources, environment, readFile), timeoutMs, json, verbose };
  };

  const commonOfList = (csv: boolean): Common & { csv: boolean } => {
    if (csv && program.opts<CommonOptions>().json) {
      throw new UsageError("option '--csv' cannot be used with option '--json'");
    }
    return { ...common(), csv };
  };

  const addMove = (kind: 'deposit' | 'withdraw', description: string, ...examples: readonly string[]) =>
    add(kind, `${description} ${KEY_IS_PRINTED}`, ...examples)
      .addArgument(account())
      .addArgument(argument('amount', 'minor units (cents, credits, seconds), 1 to 15 digits', readAmount))
      .addOption(single('--key <key>', 'finish the call that had this key: it is executed once', readKey))
      .addOption(single('--reference <text>', 'a text of your own for the statement', readReference))
      .action((account: string, amountMinor: bigint, options: DepositOptions) =>
        pass({ ...common(), kind, account, amountMinor, options }),
      );

  addMove(
    'deposit',
    'Put money into an account and print the new balance. The first deposit opens the account.',
    'bank deposit joe 10',
    'bank deposit joe 10 --key KEY',
    'bank deposit joe 10 --reference order-4711 --must-exist',
  ).option('--must-exist', 'open no account: refuse the deposit if there is none');

  addMove(
    'withdraw',
    'Take money out of an account, never more than it holds, and print the new balance.',
    'bank withdraw joe 12',
    'bank withdraw joe 12 --key KEY',
  );

  add(
    'balance',
    'Print the balance of an account in minor units, by a strongly consistent read.',
    'bank balance joe',
    'bank balance joe --at 2026-11-27T13:00:00Z',
  )
    .addArgument(account())
    .addOption(single('--at <time>', 'the balance at a time in the past (RFC 3339)', readTimeMs))
    .action((account: string, options: BalanceOptions) =>
      pass({ ...common(), kind: 'balance', account, options }),
    );

  add(
    'statement',
    'Print the entries of an account, one a line: number, time, type, change, balance after it, reference.',
    'bank statement joe',
    'bank statement joe --refusals --limit 100',
    'bank statement joe --all --oldest-first --csv',
  )
    .addArgument(account())
    .addOption(single('--limit <n>', 'most entries', wholeNumber(1, 1_000_000)).default(20).conflicts('all'))
    .option('--all', 'all entries')
    .option('--oldest-first', 'begin with the oldest entry')
    .option('--refusals', 'print refused and cancelled calls as well')
    .option(...CSV)
    .action((account: string, options: StatementOptions) => {
      const { limit, all, oldestFirst = false, refusals = false, csv = false } = options;
      const most = all ? Number.POSITIVE_INFINITY : limit;
      pass({ ...commonOfList(csv), kind: 'statement', account, limit: most, oldestFirst, refusals });
    });

  add(
    'accounts',
    'Print the accounts that somebody has deposited to, in no order. For operators; it may lack what happened in the last seconds.',
    'bank accounts',
    'bank accounts --csv',
  )
    .option(...CSV)
    .action(({ csv = false }: { csv?: boolean }) => pass({ ...commonOfList(csv), kind: 'accounts' }));

  const addKeyed = (kind: 'outcome' | 'cancel', description: string) =>
    add(kind, description, `bank ${kind} joe KEY`)
      .addArgument(account())
      .addArgument(argument('key', 'key of the call', readKey))
      .action((account: string, key: string) => pass({ ...common(), kind, account, key }));
  addKeyed(
    'outcome',
    'Print the outcome of the call with a key: "executed" and the balance after it, "refused" and why, "cancelled", or "none" so far. It changes nothing.',
  );
  addKeyed(
    'cancel',
    'Cancel a key: its call is not executed any more, and "cancelled" is printed; or, if the call has an outcome already, that is printed.',
  );

  add(
    'watch',
    'Print the balance of an account now and whenever it changes, until Ctrl-C. When a Region fails, the other one is asked.',
    'bank watch joe',
    'bank watch joe --interval-ms 200 --seconds 60',
  )
    .addArgument(account())
    .addOption(
      single('--interval-ms <n>', 'time between two reads', wholeNumber(100, 3_600_000)).default(1000),
    )
    .addOption(single('--seconds <n>', 'end after this time', wholeNumber(1, 600)))
    .action((account: string, { intervalMs, seconds }: { intervalMs: number; seconds?: number }) =>
      pass({ ...common(), kind: 'watch', account, intervalMs, seconds }),
    );

  add(
    'hammer',
    'Call the bank from many clients at once, resolve every unknown outcome, and check that balances and statements agree with the calls. The accounts are new, their names begin with hammer-, and they stay. Of a deployed bank every call is paid for.',
    'bank hammer --clients 16 --seconds 10',
    'bank hammer --clients 4 --seconds 5 --accounts 1 --json',
  )
    .addOption(single('--clients <n>', 'clients that call at once', wholeNumber(1, 256)).default(16))
    .addOption(single('--accounts <n>', 'accounts that they share', wholeNumber(1, 256)).default(16))
    .addOption(single('--seconds <n>', 'how long they call', wholeNumber(1, 600)).default(10))
    .addOption(single('--seed <n>', 'make the calls of an earlier run again', wholeNumber(0, 2 ** 32 - 1)))
    .action((options: { clients: number; accounts: number; seconds: number; seed?: number }) => {
      if (program.opts<CommonOptions>().verbose) {
        throw new UsageError("option '--verbose' cannot be used with hammer");
      }
      pass({ ...common(), kind: 'hammer', seed: undefined, ...options });
    });
}

interface StatementOptions {
  readonly limit: number;
  readonly all?: true;
  readonly oldestFirst?: boolean;
  readonly refusals?: boolean;
  readonly csv?: boolean;
}

const readKey = readerOf(keySchema);
const readReference = readerOf(referenceSchema);
const readTimeMs: Reader<number> = (name, text) => Date.parse(readerOf(timestampSchema)(name, text));

/** An amount is minor units. A user who gave units and hundredths learns how many minor units those are. */
const readAmount: Reader<bigint> = (name, text) => {
  const [, units, hundredths] = /^(\d{1,13})[.,](\d\d)$/.exec(text) ?? [];
  if (units !== undefined) {
    const minor = BigInt(`${units}${hundredths}`);
    throw new UsageError(`${name}: expected minor units, got "${text}"; in hundredths that is ${minor}`);
  }
  return readerOf(amountSchema)(name, text);
};

function account(): Argument {
  return argument('account', 'name of the account', readerOf(accountSchema));
}

function argument<Value>(name: string, description: string, read: Reader<Value>): Argument {
  return new Argument(`<${name}>`, description).argParser((text: string) => read(name, text));
}

/** An option that may be given once: of two keys one would be dropped, and a call made that was not meant. */
export function single<Value>(flags: string, description: string, read: Reader<Value>): Option {
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

export function withExamples(description: string, examples: readonly string[]): string {
  return [description, '', 'Examples:', ...examples.map((example) => `  ${example}`)].join('\n');
}
