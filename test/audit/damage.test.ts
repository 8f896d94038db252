import { describe, expect, test } from 'vitest';
import { auditBook } from '../../infra/tools/books/audit.ts';
import { patient } from '../support/dynamodb-lab.ts';
import { keyAt } from '../support/keys.ts';
import { rowsOf } from './damage.ts';
import { DAMAGES, type Whole } from './damages.ts';
import { type BookItems, openBank, use } from './used-bank.ts';

const bank = await openBank();
await use(bank.bank(), 'joe', 49, bank.now.ms);
const right = await bank.items('joe');

/** Puts a book in place and looks at it. */
async function auditOf(account: string, book: BookItems) {
  await bank.put(account, book);
  return auditBook(await bank.books.book(account));
}

describe('a book of which', () => {
  test.each(rowsOf(DAMAGES))('$what', async ({ what, damage, codes }) => {
    const book = structuredClone(right) as Whole;
    expect(book.pages.length).toBeGreaterThanOrEqual(3);
    damage(book);
    const { faults } = await auditOf(what.replaceAll(/[^a-z]/g, '-'), book);
    const found = new Set(faults.map(({ code }) => code));
    expect([...found].sort(), JSON.stringify(faults, null, 1)).toEqual(codes);
  });
});

describe('a book that ends with what moves nothing', () => {
  const cancel = async (account: string, times: number) => {
    for (let time = 0; time < times; time += 1) {
      const intent = { account, key: keyAt(bank.now.ms - 1000), mayRetry: false, kind: 'cancel' } as const;
      await (await bank.bank().execute(intent, patient())).remaining?.done;
    }
  };
  const codesOf = async (account: string, book: BookItems) =>
    (await auditOf(account, book)).faults.map(({ code }) => code);

  test('is wrong without a balance when its deposits are on pages', async () => {
    await use(bank.bank(), 'turned', 10, bank.now.ms);
    await cancel('turned', 20);
    const { head, pages } = await bank.items('turned');
    expect(await codesOf('turned', { head, pages })).toEqual([]);
    delete head?.['balance'];
    expect(await codesOf('turned', { head, pages })).toEqual(['balance_absent']);
  });

  test('is wrong with a balance when nothing was ever deposited', async () => {
    await cancel('poor', 25);
    const { head, pages } = await bank.items('poor');
    expect(await codesOf('poor', { head, pages })).toEqual([]);
    expect(await codesOf('poor', { head: { ...head, balance: { N: '0' } }, pages })).toEqual([
      'balance_wrong',
    ]);
  });
});
