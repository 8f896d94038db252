import { Option, type Command as Program } from 'commander';
import type { Status } from '../answers.ts';
import type {
  BalanceOptions,
  CaptureOptions,
  DepositOptions,
  HoldOptions,
  MoveOptions,
  RefundOptions,
} from '../call-options.ts';
import {
  account,
  amount,
  argument,
  type CallCommand,
  type Command,
  type Common,
  hold,
  readAccount,
  readEntryKey,
  readKey,
  readReference,
  readSeconds,
  readSide,
  readTimeMs,
  single,
  wholeNumber,
} from './arguments.ts';
import { type EndpointSources, findEndpoints } from './endpoints.ts';
import { recallKey } from './last.ts';
import type { CommandProcess } from './process.ts';
import { UsageError } from './usage.ts';

/** The options that every command takes, as the user gave them. */
export interface CommonOptions extends EndpointSources {
  readonly timeoutMs: number;
  readonly json?: true;
  readonly verbose?: true;
}

/** The commands in the order of the help, and their one-line help. */
const SUMMARIES: Readonly<Record<Command['kind'], string>> = {
  deposit: 'put money into an account',
  withdraw: 'take money out of an account',
  transfer: 'move money to another account',
  hold: 'reserve money for a payment',
  capture: 'take held money, or transfer it',
  void: 'give held money back to the balance',
  holds: 'print the open holds of an account',
  refund: 'give back what a call moved',
  status: 'freeze or open an account',
  balance: 'print the balance of an account',
  statement: 'print its entries, newest first',
  accounts: 'print all accounts and their balances',
  outcome: 'print the outcome of a call',
  cancel: 'make sure that a call is never executed',
  watch: 'print the balance whenever it changes',
  load: 'put load on the bank, check its books',
};

/** True for the name of a command. */
export function isCommandName(word: string): word is Command['kind'] {
  return Object.hasOwn(SUMMARIES, word);
}

const KEY_IS_PRINTED = 'The key of the call is printed, on standard error, before the call is sent.';
const CSV = ['--csv', 'print comma-separated values (RFC 4180) below a line of their names'] as const;

