import { expect } from 'vitest';
import type { Attributes } from '../../functions/dynamodb/attributes.ts';
import { auditBook } from '../../infra/tools/books/audit.ts';
import { checkTransfers } from '../../infra/tools/books/check-transfers.ts';
import { bookOf } from '../../infra/tools/books/export-books.ts';
import type { TransferFaultCode } from '../../infra/tools/books/transfer-entry.ts';
import { Transfers } from '../../infra/tools/books/transfers.ts';

/** The heads of accounts and registers, for books without pages. */
export type Heads = Record<string, Attributes>;

/** Checks the transfers and refunds in `heads`, and gives the codes of their faults. Where an entry is missing, `again` is read. */
export async function codesOf(heads: Heads, again: Heads = heads): Promise<readonly TransferFaultCode[]> {
  await using transfers = await Transfers.open();
  for (const [account, head] of Object.entries(heads)) {
    const onEntries = transfers.add.bind(transfers, account);
    const { faults } = await auditBook(bookOf(account, head, []), { onEntries });
    expect(faults, `the book of ${account} is right by itself`).toEqual([]);
  }
  const codes: TransferFaultCode[] = [];
  const book = (account: string) => Promise.resolve(bookOf(account, again[account], []));
  await checkTransfers({ book }, transfers, async (_, { code }) => void codes.push(code));
  return codes.sort();
}
