import { type Asked, type Entry, type EntryBody, isRefusedCode } from '../bank/entry.ts';
import { shortOf, uuidOf } from './uuid.ts';

/**
 * An entry as one short string, because it weighs on every write of its account: with 33 bytes, those of its key included, a head
 * at rest stays below the 1 KB that one write unit pays for. What it does to the balance, and to what is held if it does, and its
 * time stand first, in one form for all kinds: a version of the function that does not know a kind can still count it and tell
 * when it was.
 *
 *     25 m3x8k2ab d                                 deposit of 25
 *     -12 m3x8k2ab wb =order 4711                   withdrawal whose caller may come back (b), with a reference
 *     5 m3x8k2ab de                                 deposit that must not open an account (e)
 *     -8/8 m3x8k2ab t ann                           transfer of 8 to ann: it is held until ann's book has the credit
 *     8 m3x8k2ab r joe <key>                        that credit, of joe's transfer <key>
 *     0/-8 m3x8k2ab s ann <key>                     transfer <key> to ann is settled
 *     8/-8 m3x8k2ab u no_such_destination ann <key> ... or returned, and why
 *     -8/8 m3x8k2ab h 3600                          hold for an hour
 *     3/-8 m3x8k2ab p <hold> 5 * 5                  capture of 5 of a hold, to nobody; the rest is released
 *     0/-5 m3x8k2ab pk <hold> 5 * 5                 ... or kept (k)
 *     3/-3 m3x8k2ab p <hold> 5 ann 5                capture that is a transfer to ann
 *     8/-8 m3x8k2ab v <hold>                        void
 *     0 m3x8k2ab e <call> 5 * 5 20                   refund of 5 of a call that moved 20; nothing is moved yet
 *     -20/20 m3x8k2ab e <call> * ann 20 20           ... of all of a transfer that was received from ann: the money is held
 *     5 m3x8k2ab z <refund> <call> *                 end of a refund: the money is in the balance
 *     0/-5 m3x8k2ab z <refund> <call> joe            ... or in joe's, whose credit has an f: `rf`
 *     0 m3x8k2ab z <refund> <call> * refund_exceeded ... or it was refused
 *     5 m3x8k2ab g <refund> 5 20                     in a register: reserves 5 of 20 for a refund; u behind the g: less will do
 *     -5 m3x8k2ab n <refund>                         ... takes it back
 *     0 m3x8k2ab f frozen *                         debits frozen, credits left as they are
 *     8/-8 m3x8k2ab x <hold>                        hold that expired
 *     0 m3x8k2ab refused not_enough_money w 1234    what was asked, and what it was refused with
 *     0 m3x8k2ab cb                                 cancelled
 *
 * The time is in milliseconds since 1970, in base 36; keys are 22 characters of base64url. The reference is the rest after ` =`.
 */
export function encodeEntry({ changeMinor, heldChangeMinor, atMs, mayReturn, body }: Entry): string {
  if (body.kind === 'unread') {
    return body.text;
  }
  const held = heldChangeMinor === 0n ? '' : `/${heldChangeMinor}`;
  const flags = mayReturn ? 'b' : '';
  return [`${changeMinor}${held}`, atMs.toString(36), ...wordsOf(body, flags)].join(' ');
}

function wordsOf(body: Exclude<EntryBody, { kind: 'unread' }>, back: string): readonly string[] {
  switch (body.kind) {
    case 'executed': {
      const { asked, capturedMinor, terms } = body;
      const made = terms === undefined ? [] : [terms.to ?? NONE, terms.amountMinor, terms.ofMinor];
      return wordsOfCall(asked, back, [], [capturedMinor, ...made]);
    }
    case 'refused': {
      const { asked, code } = body;
      const { letter } = callOf(asked);
      const amount = 'amountMinor' in asked && WITH_AMOUNT.test(letter) ? [asked.amountMinor] : [];
      return ['refused', code, ...wordsOfCall(asked, back, amount, [])];
    }
    case 'cancelled':
      return [`c${back}`];
    case 'settled':
      return [`s${back}`, body.to, shortOf(body.transfer)];
    case 'returned':
      return [`u${back}`, body.code, body.to, shortOf(body.transfer)];
    case 'refunded':
      return [
        `z${back}`,
        shortOf(body.refund),
        shortOf(body.call),
        body.to ?? NONE,
        ...(body.code === undefined ? [] : [body.code]),
      ];
    case 'expired':
      return [`x${back}`, shortOf(body.hold)];
  }
}

