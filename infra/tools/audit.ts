import { join } from 'node:path';
import { isRegister } from '../../functions/bank/key.ts';
import { awsEnvironment } from '../local/environment.ts';
import { findRunning } from '../local/running.ts';
import { tableNames } from '../names.ts';
import { auditBook } from './books/audit.ts';
import type { Books } from './books/books.ts';
import { checkTransfers, type TransferCounts } from './books/check-transfers.ts';
import { exportBooks } from './books/export-books.ts';
import { visitBooks } from './books/go-through.ts';
import { createPatientClient, tableBooks } from './books/table-books.ts';
import type { TransferFault } from './books/transfer-entry.ts';
import { isRefund, type Transfer, Transfers } from './books/transfers.ts';
import type { Verdict } from './books/verdict.ts';
import {
  interruption,
  parse,
  program,
  regionOption,
  run,
  textOption,
  toJson,
  UsageError,
} from './program.ts';

interface AuditOptions {
  readonly json: boolean;
  /** Opens the books that are checked. */
  readonly open: () => Promise<Books>;
}

interface Sum extends TransferCounts {
  readonly accounts: number;
  readonly entries: number;
  readonly balance: bigint;
  readonly held: bigint;
  readonly wrong: number;
  readonly notes: number;
  /** What the accounts hold, less what came into the bank. It is 0 in a correct bank. */
  readonly unexplained: bigint;
}

interface ParsedOptions {
  readonly from?: string;
  readonly fromExport?: string;
  readonly data?: string;
  readonly region?: string;
  readonly json?: boolean;
}

const DESCRIPTION = `Checks the book of every account: that its pages are there and in order, that no key is in it twice, that it adds
up to the balance, and that what is held belongs to its holds and transfers. Then checks each transfer in both books, and each refund in
the register of its call as well. It changes nothing, and the bank may be in use.`;

// The program behind `npm run audit`. It ends with 0 when every book, transfer and refund is right, with 1 when one is not.
const signal = interruption({ once: true });

await run(() => audit(readOptions(process.argv.slice(2))));

async function audit({ json, open }: AuditOptions): Promise<number> {
  await using books = await open();
  await using transfers = await Transfers.open();
  const sum = { accounts: 0, entries: 0, pages: 0, balance: 0n, held: 0n, outside: 0n, wrong: 0, notes: 0 };
  await visitBooks({
    books,
    signal,
    handle: async (book) => {
      const verdict = await auditBook(book, { onEntries: (entries) => transfers.add(book.account, entries) });
      sum.entries += verdict.entries;
      sum.pages += verdict.pages;
      sum.wrong += verdict.faults.length > 0 ? 1 : 0;
      sum.notes += verdict.notes.length;
      if (isRegister(book.account)) {
        // What it counts is in the balance of an account.
        if (verdict.faults.length + verdict.notes.length === 0) {
          return true;
        }
      } else {
        sum.accounts += 1;
        sum.balance += verdict.balanceMinor ?? 0n;
        sum.held += verdict.heldMinor;
        sum.outside += verdict.outsideMinor;
      }
      await print((json ? bookJson : bookText)(book.account, verdict));
      return true;
    },
  });
  if (signal.aborted) {
    console.error('Interrupted before all books were checked.');
    return 1;
  }
  const found = await checkTransfers(books, transfers, (transfer, fault) =>
    print((json ? wrongJson : wrongText)(transfer, fault)),
  );
  const { balance, held, outside, ...counts } = sum;
  const { twiceMinor, ...ofTransfers } = found;
  // A credit that is not settled yet is in the payee's balance and still held by the payer.
  const unexplained = balance + held - twiceMinor - outside;
  await print(
    json
      ? toJson({ ...counts, ...ofTransfers, balance, held, unexplained })
      : sumText({ ...sum, ...found, unexplained }),
  );
  return sum.wrong + found.wrongTransfers + found.wrongRefunds > 0 || unexplained !== 0n ? 1 : 0;
}

/** The bank of this machine that is running on a data folder. */
async function localBooks(dataFolder: string): Promise<Books> {
  const { endpoint, region, ...names } = await findRunning(dataFolder);
  Object.assign(process.env, awsEnvironment(endpoint, region));
  return await tableBooks(createPatientClient(region), names);
}

/** Resolves when the line is written, so that the audit waits for a slow reader. Rejects if nobody reads any more, as after `| head`. */
function print(line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(`${line}\n`, (cause) => {
      if (cause) {
        const message = `The audit stopped before the end, because its output could not be written: ${cause.message}`;
        reject(Object.assign(new Error(message, { cause }), { code: 'output_failed' }));
      } else {
        resolve();
      }
    });
  });
}

