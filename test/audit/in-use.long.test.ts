import { beforeEach, describe, expect, test } from 'vitest';
import { auditBook } from '../../infra/tools/books/audit.ts';
import { checkTransfers } from '../../infra/tools/books/check-transfers.ts';
import { visitBooks } from '../../infra/tools/books/go-through.ts';
import { Transfers } from '../../infra/tools/books/transfers.ts';
import { refundOf } from '../support/asked.ts';
import { patient } from '../support/dynamodb-lab.ts';
import { call, openBank, transferOf, type UsedBank, use } from './used-bank.ts';

/** Each has to go through all that was written during those before it. */
const AUDITS = 8;

let bank: UsedBank;

beforeEach(async () => {
  bank = await openBank();
});

describe('an audit of a bank that is in use', () => {
  test('finds nothing wrong in books that are written, whose pages are turned, and between which money is transferred and refunded, while it reads them', async () => {
    const accounts = ['a', 'b', 'c'];
    for (const account of accounts) {
      await use(bank.bank(), account, 25, bank.now.ms);
    }
    let audits = 0;
    const writers = accounts.flatMap((account) =>
      [0, 1].map(async () => {
        while (audits < AUDITS) {
          // Where the clock stood still, every key would be below the watermark, and every call would read the whole book.
          bank.now.ms += 15_000;
          await use(bank.bank(), account, 5, bank.now.ms);
          await call(bank.bank(), account, bank.now.ms, transferOf(account === 'a' ? 'b' : 'a', 1));
          const { entries } = await bank.store.readHead(account, patient());
          const paid = entries.findLast(
            ({ body }) => body.kind === 'executed' && /^(withdraw|credit)$/.test(body.asked.operation),
          );
          if (paid !== undefined) {
            await call(bank.bank(), account, bank.now.ms, refundOf(paid.key, 1));
          }
        }
      }),
    );
    const wrong: unknown[] = [];
    const counts = new Set<number>();
    const moved = new Set<number>();
    const refunded = new Set<number>();
    try {
      for (; audits < AUDITS; audits += 1) {
        let pages = 0;
        await using transfers = await Transfers.open();
        await visitBooks({
          books: bank.books,
          signal: patient(),
          handle: async (book) => {
            const onEntries = transfers.add.bind(transfers, book.account);
            const verdict = await auditBook(book, { onEntries });
            pages += verdict.pages;
            if (verdict.faults.length > 0) {
              wrong.push([book.account, verdict.faults]);
            }
            return true;
          },
        });
        counts.add(pages);
        const found = await checkTransfers(bank.books, transfers, async (...each) => void wrong.push(each));
        moved.add(found.transfers);
        refunded.add(found.refunds);
      }
    } finally {
      audits = AUDITS;
      await Promise.all(writers);
    }
    expect(wrong).toEqual([]);
    expect(moved.size, 'money was transferred between audits').toBeGreaterThan(4);
    expect(refunded.size, 'money was refunded between audits').toBeGreaterThan(4);
    expect(counts.size, 'pages were turned between audits').toBeGreaterThan(4);
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
          // Enough for pages to be turned of entries that the head did not have yet.
          if (left > 0) {
            await use(bank.bank(), 'joe', 40, bank.now.ms);
          }
          left -= 1;
          yield* book.pages(start);
        },
      });
      expect(faults).toEqual([]);
      expect(readAgain).toBe(reads);
    }
  });
});
