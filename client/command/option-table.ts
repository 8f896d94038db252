/** Commands that move money. */
const MOVING = ['deposit', 'withdraw'] as const;
/** Commands that make one call. */
const CALLING = ['deposit', 'withdraw', 'balance', 'outcome', 'cancel'] as const;
/** Commands that list, however much it is. */
const LISTING = ['statement', 'accounts'] as const;
/** Commands that call the bank. */
const ALL_THAT_CALL = [...CALLING, ...LISTING, 'watch', 'hammer'] as const;
const ALL = [...ALL_THAT_CALL, 'completion'] as const;

/** Name of a command. */
export type CommandName = (typeof ALL)[number];

/** What is to be known of an option. Parser, help and completion are all made from it. */
export interface OptionPage {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** What its value is called. */
  readonly value?: string;
  /** True when its value is a file. */
  readonly isFile?: boolean;
  /** Commands that it goes with. */
  readonly commands: readonly CommandName[];
  readonly summary: string;
}

/** Limits of the numbers that options take, and what they are when nobody says otherwise. */
export const NUMBERS = {
  // Shorter than the client's own time: somebody is watching a prompt.
  'timeout-ms': { from: 1, to: 999_999_999, usual: 5000 },
  'interval-ms': { from: 100, to: 3_600_000, usual: 1000 },
  seconds: { from: 1, to: 600, usual: 10 },
  clients: { from: 1, to: 256, usual: 16 },
  accounts: { from: 1, to: 256, usual: 16 },
  limit: { from: 1, to: 1_000_000, usual: 20 },
  seed: { from: 0, to: 2 ** 32 - 1, usual: 0 },
} as const;

/** Name of an option that takes a number. */
export type NumberOption = keyof typeof NUMBERS;

const { clients, accounts, seconds, limit } = NUMBERS;
const interval = NUMBERS['interval-ms'];

/** The options, in the order in which help names them. */
export const OPTIONS = {
  key: {
    type: 'string',
    value: 'KEY',
    commands: MOVING,
    summary: 'retry a deposit or withdrawal with the key it had (a UUIDv7)',
  },
  reference: {
    type: 'string',
    value: 'TEXT',
    commands: MOVING,
    summary: 'your own words for the call, 1 to 64 printable ASCII characters, for the statement',
  },
  'must-exist': {
    type: 'boolean',
    default: false,
    commands: ['deposit'],
    summary: 'open no account: refuse the deposit when there is none',
  },
  at: {
    type: 'string',
    value: 'TIME',
    commands: ['balance'],
    summary: 'the balance at a time in the past, such as 2026-11-27T13:00:00Z (RFC 3339)',
  },
  limit: {
    type: 'string',
    value: 'N',
    commands: ['statement'],
    summary: `how many entries, ${limit.from} to ${limit.to} (${limit.usual})`,
  },
  all: {
    type: 'boolean',
    default: false,
    commands: ['statement'],
    summary: 'all entries, however many there are',
  },
  'oldest-first': {
    type: 'boolean',
    default: false,
    commands: ['statement'],
    summary: 'begin with the first entry, not with the newest',
  },
  refusals: {
    type: 'boolean',
    default: false,
    commands: ['statement'],
    summary: 'tell of refused and cancelled calls as well',
  },
  csv: {
    type: 'boolean',
    default: false,
    commands: LISTING,
    summary: 'comma-separated values (RFC 4180) below a line of their names',
  },
  clients: {
    type: 'string',
    value: 'N',
    commands: ['hammer'],
    summary: `how many clients call at once, ${clients.from} to ${clients.to} (${clients.usual})`,
  },
  accounts: {
    type: 'string',
    value: 'N',
    commands: ['hammer'],
    summary: `how many accounts they share, ${accounts.from} to ${accounts.to} (${accounts.usual})`,
  },
  seed: {
    type: 'string',
    value: 'N',
    commands: ['hammer'],
    summary: 'have each client ask the same as in an earlier run',
  },
  seconds: {
    type: 'string',
    value: 'S',
    commands: ['watch', 'hammer'],
    summary: `how long, ${seconds.from} to ${seconds.to} (hammer ${seconds.usual}; watch until Ctrl-C)`,
  },
  'interval-ms': {
    type: 'string',
    value: 'N',
    commands: ['watch'],
    summary: `time between two reads, ${interval.from} to ${interval.to} (${interval.usual}). Each is a strongly consistent read, which a deployed bank pays for`,
  },
  endpoint: {
    type: 'string',
    multiple: true,
    value: 'URL',
    commands: ALL_THAT_CALL,
    summary:
      "a Region's address; give it twice, the preferred one first. REGION=URL also tells its AWS Region",
  },
  outputs: {
    type: 'string',
    value: 'FILE',
    isFile: true,
    commands: ALL_THAT_CALL,
    summary:
      'take the addresses from the outputs file of cdk deploy instead. Without either: BANK_ENDPOINTS, else the file BANK_OUTPUTS, else the local bank',
  },
  bank: {
    type: 'string',
    value: 'PREFIX',
    commands: ALL_THAT_CALL,
    summary: 'the bank to take, when the outputs are those of several',
  },
  region: {
    type: 'string',
    value: 'REGION',
    commands: ALL_THAT_CALL,
    summary: 'the Region to prefer',
  },
  'timeout-ms': {
    type: 'string',
    value: 'N',
    commands: ALL_THAT_CALL,
    summary: `longest time for a call with all its attempts (${NUMBERS['timeout-ms'].usual})`,
  },
  json: {
    type: 'boolean',
    default: false,
    commands: ALL_THAT_CALL,
    summary:
      'one JSON object on standard output (statement, accounts, watch and hammer: one a line); messages are JSON as well',
  },
  verbose: {
    type: 'boolean',
    short: 'v',
    default: false,
    commands: [...CALLING, ...LISTING, 'watch'],
    summary: 'tell the story: who is tried, who replied',
  },
  help: {
    type: 'boolean',
    short: 'h',
    default: false,
    commands: ALL,
    summary: 'this text; after a command, that of the command',
  },
  version: { type: 'boolean', default: false, commands: ALL, summary: 'the version' },
} as const satisfies Readonly<Record<string, OptionPage & { multiple?: true; default?: false }>>;

/** The same, for who goes through all of them. */
export const OPTION_PAGES: readonly (readonly [name: string, page: OptionPage])[] = Object.entries(OPTIONS);

/** The options that go with a command; all of them when it is not said which. */
export function optionsOf(
  command: CommandName | undefined,
): readonly (readonly [name: string, page: OptionPage])[] {
  return OPTION_PAGES.filter(([, { commands }]) => command === undefined || commands.includes(command));
}
