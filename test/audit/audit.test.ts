import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { auditBook } from '../../infra/audit/audit.ts';
import { goThrough } from '../../infra/recover/copy.ts';
import { writeExport } from '../recover/exports.ts';
import { prefixOf, Recovery } from '../support/recovery.ts';
import { callOf, openBank, patient, type UsedBank, use } from './used-bank.ts';

let bank: UsedBank;

beforeEach(async () => {
  bank = await openBank();
});

/** Accounts whose books are right, in all the ways that there are. */
async function useAll(): Promise<void> {
  await use(bank.bank(), 'joe', 49, bank.now.ms);
  await use(bank.bank(), 'new', 1, bank.now.ms);
  await bank.bank().execute(callOf('poor', bank.now.ms, 'withdraw', 5), patient());
  const dying = { ...bank.store, dropPage: () => Promise.resolve() };
  await use(bank.bank({ store: dying }), 'half-turned', 29, bank.now.ms);
}

const linesOf = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('an audit', () => {
  test('finds a bank right that was used, pages that are half turned included', async () => {
    await useAll();
    using program = new Recovery(bank.tables);
    const args = ['--from', prefixOf(bank.tables), '--region', 'us-east-1'];
    const { exitCode, stdout, stderr } = await program.audit(args);
    expect(stderr).toBe('');
    expect(stdout).toContain('joe: 49 entries, 3 pages, balance 19074: right\n');
    expect(stdout).toContain('half-turned: 29 entries, 0 pages, balance ');
    expect(stdout).toContain('poor: 1 entries, 0 pages, balance none: right\n');
    expect(stdout).toMatch(/^4 accounts with \d+ in all \(held 0\), 80 entries: each book is right\.$/m);
    expect(exitCode).toBe(0);

    const told = linesOf((await program.audit([...args, '--json'])).stdout);
    expect(told.find(({ account }) => account === 'joe')).toEqual({
      account: 'joe',
      balance: '19074',
      held: '0',
      entries: 49,
      pages: 3,
      pagesBeyond: 0,
      faults: [],
      notes: [],
    });
    expect(told.at(-1)).toMatchObject({ accounts: 4, entries: 80, pages: 3, wrong: 0, notes: 0 });
  });

  test('names the books that are wrong, also one of which nothing but a page is left, and ends with 1', async () => {
    await useAll();
    const { head, pages } = await bank.items('joe');
    await bank.put('headless', { head: undefined, pages });
    await bank.put('richer', { head: { ...head, balance: { N: '19075' } }, pages });
    using program = new Recovery(bank.tables);
    const args = ['--from', prefixOf(bank.tables), '--region', 'us-east-1'];
    const { exitCode, stdout } = await program.audit(args);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('headless: 30 entries, 3 pages, balance none: WRONG\n  no_head: ');
    expect(stdout).toContain(
      'richer: 49 entries, 3 pages, balance 19075: WRONG\n  balance_wrong: the balance is 19075, and the book comes to 19074\n',
    );
    expect(stdout).toContain('joe: 49 entries, 3 pages, balance 19074: right\n');
    expect(stdout).toMatch(/: 2 books are wrong\.$/m);

    const told = linesOf((await program.audit([...args, '--json'])).stdout);
    const faulty = told.filter(({ faults }) => faults?.length > 0);
    expect(faulty.map(({ account, faults }) => [account, faults[0].code]).sort()).toEqual([
      ['headless', 'no_head'],
      ['richer', 'balance_wrong'],
    ]);
    expect(told.at(-1)).toMatchObject({ accounts: 6, wrong: 2 });
  });

  test('counts an entry of a kind that it does not know, and only notes it', async () => {
    await use(bank.bank(), 'joe', 49, bank.now.ms);
    const { head, pages } = await bank.items('joe');
    const rewrite = (item: (typeof pages)[number] | undefined) => {
      const entries = item?.['entries']?.L ?? [];
      const [first] = entries;
      entries[0] = { S: (first?.S ?? '').replace(/[a-z]+( back)?$/, 'gift from eve') };
    };
    rewrite(pages[1]);
    rewrite(head);
    await bank.put('joe', { head: { ...head, needs: { N: '2' }, 'hold:1': { N: '5' } }, pages });
    const { faults, notes } = await auditBook(await bank.books.book('joe'));
    expect(faults).toEqual([]);
    expect(notes).toEqual([
      '2 entries are of kinds that this version does not know',
      'the head needs version 2 of the protocol',
      'the head has attributes that this version does not know: hold:1',
    ]);
  });

  test('knows a name that no account can have', async () => {
    await use(bank.bank(), 'joe', 1, bank.now.ms);
    await bank.put('a/b', await bank.items('joe'));
    const { faults } = await auditBook(await bank.books.book('a/b'));
    expect(faults.map(({ code }) => code)).toEqual(['bad_name']);
  });
});

