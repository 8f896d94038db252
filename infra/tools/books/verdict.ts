/** What can be wrong with a book. */
export type FaultCode =
  | 'bad_name'
  | 'balance_absent'
  | 'balance_wrong'
  /** The time or the shard at which the sweep looks at the account. */
  | 'due_wrong'
  /** An entry that ends a transfer, refund or hold that was not begun, or was begun with other values. */
  | 'end_wrong'
  | 'entry_wrong'
  /** An entry that moved money although the book says that it was frozen. */
  | 'frozen_moved'
  | 'key_twice'
  /** A mark that does not follow from the book. */
  | 'mark_wrong'
  | 'negative'
  | 'no_head'
  /** The number of marks. */
  | 'open_wrong'
  | 'opening_wrong'
  | 'page_empty'
  /** The newest entries that have left the head are on no page: lost, or the pages are of an earlier moment. */
  | 'last_page_missing'
  | 'page_missing'
  /** A page that the head does not count, and that does not hold its oldest entries: the pages are of a later moment. */
  | 'page_later'
  | 'page_overlaps'
  /** A refund whose terms differ from the refunded call, or a register that counts more than its call moved. */
  | 'refund_wrong'
  | 'sequence_wrong'
  /** Which sides are frozen, or the version that may write the item. */
  | 'status_wrong'
  | 'unreadable'
  | 'watermark_wrong';

/** Something that the bank never writes, or that makes its book wrong. */
export interface Fault {
  readonly code: FaultCode;
  readonly message: string;
}

/** The result of checking one book. */
export interface Verdict {
  readonly entries: number;
  readonly pages: number;
  /** Pages that the head does not count (yet): one that is half turned, or later ones. */
  readonly pagesBeyond: number;
  readonly balanceMinor: bigint | undefined;
  readonly heldMinor: bigint;
  readonly outsideMinor: bigint;
  /** Highest key that a caller minted. No caller sends those that the bank makes, and their time may be in the future. */
  readonly highestKey: string | undefined;
  readonly faults: readonly Fault[];
  /** What this version of the bank cannot judge. */
  readonly notes: readonly string[];
}

/** Most faults that are listed for one book, to limit memory. */
const MAX_FAULTS = 100;

/** Adds a fault to a list. */
export type AddFault = (code: FaultCode, message: string) => void;

/** Adds faults to a list, until there are too many. */
export function adderTo(faults: Fault[]): AddFault {
  return (code, message) => {
    if (faults.length < MAX_FAULTS) {
      faults.push({ code, message });
    }
  };
}
