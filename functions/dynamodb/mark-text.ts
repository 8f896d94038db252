import type { Mark } from '../bank/mark.ts';
import {
  ACCOUNT,
  AMOUNT,
  byLetter,
  type Form,
  flag,
  KEY,
  optional,
  TextReader,
  TIME,
  writeText,
} from './text.ts';
import { shortOf, uuidOf } from './uuid.ts';

/** Prefix of the names of attributes that are marks. The rest of the name is the key of the call that made the mark. */
const PREFIX = 'mark:';

/** The name of the attribute of a mark. */
export function markName(key: string): string {
  return PREFIX + shortOf(key);
}

/**
 * Writes a mark as one short string, because every write of its account pays for its bytes:
 *
 *     t ann 8 m3x8k2ab =order 4711      transfer of 8 to ann, begun at a time; b behind the t: its caller may retry
 *     f <call> * 8 20 m3x8k2ab           refund of 8 of a call that moved 20, into the balance; u behind the f: may take less
 *     f <call> ann 8 20 m3x8k2ab         ... to ann
 *     h 8 3 m3x8k2ab                    hold of 8, of which 3 remain, and when it expires
 */
export function encodeMark(mark: Mark): string {
  if (mark.kind === 'unknown_kind') {
    return mark.text;
  }
  const { letter, fields } = MARKS[mark.kind];
  return writeText(letter, [[fields, mark]], mark.reference);
}

/** Reads a mark. If its kind is unknown to this version, the text is kept as it is. */
export function decodeMark(text: string): Mark {
  const reader = new TextReader(text);
  const kind = KINDS.get(reader.letter);
  if (kind !== undefined) {
    const mark = reader.take(MARKS[kind].fields, { kind, reference: reader.reference });
    if (reader.isRead) {
      return mark as Mark;
    }
  }
  return { kind: 'unknown_kind', text };
}

type Kind = Exclude<Mark['kind'], 'unknown_kind'>;
type Members<Name> = Omit<Extract<Mark, { kind: Name }>, 'kind' | 'reference'>;

const MARKS: { readonly [Name in Kind]: Form<Members<Name>> } = {
  transfer: {
    letter: 't',
    fields: { mayRetry: flag('b'), to: ACCOUNT, amountMinor: AMOUNT, startedMs: TIME },
  },
  refund: {
    letter: 'f',
    fields: {
      mayRetry: flag('b'),
      mayTakeLess: flag('u'),
      call: KEY,
      to: optional(ACCOUNT),
      amountMinor: AMOUNT,
      ofMinor: AMOUNT,
      startedMs: TIME,
    },
  },
  hold: { letter: 'h', fields: { amountMinor: AMOUNT, remainingMinor: AMOUNT, expiresAtMs: TIME } },
};

const KINDS = byLetter(MARKS);

/** The marks among the attributes of a head, in the order of their keys. DynamoDB returns attributes in no order. */
export function marksIn(attributes: Readonly<Record<string, unknown>>): ReadonlyMap<string, Mark> {
  const marks = Object.entries(attributes).flatMap(([name, text]) =>
    name.startsWith(PREFIX) ? [[uuidOf(name.slice(PREFIX.length)), decodeMark(String(text))] as const] : [],
  );
  return new Map(marks.sort(([one], [other]) => (one < other ? -1 : 1)));
}
