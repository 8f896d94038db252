import type { Entry, EntryBody, OperationName, RefusalCode } from '../bank/entry.ts';

/**
 * An entry as one short string, because it weighs on every write of its account: with 33 bytes, those of its key included, a head
 * at rest stays below the 1 KB that one write unit pays for. What it does to the balance, and to what is held if it does, and its
 * time stand first, in one form for all kinds: a version of the function that does not know a kind can still count it and tell
 * when it was.
 *
 *     25 m3x8k2ab d                                 deposit of 25
 *     -12 m3x8k2ab wb =order 4711                   withdrawal whose caller may come back (b), with a reference
 *     5 m3x8k2ab de                                 deposit that must not open an account (e)
 *     0 m3x8k2ab refused not_enough_money w 1234    what was asked, and what it was refused with
 *     0 m3x8k2ab cb                                 cancelled
 *     -8/8 m3x8k2ab ...                             8 that was taken out is held
 *
 * The time is in milliseconds since 1970, in base 36. The reference is the rest after ` =`.
 */
export function encodeEntry({ changeMinor, heldChangeMinor, atMs, mayReturn, body }: Entry): string {
  if (body.kind === 'unread') return body.text;
  const held = heldChangeMinor === 0n ? '' : `/${heldChangeMinor}`;
  const head = `${changeMinor}${held} ${atMs.toString(36)}`;
  const back = mayReturn ? 'b' : '';
  if (body.kind === 'cancelled') return `${head} c${back}`;
  const { operation, amountMinor, mustExist, reference } = body.asked;
  const call = `${LETTERS[operation]}${back}${mustExist ? 'e' : ''}`;
  const words = reference === undefined ? '' : ` =${reference}`;
  return body.kind === 'executed'
    ? `${head} ${call}${words}`
    : `${head} refused ${body.code} ${call} ${amountMinor}${words}`;
}

const LETTERS: Readonly<Record<OperationName, string>> = { deposit: 'd', withdraw: 'w' };
const OPERATIONS = new Map(Object.entries(LETTERS).map(([name, letter]) => [letter, name as OperationName]));

/** A time has eight digits from 1972 to 2059: a text of another form must not be taken for an entry of 1970. */
const HEAD = /^(-?[0-9]+)(?:\/(-?[0-9]+))? ([0-9a-z]{8,9}) /;
const CALL =
  /^(?:refused (?<code>[a-z_]+) )?(?<letter>[a-z])(?<back>b?)(?<exist>e?)(?: (?<amount>[0-9]+))?(?: =(?<reference>.{1,64}))?$/;
const CANCELLED = /^c(b?)$/;
const CODES: ReadonlySet<string> = new Set<RefusalCode>([
  'no_such_account',
  'not_enough_money',
  'balance_too_large',
  'key_expired',
]);

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
  if (head === undefined) throw new Error(`not an entry: ${JSON.stringify(text)}`);
  const changeMinor = BigInt(change ?? 0);
  const atMs = Number.parseInt(at ?? '', 36);
  const common = { key, changeMinor, heldChangeMinor: BigInt(held ?? 0), atMs };
  return { ...common, ...restOf(text.slice(head.length), changeMinor, text) };
}

function restOf(rest: string, changeMinor: bigint, text: string): { mayReturn: boolean; body: EntryBody } {
  const cancelled = CANCELLED.exec(rest);
  if (cancelled !== null) return { mayReturn: cancelled[1] === 'b', body: { kind: 'cancelled' } };
  const { code, letter = '', back, exist, amount, reference } = CALL.exec(rest)?.groups ?? {};
  const operation = OPERATIONS.get(letter);
  if (operation === undefined) return { mayReturn: false, body: { kind: 'unread', text } };
  const common = { operation, mustExist: exist === 'e', reference };
  const mayReturn = back === 'b';
  // The amount of an executed call is its change; a refused one, which changes nothing, has it written out.
  if (code === undefined && amount === undefined) {
    const amountMinor = changeMinor < 0n ? -changeMinor : changeMinor;
    return { mayReturn, body: { kind: 'executed', asked: { ...common, amountMinor } } };
  }
  if (code !== undefined && isRefusalCode(code) && amount !== undefined) {
    return { mayReturn, body: { kind: 'refused', asked: { ...common, amountMinor: BigInt(amount) }, code } };
  }
  return { mayReturn: false, body: { kind: 'unread', text } };
}

function isRefusalCode(code: string): code is RefusalCode {
  return CODES.has(code);
}