type Word = string | number | bigint | undefined;

/** A call: its letter and flags, its amount where no change tells it, what it names, what was decided about it, and its reference. */
function wordsOfCall(
  asked: Asked,
  back: string,
  amount: readonly Word[],
  decided: readonly Word[],
): string[] {
  const { letter, flag = '', words } = callOf(asked);
  const reference = asked.reference === undefined ? undefined : `=${asked.reference}`;
  return [`${letter}${back}${flag}`, ...amount, ...words, ...decided, reference].flatMap((word) =>
    word === undefined ? [] : [String(word)],
  );
}

function callOf(asked: Asked): { letter: Letter; flag?: string; words: readonly Word[] } {
  switch (asked.operation) {
    case 'deposit':
      return { letter: 'd', flag: asked.mustExist ? 'e' : '', words: [] };
    case 'withdraw':
      return { letter: 'w', words: [] };
    case 'transfer':
      return { letter: 't', words: [asked.to] };
    case 'credit':
      return {
        letter: 'r',
        flag: asked.isRefund === true ? 'f' : '',
        words: [asked.from, shortOf(asked.transfer)],
      };
    case 'hold':
      return { letter: 'h', words: [asked.expiresInSeconds] };
    case 'capture': {
      const { hold, amountMinor = NONE, to = NONE, isFinal } = asked;
      return { letter: 'p', flag: isFinal ? '' : 'k', words: [shortOf(hold), amountMinor, to] };
    }
    case 'void':
      return { letter: 'v', words: [shortOf(asked.hold)] };
    case 'refund':
      return { letter: 'e', words: [shortOf(asked.call), asked.amountMinor ?? NONE] };
    case 'reserve': {
      const { refund, amountMinor, ofMinor, isUpTo } = asked;
      return { letter: 'g', flag: isUpTo ? 'u' : '', words: [shortOf(refund), amountMinor, ofMinor] };
    }
    case 'unreserve':
      return { letter: 'n', words: [shortOf(asked.refund)] };
    case 'setStatus':
      return { letter: 'f', words: [asked.debits ?? NONE, asked.credits ?? NONE] };
  }
}

/** Stands for an amount or an account that a capture or a refund does not name, and for a side that stays as it is. */
const NONE = '*';

/** A time has eight digits from 1972 to 2059: a text of another form must not be taken for an entry of 1970. */
const HEAD = /^(-?[0-9]+)(?:\/(-?[0-9]+))? ([0-9a-z]{8,9}) /;
const REST =
  /^(?:refused (?<code>[a-z_]+) )?(?<letter>[a-z])(?<back>b?)(?<flag>[ekfu]?)(?: (?<words>[^=].*?))?(?: =(?<reference>.{1,64}))?$/;

const KEY = '[A-Za-z0-9_-]{22}';
const ACCOUNT = '[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}';

/** Calls that have an amount, which is written out where they were refused: the amount of an executed one is its change. */
const WITH_AMOUNT = /^[dwtrhn]$/;
const AMOUNT_AND_REST = /^(?<amount>[0-9]+)(?: (?<rest>.+))?$/;

