import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { pageOf } from '../../functions/bank/book.ts';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import { type Attributes, toAttributes } from '../../functions/dynamodb/attributes.ts';
import { decodeHead, encodePage } from '../../functions/dynamodb/items.ts';
import { bytesOf } from '../../functions/dynamodb/uuid.ts';
import type { FaultCode } from '../../infra/tools/books/verdict.ts';
import type { BookItems } from './used-bank.ts';

/** What was done to a book, and the faults that it must be found by. */
export type Damage = readonly [string, (book: Whole) => void, ...FaultCode[]];

/** A book with three pages or more. */
interface Whole extends BookItems {
  head: Attributes;
}

const KEY = '01935e0a-0000-7000-8000-000000000000';
const HIGHEST = 'ffffffff-ffff-7fff-bfff-ffffffffffff';
const ZEROS = '00000000-0000-7000-8000-000000000000';

const entriesOf = (item: Attributes | undefined) => item?.['entries']?.L ?? [];
const keysOf = (item: Attributes | undefined) => item?.['keys']?.L ?? [];
const number = (item: Attributes | undefined, name: string) => Number(item?.[name]?.N ?? 0);
const bytes = (key: string): AttributeValue => ({ B: bytesOf(key) });

/** Adds to a number of an item. */
function add(item: Attributes | undefined, name: string, change: number): void {
  Object.assign(item ?? {}, { [name]: { N: String(number(item, name) + change) } });
}

function set(item: Attributes | undefined, attributes: Attributes): void {
  Object.assign(item ?? {}, attributes);
}

/** Rewrites the text of an entry. */
function rewrite(item: Attributes | undefined, index: number, write: (text: string) => string): void {
  const entries = entriesOf(item);
  const place = index < 0 ? entries.length + index : index;
  entries[place] = { S: write(entries[place]?.S ?? '') };
}

/** Takes an entry out, and its key. */
function cut(item: Attributes | undefined, index: number): void {
  entriesOf(item).splice(index, 1);
  keysOf(item).splice(index, 1);
}

/** Adds to what an entry does to the balance. */
const move = (by: number) => (text: string) =>
  text.replace(/^-?\d+/, (change) => String(Number(change) + by));

/** The page that is due next, as the bank would write it. */
function nextPage({ head }: Whole): Attributes {
  return toAttributes(encodePage(pageOf(decodeHead(head))));
}

/** The index of the first entry of a kind in an item. */
function find(item: Attributes | undefined, kind: RegExp): number {
  const index = entriesOf(item).findIndex(({ S }) => kind.test(S ?? ''));
  if (index === -1) {
    throw new Error(`the book has no entry like ${kind}`);
  }
  return index;
}

