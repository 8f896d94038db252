import * as v from 'valibot';
import { accountSchema } from '../../../client/contract/schemas.ts';
import { bankKeyOfEntry, type Entry, refundedMinor } from '../../../functions/bank/entry.ts';
import { refundedCallOf } from '../../../functions/bank/find-call.ts';
import { bankKeyOf, isRegister, keyTimeMs, registerOf } from '../../../functions/bank/key.ts';
import type { TransferEntry, TransferFault } from './transfer-entry.ts';

/** The account and the call that a register is of; undefined for a name of no register. */
export function callOfRegister(name: string): { account: string; call: string } | undefined {
  const [, account = '', call = '', more] = name.split('~');
  const isName = isRegister(name) && more === undefined && v.is(accountSchema, account) && KEY.test(call);
  return isName ? { account, call } : undefined;
}

export const KEY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** True for an entry that may be in a book: a register has reservations and nothing else, and no account has any. */
export function belongsTo(account: string, { body }: Entry): boolean {
  const isCount =
    'asked' in body && (body.asked.operation === 'reserve' || body.asked.operation === 'unreserve');
  return body.kind === 'unknown_kind' || isCount === isRegister(account);
}

/** The terms of a refund of this entry: what the entry moved, and who gets it back. Empty if the entry cannot be refunded. */
export function refundableOf(entry: Entry): string {
  if (entry.body.kind !== 'executed') {
    return '';
  }
  const original = refundedCallOf(entry);
  return original.kind === 'refundable' ? termsOf(original.amountMinor, original.from) : '';
}

/** What a refund says of its call; undefined for every other entry. */
export function refundedBy({ body }: Entry): { readonly call: string; readonly said: string } | undefined {
  if (body.kind !== 'executed' || body.asked.operation !== 'refund' || body.terms === undefined) {
    return undefined;
  }
  return { call: body.asked.call, said: termsOf(body.terms.ofMinor, body.terms.to) };
}

function termsOf(ofMinor: bigint, to: string | undefined): string {
  return to === undefined ? String(ofMinor) : `${ofMinor} to ${to}`;
}

/** What an entry of an account or a register says of a refund. The payee is the account itself if the money comes back into its balance. */
export function refundEntryOf(account: string, entry: Entry): TransferEntry | undefined {
  const { key, atMs, changeMinor, body } = entry;
  if (body.kind === 'refunded') {
    const { refund, call, to = account, code } = body;
    const kind = code === undefined ? 'settled' : 'returned';
    const said = { id: key, kind, payer: account, payee: to, key: refund, atMs, refund: { call } } as const;
    return { ...said, amount: String(refundedMinor(entry)), reference: undefined };
  }
  if (body.kind !== 'executed') {
    return undefined;
  }
  const { asked, terms } = body;
  const { reference } = asked;
  if (asked.operation === 'refund' && terms !== undefined) {
    const id = bankKeyOfEntry(account, entry) ?? '';
    const { to = account, amountMinor, ofMinor } = terms;
    const amount = String(amountMinor);
    const refund = {
      call: asked.call,
      asked: { amount, of: String(ofMinor), mayTakeLess: asked.amountMinor === undefined },
    };
    return { id, kind: 'begun', payer: account, payee: to, key, amount, reference, atMs, refund };
  }
  const register = callOfRegister(account);
  if (register === undefined) {
    return undefined;
  }
  const { account: payer, call } = register;
  const common = { payer, payee: '', reference, atMs };
  if (asked.operation === 'reserve') {
    const { refund, amountMinor, ofMinor, mayTakeLess } = asked;
    const terms = { amount: String(amountMinor), of: String(ofMinor), mayTakeLess };
    const amount = String(changeMinor);
    return { ...common, id: key, kind: 'reserved', key: refund, amount, refund: { call, asked: terms } };
  }
  if (asked.operation === 'unreserve') {
    // Its own key follows from that of the refund, and has the time of it.
    const id = bankKeyOf(payer, asked.refund, keyTimeMs(key));
    const amount = String(-changeMinor);
    return { ...common, id, kind: 'unreserved', key: asked.refund, amount, refund: { call } };
  }
  return undefined;
}

/** What is wrong with a refund whose entries agree, by its books and its register. */
export function faultOfRefund(id: string, said: readonly TransferEntry[]): TransferFault | undefined {
  const has = (kind: TransferEntry['kind']) => said.some((each) => each.kind === kind);
  const { payer = '', key } = said[0] ?? {};
  const payee = said.find((each) => each.payee !== '')?.payee;
  const register = registerOf(payer, said.find((each) => each.refund?.call)?.refund?.call ?? '');
  const isCounted = has('reserved') && !has('unreserved');
  const isMoved = has('settled') || has('credited');
  // A reservation that was taken back moves nothing: a bank that was recovered may have one.
  if (!has('begun') && (has('credited') || isCounted)) {
    const what = has('credited') ? `${payee} has the credit ${id}` : `${register} has the reservation ${id}`;
    return { code: 'refund_missing', message: `${what}, and ${payer} has no refund ${key}`, lacks: payer };
  }
  if ((isMoved && (has('unreserved') || has('returned'))) || (has('settled') && has('refused'))) {
    const message = 'one of its entries says that it moved the money, and another that it did not';
    return { code: 'ends_differ', message, lacks: undefined };
  }
  if ((isMoved || has('unreserved')) && !has('reserved')) {
    const message = `${register} has no reservation ${id}, so its call could be refunded twice`;
    return { code: 'reservation_missing', message, lacks: register };
  }
  if (has('returned') && isCounted) {
    const message = `it is returned, and ${register} still counts it`;
    return { code: 'reservation_left', message, lacks: register };
  }
  if (has('settled') && payee !== payer && !has('credited')) {
    const message = `it is settled, and ${payee} has no credit ${id}`;
    return { code: 'credit_missing', message, lacks: payee };
  }
  if (has('returned') && has('unreserved') && !has('refused')) {
    const message = `it is returned, and ${payee} has no refusal ${id}`;
    return { code: 'refusal_missing', message, lacks: payee };
  }
  return undefined;
}
