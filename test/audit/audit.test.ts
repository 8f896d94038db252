import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import { auditBook } from '../../infra/tools/books/audit.ts';
import { type Book, BooksError } from '../../infra/tools/books/books.ts';
import { exportBooks } from '../../infra/tools/books/export-books.ts';
import { visitBooks } from '../../infra/tools/books/go-through.ts';
import { writeExport } from '../recover/exports.ts';
import { patient } from '../support/dynamodb-lab.ts';
import { audit, linesOf, prefixOf, Recovery } from '../support/recovery.ts';
import { callOf, openBank, type UsedBank, use } from './used-bank.ts';

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

describe('an audit', () => {
  test('finds a bank right that was used, pages that are half turned included', async () => {
    await useAll();
    const { code, stdout, stderr } = await audit(bank.tables);
    expect(stderr).toBe('');
    expect(stdout).toContain('joe: 49 entries, 3 pages, balance 19074: right\n');
    expect(stdout).toContain('half-turned: 29 entries, 0 pages, balance ');
    expect(stdout).toContain('poor: 1 entries, 0 pages, balance none: right\n');
    expect(stdout).toMatch(/^4 accounts with \d+ in all \(held 0\), 80 entries: each book is right\.$/m);
    expect(code).toBe(0);

    const printed = linesOf((await audit(bank.tables, '--json')).stdout);
    expect(printed.find(({ account }) => account === 'joe')).toEqual({
      account: 'joe',
      balance: '19074',
      held: '0',
      entries: 49,
      pages: 3,
      pagesBeyond: 0,
      faults: [],
      notes: [],
    });
    expect(printed.at(-1)).toMatchObject({ accounts: 4, entries: 80, pages: 3, wrong: 0, notes: 0 });
  });

  test('names the books that are wrong, also one of which nothing but a page is left, and ends with 1', async () => {
    await useAll();
    const { head, pages } = await bank.items('joe');
    await bank.put('headless', { head: undefined, pages });
    await bank.put('richer', { head: { ...head, balance: { N: '19075' } }, pages });
    const { code, stdout } = await audit(bank.tables);
    expect(code).toBe(1);
    expect(stdout).toContain(
      `headless: ${3 * KEPT_ENTRIES} entries, 3 pages, balance none: WRONG\n  no_head: `,
    );
    expect(stdout).toContain(
      'richer: 49 entries, 3 pages, balance 19075: WRONG\n  balance_wrong: the balance is 19075, and the book comes to 19074\n',
    );
    expect(stdout).toContain('joe: 49 entries, 3 pages, balance 19074: right\n');
    expect(stdout).toMatch(/: 2 books are wrong\.$/m);

    const printed = linesOf((await audit(bank.tables, '--json')).stdout);
    const faulty = printed.filter(({ faults }) => faults?.length > 0);
    expect(faulty.map(({ account, faults }) => [account, faults[0].code]).sort()).toEqual([
      ['headless', 'no_head'],
      ['richer', 'balance_wrong'],
    ]);
    expect(printed.at(-1)).toMatchObject({ accounts: 6, wrong: 2 });
  });

  test('stops when the reader of its report has gone, and does not end as if every book were right', async () => {
    await useAll();
    using program = new Recovery(bank.tables);
    const { child, ended } = program.startAudit(['--from', prefixOf(bank.tables), '--region', 'us-east-1']);
    child.stdout?.destroy();
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'The audit stopped before the end, because its output could not be written: write EPIPE\n',
    });
  });

  test('reports pages without a head once, however many there are', async () => {
    await use(bank.bank(), 'joe', 49, bank.now.ms);
    const [page] = (await bank.items('joe')).pages;
    // More than one read brings.
    const pages = Array.from({ length: 250 }, (_, index) => ({
      ...page,
      first: { N: String(index * 10 + 1) },
    }));
    await bank.put('headless', { head: undefined, pages });
    const found: string[] = [];
    const handle = ({ account }: { account: string }) => Promise.resolve(found.push(account) > 0);
    await visitBooks({ books: bank.books, signal: patient(), handle });
    expect(found.sort()).toEqual(['headless', 'joe']);
  });

  test('stops all parts when one of them cannot be read, and reads nothing more once it has said so', async () => {
    let reads = 0;
    const read = async (part: string) => {
      if (part === 'lost') {
        throw new BooksError('the part is lost');
      }
      reads += 1;
      await setImmediate();
      return { books: [], next: reads < 10_000 ? 'more' : undefined };
    };
    const books = { ...bank.books, parts: ['whole', 'lost'], read };
    const visited = visitBooks({ books, signal: patient(), handle: () => Promise.resolve(true) });
    await expect(visited).rejects.toThrow('the part is lost');
    const before = reads;
    await setImmediate();
    await setImmediate();
    expect(reads).toBe(before);
  });

  test('counts an entry of a kind that it does not know, and only notes it', async () => {
    await use(bank.bank(), 'joe', 49, bank.now.ms);
    const { head, pages } = await bank.items('joe');
    const rewrite = (item: (typeof pages)[number] | undefined) => {
      const entries = item?.['entries']?.L ?? [];
      const [first] = entries;
      entries[0] = { S: (first?.S ?? '').replace(/^(\S+ \S+) .*/, '$1 gift from eve') };
    };
    rewrite(pages[1]);
    rewrite(head);
    await bank.put('joe', { head: { ...head, needs: { N: '9' }, 'hold:1': { N: '5' } }, pages });
    const { faults, notes } = await auditBook(await bank.books.book('joe'));
    expect(faults).toEqual([]);
    expect(notes).toEqual([
      '2 entries are of kinds that this version does not know',
      'the head needs version 9 of the protocol',
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
    expect(right.code).toBe(0);
    expect(linesOf(right.stdout).at(-1)).toMatchObject({ accounts: 2, entries: 78, pages: 3, wrong: 0 });

    await writeExport(join(folder, 'pages'), [[pages[2] ?? {}, pages[0] ?? {}, ...half.pages]]);
    const wrong = await program.audit(['--from-export', folder]);
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toContain(
      `  page_missing: entries ${KEPT_ENTRIES + 1} to ${2 * KEPT_ENTRIES} are on no page\n`,
    );
  });

  test('finds each book whole, into however many parts the exports are sorted', async () => {
    await use(bank.bank(), 'joe', 49, bank.now.ms);
    const { head, pages } = await bank.items('joe');
    using program = new Recovery(bank.tables);
    const names = Array.from({ length: 20 }, (_, index) => ({ account: { S: `joe-${index}` } }));
    const folders = {
      accounts: await writeExport(join(program.folder, 'accounts'), [
        names.map((name) => ({ ...head, ...name })),
      ]),
      pages: await writeExport(join(program.folder, 'pages'), [
        names.flatMap((name) => pages.map((page) => ({ ...page, ...name }))),
      ]),
    };
    await using books = await exportBooks(folders, 5);
    expect(books.parts).toHaveLength(16);
    const found: string[] = [];
    const handle = async (book: Book) => {
      const { faults, entries } = await auditBook(book);
      if (faults.length === 0 && entries === 49) {
        found.push(book.account);
      }
      return true;
    };
    await visitBooks({ books, signal: patient(), handle });
    expect(found.sort()).toEqual(names.map(({ account }) => account.S).sort());
  });
});

test.each([
  [[], 'expected one of --from, --from-export and --data'],
  [['--from', 'twinbank', '--from-export', 'x'], 'expected one of --from, --from-export and --data'],
  [['--from', 'twinbank'], '--region is missing'],
  [
    ['--from', 'twinbank', '--region', 'us east'],
    '--region: expected a Region such as us-east-1, got "us east"',
  ],
  [['--speed', '9'], '--speed'],
])('says what is wrong with %j', async (args, message) => {
  using program = new Recovery(bank.tables);
  const { code, stderr } = await program.audit(args);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test('says in one sentence that there is no bank of that name', async () => {
  using program = new Recovery(bank.tables);
  const misspelt = await program.audit(['--from', 'twinbnak', '--region', 'us-east-1']);
  expect(misspelt.code).toBe(1);
  expect(misspelt.stderr).toMatch(
    /^There is no table twinbnak-(accounts|pages) in us-east-1: check the name and the Region\n$/,
  );
});