export const DAMAGES: readonly Damage[] = [
  ['nothing', () => {}],

  // The head.
  ['the head is removed', (book) => Object.assign(book, { head: undefined }), 'no_head'],
  ['the head is another account’s first', (book) => Object.assign(book, { head: firstHead() }), 'page_later'],
  ['a unit is added to the balance', ({ head }) => add(head, 'balance', 1), 'balance_wrong'],
  ['a unit is taken from the balance', ({ head }) => add(head, 'balance', -1), 'balance_wrong'],
  ['the balance is negative', ({ head }) => set(head, { balance: { N: '-5' } }), 'balance_wrong'],
  ['the balance is removed', ({ head }) => delete head['balance'], 'balance_absent'],
  ['the balance is a fraction', ({ head }) => set(head, { balance: { N: '1.5' } }), 'unreadable'],
  ['the balance is text', ({ head }) => set(head, { balance: { S: 'ten' } }), 'unreadable'],
  ['money is held that no entry holds', ({ head }) => set(head, { held: { N: '5' } }), 'balance_wrong'],
  ['less than nothing is held', ({ head }) => set(head, { held: { N: '-5' } }), 'balance_wrong'],
  ['the sequence is one ahead', ({ head }) => add(head, 'sequence', 1), 'sequence_wrong'],
  ['the sequence is removed', ({ head }) => delete head['sequence'], 'sequence_wrong'],
  ['an entry of the head is removed, its key is not', ({ head }) => entriesOf(head).pop(), 'unreadable'],
  ['a key of the head is removed, its entry is not', ({ head }) => keysOf(head).shift(), 'unreadable'],
  [
    'the head’s oldest entry is removed',
    ({ head }) => cut(head, find(head, / d/)),
    'balance_wrong',
    'sequence_wrong',
  ],
  [
    'the head’s oldest deposit is removed, and the sequence agrees',
    ({ head }) => {
      cut(head, find(head, / d/));
      add(head, 'sequence', -1);
    },
    'balance_wrong',
  ],
  [
    'an entry is added to the head twice',
    ({ head }) => {
      entriesOf(head).push({ S: '0 m3x8k2ab c' });
      keysOf(head).push(keysOf(head)[0] ?? bytes(KEY));
      add(head, 'sequence', 1);
    },
    'key_twice',
  ],
  [
    'a key of a page is used again in the head',
    ({ head, pages }) => {
      entriesOf(head).push({ S: '0 m3x8k2ab c' });
      keysOf(head).push(keysOf(pages[0])[3] ?? bytes(KEY));
      add(head, 'sequence', 1);
    },
    'key_twice',
  ],
  [
    'a key has 15 bytes',
    ({ head }) => void keysOf(head).splice(0, 1, { B: bytesOf(KEY).slice(1) }),
    'entry_wrong',
  ],
  ['a key is text', ({ head }) => void keysOf(head).splice(0, 1, { S: KEY }), 'unreadable'],
  ['an entry of the head is no entry', ({ head }) => rewrite(head, 0, () => 'hello'), 'unreadable'],
  ['the entries are one text', ({ head }) => set(head, { entries: { S: 'hello' } }), 'unreadable'],
  [
    'an entry of the head moves a unit more',
    ({ head }) => rewrite(head, find(head, / d/), move(1)),
    'balance_wrong',
  ],
  [
    'a refusal moves money, and the balance with it',
    ({ head }) => {
      rewrite(head, find(head, / refused/), move(5));
      add(head, 'balance', 5);
    },
    'entry_wrong',
  ],
  [
    'a cancellation holds money, and the head agrees',
    ({ head }) => {
      entriesOf(head).push({ S: '0/5 m3x8k2ab c' });
      keysOf(head).push(bytes(KEY));
      add(head, 'sequence', 1);
      add(head, 'held', 5);
    },
    'entry_wrong',
  ],
  [
    'a deposit takes money, and the balance agrees',
    ({ head }) => {
      entriesOf(head).push({ S: '-1 m3x8k2ab d' });
      keysOf(head).push(bytes(KEY));
      add(head, 'sequence', 1);
      add(head, 'balance', -1);
    },
    'entry_wrong',
  ],
  [
    'a deposit of nothing',
    ({ head }) => {
      entriesOf(head).push({ S: '0 m3x8k2ab d' });
      keysOf(head).push(bytes(KEY));
      add(head, 'sequence', 1);
    },
    'entry_wrong',
  ],
  [
    'the last withdrawal takes more than there is, and the balance agrees',
    ({ head }) => {
      const take = number(head, 'balance') + 1;
      entriesOf(head).push({ S: `-${take} m3x8k2ab w` });
      keysOf(head).push(bytes(KEY));
      add(head, 'sequence', 1);
      add(head, 'balance', -take);
    },
    'negative',
  ],
  [
    'an old balance was below zero, and came up again',
    ({ head }) => {
      const take = number(head, 'balance') + 1;
      entriesOf(head).push({ S: `-${take} m3x8k2ab w` }, { S: `${take} m3x8k2ab d` });
      keysOf(head).push(bytes(KEY), bytes(HIGHEST));
      add(head, 'sequence', 2);
    },
    'negative',
  ],
  ['turned is one too high', ({ head }) => add(head, 'turned', 1), 'last_page_missing', 'sequence_wrong'],
  [
    'turned is a page too high, and the sequence as well',
    ({ head }) => {
      add(head, 'turned', 10);
      add(head, 'sequence', 10);
    },
    'last_page_missing',
  ],
  ['turned is one too low', ({ head }) => add(head, 'turned', -1), 'page_overlaps', 'sequence_wrong'],
  [
    'turned is a page too low, and the sequence as well',
    ({ head }) => {
      add(head, 'turned', -KEPT_ENTRIES);
      add(head, 'sequence', -KEPT_ENTRIES);
    },
    'page_later',
    'balance_wrong',
  ],
  [
    'turned is removed',
    ({ head }) => delete head['turned'],
    'page_later',
    'balance_wrong',
    'sequence_wrong',
    'watermark_wrong',
  ],
  [
    'the watermark of the head has fallen',
    ({ head }) => set(head, { watermark: bytes(ZEROS) }),
    'watermark_wrong',
  ],
  ['the watermark of the head is removed', ({ head }) => delete head['watermark'], 'watermark_wrong'],
  [
    'the watermark of the head is too high',
    ({ head }) => set(head, { watermark: bytes(HIGHEST) }),
    'watermark_wrong',
  ],

  // Pages.
  ['the first page is removed', ({ pages }) => pages.shift(), 'page_missing'],
  ['a page in the middle is removed', ({ pages }) => pages.splice(1, 1), 'page_missing'],
  ['the last page is removed', ({ pages }) => pages.pop(), 'last_page_missing'],
  ['all pages are removed', ({ pages }) => pages.splice(0), 'last_page_missing'],
  [
    'the first and the last page are removed',
    ({ pages }) => pages.splice(0, pages.length, ...pages.slice(1, -1)),
    'page_missing',
    'last_page_missing',
  ],
  ['a page is one entry further', ({ pages }) => add(pages[1], 'first', 1), 'page_missing', 'page_overlaps'],
  [
    'a page is one entry too early',
    ({ pages }) => add(pages[1], 'first', -1),
    'page_overlaps',
    'page_missing',
  ],
  ['a page opens with a unit more', ({ pages }) => add(pages[1], 'opening', 1), 'opening_wrong'],
  [
    'the first page opens with money from nowhere',
    ({ pages }) => add(pages[0], 'opening', 7),
    'opening_wrong',
  ],
  [
    'the last page opens with a unit less',
    ({ pages }) => add(pages.at(-1), 'opening', -1),
    'opening_wrong',
    'balance_wrong',
  ],
  [
    'a page opens with money held',
    ({ pages }) => set(pages[1], { openingHeld: { N: '3' } }),
    'opening_wrong',
  ],
  [
    'an entry of a page moves a unit more',
    ({ pages }) => rewrite(pages[0], find(pages[0], / d/), move(1)),
    'opening_wrong',
  ],
  [
    'an entry of the last page moves a unit more',
    ({ pages }) => rewrite(pages.at(-1), find(pages.at(-1), / d/), move(1)),
    'balance_wrong',
  ],
  [
    'an entry of a page holds money',
    ({ pages }) => rewrite(pages[0], 0, (text) => text.replace(' ', '/4 ')),
    'entry_wrong',
    'opening_wrong',
  ],
  ['an entry of a page is removed, its key is not', ({ pages }) => entriesOf(pages[1]).shift(), 'unreadable'],
  ['a key of a page is removed, its entry is not', ({ pages }) => keysOf(pages[1]).shift(), 'unreadable'],
  ['a page cannot be read', ({ pages }) => delete pages[1]?.['opening'], 'unreadable'],
  ['the last page cannot be read', ({ pages }) => delete pages.at(-1)?.['watermark'], 'unreadable'],
  ['an entry of a page is no entry', ({ pages }) => rewrite(pages[1], 2, () => ''), 'unreadable'],
  [
    'a page’s last cancellation is removed',
    ({ pages }) => cut(pages[1], find(pages[1], /^0 /)),
    'page_missing',
  ],
  ['a page lost its end', ({ pages }) => cut(pages[0], -1), 'page_missing'],
  [
    'a page is emptied',
    ({ pages }) => set(pages[1], { entries: { L: [] }, keys: { L: [] } }),
    'page_empty',
    'page_missing',
  ],
  ['an empty page lies behind the last', ({ head, pages }) => pages.push(emptyPage(head)), 'page_later'],
  [
    'a key is in a page twice',
    ({ pages }) => void keysOf(pages[1]).splice(1, 1, keysOf(pages[1])[0] ?? bytes(KEY)),
    'key_twice',
  ],
  [
    'a key is in two pages',
    ({ pages }) => void keysOf(pages[2]).splice(1, 1, keysOf(pages[0])[0] ?? bytes(KEY)),
    'key_twice',
  ],
  [
    'a page is there twice, further on',
    ({ pages }) => pages.push({ ...pages[0], first: { N: '5' } }),
    'page_overlaps',
    'key_twice',
  ],
  [
    'the watermark of a page has fallen',
    ({ pages }) => set(pages[1], { watermark: bytes(ZEROS) }),
    'watermark_wrong',
  ],
  [
    'the watermark of a page is higher than its keys',
    ({ pages }) => set(pages[1], { watermark: bytes(HIGHEST) }),
    'watermark_wrong',
  ],
  [
    'two pages changed places',
    ({ pages }) => void swapFirst(pages[0], pages[1]),
    'opening_wrong',
    'watermark_wrong',
  ],

  // A page that is half turned is right; anything else behind the head's end is not.
  ['a page is half turned', (book) => book.pages.push(nextPage(book))],
  [
    'the page that is half turned has another entry',
    (book) => {
      const page = nextPage(book);
      rewrite(page, 0, (text) => text.replace(/ [0-9a-z]+ /, ' m3x8k2ab '));
      book.pages.push(page);
    },
    'page_later',
  ],
  [
    'the page that is half turned has another key',
    (book) => {
      const page = nextPage(book);
      keysOf(page)[0] = bytes(KEY);
      book.pages.push(page);
    },
    'page_later',
  ],
  [
    'the page that is half turned opens with more',
    (book) => book.pages.push(added(nextPage(book), 'opening')),
    'page_later',
  ],
  [
    'the page that is half turned opens with money held',
    (book) => book.pages.push(added(nextPage(book), 'openingHeld')),
    'page_later',
  ],
  [
    'the page that is half turned has another watermark',
    (book) => book.pages.push({ ...nextPage(book), watermark: bytes(HIGHEST) }),
    'page_later',
  ],
  ['a page lies behind a gap', (book) => book.pages.push(added(nextPage(book), 'first')), 'page_later'],
  [
    'a page lies behind the one that is half turned',
    (book) => {
      const page = nextPage(book);
      book.pages.push(page, {
        ...page,
        first: { N: String(number(page, 'first') + entriesOf(page).length) },
      });
    },
    'page_later',
  ],
];

function added(item: Attributes, name: string): Attributes {
  add(item, name, 1);
  return item;
}

function emptyPage(head: Attributes): Attributes {
  const first = { N: String(number(head, 'turned') + 1) };
  return { first, opening: { N: '0' }, entries: { L: [] }, keys: { L: [] }, watermark: bytes(HIGHEST) };
}

function swapFirst(one: Attributes | undefined, other: Attributes | undefined): void {
  const first = one?.['first'] ?? { N: '0' };
  set(one, { first: other?.['first'] ?? first });
  set(other, { first });
}

/** The head of an account after its first deposit, as if the name had begun a second life. */
function firstHead(): Attributes {
  return {
    balance: { N: '5' },
    sequence: { N: '1' },
    entries: { L: [{ S: '5 m3x8k2ab d' }] },
    keys: { L: [bytes(KEY)] },
  };
}
