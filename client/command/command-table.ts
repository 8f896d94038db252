import { type CommandName, NUMBERS } from './option-table.ts';

/** What an operand is. */
export type Operand = 'ACCOUNT' | 'AMOUNT' | 'KEY' | 'SHELL';

/** Shells that completion is written for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A line that `--json` prints. */
export interface JsonLine {
  readonly stream: 'stdout' | 'stderr';
  /** Value of its member `event`; undefined when it has none. */
  readonly event?: string;
  /** What its members mean, `event` apart. A question mark ends the name of one that is not always there. */
  readonly members: Readonly<Record<string, string>>;
}

/** What is to be known of a command. Parser, help and completion are all made from it. */
export interface CommandPage {
  readonly operands: readonly Operand[];
  /** A few words. */
  readonly summary: string;
  readonly description: readonly string[];
  readonly json: readonly JsonLine[];
  readonly examples: readonly string[];
}

const ACCOUNT = 'the account';
const REGION = 'AWS Region that answered, by its own word';
const TIME = 'when, in ISO 8601 and UTC';
const REPLAYED = 'true when this reply was already recorded under the key';
const SEQUENCE = "number of the call's entry in the statement, from 1";
const AT = `${TIME}: the time of the entry`;
const BALANCE = 'the balance in minor units, a string of digits';

const MOVED: JsonLine = {
  stream: 'stdout',
  members: {
    account: ACCOUNT,
    key: 'key of the call',
    balance: `${BALANCE}, right after the call`,
    sequence: SEQUENCE,
    at: AT,
    region: REGION,
    replayed: REPLAYED,
  },
};
const KEY_LINE: JsonLine = {
  stream: 'stderr',
  event: 'key',
  members: { key: 'key of the call, before it is sent' },
};
const OUTCOME: JsonLine = {
  stream: 'stdout',
  members: {
    outcome: 'executed, refused, cancelled or none',
    account: ACCOUNT,
    key: 'key of the call',
    'balance?': 'executed: the balance right after the call',
    'sequence?': `executed: ${SEQUENCE}`,
    'at?': `executed: ${AT}`,
    'code?': 'refused: why, as a code',
    'detail?': 'refused: why, in words',
    'region?': `${REGION}; none has no Region`,
  },
};
const PROGRESS = {
  calls: 'calls so far',
  callsPerSecond: 'calls a second',
  executed: 'of these, how many moved money',
  balances: 'how many balances were answered',
  refused: 'how many the bank refused',
  notExecuted: 'how many were certainly not executed, as no Region could be reached',
  unknown: 'how many ended without an answer',
  failedOver: 'how many another Region answered after one had failed',
  regions: 'calls that each Region answered',
};

/** Lines that every command may print with `--json`. */
export const COMMON_LINES: readonly JsonLine[] = [
  {
    stream: 'stderr',
    event: 'story',
    members: { line: 'with -v: a line of the story, for people' },
  },
  {
    stream: 'stderr',
    event: 'error',
    members: {
      code: 'what went wrong, as a code',
      message: 'the same in words',
      'key?': 'key of the call, when it had one',
      'replayed?': `refused: ${REPLAYED}`,
      'advice?': 'what to do next',
    },
  },
];

