import { type Entry, transferIdOf } from '../../../functions/bank/entry.ts';
import { SortedLines } from './sorted-lines.ts';

/** What one entry says of a transfer. The payer's book has the first three kinds, the payee's the others. */
export interface Said {
  /** Key of the credit and of the end, by which both books know the transfer. */
  readonly id: string;
  readonly kind: 'begun' | 'settled' | 'returned' | 'credited' | 'refused';
  readonly payer: string;
  readonly payee: string;
  /** Key of the call, in the payer's book. */
  readonly key: string;
  /** Minor units, as text. */
  readonly amount: string;
  readonly reference: string | undefined;
  readonly atMs: number;
}

/** What the entries of both books say of one transfer. */
export interface Transfer {
  readonly id: string;
  readonly said: readonly Said[];
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
  | 'terms_differ';

export interface TransferFault {
  readonly code: TransferFaultCode;
  readonly says: string;
  /** The account whose book lacks an entry. It may have been written since the book was read. */
  readonly lacks: string | undefined;
}

/** Parts of the transfers. One of them has to fit into memory. */
const PARTS = 256;

/**
 * Brings together what the books of a bank say of its transfers. Both sides of one are in the bank's books at places far apart, so all
 * are sorted first, on disk: about 600 bytes a transfer, and a 256th of that in memory.
 */
export class Transfers implements AsyncDisposable {
  readonly #lines: SortedLines;

  private constructor(lines: SortedLines) {
    this.#lines = lines;
  }

  static async open(): Promise<Transfers> {
    return new Transfers(await SortedLines.open('transfers', PARTS));
  }

  /** Adds what entries of an account say. */
  async add(account: string, entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      const said = saidBy(account, entry);
      if (said !== undefined) await this.#lines.add(said.id, JSON.stringify(said));
    }
  }

  /** All transfers, in no order. */
  async *all(): AsyncGenerator<Transfer> {
    for (let part = 0; part < PARTS; part += 1) {
      const transfers = new Map<string, Said[]>();
      for (const line of await this.#lines.read(part)) {
        const said: Said = JSON.parse(line);
        const others = transfers.get(said.id);
        if (others === undefined) transfers.set(said.id, [said]);
        else others.push(said);
      }
      for (const [id, said] of transfers) yield { id, said };
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lines[Symbol.asyncDispose]();
  }
}

/** What an entry of an account says of a transfer; undefined for one that says nothing of any. */
export function saidBy(account: string, entry: Entry): Said | undefined {
  const { key, atMs, heldChangeMinor, body } = entry;
  if (body.kind === 'settled' || body.kind === 'returned') {
    const amount = String(-heldChangeMinor);
    const { kind, transfer, to } = body;
    return { id: key, kind, payer: account, payee: to, key: transfer, amount, reference: undefined, atMs };
  }
  if (!('asked' in body)) return undefined;
  const { asked } = body;
  const { reference } = asked;
  if (asked.operation === 'credit') {
    const kind = body.kind === 'refused' ? 'refused' : 'credited';
    const amount = String(asked.amountMinor);
    return { id: key, kind, payer: asked.from, payee: account, key: asked.transfer, amount, reference, atMs };
  }
  const id = transferIdOf(account, entry);
  if (id === undefined || body.kind === 'refused' || !('to' in asked) || asked.to === undefined) {
    return undefined;
  }
  const amount = String(body.capturedMinor ?? asked.amountMinor);
  return { id, kind: 'begun', payer: account, payee: asked.to, key, amount, reference, atMs };
}

/** What is wrong with a transfer, as far as both books tell. One that is under way may be credited, refused, or neither. */
export function faultOf({ id, said }: Transfer): TransferFault | undefined {
  const [first] = said;
  if (first === undefined) return undefined;
  const { payer, payee, amount } = first;
  const terms = new Set(said.map(termsOf));
  if (terms.size > 1) {
    return { code: 'terms_differ', says: `its entries differ: ${[...terms].join('; ')}`, lacks: undefined };
  }
  const has = kindsOf(said);
  if ((has.settled && has.refused) || (has.returned && has.credited)) {
    const says = `${payer} has it as ${has.settled ? 'settled' : 'returned'}, and ${payee} as ${has.credited ? 'credited' : 'refused'}`;
    return { code: 'ends_differ', says, lacks: undefined };
  }
  if (has.settled && !has.credited) {
    const says = `it is settled, and ${payee} has no credit ${id} of ${amount}`;
    return { code: 'credit_missing', says, lacks: payee };
  }
  if (has.returned && !has.refused) {
    const says = `it is returned, and ${payee} has no refusal ${id}`;
    return { code: 'refusal_missing', says, lacks: payee };
  }
  // A refusal alone moves nothing: a bank that was recovered may have one.
  if (has.credited && !has.begun) {
    const says = `${payee} has the credit ${id} of ${amount}, and ${payer} has no such transfer`;
    return { code: 'transfer_missing', says, lacks: payer };
  }
  return undefined;
}

/** True for a transfer that has begun and not ended. */
export function isUnderWay({ said }: Transfer): boolean {
  const { begun, settled, returned } = kindsOf(said);
  return begun && !settled && !returned;
}

/** Money of a transfer that is in two places: credited, and still held. Less than nothing where it is in neither. */
export function inTwoPlaces({ said }: Transfer): bigint {
  const { credited, settled } = kindsOf(said);
  return BigInt(said[0]?.amount ?? 0) * (BigInt(credited) - BigInt(settled));
}

function kindsOf(said: readonly Said[]) {
  const has = (kind: Said['kind']) => said.some((each) => each.kind === kind);
  return {
    begun: has('begun'),
    settled: has('settled'),
    returned: has('returned'),
    credited: has('credited'),
    refused: has('refused'),
  };
}

function termsOf({ payer, payee, key, amount }: Said): string {
  return `${amount} from ${payer} to ${payee} under ${key}`;
}
