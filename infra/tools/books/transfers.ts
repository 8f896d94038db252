import { bankKeyOfEntry, type Entry } from '../../../functions/bank/entry.ts';
import { faultOfRefund, refundEntryOf } from './refunds.ts';
import { SortedLines } from './sorted-lines.ts';
import type { TransferEntry, TransferFault } from './transfer-entry.ts';

/** What the entries of both books say of one transfer. */
export interface Transfer {
  readonly id: string;
  readonly said: readonly TransferEntry[];
}

/** Parts of the transfers. One of them has to fit into memory. */
const PARTS = 256;

/**
 * Collects the entries of each transfer from the books of a bank. The entries of one transfer are far apart, so all are sorted on disk
 * first. That takes about 600 bytes a transfer on disk, and a 256th of it in memory.
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
      const said = transferEntryOf(account, entry);
      if (said !== undefined) {
        await this.#lines.add(said.id, JSON.stringify(said));
      }
    }
  }

  /** All transfers, in no order. */
  async *all(): AsyncGenerator<Transfer> {
    for (let part = 0; part < PARTS; part += 1) {
      const transfers = new Map<string, TransferEntry[]>();
      for (const line of await this.#lines.read(part)) {
        const said: TransferEntry = JSON.parse(line);
        transfers.set(said.id, [...(transfers.get(said.id) ?? []), said]);
      }
      for (const [id, said] of transfers) {
        yield { id, said };
      }
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lines[Symbol.asyncDispose]();
  }
}

/** What an entry of an account says of a transfer or a refund; undefined for other entries. */
export function transferEntryOf(account: string, entry: Entry): TransferEntry | undefined {
  const { key, atMs, heldChangeMinor, body } = entry;
  if (body.kind === 'settled' || body.kind === 'returned') {
    const amount = String(-heldChangeMinor);
    const { kind, transfer, to } = body;
    return { id: key, kind, payer: account, payee: to, key: transfer, amount, reference: undefined, atMs };
  }
  if (!('asked' in body)) {
    return refundEntryOf(account, entry);
  }
  const { asked } = body;
  const { reference } = asked;
  if (asked.operation === 'credit') {
    const kind = body.kind === 'refused' ? 'refused' : 'credited';
    const amount = String(asked.amountMinor);
    const refund = asked.isRefund === true ? { refund: {} } : {};
    const { from: payer, transfer } = asked;
    return { id: key, kind, payer, payee: account, key: transfer, amount, reference, atMs, ...refund };
  }
  const id = bankKeyOfEntry(account, entry);
  if (id === undefined || body.kind === 'refused' || !('to' in asked) || asked.to === undefined) {
    return refundEntryOf(account, entry);
  }
  const amount = String(body.capturedMinor ?? asked.amountMinor);
  return { id, kind: 'begun', payer: account, payee: asked.to, key, amount, reference, atMs };
}

/** What is wrong with a transfer, by both books. A transfer that is under way may be credited, refused, or neither. */
export function faultOf({ id, said }: Transfer): TransferFault | undefined {
  const [first] = said;
  if (first === undefined) {
    return undefined;
  }
  const { payer, payee, amount } = first;
  if (TERMS.some((term) => new Set(said.map(term).filter((each) => each !== undefined)).size > 1)) {
    const terms = [...new Set(said.map(termsOf))];
    return { code: 'terms_differ', message: `its entries differ: ${terms.join('; ')}`, lacks: undefined };
  }
  if (isRefund({ id, said })) {
    return faultOfRefund(id, said);
  }
  const has = sidesOf({ said });
  if ((has.settled && has.refused) || (has.returned && has.credited)) {
    const message = `${payer} has it as ${has.settled ? 'settled' : 'returned'}, and ${payee} as ${has.credited ? 'credited' : 'refused'}`;
    return { code: 'ends_differ', message, lacks: undefined };
  }
  if (has.settled && !has.credited) {
    const message = `it is settled, and ${payee} has no credit ${id} of ${amount}`;
    return { code: 'credit_missing', message, lacks: payee };
  }
  if (has.returned && !has.refused) {
    const message = `it is returned, and ${payee} has no refusal ${id}`;
    return { code: 'refusal_missing', message, lacks: payee };
  }
  // A refusal alone moves nothing: a bank that was recovered may have one.
  if (has.credited && !has.begun) {
    const message = `${payee} has the credit ${id} of ${amount}, and ${payer} has no such transfer`;
    return { code: 'transfer_missing', message, lacks: payer };
  }
  return undefined;
}

/** True for a transfer that has begun and not ended. */
export function isUnderWay(transfer: Transfer): boolean {
  const { begun, settled, returned } = sidesOf(transfer);
  return begun !== undefined && !settled && !returned;
}

export function isRefund({ said }: Transfer): boolean {
  return said.some(({ refund }) => refund !== undefined);
}

/** Money of a transfer that is both credited to the payee and held by the payer. Negative if it is in neither place. */
export function inTwoPlaces({ said }: Transfer): bigint {
  const of = (kind: TransferEntry['kind']) =>
    BigInt(said.find((each) => each.kind === kind && each.payee !== each.payer)?.amount ?? 0);
  return of('credited') - of('settled');
}

/** The first entry of each kind. */
export function sidesOf({ said }: Pick<Transfer, 'said'>): {
  readonly [Kind in TransferEntry['kind']]?: TransferEntry;
} {
  return Object.fromEntries(said.toReversed().map((each) => [each.kind, each]));
}

/** What the entries must agree on, as far as each knows it. Only the register decides how much a refund moves. */
const TERMS: readonly ((said: TransferEntry) => string | undefined)[] = [
  ({ payer }) => payer,
  ({ payee }) => payee || undefined,
  ({ key }) => key,
  ({ kind, amount, refund }) =>
    refund !== undefined && (kind === 'begun' || kind === 'returned') ? undefined : amount,
  ({ refund }) => (refund === undefined ? 'transfer' : 'refund'),
  ({ refund }) => refund?.call,
  ({ refund }) => refund?.asked && JSON.stringify(refund.asked),
];

function termsOf({ kind, payer, payee, key, amount, refund }: TransferEntry): string {
  const terms = `${amount} from ${payer}${payee === '' ? '' : ` to ${payee}`} under ${key}`;
  const { call, asked } = refund ?? {};
  const ofCall = call === undefined ? '' : ` of ${call}`;
  const ofRegister =
    asked === undefined ? '' : ` (${asked.mayTakeLess ? 'up to ' : ''}${asked.amount} of ${asked.of})`;
  return refund === undefined ? terms : `${kind} as a refund${ofCall}, ${terms}${ofRegister}`;
}
