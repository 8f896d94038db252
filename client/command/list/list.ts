import { BankClient } from '../../client.ts';
import { follow } from '../../follow.ts';
import type { ListCommand } from '../arguments.ts';
import { reportStory } from '../call.ts';
import { connect } from '../connect.ts';
import { toJson } from '../json.ts';
import type { CommandProcess } from '../process.ts';
import { ACCOUNT_COLUMNS, type Columns, ENTRY_COLUMNS, ENTRY_FIELDS } from './columns.ts';
import { csvLines } from './csv.ts';
import { tableLines } from './table.ts';

/** Prints what there is, as it is read, until its end or until nobody reads it any more. */
export async function list(command: ListCommand, io: CommandProcess): Promise<void> {
  const { signal, release } = follow([io.signal, io.readerGone]);
  try {
    await using client = new BankClient({
      ...(await connect(command, io)),
      callTimeoutMs: command.timeoutMs,
      onEvent: (event) => reportStory(event, command, io),
    });
    for await (const line of linesOf(command, client, signal)) {
      io.out(line);
      // Otherwise what is read faster than it is taken would pile up here.
      await io.drained(signal);
    }
  } catch (error) {
    if (io.readerGone.aborted) return;
    io.signal.throwIfAborted();
    throw error;
  } finally {
    release();
  }
}

function linesOf(command: ListCommand, client: BankClient, signal: AbortSignal): AsyncIterable<string> {
  if (command.kind === 'accounts') {
    const columns = { table: ACCOUNT_COLUMNS, csv: ACCOUNT_COLUMNS };
    return written(client.accounts({ signal }), columns, command);
  }
  const { account, refusals, limit, isOldestFirst } = command;
  const from = isOldestFirst ? { after: 0 } : {};
  const entries = client.entries(account, { signal, refusals, ...from });
  return written(take(limit, entries), { table: ENTRY_COLUMNS, csv: ENTRY_FIELDS }, command);
}

function written<Row extends object>(
  rows: AsyncIterable<Row>,
  { table, csv }: { readonly table: Columns<Row>; readonly csv: Columns<Row> },
  command: ListCommand,
): AsyncIterable<string> {
  if (command.json) return jsonLines(rows);
  return command.csv ? csvLines(rows, csv) : tableLines(rows, table);
}

async function* jsonLines(rows: AsyncIterable<object>): AsyncGenerator<string> {
  for await (const row of rows) yield toJson(row);
}

async function* take<Row>(most: number, rows: AsyncIterable<Row>): AsyncGenerator<Row> {
  let taken = 0;
  for await (const row of rows) {
    yield row;
    taken += 1;
    if (taken === most) return;
  }
}
