import type { Mark } from '../bank/mark.ts';
import { shortOf, uuidOf } from './uuid.ts';

/** Attributes of a head whose names begin so are its marks; the rest of the name is the key of the call that made one. */
const PREFIX = 'mark:';

/** The name of a mark's attribute. */
export function markName(key: string): string {
  return PREFIX + shortOf(key);
}

/**
 * A mark as one short string, because it weighs on every write of its account, too:
 *
 *     t ann 8 m3x8k2ab =order 4711      transfer of 8 to ann, begun at a time; b behind the t: its caller may come back
 *     f <call> * 8 20 m3x8k2ab           refund of 8 of a call that moved 20, into the balance; u behind the f: of less, if less is left
 *     f <call> ann 8 20 m3x8k2ab         ... to ann
 *     h 8 3 m3x8k2ab                    hold of 8, of which 3 remain, and when it expires
 */
export function encodeMark(mark: Mark): string {
  if (mark.kind === 'unread') {
    return mark.text;
  }
  const { amountMinor, reference } = mark;
  const words = reference === undefined ? '' : ` =${reference}`;
  switch (mark.kind) {
    case 'transfer':
      return `t${mark.mayReturn ? 'b' : ''} ${mark.to} ${amountMinor} ${mark.startedMs.toString(36)}${words}`;
    case 'refund': {
      const { call, to = NOBODY, ofMinor, isUpTo, mayReturn, startedMs } = mark;
      const flags = `${mayReturn ? 'b' : ''}${isUpTo ? 'u' : ''}`;
      return `f${flags} ${shortOf(call)} ${to} ${amountMinor} ${ofMinor} ${startedMs.toString(36)}${words}`;
    }
    case 'hold':
      return `h ${amountMinor} ${mark.remainingMinor} ${mark.expiresAtMs.toString(36)}${words}`;
  }
}

/** Stands for the account that a refund does not name. */
const NOBODY = '*';

const TRANSFER = /^t(b?) ([^ ]+) ([0-9]+) ([0-9a-z]{8,9})(?: =(.{1,64}))?$/;
const REFUND = /^f(b?)(u?) ([A-Za-z0-9_-]{22}) ([^ ]+) ([0-9]+) ([0-9]+) ([0-9a-z]{8,9})(?: =(.{1,64}))?$/;
const HOLD = /^h ([0-9]+) ([0-9]+) ([0-9a-z]{8,9})(?: =(.{1,64}))?$/;

/** Reads a mark back. One that this version does not know is carried along unread. */
export function decodeMark(text: string): Mark {
  const [transfer, back, to = '', amount = '0', started = '', words] = TRANSFER.exec(text) ?? [];
  if (transfer !== undefined) {
    return {
      kind: 'transfer',
      to,
      amountMinor: BigInt(amount),
      startedMs: Number.parseInt(started, 36),
      mayReturn: back === 'b',
      reference: words,
    };
  }
  const refund = REFUND.exec(text);
  if (refund !== null) {
    const [, returns, upTo, call = '', payer = '', part = '0', of = '0', begun = '', said] = refund;
    return {
      kind: 'refund',
      call: uuidOf(call),
      to: payer === NOBODY ? undefined : payer,
      amountMinor: BigInt(part),
      ofMinor: BigInt(of),
      isUpTo: upTo === 'u',
      startedMs: Number.parseInt(begun, 36),
      mayReturn: returns === 'b',
      reference: said,
    };
  }
  const [hold, whole = '0', remaining = '0', expires = '', reference] = HOLD.exec(text) ?? [];
  return hold === undefined
    ? { kind: 'unread', text }
    : {
        kind: 'hold',
        amountMinor: BigInt(whole),
        remainingMinor: BigInt(remaining),
        expiresAtMs: Number.parseInt(expires, 36),
        reference,
      };
}

/** The marks among the attributes of a head, in the order of their keys: DynamoDB keeps none. */
export function marksIn(attributes: Readonly<Record<string, unknown>>): ReadonlyMap<string, Mark> {
  const marks = Object.entries(attributes).flatMap(([name, text]) =>
    name.startsWith(PREFIX) ? [[uuidOf(name.slice(PREFIX.length)), decodeMark(String(text))] as const] : [],
  );
  return new Map(marks.sort(([one], [other]) => (one < other ? -1 : 1)));
}
