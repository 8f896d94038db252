import { beforeAll, describe, expect, test } from 'vitest';
import { auditBook } from '../../infra/audit/audit.ts';
import { DAMAGES } from './damages.ts';
import { type BookItems, openBank, type UsedBank, use } from './used-bank.ts';

let bank: UsedBank;
let right: BookItems;

beforeAll(async () => {
  bank = await openBank();
  await use(bank.bank(), 'joe', 49, bank.now.ms);
  right = await bank.items('joe');
});

/** Puts a book in place and looks at it. */
async function auditOf(account: string, book: BookItems) {
  await bank.put(account, book);
  return auditBook(await bank.books.book(account));
}

describe('a book of which', () => {
  const rows = DAMAGES.map(([what, damage, ...codes]) => ({ what, damage, codes }));
  test.each(rows)('$what', async ({ what, damage, codes }) => {
    const book = structuredClone(right) as Parameters<typeof damage>[0];
    expect(book.pages.length).toBeGreaterThanOrEqual(3);
    damage(book);
    const { faults } = await auditOf(what.replaceAll(/[^a-z]/g, '-'), book);
    expect([...new Set(faults.map(({ code }) => code))].sort(), JSON.stringify(faults, null, 1)).toEqual(
      [...codes].sort(),
    );
  });
});
