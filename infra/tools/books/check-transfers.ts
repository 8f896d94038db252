import { auditBook } from './audit.ts';
import type { Books } from './books.ts';
import type { TransferFault } from './transfer-entry.ts';
import {
  faultOf,
  inTwoPlaces,
  isRefund,
  isUnderWay,
  type Transfer,
  type Transfers,
  transferEntryOf,
} from './transfers.ts';

/** What was found of the transfers and refunds of a bank. */
export interface TransferCounts {
  transfers: number;
  refunds: number;
  /** Transfers and refunds that have begun and not ended. */
  underWay: number;
  wrongTransfers: number;
  wrongRefunds: number;
  /** Money that is credited to a payee and still held by its payer, in minor units, in correct transfers. */
  twiceMinor: bigint;
}

/** A transfer that lacks an entry, as it was first read, and the accounts that were read again for it. */
interface Incomplete {
  readonly said: Transfer['said'];
  readonly first: Transfer;
  readonly again: readonly string[];
}

/** Transfers by the account that lacks an entry, and by their id. */
type Lacking = Map<string, Map<string, Incomplete>>;

/**
 * Checks each transfer and each refund in all of its books. In a bank that is in use, the books were read at different times. So before it
 * reports a missing entry, it reads that book again: the bank writes a transfer before its credit and the credit before the end, so every
 * entry that precedes one that was read is there by now.
 *
 * Keeps the transfers that lack an entry at first in memory: those that were under way while the books were read.
 */
export async function checkTransfers(
  books: Pick<Books, 'book'>,
  transfers: Transfers,
  onWrong: (transfer: Transfer, fault: TransferFault) => Promise<void>,
): Promise<TransferCounts> {
  const counts = {
    transfers: 0,
    refunds: 0,
    underWay: 0,
    wrongTransfers: 0,
    wrongRefunds: 0,
    twiceMinor: 0n,
  };
  let lacking: Lacking = new Map();
  const check = async (transfer: Transfer, first: Transfer, again: readonly string[]) => {
    const fault = faultOf(transfer);
    if (fault?.lacks !== undefined && !again.includes(fault.lacks)) {
      const ofAccount = lacking.get(fault.lacks) ?? new Map<string, Incomplete>();
      const incomplete = { said: transfer.said, first, again: [...again, fault.lacks] };
      lacking.set(fault.lacks, ofAccount.set(transfer.id, incomplete));
    } else if (fault !== undefined) {
      counts[isRefund(first) ? 'wrongRefunds' : 'wrongTransfers'] += 1;
      counts.twiceMinor -= inTwoPlaces(first);
      await onWrong(first, fault);
    }
  };
  for await (const transfer of transfers.all()) {
    counts[isRefund(transfer) ? 'refunds' : 'transfers'] += 1;
    counts.underWay += isUnderWay(transfer) ? 1 : 0;
    counts.twiceMinor += inTwoPlaces(transfer);
    await check(transfer, transfer, []);
  }
  // A refund has three books, and an entry in the second one may require an entry in the third.
  while (lacking.size > 0) {
    const round = lacking;
    lacking = new Map();
    for (const [account, ofAccount] of round) {
      const found = new Map([...ofAccount].map(([id, { said }]) => [id, [...said]]));
      await auditBook(await books.book(account), {
        onEntries: (entries) => {
          for (const said of entries.flatMap((entry) => transferEntryOf(account, entry) ?? [])) {
            found.get(said.id)?.push(said);
          }
        },
      });
      for (const [id, { first, again }] of ofAccount) {
        await check({ id, said: found.get(id) ?? [] }, first, again);
      }
    }
  }
  return counts;
}
