import type { Line } from '../bank/book.ts';
import { type Asked, type Entry, refundedMinor } from '../bank/entry.ts';
import { timeOf } from './answers.ts';

/** An entry as a statement shows it. Members that are undefined are left out of the answer. */
export function entryOf({ entry, sequence, balanceMinor }: Line): Readonly<Record<string, unknown>> {
  const { key, changeMinor, heldChangeMinor, atMs, body } = entry;
  return {
    sequence,
    key,
    ...describe(entry),
    change: String(changeMinor),
    ...(heldChangeMinor === 0n ? {} : { heldChange: String(heldChangeMinor) }),
    balance: String(balanceMinor),
    at: timeOf(atMs),
    ...('asked' in body && body.asked.reference !== undefined ? { reference: body.asked.reference } : {}),
  };
}

/** True unless the entry is a refusal or a cancellation. */
export function hasEffect({ body }: Entry): boolean {
  return body.kind !== 'refused' && body.kind !== 'cancelled';
}

function describe(entry: Entry): Readonly<Record<string, unknown>> {
  const { key, heldChangeMinor, changeMinor, body } = entry;
  switch (body.kind) {
    case 'executed': {
      const { asked, capturedMinor, terms } = body;
      if (asked.operation === 'setStatus') {
        return { type: ENTRY_TYPES[asked.operation], ...namesIn(asked, key) };
      }
      const amountMinor =
        'hold' in asked ? (capturedMinor ?? -heldChangeMinor) : (terms?.amountMinor ?? asked.amountMinor);
      return {
        type: ENTRY_TYPES[asked.operation],
        amount: amountMinor === undefined ? undefined : String(amountMinor),
        ...namesIn(asked, key),
        ...(terms === undefined ? {} : { other: terms.to }),
      };
    }
    case 'refused': {
      const { asked, code } = body;
      const amount =
        'amountMinor' in asked && asked.amountMinor !== undefined
          ? { amount: String(asked.amountMinor) }
          : {};
      return { type: 'refused', code, ...amount, ...namesIn(asked, key) };
    }
    case 'cancelled':
      return { type: 'cancelled' };
    case 'settled':
      return { type: 'settled', amount: String(-heldChangeMinor), other: body.to, transfer: body.transfer };
    case 'returned': {
      const { code, to: other, transfer } = body;
      return { type: 'returned', code, amount: String(changeMinor), other, transfer };
    }
    case 'refunded': {
      const { refund, call, to: other, code } = body;
      const names = { other, call, refund };
      return code === undefined
        ? { type: 'refunded', amount: String(refundedMinor(entry)), ...names }
        : { type: 'returned', code, ...names };
    }
    case 'expired':
      return { type: 'expired', amount: String(changeMinor), hold: body.hold };
    case 'unknown_kind':
      return { type: 'other' };
  }
}

const ENTRY_TYPES: Readonly<Record<Asked['operation'], string>> = {
  deposit: 'deposit',
  withdraw: 'withdrawal',
  transfer: 'transfer',
  credit: 'credit',
  hold: 'hold',
  capture: 'capture',
  void: 'void',
  setStatus: 'status',
  refund: 'refund',
  // Callers cannot read the book of a register.
  reserve: 'other',
  unreserve: 'other',
};

/** What a call names: the other account of a transfer or a refund and its key there, a hold, a call, or the sides of an account. */
function namesIn(asked: Asked, key: string): Readonly<Record<string, unknown>> {
  switch (asked.operation) {
    case 'transfer':
      return { other: asked.to, transfer: key };
    case 'credit':
      return { other: asked.from, [asked.isRefund === true ? 'refund' : 'transfer']: asked.transfer };
    case 'capture':
      return { hold: asked.hold, ...(asked.to === undefined ? {} : { other: asked.to, transfer: key }) };
    case 'hold':
      return { hold: key };
    case 'void':
      return { hold: asked.hold };
    case 'refund':
      return { call: asked.call };
    case 'setStatus':
      return { debits: asked.debits, credits: asked.credits };
    default:
      return {};
  }
}