/** Adds the commands to the program. The one that is on the command line calls `pass` with its arguments and options. */
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

  const passCall = (kind: CallCommand['kind'], account: string, send: CallCommand['send']) =>
    pass({ ...common(), kind, account, send });

  const commonOfList = (csv: boolean): Common & { csv: boolean } => {
    if (csv && program.opts<CommonOptions>().json) {
      throw new UsageError("option '--csv' cannot be used with option '--json'");
    }
    return { ...common(), csv };
  };

  const addKeyed = (kind: CallCommand['kind'], description: string, ...examples: readonly string[]) =>
    add(kind, `${description} ${KEY_IS_PRINTED}`, ...examples)
      .addOption(single('--key <key>', 'finish the call that had this key: it is executed once', readKey))
      .addOption(new Option('--last', 'finish the last call: --key with its key').conflicts('key'))
      .addOption(single('--reference <text>', 'a text of your own for the statement', readReference))
      .hook('preAction', (_, command) => {
        if (command.opts<{ last?: true }>().last) {
          const key = recallKey(kind, String(command.processedArgs[0]), common(), { environment, readFile });
          command.setOptionValue('key', key).setOptionValue('last', undefined);
        }
      });

  const addMove = (kind: 'deposit' | 'withdraw', description: string, ...examples: readonly string[]) =>
    addKeyed(kind, description, ...examples)
      .addArgument(account())
      .addArgument(amount())
      .action((account: string, amountMinor: bigint, options: DepositOptions) =>
        passCall(kind, account, (client, signal) =>
          client[kind](account, amountMinor, { ...options, signal }),
        ),
      );

  addMove(
    'deposit',
    'Put money into an account and print the new balance. The first deposit opens the account.',
    'bank deposit joe 10',
    'bank deposit joe 10 --last',
    'bank deposit joe 10 --reference order-4711 --must-exist',
  ).option('--must-exist', 'open no account: refuse the deposit if there is none');

  addMove(
    'withdraw',
    'Take money out of an account, never more than it holds, and print the new balance.',
    'bank withdraw joe 12',
    'bank withdraw joe 12 --key KEY',
  );

  addKeyed(
    'transfer',
    'Move money from one account to another, never more than it holds, and print the balance of the first.',
    'bank transfer joe ann 10',
    'bank transfer joe ann 10 --key KEY',
  )
    .addArgument(account('from', 'account that pays'))
    .addArgument(account('to', 'account that is paid'))
    .addArgument(amount())
    .action((account: string, to: string, amountMinor: bigint, options: MoveOptions) =>
      passCall('transfer', account, (client, signal) =>
        client.transfer(account, to, amountMinor, { ...options, signal }),
      ),
    );

  addKeyed(
    'hold',
    'Hold money until it is captured or voided, or expires, and print the balance that is left. The key is the name of the hold.',
    'bank hold joe 10',
    'bank hold joe 10 --expires 1h',
  )
    .addArgument(account())
    .addArgument(amount())
    .addOption(single('--expires <time>', 'when it expires: 90s, 15m, 1h, 30d (default: 7d)', readSeconds))
    .action((account: string, amountMinor: bigint, { expires, ...options }: HoldArguments) => {
      const expiry = expires === undefined ? {} : { expiresInSeconds: expires };
      passCall('hold', account, (client, signal) =>
        client.hold(account, amountMinor, { ...options, ...expiry, signal }),
      );
    });

  addKeyed(
    'capture',
    'Capture a hold: take its money out of the bank, or transfer it with --to, and print the balance. Without an amount, capture all of it; with one, the rest goes back to the balance.',
    'bank capture joe KEY',
    'bank capture joe KEY 4 --keep',
    'bank capture joe KEY --to ann',
  )
    .addArgument(account())
    .addArgument(hold())
    .addArgument(amount('[amount]'))
    .option('--keep', 'keep the rest for another capture')
    .addOption(single('--to <account>', 'transfer the money to this account', readAccount))
    .action(
      (account: string, hold: string, amount: bigint | undefined, { keep, ...options }: CaptureArguments) =>
        passCall('capture', account, (client, signal) => {
          const part = { ...(amount && { amount }), ...(keep && { final: false }) };
          return client.capture(account, hold, { ...options, ...part, signal });
        }),
    );

  addKeyed(
    'void',
    'End a hold, give its money back to the balance, and print the balance.',
    'bank void joe KEY',
  )
    .addArgument(account())
    .addArgument(hold())
    .action((account: string, hold: string, options: MoveOptions) =>
      passCall('void', account, (client, signal) => client.void(account, hold, { ...options, signal })),
    );

  add(
    'holds',
    'Print the open holds of an account, one a line: its key, when it expires, amount, what remains of it, reference.',
    'bank holds joe',
    'bank holds joe --csv',
  )
    .addArgument(account())
    .option(...CSV)
    .action((account: string, { csv = false }: { csv?: boolean }) =>
      pass({ ...commonOfList(csv), kind: 'holds', account }),
    );

  addKeyed(
    'refund',
    'Refund a withdrawal or a capture, or return a received transfer to its payer, and print the balance. Without an amount, refund all that was not refunded before.',
    'bank refund joe KEY',
    'bank refund joe KEY 4 --reference broken',
  )
    .addArgument(account())
    .addArgument(argument('call', 'key of the call, as the statement has it with --csv', readEntryKey))
    .addArgument(amount('[amount]'))
    .action((account: string, call: string, amount: bigint | undefined, options: RefundArguments) =>
      passCall('refund', account, (client, signal) =>
        client.refund(account, call, { ...options, ...(amount && { amount }), signal }),
      ),
    );

  addKeyed(
    'status',
    'Freeze or open an account, and print its balance and what was changed. While debits are frozen, no money leaves it; while credits are, none comes in.',
    'bank status joe --debits frozen',
    'bank status joe --debits open --credits open',
  )
    .addArgument(account())
    .addOption(single('--debits <status>', 'open or frozen: whether money may leave', readSide))
    .addOption(single('--credits <status>', 'open or frozen: whether money may come in', readSide))
    .action((account: string, { debits, credits, ...options }: StatusArguments) => {
      const status = { ...(debits && { debits }), ...(credits && { credits }) };
      if (debits === undefined && credits === undefined) {
        throw new UsageError('status: expected --debits, --credits or both, each with open or frozen');
      }
      passCall('status', account, (client, signal) =>
        client.setStatus(account, status, { ...options, signal }),
      );
    });

  add(
    'balance',
    'Print the balance of an account in minor units, what is held in addition, and on a second line whether it is frozen. The read is strongly consistent.',
    'bank balance joe',
    'bank balance joe --at 2026-11-27T13:00:00Z',
  )
    .addArgument(account())
    .addOption(single('--at <time>', 'the balance at a time in the past (RFC 3339)', readTimeMs))
    .action((account: string, options: BalanceOptions) =>
      passCall('balance', account, (client, signal) => client.balance(account, { ...options, signal })),
    );

  add(
    'statement',
    'Print the entries of an account, one a line: number, time, type, change of the balance and of the held money, balance after it, the other account, hold, refunded call, reference.',
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
    'Print the accounts that have ever had a deposit, in the order of the table. For operators. Changes of the last seconds may be missing.',
    'bank accounts',
    'bank accounts --csv',
  )
    .option(...CSV)
    .action(({ csv = false }: { csv?: boolean }) => pass({ ...commonOfList(csv), kind: 'accounts' }));

  const addOfKey = (kind: 'outcome' | 'cancel', description: string) =>
    add(kind, description, `bank ${kind} joe KEY`)
      .addArgument(account())
      .addArgument(argument('key', 'key of the call', readKey))
      .action((account: string, key: string) =>
        passCall(kind, account, (client, signal) => client[kind](account, key, { signal })),
      );
  addOfKey(
    'outcome',
    'Print how the bank answered the call with a key: "executed", the balance and the refunded amount; "refused" and the code; "cancelled"; "pending" for a transfer or refund under way; or "none". It changes nothing.',
  );
  addOfKey(
    'cancel',
    'Cancel a key. Print "cancelled" if its call can no longer be executed, or the outcome that the call has already.',
  );

  add(
    'watch',
    'Print the balance of an account, what is held and whether it is frozen, now and whenever that changes, until Ctrl-C. If a Region fails, the command asks the other one.',
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
    'load',
    'Call the bank from many clients at once, resolve every unknown outcome, and check that balances and statements agree with the calls. The accounts are new, with names that begin with load-, and are not deleted. On a deployed bank, AWS charges for every call.',
    'bank load --clients 16 --seconds 10',
    'bank load --clients 4 --seconds 5 --accounts 1 --json',
  )
    .addOption(single('--clients <n>', 'clients that call at once', wholeNumber(1, 256)).default(16))
    .addOption(single('--accounts <n>', 'accounts that they share', wholeNumber(1, 256)).default(16))
    .addOption(single('--seconds <n>', 'how long they call', wholeNumber(1, 600)).default(10))
    .addOption(single('--seed <n>', 'make the calls of an earlier run again', wholeNumber(0, 2 ** 32 - 1)))
    .action((options: { clients: number; accounts: number; seconds: number; seed?: number }) => {
      if (program.opts<CommonOptions>().verbose) {
        throw new UsageError("option '--verbose' cannot be used with load");
      }
      pass({ ...common(), kind: 'load', seed: undefined, ...options });
    });
}

type HoldArguments = Omit<HoldOptions, 'expiresInSeconds'> & { readonly expires?: number };

type CaptureArguments = Omit<CaptureOptions, 'amount' | 'final'> & { readonly keep?: true };

type RefundArguments = Omit<RefundOptions, 'amount'>;

type StatusArguments = MoveOptions & Status;

interface StatementOptions {
  readonly limit: number;
  readonly all?: true;
  readonly oldestFirst?: boolean;
  readonly refusals?: boolean;
  readonly csv?: boolean;
}

export function withExamples(description: string, examples: readonly string[]): string {
  return [description, '', 'Examples:', ...examples.map((example) => `  ${example}`)].join('\n');
}