describe('an audit of exports', () => {
  test('checks books whose items are in no order', async () => {
    await useAll();
    const { head, pages } = await bank.items('joe');
    const half = await bank.items('half-turned');
    using program = new Recovery(bank.tables);
    const folder = program.folder;
    await writeExport(join(folder, 'accounts'), [[head ?? {}], [], [half.head ?? {}]]);
    await writeExport(join(folder, 'pages'), [
      [pages[2] ?? {}, ...half.pages],
      [pages[1] ?? {}, pages[0] ?? {}],
    ]);
    const right = await program.audit(['--from-export', folder, '--json']);
    expect(right.stderr).toBe('');
    expect(right.exitCode).toBe(0);
    expect(linesOf(right.stdout).at(-1)).toMatchObject({ accounts: 2, entries: 78, pages: 3, wrong: 0 });

    await writeExport(join(folder, 'pages'), [[pages[2] ?? {}, pages[0] ?? {}, ...half.pages]]);
    const wrong = await program.audit(['--from-export', folder]);
    expect(wrong.exitCode).toBe(1);
    expect(wrong.stdout).toContain('  page_missing: entries 11 to 20 are on no page\n');
  });

  test('ends with 1 when an export is not whole', async () => {
    using program = new Recovery(bank.tables);
    const { exitCode, stderr } = await program.audit(['--from-export', program.folder]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/cannot be read; is .* a whole export\?/);
  });
});

describe('an audit of a bank that is in use', () => {
  test('finds nothing wrong in books that are written, and whose pages are turned, while it reads them', async () => {
    const accounts = ['a', 'b', 'c'];
    for (const account of accounts) await use(bank.bank(), account, 25, bank.now.ms);
    let audits = 0;
    const writers = accounts.flatMap((account) =>
      [0, 1, 2].map(async () => {
        while (audits < 40) await use(bank.bank(), account, 5, bank.now.ms);
      }),
    );
    const wrong: unknown[] = [];
    const counts = new Set<number>();
    try {
      for (; audits < 40; audits += 1) {
        let pages = 0;
        await goThrough({
          books: bank.books,
          signal: patient(),
          handle: async (book) => {
            const verdict = await auditBook(book);
            pages += verdict.pages;
            if (verdict.faults.length > 0) wrong.push([book.account, verdict.faults]);
            return true;
          },
        });
        counts.add(pages);
      }
    } finally {
      audits = 40;
      await Promise.all(writers);
    }
    expect(wrong).toEqual([]);
    expect(counts.size, 'pages were turned between audits').toBeGreaterThan(10);
  });

  test('reads a head again that was written before its pages were read, however often', async () => {
    await use(bank.bank(), 'joe', 25, bank.now.ms);
    for (const [disturbances, reads] of [
      [1, 1],
      [100, 10],
    ] as const) {
      const book = await bank.books.book('joe');
      let left = disturbances;
      let readAgain = 0;
      const { faults } = await auditBook({
        ...book,
        readHead: () => {
          readAgain += 1;
          return book.readHead();
        },
        async *pages(start) {
          // So many that pages are turned of entries that the head did not have yet.
          if (left > 0) await use(bank.bank(), 'joe', 40, bank.now.ms);
          left -= 1;
          yield* book.pages(start);
        },
      });
      expect(faults).toEqual([]);
      expect(readAgain).toBe(reads);
    }
  });
});

test.each([
  [[], 'either --from or --from-export is needed'],
  [['--from', 'twinbank', '--from-export', 'x'], 'either --from or --from-export is needed'],
  [['--from', 'twinbank'], '--region is missing'],
  [['--speed', '9'], '--speed'],
])('says what is wrong with %j', async (args, message) => {
  using program = new Recovery(bank.tables);
  const { exitCode, stderr } = await program.audit(args);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).toContain('npm run audit --');
});
