import { join } from 'node:path';
import { auditBook } from '../books/audit.ts';
import type { Books } from '../books/books.ts';
import { createPatientClient } from '../books/client.ts';
import { exportBooks } from '../books/export-books.ts';
import { goThrough } from '../books/go-through.ts';
import { tableBooks } from '../books/table-books.ts';
import type { Verdict } from '../books/verdict.ts';
import { awsEnvironment } from '../local/environment.ts';
import { findRunning } from '../local/running.ts';
import { tableNames } from '../names.ts';
import { run } from '../tools/program.ts';
import { type AuditOptions, readOptions } from './options.ts';

/** The program behind `npm run audit`. Ends with 0 when every book is right, with 1 when one is not. */

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());

await run(() => audit(readOptions(process.argv.slice(2))));

async function audit(options: AuditOptions): Promise<number> {
  await using books = await open(options);
  const sum = { accounts: 0, entries: 0, pages: 0, balance: 0n, held: 0n, wrong: 0, notes: 0 };
  await goThrough({
    books,
    signal: interruption.signal,
    handle: async (book) => {
      const verdict = await auditBook(book);
      sum.accounts += 1;
      sum.entries += verdict.entries;
      sum.pages += verdict.pages;
      sum.balance += verdict.balanceMinor ?? 0n;
      sum.held += verdict.heldMinor;
      sum.wrong += verdict.faults.length > 0 ? 1 : 0;
      sum.notes += verdict.notes.length;
      await say(options.json ? lineOf(book.account, verdict) : textOf(book.account, verdict));
      return true;
    },
  });
  const { balance, held, ...counts } = sum;
  await say(
    options.json
      ? JSON.stringify({ ...counts, balance: String(balance), held: String(held) })
      : `${sum.accounts} accounts with ${balance} in all (held ${held}), ${sum.entries} entries: ${
          sum.wrong === 0 ? 'each book is right' : `${sum.wrong} books are wrong`
        }${sum.notes === 0 ? '' : `, ${sum.notes} notes`}.`,
  );
  if (interruption.signal.aborted) console.error('Interrupted: not every book was looked at.');
  return sum.wrong > 0 || interruption.signal.aborted ? 1 : 0;
}

async function open(options: AuditOptions): Promise<Books> {
  if (options.kind === 'bank') {
    return await tableBooks(createPatientClient(options.region), tableNames(options.prefix));
  }
  if (options.kind === 'local') {
    const { endpoint, region, ...names } = await findRunning(options.dataFolder);
    Object.assign(process.env, awsEnvironment(endpoint, region));
    return await tableBooks(createPatientClient(region), names);
  }
  const [accounts, pages] = ['accounts', 'pages'].map((table) => join(options.folder, table));
  return await exportBooks({ accounts: String(accounts), pages: String(pages) });
}

/** Resolves when the line is out, so that a slow reader of it is waited for. */
function say(line: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(`${line}\n`, () => resolve());
  });
}

function lineOf(account: string, { balanceMinor, heldMinor, highestKey: _, ...found }: Verdict): string {
  const balance = balanceMinor === undefined ? {} : { balance: String(balanceMinor) };
  return JSON.stringify({ account, ...balance, held: String(heldMinor), ...found });
}

function textOf(
  account: string,
  { entries, pages, balanceMinor, heldMinor, faults, notes }: Verdict,
): string {
  const held = heldMinor === 0n ? '' : ` (held ${heldMinor})`;
  return [
    `${account}: ${entries} entries, ${pages} pages, balance ${balanceMinor ?? 'none'}${held}: ${faults.length === 0 ? 'right' : 'WRONG'}`,
    ...faults.map(({ code, says }) => `  ${code}: ${says}`),
    ...notes.map((note) => `  note: ${note}`),
  ].join('\n');
}
