import { describe, expect, test } from 'vitest';
import { pageOf } from '../../functions/bank/book.ts';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import { type Attributes, toAttributes } from '../../functions/dynamodb/attributes.ts';
import { decodeHead, encodePage } from '../../functions/dynamodb/items.ts';
import { bytesOf } from '../../functions/dynamodb/uuid.ts';
import { auditBook } from '../../infra/tools/books/audit.ts';
import { patient } from '../support/dynamodb-lab.ts';
import { keyAt } from '../support/keys.ts';
import {
  add,
  append,
  bytes,
  cut,
  type Damages,
  entriesOf,
  find,
  KEY,
  keysOf,
  numberOf,
  rewrite,
  rowsOf,
  set,
} from './damage.ts';
import { type BookItems, openBank, use } from './used-bank.ts';

const bank = await openBank();
await use(bank.bank(), 'joe', 49, bank.now.ms);
const right = await bank.items('joe');

/** Puts a book in place and looks at it. */
async function auditOf(account: string, book: BookItems) {
  await bank.put(account, book);
  return auditBook(await bank.books.book(account));
}

/** A book with three pages or more. */
interface Whole extends BookItems {
  head: Attributes;
}

const HIGHEST = { watermark: bytes('ffffffff-ffff-7fff-bfff-ffffffffffff') };
const LOWEST = { watermark: bytes('00000000-0000-7000-8000-000000000000') };

/** Adds to what an entry does to the balance. */
const move = (by: number) => (text: string) =>
  text.replace(/^-?\d+/, (change) => String(Number(change) + by));

/** The page that is due next, as the bank would write it. */
function nextPage({ head }: Whole): Attributes {
  return toAttributes(encodePage(pageOf(decodeHead(head))));
}