/** What stands behind each letter and its amount; last what an executed one captured. */
const WORDS = {
  d: /^$/,
  w: /^$/,
  t: new RegExp(`^(?<to>${ACCOUNT})$`),
  r: new RegExp(`^(?<from>${ACCOUNT}) (?<key>${KEY})$`),
  h: /^(?<seconds>[0-9]+)$/,
  p: new RegExp(`^(?<hold>${KEY}) (?<part>[0-9]+|\\*) (?<to>${ACCOUNT}|\\*)(?: (?<captured>[0-9]+))?$`),
  v: new RegExp(`^(?<hold>${KEY})$`),
  f: /^(?<debits>open|frozen|\*) (?<credits>open|frozen|\*)$/,
  e: new RegExp(
    `^(?<call>${KEY}) (?<part>[0-9]+|\\*)(?: (?<to>${ACCOUNT}|\\*) (?<whole>[0-9]+) (?<of>[0-9]+))?$`,
  ),
  z: new RegExp(`^(?<key>${KEY}) (?<call>${KEY}) (?<to>${ACCOUNT}|\\*)(?: (?<why>[a-z_]+))?$`),
  g: new RegExp(`^(?<key>${KEY}) (?<part>[0-9]+) (?<of>[0-9]+)$`),
  n: new RegExp(`^(?<key>${KEY})$`),
  c: /^$/,
  s: new RegExp(`^(?<to>${ACCOUNT}) (?<key>${KEY})$`),
  u: new RegExp(`^(?<why>[a-z_]+) (?<to>${ACCOUNT}) (?<key>${KEY})$`),
  x: new RegExp(`^(?<hold>${KEY})$`),
} as const satisfies Record<string, RegExp>;

/** A letter that is written must be one that is read: else an account could not be read any more. */
type Letter = keyof typeof WORDS;

function isLetter(letter: string): letter is Letter {
  return Object.hasOwn(WORDS, letter);
}

/** True for a text that {@link decodeEntry} reads. */
export function isEntry(text: string): boolean {
  return HEAD.test(text);
}

/**
 * Reads an entry back. One that this version does not know is carried along unread.
 *
 * Throws when what it does to the balance cannot be read: then no balance of the account would be right.
 */
export function decodeEntry(key: string, text: string): Entry {
  const [head, change, held, at] = HEAD.exec(text) ?? [];
  if (head === undefined) {
    throw new Error(`not an entry: ${JSON.stringify(text)}`);
  }
  const changeMinor = BigInt(change ?? 0);
  const atMs = Number.parseInt(at ?? '', 36);
  const common = { key, changeMinor, heldChangeMinor: BigInt(held ?? 0), atMs };
  const { back, ...said } = REST.exec(text.slice(head.length))?.groups ?? {};
  const body = bodyOf(said, changeMinor);
  return body === undefined
    ? { ...common, mayReturn: false, body: { kind: 'unread', text } }
    : { ...common, mayReturn: back === 'b', body };
}

type Groups = Readonly<Record<string, string | undefined>>;

