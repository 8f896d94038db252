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
 *     h 8 3 m3x8k2ab                    hold of 8, of which 3 remain, and when it expires
 */
export function encodeMark(mark: Mark): string {
  if (mark.kind === 'unread') return mark.text;
  const { amountMinor, reference } = mark;
  const words = reference === undefined ? '' : ` =${reference}`;
  return mark.kind === 'transfer'
    ? `t${mark.mayReturn ? 'b' : ''} ${mark.to} ${amountMinor} ${mark.startedMs.toString(36)}${words}`
    : `h ${amountMinor} ${mark.remainingMinor} ${mark.expiresAtMs.toString(36)}${words}`;
}

const TRANSFER = /^t(b?) ([^ ]+) ([0-9]+) ([0-9a-z]{8,9})(?: =(.{1,64}))?$/;
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
