import { describe, expect, test } from 'vitest';
import type { Attributes } from '../../functions/dynamodb/attributes.ts';
import { auditBook } from '../../infra/tools/books/audit.ts';
import { bookOf } from '../../infra/tools/books/export-books.ts';
import { rowsOf } from './damage.ts';
import { MARK_DAMAGES } from './mark-damages.ts';
import { openBank, trade, use } from './used-bank.ts';

const bank = await openBank();
await trade(bank, 'joe', 'ann');
const right = await bank.items('joe');
await use(bank.bank(), 'eve', 5, bank.now.ms);
const used = await bank.items('eve');

async function codesOf(account: string, head: Attributes | undefined): Promise<readonly string[]> {
  const { faults } = await auditBook(bookOf(account, head, []));
  return [...new Set(faults.map(({ code }) => code))].sort();
}

describe('an account with holds and transfers of which', () => {
  test.each(rowsOf(MARK_DAMAGES))('$what', async ({ damage, codes }) => {
    expect(right.pages, 'every entry is in the head').toEqual([]);
    const head = structuredClone(right.head) ?? {};
    damage(head);
    expect(await codesOf('joe', head)).toEqual(codes);
  });
});

test.each(['dueAt', 'dueShard'])('an account without them has no %s', async (name) => {
  expect(await codesOf('eve', used.head)).toEqual([]);
  expect(await codesOf('eve', { ...used.head, [name]: { N: '3' } })).toEqual(['due_wrong']);
});