function bodyOf(
  { code, letter = '', flag, words = '', reference }: Groups,
  changeMinor: bigint,
): EntryBody | undefined {
  const isWrittenOut = code !== undefined && WITH_AMOUNT.test(letter);
  const { amount, rest = '' } = isWrittenOut ? (AMOUNT_AND_REST.exec(words)?.groups ?? {}) : { rest: words };
  if (!isLetter(letter)) {
    return undefined;
  }
  const found = WORDS[letter].exec(rest);
  if (found === null) {
    return undefined;
  }
  const groups: Groups = { ...found.groups };
  const { hold = '', key = '', to = '', call = '', why = '' } = groups;
  if (code === undefined && reference === undefined && flag === '') {
    switch (letter) {
      case 'c':
        return { kind: 'cancelled' };
      case 's':
        return { kind: 'settled', transfer: uuidOf(key), to };
      case 'u':
        return isRefusedCode(why) ? { kind: 'returned', transfer: uuidOf(key), to, code: why } : undefined;
      case 'z': {
        const code = isRefusedCode(why) ? why : undefined;
        const said = { refund: uuidOf(key), call: uuidOf(call), to: namedIn(to), code } as const;
        return why === '' || code !== undefined ? { kind: 'refunded', ...said } : undefined;
      }
      case 'x':
        return { kind: 'expired', hold: uuidOf(hold) };
    }
  }
  const { captured, whole, of = '' } = groups;
  const amountMinor = amount === undefined ? absolute(changeMinor) : BigInt(amount);
  const asked = askedOf(letter, flag, groups, amountMinor, reference);
  if (asked === undefined) {
    return undefined;
  }
  if (code !== undefined) {
    const isWhole = isWrittenOut === (amount !== undefined) && captured === undefined && whole === undefined;
    return isRefusedCode(code) && isWhole ? { kind: 'refused', asked, code } : undefined;
  }
  const isWhole =
    (asked.operation === 'capture') === (captured !== undefined) &&
    (asked.operation === 'refund') === (whole !== undefined);
  if (!isWhole) {
    return undefined;
  }
  return {
    kind: 'executed',
    asked,
    ...(captured === undefined ? {} : { capturedMinor: BigInt(captured) }),
    ...(whole === undefined
      ? {}
      : { terms: { to: namedIn(to), amountMinor: BigInt(whole), ofMinor: BigInt(of) } }),
  };
}

/** The flag that a call may have. */
const FLAGS: Readonly<Partial<Record<Letter, string>>> = { d: 'e', p: 'k', r: 'f', g: 'u' };

function askedOf(
  letter: Letter,
  flag: string | undefined,
  { to = '', from = '', key = '', hold = '', call = '', seconds, part, of = '', debits, credits }: Groups,
  amountMinor: bigint,
  reference: string | undefined,
): Asked | undefined {
  if (flag !== undefined && flag !== '' && FLAGS[letter] !== flag) {
    return undefined;
  }
  switch (letter) {
    case 'd':
      return { operation: 'deposit', amountMinor, mustExist: flag === 'e', reference };
    case 'w':
      return { operation: 'withdraw', amountMinor, reference };
    case 't':
      return { operation: 'transfer', amountMinor, to, reference };
    case 'r':
      return {
        operation: 'credit',
        amountMinor,
        from,
        transfer: uuidOf(key),
        ...(flag === 'f' ? { isRefund: true } : {}),
        reference,
      };
    case 'e':
      return { operation: 'refund', call: uuidOf(call), amountMinor: amountIn(part), reference };
    case 'g':
      return {
        operation: 'reserve',
        refund: uuidOf(key),
        amountMinor: BigInt(part ?? 0),
        ofMinor: BigInt(of),
        isUpTo: flag === 'u',
        reference,
      };
    case 'n':
      return { operation: 'unreserve', refund: uuidOf(key), amountMinor, reference };
    case 'h':
      return { operation: 'hold', amountMinor, expiresInSeconds: Number(seconds), reference };
    case 'p':
      return {
        operation: 'capture',
        hold: uuidOf(hold),
        amountMinor: amountIn(part),
        isFinal: flag !== 'k',
        to: namedIn(to),
        reference,
      };
    case 'v':
      return { operation: 'void', hold: uuidOf(hold), reference };
    case 'f':
      return { operation: 'setStatus', debits: sideOf(debits), credits: sideOf(credits), reference };
    case 'c':
    case 's':
    case 'u':
    case 'x':
    case 'z':
      return undefined;
  }
}

function namedIn(word: string): string | undefined {
  return word === NONE ? undefined : word;
}

function amountIn(word: string | undefined): bigint | undefined {
  return word === undefined || word === NONE ? undefined : BigInt(word);
}

function sideOf(word: string | undefined): 'open' | 'frozen' | undefined {
  return word === 'open' || word === 'frozen' ? word : undefined;
}

function absolute(amountMinor: bigint): bigint {
  return amountMinor < 0n ? -amountMinor : amountMinor;
}