/** Damages to a book, by what an audit finds of them. */
const DAMAGES: Damages<Whole> = {
  '': {
    nothing: () => {},
    'a page is half turned': (book) => book.pages.push(nextPage(book)),
  },
  no_head: {
    'the head is removed': (book) => Object.assign(book, { head: undefined }),
  },
  balance_absent: {
    'the balance is removed': ({ head }) => delete head['balance'],
  },
  balance_wrong: {
    'a unit is added to the balance': ({ head }) => add(head, { balance: 1 }),
    'a unit is taken from the balance': ({ head }) => add(head, { balance: -1 }),
    'the balance is negative': ({ head }) => set(head, { balance: { N: '-5' } }),
    'money is held that no entry holds': ({ head }) => set(head, { held: { N: '5' } }),
    'less than nothing is held': ({ head }) => set(head, { held: { N: '-5' } }),
    'the head’s oldest deposit is removed, and the sequence agrees': ({ head }) => {
      cut(head, find(head, / d/));
      add(head, { sequence: -1 });
    },
    'an entry of the head moves a unit more': ({ head }) => rewrite(head, / d/, move(1)),
    'an entry of the last page moves a unit more': ({ pages }) => rewrite(pages.at(-1), / d/, move(1)),
  },
  'balance_wrong sequence_wrong': {
    'the head’s oldest entry is removed': ({ head }) => cut(head, find(head, / d/)),
  },
  sequence_wrong: {
    'the sequence is one ahead': ({ head }) => add(head, { sequence: 1 }),
    'the sequence is removed': ({ head }) => delete head['sequence'],
  },
  unreadable: {
    'the balance is a fraction': ({ head }) => set(head, { balance: { N: '1.5' } }),
    'the balance is text': ({ head }) => set(head, { balance: { S: 'ten' } }),
    'an entry of the head is removed, its key is not': ({ head }) => entriesOf(head).pop(),
    'a key of the head is removed, its entry is not': ({ head }) => keysOf(head).shift(),
    'a key is text': ({ head }) => keysOf(head).splice(0, 1, { S: KEY }),
    'an entry of the head is no entry': ({ head }) => rewrite(head, 0, () => 'hello'),
    'the entries are one text': ({ head }) => set(head, { entries: { S: 'hello' } }),
    'an entry of a page is removed, its key is not': ({ pages }) => entriesOf(pages[1]).shift(),
    'a key of a page is removed, its entry is not': ({ pages }) => keysOf(pages[1]).shift(),
    'a page cannot be read': ({ pages }) => delete pages[1]?.['opening'],
    'the last page cannot be read': ({ pages }) => delete pages.at(-1)?.['watermark'],
    'an entry of a page is no entry': ({ pages }) => rewrite(pages[1], 2, () => ''),
  },
  key_twice: {
    'an entry is added to the head twice': ({ head }) => append(head, '0 m3x8k2ab c', keysOf(head)[0]),
    'a key of a page is used again in the head': ({ head, pages }) =>
      append(head, '0 m3x8k2ab c', keysOf(pages[0])[3]),
    'a key is in a page twice': ({ pages }) =>
      keysOf(pages[1]).splice(1, 1, keysOf(pages[1])[0] ?? bytes(KEY)),
    'a key is in two pages': ({ pages }) => keysOf(pages[2]).splice(1, 1, keysOf(pages[0])[0] ?? bytes(KEY)),
  },
  entry_wrong: {
    'a key has 15 bytes': ({ head }) => keysOf(head).splice(0, 1, { B: bytesOf(KEY).slice(1) }),
    'a refusal moves money, and the balance with it': ({ head }) => {
      rewrite(head, / refused/, move(5));
      add(head, { balance: 5 });
    },
    'a cancellation holds money, and the head agrees': ({ head }) => append(head, '0/5 m3x8k2ab c'),
    'a deposit takes money, and the balance agrees': ({ head }) => append(head, '-1 m3x8k2ab d'),
    'a deposit of nothing': ({ head }) => append(head, '0 m3x8k2ab d'),
  },
  negative: {
    'the last withdrawal takes more than there is, and the balance agrees': ({ head }) =>
      append(head, `-${numberOf(head, 'balance') + 1} m3x8k2ab w`),
    'an old balance was below zero, and came up again': ({ head }) => {
      const take = numberOf(head, 'balance') + 1;
      append(head, `-${take} m3x8k2ab w`);
      append(head, `${take} m3x8k2ab d`);
    },
  },
  'last_page_missing sequence_wrong': {
    'turned is one too high': ({ head }) => add(head, { turned: 1 }),
  },
  last_page_missing: {
    'turned is a page too high, and the sequence as well': ({ head }) =>
      add(head, { turned: 10, sequence: 10 }),
    'the last page is removed': ({ pages }) => pages.pop(),
    'all pages are removed': ({ pages }) => pages.splice(0),
  },
  'page_overlaps sequence_wrong': {
    'turned is one too low': ({ head }) => add(head, { turned: -1 }),
  },
  'balance_wrong page_later': {
    'turned is a page too low, and the sequence as well': ({ head }) =>
      add(head, { turned: -KEPT_ENTRIES, sequence: -KEPT_ENTRIES }),
  },
  'balance_wrong page_later sequence_wrong watermark_wrong': {
    'turned is removed': ({ head }) => delete head['turned'],
  },
  watermark_wrong: {
    'the watermark of the head has fallen': ({ head }) => set(head, LOWEST),
    'the watermark of the head is removed': ({ head }) => delete head['watermark'],
    'the watermark of the head is too high': ({ head }) => set(head, HIGHEST),
    'the watermark of a page has fallen': ({ pages }) => set(pages[1], LOWEST),
    'the watermark of a page is higher than its keys': ({ pages }) => set(pages[1], HIGHEST),
  },
  page_missing: {
    'the first page is removed': ({ pages }) => pages.shift(),
    'a page in the middle is removed': ({ pages }) => pages.splice(1, 1),
    'a page’s last cancellation is removed': ({ pages }) => cut(pages[1], find(pages[1], /^0 /)),
    'a page lost its end': ({ pages }) => cut(pages[0], -1),
  },
  'last_page_missing page_missing': {
    'the first and the last page are removed': ({ pages }) =>
      pages.splice(0, pages.length, ...pages.slice(1, -1)),
  },
  'page_missing page_overlaps': {
    'a page is one entry further': ({ pages }) => add(pages[1], { first: 1 }),
    'a page is one entry too early': ({ pages }) => add(pages[1], { first: -1 }),
  },
  opening_wrong: {
    'a page opens with a unit more': ({ pages }) => add(pages[1], { opening: 1 }),
    'the first page opens with money from nowhere': ({ pages }) => add(pages[0], { opening: 7 }),
    'a page opens with money held': ({ pages }) => set(pages[1], { openingHeld: { N: '3' } }),
    'an entry of a page moves a unit more': ({ pages }) => rewrite(pages[0], / d/, move(1)),
  },
  'balance_wrong opening_wrong': {
    'the last page opens with a unit less': ({ pages }) => add(pages.at(-1), { opening: -1 }),
  },
  'entry_wrong opening_wrong': {
    'an entry of a page holds money': ({ pages }) => rewrite(pages[0], 0, (text) => text.replace(' ', '/4 ')),
  },
  'page_empty page_missing': {
    'a page is emptied': ({ pages }) => set(pages[1], { entries: { L: [] }, keys: { L: [] } }),
  },
  'key_twice page_overlaps': {
    'a page is there twice, further on': ({ pages }) => pages.push({ ...pages[0], first: { N: '5' } }),
  },
  'opening_wrong watermark_wrong': {
    'two pages changed places': ({ pages: [one, other] }) => {
      const first = one?.['first'] ?? { N: '0' };
      set(one, { first: other?.['first'] ?? first });
      set(other, { first });
    },
  },
  page_later: {
    'the head is another account’s first': (book) => Object.assign(book, { head: firstHead() }),
    'an empty page is behind the last': ({ head, pages }) => pages.push(emptyPage(head)),
    'the page that is half turned has another entry': (book) => {
      const page = nextPage(book);
      rewrite(page, 0, (text) => text.replace(/ [0-9a-z]+ /, ' m3x8k2ab '));
      book.pages.push(page);
    },
    'the page that is half turned has another key': (book) => {
      const page = nextPage(book);
      keysOf(page)[0] = bytes(KEY);
      book.pages.push(page);
    },
    'the page that is half turned opens with more': (book) => book.pages.push(added(book, 'opening')),
    'the page that is half turned opens with money held': (book) =>
      book.pages.push(added(book, 'openingHeld')),
    'the page that is half turned has another watermark': (book) =>
      book.pages.push({ ...nextPage(book), ...HIGHEST }),
    'a page is behind a gap': (book) => book.pages.push(added(book, 'first')),
    'a page is behind the one that is half turned': (book) => {
      const page = nextPage(book);
      const first = { N: String(numberOf(page, 'first') + entriesOf(page).length) };
      book.pages.push(page, { ...page, first });
    },
  },
};