function bookJson(account: string, verdict: Verdict): string {
  const { balanceMinor: balance, heldMinor: held, entries, pages, pagesBeyond, faults, notes } = verdict;
  return toJson({ account, balance, held, entries, pages, pagesBeyond, faults, notes });
}

function wrongJson(transfer: Transfer, { code, message }: TransferFault): string {
  const { payer, payee, key, amount } = transfer.said[0] ?? {};
  const named = isRefund(transfer) ? { refund: key, account: payer } : { transfer: key, payer, payee };
  return toJson({ ...named, amount, id: transfer.id, faults: [{ code, message }] });
}

function wrongText(transfer: Transfer, { code, message }: TransferFault): string {
  const { payer, payee, key, amount } = transfer.said[0] ?? {};
  const named = isRefund(transfer)
    ? `refund ${key} of ${amount} by ${payer}`
    : `transfer ${key} of ${amount} from ${payer} to ${payee}`;
  return `${named}: WRONG\n  ${code}: ${message}`;
}

function sumText(sum: Sum): string {
  const { accounts, entries, balance, held, wrong, notes, transfers, refunds, unexplained } = sum;
  const wrongMoves = sum.wrongTransfers + sum.wrongRefunds;
  const moves = [`${transfers} transfers`, ...(refunds === 0 ? [] : [`${refunds} refunds`])];
  const right = wrongMoves === 0 ? 'each is right' : `${wrongMoves} are wrong`;
  const amount = unexplained < 0n ? `${-unexplained} less` : `${unexplained} more`;
  return [
    `${accounts} accounts with ${balance} in all (held ${held}), ${entries} entries: ${
      wrong === 0 ? 'each book is right' : `${wrong} books are wrong`
    }${notes === 0 ? '' : `, ${notes} notes`}.`,
    ...(transfers + refunds === 0
      ? []
      : [`${moves.join(' and ')}, ${sum.underWay} of them under way: ${right}.`]),
    ...(unexplained === 0n ? [] : [`The accounts hold ${amount} than came into the bank.`]),
  ].join('\n');
}

function bookText(
  account: string,
  { entries, pages, balanceMinor, heldMinor, faults, notes }: Verdict,
): string {
  const held = heldMinor === 0n ? '' : ` (held ${heldMinor})`;
  return [
    `${account}: ${entries} entries, ${pages} pages, balance ${balanceMinor ?? 'none'}${held}: ${faults.length === 0 ? 'right' : 'WRONG'}`,
    ...faults.map(({ code, message }) => `  ${code}: ${message}`),
    ...notes.map((note) => `  note: ${note}`),
  ].join('\n');
}

/** Reads the command line. Throws `UsageError`. */
function readOptions(words: readonly string[]): AuditOptions {
  const command = program('npm run audit --', DESCRIPTION)
    .addOption(
      textOption('--from <prefix>', 'the bank, or restored tables, named PREFIX-accounts and PREFIX-pages'),
    )
    .addOption(regionOption('the AWS Region that --from is read in'))
    .addOption(
      textOption(
        '--from-export <folder>',
        'two exports to S3 in DynamoDB JSON, of the same moment, in FOLDER/accounts and FOLDER/pages',
        'a folder',
      ),
    )
    .addOption(
      textOption('--data <folder>', 'the bank that npm start -- --data FOLDER has started', 'a folder'),
    )
    .option('--json', 'print one object a line: what was found of each account, and then the sum')
    .addHelpText(
      'after',
      '\nEnds with 0 when every book, transfer and refund is right, with 1 when one is wrong or could not be read.',
    );
  const { from, fromExport, data, region, json = false } = parse<ParsedOptions>(command, words);
  if ([from, fromExport, data].filter((each) => each !== undefined).length !== 1) {
    throw new UsageError('expected one of --from, --from-export and --data');
  }
  if (fromExport !== undefined) {
    const folders = { accounts: join(fromExport, 'accounts'), pages: join(fromExport, 'pages') };
    return { json, open: () => exportBooks(folders) };
  }
  if (data !== undefined) {
    return { json, open: () => localBooks(data) };
  }
  if (from === undefined || region === undefined) {
    throw new UsageError('--region is missing');
  }
  return { json, open: () => tableBooks(createPatientClient(region), tableNames(from)) };
}
