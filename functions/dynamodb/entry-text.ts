import {
  type Asked,
  type Entry,
  type EntryBody,
  isRecordedRefusal,
  type OperationName,
  type RecordedRefusal,
} from '../bank/entry.ts';
import {
  ACCOUNT,
  AMOUNT,
  type AnyFields,
  byLetter,
  type Form,
  flag,
  KEY,
  optional,
  SECONDS,
  TextReader,
  TIME,
  writeText,
} from './text.ts';

const CODE = { is: isRecordedRefusal, read: (word: string) => word as RecordedRefusal, write: String };
const SIDE = optional({
  is: (word) => word === 'open' || word === 'frozen',
  read: (word) => word as 'open' | 'frozen',
  write: String,
});

/** An amount that the change of the entry shows, so it is written only if the call was refused. */
const MOVED = { ...AMOUNT };

type Call<Name> = Extract<Asked, { operation: Name }>;
type Body<Kind> = Extract<EntryBody, { kind: Kind }>;

const CALLS: { readonly [Name in OperationName]: Form<Omit<Call<Name>, 'operation' | 'reference'>> } = {
  deposit: { letter: 'd', fields: { mustExist: flag('e'), amountMinor: MOVED } },
  withdraw: { letter: 'w', fields: { amountMinor: MOVED } },
  transfer: { letter: 't', fields: { amountMinor: MOVED, to: ACCOUNT } },
  credit: {
    letter: 'r',
    fields: {
      isRefund: { ...flag('f'), unset: undefined },
      amountMinor: MOVED,
      from: ACCOUNT,
      transfer: KEY,
    },
  },
  hold: { letter: 'h', fields: { amountMinor: MOVED, expiresInSeconds: SECONDS } },
  capture: {
    letter: 'p',
    fields: {
      isFinal: { flag: 'k', set: false, unset: true },
      hold: KEY,
      amountMinor: optional(AMOUNT),
      to: optional(ACCOUNT),
    },
  },
  void: { letter: 'v', fields: { hold: KEY } },
  setStatus: { letter: 'f', fields: { debits: SIDE, credits: SIDE } },
  refund: { letter: 'e', fields: { call: KEY, amountMinor: optional(AMOUNT) } },
  reserve: {
    letter: 'g',
    fields: { mayTakeLess: flag('u'), refund: KEY, amountMinor: AMOUNT, ofMinor: AMOUNT },
  },
  unreserve: { letter: 'n', fields: { amountMinor: MOVED, refund: KEY } },
};

/** The fields of executed calls: without the amount that the change shows. */
const EXECUTED = Object.fromEntries(
  Object.entries(CALLS).map(([operation, form]) => {
    const { amountMinor, ...others }: AnyFields = form.fields;
    return [operation, amountMinor === MOVED ? others : form.fields];
  }),
) as Readonly<Record<OperationName, AnyFields>>;

/** The fields that the entry of an executed call has in addition to the call's own. */
const DECIDED: { readonly [Name in OperationName]?: AnyFields } = {
  capture: { capturedMinor: AMOUNT },
  refund: { to: optional(ACCOUNT), amountMinor: AMOUNT, ofMinor: AMOUNT },
};

type EndKind = Exclude<EntryBody['kind'], 'executed' | 'refused' | 'unknown_kind'>;
const ENDS: { readonly [Kind in EndKind]: Form<Omit<Body<Kind>, 'kind'>> } = {
  cancelled: { letter: 'c', fields: {} },
  settled: { letter: 's', fields: { to: ACCOUNT, transfer: KEY } },
  returned: { letter: 'u', fields: { code: CODE, to: ACCOUNT, transfer: KEY } },
  refunded: {
    letter: 'z',
    fields: { refund: KEY, call: KEY, to: optional(ACCOUNT), code: optional(CODE, '') },
  },
  expired: { letter: 'x', fields: { hold: KEY } },
};

const MAY_RETRY = { mayRetry: flag('b') };