/** The next page, with one more of a number. */
function added(book: Whole, name: string): Attributes {
  const page = nextPage(book);
  add(page, { [name]: 1 });
  return page;
}

function emptyPage(head: Attributes): Attributes {
  const first = { N: String(numberOf(head, 'turned') + 1) };
  return { first, opening: { N: '0' }, entries: { L: [] }, keys: { L: [] }, ...HIGHEST };
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

describe('a book of which', () => {
  test.each(rowsOf(DAMAGES))('$what', async ({ what, damage, codes }) => {
    const book = structuredClone(right) as Whole;
    expect(book.pages.length).toBeGreaterThanOrEqual(3);
    damage(book);
    const { faults } = await auditOf(what.replaceAll(/[^a-z]/g, '-'), book);
    const found = new Set(faults.map(({ code }) => code));
    expect([...found].sort(), JSON.stringify(faults, null, 1)).toEqual(codes);
  });
});

describe('a book that ends with what moves nothing', () => {
  const cancel = async (account: string, times: number) => {
    for (let time = 0; time < times; time += 1) {
      const intent = { account, key: keyAt(bank.now.ms - 1000), mayRetry: false, kind: 'cancel' } as const;
      await (await bank.bank().execute(intent, patient())).remaining?.done;
    }
  };
  const codesOf = async (account: string, book: BookItems) =>
    (await auditOf(account, book)).faults.map(({ code }) => code);

  test('is wrong without a balance when its deposits are on pages', async () => {
    await use(bank.bank(), 'turned', 10, bank.now.ms);
    await cancel('turned', 20);
    const { head, pages } = await bank.items('turned');
    expect(await codesOf('turned', { head, pages })).toEqual([]);
    delete head?.['balance'];
    expect(await codesOf('turned', { head, pages })).toEqual(['balance_absent']);
  });

  test('is wrong with a balance when nothing was ever deposited', async () => {
    await cancel('poor', 25);
    const { head, pages } = await bank.items('poor');
    expect(await codesOf('poor', { head, pages })).toEqual([]);
    expect(await codesOf('poor', { head: { ...head, balance: { N: '0' } }, pages })).toEqual([
      'balance_wrong',
    ]);
  });
});
