import { auditBook } from './audit.ts';
import type { Books } from './books.ts';
import {
  faultOf,
  inTwoPlaces,
  isUnderWay,
  saidBy,
  type Transfer,
  type TransferFault,
  type Transfers,
} from './transfers.ts';

/** What was found of the transfers of a bank. */
export interface TransferCounts {
  transfers: number;
  /** Transfers that have begun and not ended. */
  underWay: number;
  wrongTransfers: number;
  /** Sum of what is credited and still held, in minor units, of transfers that are right. */
  twiceMinor: bigint;
}

/**
 * Checks each transfer in both books. In a bank that is in use, the two books were read at different moments. So where one lacks an entry,
 * it is read once more before that is said: the bank writes a transfer before its credit, and the credit before the end, so whatever
 * comes before an entry that was seen is there by now.
 *
 * Transfers that miss something at first are kept in memory: those that moved while the books were read.
 */
export async function checkTransfers(
  books: Pick<Books, 'book'>,
  transfers: Transfers,
  onWrong: (transfer: Transfer, fault: TransferFault) => Promise<void>,
): Promise<TransferCounts> {
  const counts = { transfers: 0, underWay: 0, wrongTransfers: 0, twiceMinor: 0n };
  const lacking = new Map<string, Map<string, Transfer>>();
  const tell = async (transfer: Transfer, fault: TransferFault) => {
    counts.wrongTransfers += 1;
    counts.twiceMinor -= inTwoPlaces(transfer);
    await onWrong(transfer, fault);
  };
  for await (const transfer of transfers.all()) {
    counts.transfers += 1;
    counts.underWay += isUnderWay(transfer) ? 1 : 0;
    counts.twiceMinor += inTwoPlaces(transfer);
    const fault = faultOf(transfer);
    if (fault?.lacks !== undefined) {
      const ofAccount = lacking.get(fault.lacks) ?? new Map<string, Transfer>();
      lacking.set(fault.lacks, ofAccount.set(transfer.id, transfer));
    } else if (fault !== undefined) {
      await tell(transfer, fault);
    }
  }
  for (const [account, ofAccount] of lacking) {
    const found = new Map([...ofAccount].map(([id, { said }]) => [id, [...said]]));
    await auditBook(await books.book(account), {
      onEntries: (entries) => {
        for (const said of entries.flatMap((entry) => saidBy(account, entry) ?? [])) {
          found.get(said.id)?.push(said);
        }
      },
    });
    for (const [id, transfer] of ofAccount) {
      const fault = faultOf({ id, said: found.get(id) ?? [] });
      if (fault !== undefined) await tell(transfer, fault);
    }
  }
  return counts;
}