/**
 * Writes an entry as one short string, because every write of its account pays for its bytes: with 33 bytes, including its key, a head at
 * rest stays below the 1 KB of one write unit. It begins with the change of the balance, the change of the held money if there is one, and
 * the time. These have the same form for all kinds, so that a version that does not know a kind can still add it up.
 *
 *     25 m3x8k2ab d                                 deposit of 25
 *     -12 m3x8k2ab wb =order 4711                   withdrawal whose caller may retry (b), with a reference
 *     5 m3x8k2ab de                                 deposit that must not open an account (e)
 *     -8/8 m3x8k2ab t ann                           transfer of 8 to ann: it is held until ann's book has the credit
 *     8 m3x8k2ab r joe <key>                        that credit, of joe's transfer <key>
 *     0/-8 m3x8k2ab s ann <key>                     transfer <key> to ann is settled
 *     8/-8 m3x8k2ab u no_such_destination ann <key> ... or returned, and why
 *     -8/8 m3x8k2ab h 3600                          hold for an hour
 *     3/-8 m3x8k2ab p <hold> 5 * 5                  capture of 5 of a hold, out of the bank; the rest is released
 *     0/-5 m3x8k2ab pk <hold> 5 * 5                 ... or kept (k)
 *     3/-3 m3x8k2ab p <hold> 5 ann 5                capture that is a transfer to ann
 *     8/-8 m3x8k2ab v <hold>                        void
 *     0 m3x8k2ab e <call> 5 * 5 20                   refund of 5 of a call that moved 20; nothing is moved yet
 *     -20/20 m3x8k2ab e <call> * ann 20 20           ... of all of a transfer that was received from ann: the money is held
 *     5 m3x8k2ab z <refund> <call> *                 end of a refund: the money is in the balance
 *     0/-5 m3x8k2ab z <refund> <call> joe            ... or in joe's, whose credit has an f: `rf`
 *     0 m3x8k2ab z <refund> <call> * refund_exceeded ... or it was refused
 *     5 m3x8k2ab g <refund> 5 20                     in a register: reserves 5 of 20 for a refund; u behind the g: may take less
 *     -5 m3x8k2ab n <refund>                         ... takes it back
 *     0 m3x8k2ab f frozen *                         debits frozen, credits left as they are
 *     8/-8 m3x8k2ab x <hold>                        expiry of a hold
 *     0 m3x8k2ab refused not_enough_money w 1234    refused call and its code
 *     0 m3x8k2ab cb                                 cancelled
 *
 * The time is in milliseconds since 1970, in base 36; keys are 22 characters of base64url. The reference is the rest after ` =`.
 */
export function encodeEntry(entry: Entry): string {
  const { changeMinor, heldChangeMinor, atMs, body } = entry;
  if (body.kind === 'unknown_kind') {
    return body.text;
  }
  const held = heldChangeMinor === 0n ? '' : `/${heldChangeMinor}`;
  return `${changeMinor}${held} ${TIME.write(atMs)} ${textOf(entry, body)}`;
}

function textOf(entry: Entry, body: Exclude<EntryBody, { kind: 'unknown_kind' }>): string {
  if (body.kind !== 'executed' && body.kind !== 'refused') {
    const { letter, fields } = ENDS[body.kind];
    return writeText(letter, [
      [MAY_RETRY, entry],
      [fields, body],
    ]);
  }
  const { asked } = body;
  const { operation, reference } = asked;
  const { letter, fields } = CALLS[operation];
  if (body.kind === 'refused') {
    return `refused ${body.code} ${writeText(
      letter,
      [
        [MAY_RETRY, entry],
        [fields, asked],
      ],
      reference,
    )}`;
  }
  const decided = [DECIDED[operation] ?? {}, body.terms ?? body] as const;
  return writeText(letter, [[MAY_RETRY, entry], [EXECUTED[operation], asked], decided], reference);
}

const HEAD = /^(-?[0-9]+)(?:\/(-?[0-9]+))? ([0-9a-z]{8,9}) (?:refused ([a-z_]+) )?/;

/** True for a text that {@link decodeEntry} can read. */
export function isEntry(text: string): boolean {
  return HEAD.test(text);
}

/**
 * Reads an entry. If its kind is unknown to this version, the text is kept as it is.
 *
 * Throws if its change of the balance cannot be read, because then every balance of the account would be wrong.
 */
export function decodeEntry(key: string, text: string): Entry {
  const [head, change = '0', held = '0', time = '', code] = HEAD.exec(text) ?? [];
  if (head === undefined) {
    throw new Error(`not an entry: ${JSON.stringify(text)}`);
  }
  const changeMinor = BigInt(change);
  const common = { key, changeMinor, heldChangeMinor: BigInt(held), atMs: TIME.read(time) };
  const reader = new TextReader(text.slice(head.length));
  const { mayRetry } = reader.take(MAY_RETRY);
  const body = bodyOf(reader, code, changeMinor < 0n ? -changeMinor : changeMinor);
  return body !== undefined && reader.isRead
    ? { ...common, mayRetry: mayRetry === true, body }
    : { ...common, mayRetry: false, body: { kind: 'unknown_kind', text } };
}

/** Reads the body of an entry, by the tables above. Undefined or incomplete for a kind that this version does not know. */
function bodyOf(reader: TextReader, code: string | undefined, movedMinor: bigint): EntryBody | undefined {
  const { letter, reference } = reader;
  const kind = KINDS.get(letter);
  if (kind !== undefined) {
    const isWhole = code === undefined && reference === undefined;
    return isWhole ? (reader.take(ENDS[kind].fields, { kind }) as EntryBody) : undefined;
  }
  const operation = OPERATIONS.get(letter);
  if (operation === undefined || (code !== undefined && !isRecordedRefusal(code))) {
    return undefined;
  }
  const { fields } = CALLS[operation];
  const amount = 'amountMinor' in fields ? { amountMinor: movedMinor } : {};
  const known = { operation, reference, ...amount };
  if (code !== undefined) {
    return { kind: 'refused', asked: reader.take(fields, known) as Asked, code };
  }
  const asked = reader.take(EXECUTED[operation], known);
  const decided = reader.take(DECIDED[operation] ?? {});
  return { kind: 'executed', asked, ...(operation === 'refund' ? { terms: decided } : decided) } as EntryBody;
}

const OPERATIONS = byLetter(CALLS);
const KINDS = byLetter(ENDS);
