/**
 * What one entry says of a transfer, or of a refund. The payer's book has the first three kinds, the payee's the next two, and the
 * register of a refunded call the last two.
 */
export interface TransferEntry {
  /** Key of the credit and of the end, by which both books know the transfer. */
  readonly id: string;
  readonly kind: 'begun' | 'settled' | 'returned' | 'credited' | 'refused' | 'reserved' | 'unreserved';
  readonly payer: string;
  /** Empty in a register, which does not know it. */
  readonly payee: string;
  /** Key of the call, in the payer's book. */
  readonly key: string;
  /** Minor units, as text. */
  readonly amount: string;
  readonly reference: string | undefined;
  readonly atMs: number;
  /** Of a refund. */
  readonly refund?: RefundDetails;
}

/** What an entry says of a refund beside what it says of a transfer. */
export interface RefundDetails {
  readonly call?: string;
  /** What the refund asks of the register of its call, minor units as text. */
  readonly asked?: { readonly amount: string; readonly of: string; readonly mayTakeLess: boolean };
}

/** What can be wrong with a transfer. */
export type TransferFaultCode =
  /** Settled, and the payee has no credit. */
  | 'credit_missing'
  /** Returned, and the payee's book has no refusal. */
  | 'refusal_missing'
  /** Credited, and the payer's book has no transfer. */
  | 'transfer_missing'
  /** Settled and refused, or returned and credited. */
  | 'ends_differ'
  /** The entries are not of the same accounts, amount and key. */
  | 'terms_differ'
  /** Credited or reserved, and the account has no such refund. */
  | 'refund_missing'
  /** The refund moved money, and the register of its call does not count it. */
  | 'reservation_missing'
  /** The refund is returned, and the register still counts it. */
  | 'reservation_left';

export interface TransferFault {
  readonly code: TransferFaultCode;
  readonly message: string;
  /** The account whose book lacks an entry. It may have been written since the book was read. */
  readonly lacks: string | undefined;
}
