import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Head, Line, Page } from '../bank/book.ts';
import type { Entry } from '../bank/entry.ts';
import type { Mark } from '../bank/mark.ts';
import type { Cached } from '../bank/store.ts';
import { type Attributes, fromAttributes } from './attributes.ts';
import { decodeEntry, encodeEntry, isEntry } from './entry-text.ts';
import { marksIn } from './mark-text.ts';
import { bytesOf, keyOf } from './uuid.ts';

/**
 * Names of attributes. An item of `accounts` is the head of an account. `keys` and `entries` are lists of the same length. A key is 16
 * bytes, which compare like its UUID:
 *
 *     account "joe"  balance 25  entries ["10 m3x8k2ab d", ...]  keys [<16 bytes>, ...]
 *     sequence 31    turned 20   watermark <16 bytes>                    (the last two: since a page was turned)
 *     held 8         open 1      holds 1    mark:<key> "h 8 8 ..."   dueShard 7  dueAt 1764...  (while there are holds or transfers)
 *     debits "frozen"        credits "frozen"    needs 2                 (while a side is frozen; `needs`: until one call opens both)
 *
 * An item of `pages` is a page, under the account and the number of its first entry.
 */
export const ATTRIBUTES = {
  account: 'account',
  balance: 'balance',
  held: 'held',
  sequence: 'sequence',
  entries: 'entries',
  keys: 'keys',
  turned: 'turned',
  watermark: 'watermark',
  needs: 'needs',
  open: 'open',
  holds: 'holds',
  transfers: 'transfers',
  debits: 'debits',
  credits: 'credits',
  dueShard: 'dueShard',
  dueAt: 'dueAt',
  first: 'first',
  opening: 'opening',
  openingHeld: 'openingHeld',
} as const;

const NONE: AttributeValue = { L: [] };
const NO_MARKS = new Map<string, Mark>();

const bytesSchema = v.instance(Uint8Array);
const linesSchema = v.object({
  entries: v.array(v.string()),
  keys: v.array(bytesSchema),
});
const headSchema = v.object({
  balance: v.optional(v.bigint()),
  held: v.optional(v.bigint(), 0n),
  sequence: v.optional(v.bigint(), 0n),
  turned: v.optional(v.bigint(), 0n),
  watermark: v.optional(bytesSchema),
  needs: v.optional(v.bigint(), 1n),
  open: v.optional(v.bigint()),
  dueAt: v.optional(v.bigint()),
  debits: v.optional(v.literal('frozen')),
  credits: v.optional(v.literal('frozen')),
});
const pageSchema = v.object({
  first: v.bigint(),
  opening: v.bigint(),
  openingHeld: v.optional(v.bigint(), 0n),
  watermark: bytesSchema,
  ...linesSchema.entries,
});
const cachedSchema = v.union([
  v.object({
    entry: v.pipe(v.string(), v.check(isEntry)),
    balance: v.bigint(),
    held: v.optional(v.bigint(), 0n),
    sequence: v.bigint(),
  }),
  v.object({ searchedFrom: v.bigint(), searchedTo: v.bigint() }),
]);

/**
 * Reads a head. It decodes the entries at the first access: the answer to a write contains a dozen entries that the call does not need,
 * and decoding them took a twentieth of a call's CPU time.
 *
 * Throws for an item that no version of this bank can have written; for its entries, at the first access.
 */
export function decodeHead({ entries = NONE, keys = NONE, ...item }: Attributes): Head {
  const attributes = fromAttributes(item);
  const { open, dueAt, ...head } = v.parse(headSchema, attributes);
  const { balance, held, sequence, turned, watermark, needs, debits = 'open', credits = 'open' } = head;
  let read: readonly Entry[] | undefined;
  return {
    balanceMinor: balance,
    heldMinor: held,
    sequence: Number(sequence),
    get entries() {
      read ??= decodeEntries(v.parse(linesSchema, fromAttributes({ entries, keys })));
      return read;
    },
    turned: Number(turned),
    watermark: watermark === undefined ? undefined : keyOf(watermark),
    marks: open === undefined ? NO_MARKS : marksIn(attributes),
    status: { debits, credits },
    dueAtMs: dueAt === undefined ? undefined : Number(dueAt),
    needs: Number(needs),
  };
}

const listedSchema = v.object({ account: v.string(), balance: v.optional(v.bigint()) });

/** Reads an item of a list of accounts. An account that never got a deposit has no balance. */
export function decodeListed(item: Attributes) {
  return v.parse(listedSchema, fromAttributes(item));
}

const dueSchema = v.object({ account: v.string(), dueAt: v.bigint() });

/** Reads an item of the index of due accounts. */
export function decodeDue(item: Attributes) {
  const { account, dueAt } = v.parse(dueSchema, fromAttributes(item));
  return { account, dueAtMs: Number(dueAt) };
}

/** Writes a page as an item, without its account. */
export function encodePage({ start, openingMinor, openingHeldMinor, entries, watermark }: Page) {
  return {
    [ATTRIBUTES.first]: start + 1,
    [ATTRIBUTES.opening]: openingMinor,
    ...(openingHeldMinor === 0n ? {} : { [ATTRIBUTES.openingHeld]: openingHeldMinor }),
    [ATTRIBUTES.entries]: entries.map(encodeEntry),
    [ATTRIBUTES.keys]: entries.map(({ key }) => bytesOf(key)),
    [ATTRIBUTES.watermark]: bytesOf(watermark),
  };
}

export function decodePage(item: Attributes): Page {
  const { first, opening, openingHeld, watermark, ...lines } = v.parse(pageSchema, fromAttributes(item));
  return {
    start: Number(first) - 1,
    openingMinor: opening,
    openingHeldMinor: openingHeld,
    entries: decodeEntries(lines),
    watermark: keyOf(watermark),
  };
}

const placeSchema = v.object({ first: v.bigint() });

/** Reads the start of a page from an item of the index of pages. */
export function decodePlace(item: Attributes): number {
  return Number(v.parse(placeSchema, fromAttributes(item)).first) - 1;
}

/** Writes a line, or the note of a search, as an item of the cache, without its keys. */
export function encodeCached(cached: Cached) {
  if (cached.kind === 'searched') {
    return { searchedFrom: cached.start, searchedTo: cached.end };
  }
  const { entry, balanceMinor, heldMinor, sequence } = cached.line;
  const held = heldMinor === 0n ? {} : { held: heldMinor };
  return { entry: encodeEntry(entry), balance: balanceMinor, ...held, sequence };
}

/** Reads an item of the cache. Undefined for the form of another version: the pages have the same data. */
export function decodeCached(key: string, item: Attributes): Cached | undefined {
  const { success, output: found } = v.safeParse(cachedSchema, fromAttributes(item));
  if (!success) {
    return undefined;
  }
  if ('searchedFrom' in found) {
    return { kind: 'searched', start: Number(found.searchedFrom), end: Number(found.searchedTo) };
  }
  const line: Line = {
    entry: decodeEntry(key, found.entry),
    balanceMinor: found.balance,
    heldMinor: found.held,
    sequence: Number(found.sequence),
  };
  return { kind: 'line', line };
}

function decodeEntries({ entries, keys }: v.InferOutput<typeof linesSchema>): readonly Entry[] {
  if (entries.length !== keys.length) {
    throw new Error(`${entries.length} entries and ${keys.length} keys: their numbers differ`);
  }
  return keys.map((bytes, index) => decodeEntry(keyOf(bytes), entries[index] ?? ''));
}
