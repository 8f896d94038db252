import type { Entry, Hold, ListedAccount } from '../answers.ts';
import { BankClient } from '../client.ts';
import { MAX_LIMIT } from '../contract/formats.ts';
import { follow } from '../follow.ts';
import type { ListCommand } from './arguments.ts';
import { attemptPrinter } from './attempts.ts';
import { connect } from './credentials.ts';
import { describeStatus } from './describe.ts';
import type { CommandProcess } from './process.ts';
import { type Columns, csvLines, jsonLines, tableLines } from './rows.ts';

const ACCOUNT_COLUMNS: Columns<ListedAccount> = [text('account'), number('balance')];

const HOLD_COLUMNS: Columns<Hold> = [
  text('hold'),
  text('expiresAt', 'expires'),
  number('amount'),
  number('remaining'),
  text('reference'),
];

/** A hold in CSV, with the names of its JSON. */
const HOLD_FIELDS = fields<Hold>('hold', 'amount', 'remaining', 'expiresAt', 'reference');

/** An entry in a table. */
const ENTRY_COLUMNS: Columns<Entry> = [
  number('sequence'),
  text('at', 'time'),
  { name: 'type', of: (entry) => [entry.type, entry.code, describeStatus(entry)].filter(Boolean).join(' ') },
  { name: 'change', of: ({ change }) => signed(change), isNumber: true },
  {
    name: 'held',
    of: ({ heldChange }) => (heldChange === undefined ? '' : signed(heldChange)),
    isNumber: true,
  },
  number('balance'),
  text('other'),
  text('hold'),
  text('call'),
  text('reference'),
];

/** An entry in CSV, with the names of its JSON. Append new columns, because programs may count them. */
const ENTRY_FIELDS = fields<Entry>(
  'sequence',
  'at',
  'key',
  'type',
  'code',
  'amount',
  'change',
  'balance',
  'reference',
  'heldChange',
  'other',
  'transfer',
  'hold',
  'debits',
  'credits',
  'call',
  'refund',
);

function signed(change: bigint): string {
  return change > 0n ? `+${change}` : String(change);
}

function fields<Row>(...names: readonly (keyof Row & string)[]): Columns<Row> {
  return names.map((name) => text(name));
}

/** A column with a member of the row. */
function text<Row>(member: keyof Row & string, name: string = member): Columns<Row>[number] {
  const of = ({ [member]: value }: Row) =>
    value instanceof Date ? value.toISOString() : String(value ?? '');
  return { name, of };
}

function number<Row>(member: keyof Row & string): Columns<Row>[number] {
  return { ...text<Row>(member), isNumber: true };
}

/** Prints a list while it is read, until its end, or until the reader of the output is gone. */
export async function list(command: ListCommand, io: CommandProcess): Promise<void> {
  const { signal, release } = follow([io.signal, io.readerGone]);
  try {
    await using client = new BankClient({
      ...(await connect(command, io)),
      callTimeoutMs: command.timeoutMs,
      onEvent: attemptPrinter(command, io),
    });
    for await (const line of linesOf(command, client, signal)) {
      io.out(line);
      // Without this wait, a list that is read faster than the output accepts it would fill the memory.
      await io.drained(signal);
    }
  } catch (error) {
    if (io.readerGone.aborted) {
      return;
    }
    io.signal.throwIfAborted();
    throw error;
  } finally {
    release();
  }
}

function linesOf(command: ListCommand, client: BankClient, signal: AbortSignal): AsyncIterable<string> {
  if (command.kind === 'accounts') {
    return format(client.accounts({ signal }), ACCOUNT_COLUMNS, ACCOUNT_COLUMNS, command);
  }
  if (command.kind === 'holds') {
    return format(holdsOf(client, command.account, signal), HOLD_COLUMNS, HOLD_FIELDS, command);
  }
  const { account, refusals, limit, oldestFirst } = command;
  const pageSize = Math.min(limit, MAX_LIMIT);
  const entries = client.entries(account, {
    signal,
    refusals,
    pageSize,
    ...(oldestFirst ? { after: 0 } : {}),
  });
  return format(take(limit, entries), ENTRY_COLUMNS, ENTRY_FIELDS, command);
}

async function* holdsOf(client: BankClient, account: string, signal: AbortSignal): AsyncGenerator<Hold> {
  yield* (await client.holds(account, { signal })).holds;
}

function format<Row extends object>(
  rows: AsyncIterable<Row>,
  table: Columns<Row>,
  csv: Columns<Row>,
  command: ListCommand,
): AsyncIterable<string> {
  if (command.json) {
    return jsonLines(rows);
  }
  return command.csv ? csvLines(rows, csv) : tableLines(rows, table);
}

async function* take<Row>(most: number, rows: AsyncIterable<Row>): AsyncGenerator<Row> {
  let taken = 0;
  for await (const row of rows) {
    yield row;
    taken += 1;
    if (taken === most) {
      return;
    }
  }
}