/** The commands, in the order in which help names them. */
export const COMMANDS: Readonly<Record<CommandName, CommandPage>> = {
  deposit: {
    operands: ['ACCOUNT', 'AMOUNT'],
    summary: 'put AMOUNT into ACCOUNT, print the new balance',
    description: [
      'Puts AMOUNT, a whole number of minor units (cents, credits, seconds) of 1 to 15 digits, into ACCOUNT. The first deposit opens the account, unless --must-exist says that it has to be there.',
      'The key of the call is written to standard error before the call is sent. The same command with --key KEY finishes a call whose outcome is unknown: it takes effect once.',
    ],
    json: [MOVED, KEY_LINE],
    examples: [
      'deposit joe 10',
      'deposit joe 10 --key KEY',
      'deposit joe 10 --reference order-4711 --must-exist',
    ],
  },
  withdraw: {
    operands: ['ACCOUNT', 'AMOUNT'],
    summary: 'take AMOUNT out of ACCOUNT, print the new balance',
    description: [
      'Takes AMOUNT, a whole number of minor units (cents, credits, seconds) of 1 to 15 digits, out of ACCOUNT, never more than is in it.',
      'The key of the call is written to standard error before the call is sent. A refusal is recorded under it, so a later try wants a new key, which it is given by itself.',
    ],
    json: [MOVED, KEY_LINE],
    examples: ['withdraw joe 12 -v'],
  },
  balance: {
    operands: ['ACCOUNT'],
    summary: 'print the balance',
    description: [
      'Prints the balance of ACCOUNT in minor units: a strongly consistent read, so it holds everything that was answered before it was asked.',
      'With --at it is the balance after the last entry whose time is not later, and 0 before the first one.',
    ],
    json: [{ stream: 'stdout', members: { account: ACCOUNT, balance: BALANCE, region: REGION } }],
    examples: [
      'balance joe --json',
      'balance joe --endpoint http://127.0.0.1:3030',
      'balance joe --at 2026-11-27T13:00:00Z',
    ],
  },
  statement: {
    operands: ['ACCOUNT'],
    summary: 'print what happened on ACCOUNT, newest first',
    description: [
      'Prints the entries of ACCOUNT, one a line: number, time, type, what was added to the balance or taken from it, the balance after it, and the reference. It has every call that was answered before it was asked; none is ever removed.',
      `Without --limit or --all it is the first ${NUMBERS.limit.usual} in the order that is asked for. Entries are read as they are printed, and no more of them when nobody reads the output any more. --timeout-ms is for each request.`,
    ],
    json: [
      {
        stream: 'stdout',
        members: {
          sequence: 'number of the entry, from 1; without --refusals theirs are left out',
          at: AT,
          key: 'key of the call',
          type: 'deposit or withdrawal; with --refusals also refused or cancelled. More may come',
          'code?': 'refused: why, as a code',
          'amount?': 'what was asked for, in minor units, a string of digits',
          change: 'what was added to the balance, a string of digits, with a minus where money left',
          balance: `${BALANCE}, right after the entry`,
          'reference?': "the caller's own words for the call",
        },
      },
    ],
    examples: [
      'statement joe',
      'statement joe --refusals --limit 100',
      'statement joe --all --oldest-first --csv',
    ],
  },
  accounts: {
    operands: [],
    summary: 'print the accounts of the bank and their balances',
    description: [
      'Prints every account that somebody has deposited to, one a line, in no order of names. A list for operators, with a right of its own: it may lack what happened in the last seconds. --timeout-ms is for each request.',
    ],
    json: [{ stream: 'stdout', members: { account: 'name of the account', balance: BALANCE } }],
    examples: ['accounts', 'accounts --json'],
  },
  outcome: {
    operands: ['ACCOUNT', 'KEY'],
    summary:
      'print what a call was answered: "executed" and the balance after it, "refused" and why, "cancelled", or "none" (so far)',
    description: [
      'Prints what the call with KEY was answered, and changes nothing: "executed" and the balance right after it, "refused" and why, "cancelled", or "none".',
      'None is not the last word: the call may still be on its way. To make sure that it is not, use bank cancel.',
    ],
    json: [OUTCOME],
    examples: ['outcome joe KEY'],
  },
  cancel: {
    operands: ['ACCOUNT', 'KEY'],
    summary: 'make sure that a call never executes; prints "cancelled", or what the call was answered before',
    description: [
      'Cancels KEY: either the call never executes any more, and "cancelled" is printed, or what it was answered before is, in the words of bank outcome. To cancel again says the same again.',
    ],
    json: [OUTCOME],
    examples: ['cancel joe KEY'],
  },
  watch: {
    operands: ['ACCOUNT'],
    summary: 'print the balance whenever it changes, until Ctrl-C',
    description: [
      'Reads the balance of ACCOUNT at an interval and prints it, with the time and the Region that told it, at first and whenever it has changed. Of changes between two reads it tells the last one only.',
      'When a Region fails, the other one is asked, and standard error says so; when no Region answers, watch says so and goes on asking. It ends at Ctrl-C, after --seconds, or when nobody reads its output any more.',
    ],
    json: [
      {
        stream: 'stdout',
        event: 'balance',
        members: { time: TIME, account: ACCOUNT, balance: BALANCE, region: REGION },
      },
      {
        stream: 'stdout',
        event: 'no_account',
        members: { time: TIME, account: 'the account, which nobody has deposited to', 'region?': REGION },
      },
      {
        stream: 'stderr',
        event: 'unavailable',
        members: { time: TIME, account: ACCOUNT, message: 'what went wrong' },
      },
      {
        stream: 'stderr',
        event: 'endpoint_changed',
        members: {
          time: TIME,
          from: 'Region that was asked',
          to: 'Region that is asked from now on',
          'reason?': 'what went wrong with the former; missing on the way back',
        },
      },
    ],
    examples: ['watch joe', 'watch joe --interval-ms 200 --seconds 60'],
  },
  hammer: {
    operands: [],
    summary: 'call as fast as the bank answers, then verify the books',
    description: [
      'Has --clients clients call for --seconds seconds, each as soon as its last call was answered: deposits, withdrawals and balances of --accounts accounts of its own, whose names begin with hammer- and a random number. The accounts stay. On a deployed bank every call is paid for.',
      'When the time is up, after a million calls, or at Ctrl-C, every unknown outcome is resolved by cancelling its key, some calls are retried through the other Region, and the balance and the statement of every account are read in each Region. The verdict says whether every retry was given the same reply, and whether balances and statements are exactly what the calls were answered, entry by entry. A second Ctrl-C ends it without a verdict.',
      'On a terminal its progress is shown.',
    ],
    json: [
      {
        stream: 'stdout',
        event: 'started',
        members: {
          clients: 'how many clients call',
          seconds: 'for how long',
          seed: 'what chance begins with: --seed repeats it',
          accounts: 'names of the accounts',
        },
      },
      {
        stream: 'stdout',
        event: 'progress',
        members: { seconds: 'time since the beginning', ...PROGRESS },
      },
      {
        stream: 'stdout',
        event: 'verdict',
        members: {
          verdict: 'balanced, wrong or unverified',
          seconds: 'how long the clients called',
          ...PROGRESS,
          refusals: 'refused calls by code',
          resolved: 'unknown outcomes, by what they turned out to be; unresolved ones could not be found out',
          p50Ms: 'half of the calls took no longer than this',
          p99Ms: '99 of 100 calls took no longer than this',
          accounts: 'how many accounts were checked',
          totalMinor: 'what the executed calls come to, a string of digits',
          inDoubt: 'how many outcomes are still unknown',
          readIn: 'Regions that the accounts were read in',
          notReadIn: 'Regions that did not answer',
          checks:
            'what was compared: name, says, checked (how much), kept, and broken and open, each with count and examples',
        },
      },
    ],
    examples: ['hammer --clients 16 --seconds 10', 'hammer --clients 4 --seconds 5 --accounts 1 --json'],
  },
  completion: {
    operands: ['SHELL'],
    summary: `print a script that completes this command in ${SHELLS.slice(0, -1).join(', ')} or ${SHELLS.at(-1)}`,
    description: [
      'Prints a script for the shell to read at its start. It completes the word "bank", so bank has to be on the PATH or an alias.',
      'bash, in ~/.bashrc: eval "$(bank completion bash)"',
      'zsh, in ~/.zshrc after compinit: eval "$(bank completion zsh)"',
      'fish: bank completion fish > ~/.config/fish/completions/bank.fish',
    ],
    json: [],
    examples: ['completion bash'],
  },
};

/** Names of the commands, in the order of the table. */
export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];

/** True for the name of a command. */
export function isCommandName(word: string | undefined): word is CommandName {
  return word !== undefined && Object.hasOwn(COMMANDS, word);
}

/** How a command is called. */
export function synopsisOf(name: CommandName): string {
  return ['bank', name, ...COMMANDS[name].operands].join(' ');
}
