import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import { httpEvent, moveEvent } from '../support/events.ts';
import { createHandlerLab, type HandlerLab, refusal } from '../support/handler-lab.ts';
import { keyAt } from '../support/keys.ts';

let account: string;
const labs = await createHandlerLab();
beforeEach(() => {
  account = `account-${randomUUID()}`;
});

type Query = Record<string, string>;
type Handler = ReturnType<HandlerLab['handlerOf']>;

/** A key of a second later, so that each entry has a time of its own. */
const mint = () => labs.mint(1000);
const get = (path: string, query: Query = {}, handler?: Handler) =>
  labs.get(`/accounts/${account}${path}`, query, handler);
const move = async (collection: string, body: object) => {
  const key = mint();
  const answer = await labs.post(`/accounts/${account}/${collection}`, body, key);
  return { key, at: new Date(labs.lab.now.ms).toISOString(), answer };
};

/** The numbers of the entries that one answer shows, and where it says to go on. */
async function page(query: Query): Promise<[number[], number | undefined]> {
  const { status, json } = await get('/entries', query);
  expect(status).toBe(200);
  return [json.entries.map(({ sequence }: { sequence: number }) => sequence), json.next];
}

/** A whole statement, answer by answer. */
async function whole(direction: 'before' | 'after', query: Query, handler?: Handler) {
  const entries: { sequence: number; key: string; balance: string; change: string }[] = [];
  let next: number | undefined = direction === 'after' ? 0 : undefined;
  do {
    const place: Query = next === undefined ? {} : { [direction]: String(next) };
    const { json } = await get('/entries', { ...query, ...place }, handler);
    entries.push(...json.entries);
    next = json.next;
  } while (next !== undefined);
  return entries;
}

const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, index) => from - index);

describe('GET /accounts/{account}/entries', () => {
  test('says of each entry what was asked, what it did, and the balance after it', async () => {
    const first = await move('deposits', { amount: '25', reference: 'wages of May' });
    const second = await move('withdrawals', { amount: '5' });
    const refused = await move('withdrawals', { amount: '99', reference: 'a yacht' });
    const cancelled = mint();
    await labs.cancel(account, cancelled);
    const moved = [
      {
        sequence: 2,
        key: second.key,
        type: 'withdrawal',
        amount: '5',
        change: '-5',
        balance: '20',
        at: second.at,
      },
      {
        sequence: 1,
        key: first.key,
        type: 'deposit',
        amount: '25',
        change: '25',
        balance: '25',
        at: first.at,
        reference: 'wages of May',
      },
    ];
    expect((await get('/entries')).json).toEqual({ account, entries: moved });
    expect((await get('/entries', { refusals: 'false' })).json).toEqual({ account, entries: moved });
    const nothing = { change: '0', balance: '20' };
    expect((await get('/entries', { refusals: 'true' })).json).toEqual({
      account,
      entries: [
        {
          sequence: 4,
          key: cancelled,
          type: 'cancelled',
          ...nothing,
          at: new Date(labs.lab.now.ms).toISOString(),
        },
        {
          sequence: 3,
          key: refused.key,
          type: 'refused',
          code: 'not_enough_money',
          amount: '99',
          ...nothing,
          at: refused.at,
          reference: 'a yacht',
        },
        ...moved,
      ],
    });
    // A receipt has the number and the time of its entry.
    expect(second.answer.json).toMatchObject({ sequence: 2, at: second.at });
  });

  test('is newest first and goes on with before, from the head into the pages, without a gap', async () => {
    await labs.fill(account, 45);
    expect(await page({})).toEqual([down(45, 1), undefined]);
    expect(await page({ limit: '7' })).toEqual([down(45, 39), 39]);
    expect(await page({ limit: '30', before: '39' })).toEqual([down(38, 9), 9]);
    expect(await page({ limit: '8', before: '9' })).toEqual([down(8, 1), undefined]);
    expect(await page({ before: '1' })).toEqual([[], undefined]);
    expect(await page({ before: '0' })).toEqual([[], undefined]);
    expect(await page({ limit: '2', before: '999999999999999' })).toEqual([[45, 44], 44]);
  });

  test('is oldest first with after, from the pages into the head, without a gap', async () => {
    await labs.fill(account, 45);
    const up = (from: number, to: number) => down(to, from).reverse();
    expect(await page({ after: '0' })).toEqual([up(1, 45), undefined]);
    expect(await page({ after: '0', limit: '7' })).toEqual([up(1, 7), 7]);
    expect(await page({ after: '7', limit: '30' })).toEqual([up(8, 37), 37]);
    expect(await page({ after: '37', limit: '8' })).toEqual([up(38, 45), undefined]);
    expect(await page({ after: '45' })).toEqual([[], undefined]);
    expect(await page({ after: '999999999999999' })).toEqual([[], undefined]);
  });

  test('has 50 entries by default, and 100 at the most', async () => {
    await labs.fill(account, 101);
    expect(await page({})).toEqual([down(101, 52), 52]);
    expect(await page({ limit: '100' })).toEqual([down(101, 2), 2]);
    for (const [direction, place] of [
      ['before', '95'],
      ['after', '3'],
    ] as const) {
      for (const limit of [1, 9, 10, 11, 100]) {
        const [numbers] = await page({ limit: String(limit), [direction]: place });
        expect(numbers).toHaveLength(Math.min(limit, direction === 'before' ? 94 : 98));
      }
    }
  });

  test('reads only about as many pages as it shows, in both directions', async () => {
    await labs.fill(account, 40 * KEPT_ENTRIES);
    let pages = 0;
    const readPages: typeof labs.lab.store.readPages = async (...parts) => {
      const read = await labs.lab.store.readPages(...parts);
      pages += read.length;
      return read;
    };
    const handler = labs.handlerOf('us-east-1', { ...labs.lab.store, readPages });
    for (const query of [{ after: '0' }, { before: String(40 * KEPT_ENTRIES) }]) {
      pages = 0;
      const { json } = await get('/entries', { limit: '100', ...query }, handler);
      expect(json.entries).toHaveLength(100);
      expect(pages).toBeLessThan(20);
    }
  });

  test('counts refusals before they are left out, so that an answer may be empty and still go on', async () => {
    await labs.fill(account, 3);
    for (let refused = 0; refused < 2 * KEPT_ENTRIES; refused += 1) {
      await move('withdrawals', { amount: '99' });
    }
    expect(await page({ limit: '10' })).toEqual([[], 2 * KEPT_ENTRIES - 6]);
    expect((await whole('before', { limit: '10' })).map(({ sequence }) => sequence)).toEqual([3, 2, 1]);
    expect((await whole('after', { limit: '10' })).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(await whole('after', { limit: '10', refusals: 'true' })).toHaveLength(3 + 2 * KEPT_ENTRIES);
  });

  test('is 404 for an account that has no book, and empty for one that has only refusals', async () => {
    expect(await get('/entries')).toMatchObject(refusal('no_such_account'));
    await move('withdrawals', { amount: '1' });
    expect((await get('/entries')).json).toEqual({ account, entries: [] });
  });

  test.each<[string, Query]>([
    ['no limit', { limit: '0' }],
    ['a limit above 100', { limit: '101' }],
    ['a limit that is no number', { limit: 'ten' }],
    ['a limit with a sign', { limit: '+5' }],
    ['an empty limit', { limit: '' }],
    ['before and after at once', { before: '5', after: '1' }],
    ['a negative place', { before: '-1' }],
    ['a place that is no whole number', { after: '1.5' }],
    ['a place that no number holds exactly', { after: '9999999999999999' }],
    ['refusals that are neither true nor false', { refusals: 'yes' }],
    ['a name that the bank would ignore', { since: '2026-01-01' }],
  ])('with %s is a 400', async (_, query) => {
    await labs.fill(account, 1);
    expect(await get('/entries', query)).toMatchObject(refusal('bad_request'));
  });

  test('is gap-free and complete at every instant, from either Region, while pages are turned', async () => {
    await labs.fill(account, 5);
    const regions = [labs.handlerOf('us-east-1'), labs.handlerOf('us-east-2')];
    let answered = 5;
    let isDone = false;
    const readers = regions.flatMap((region) =>
      (['before', 'after'] as const).map(async (direction) => {
        let reads = 0;
        while (!isDone || reads === 0) {
          // A call that was answered is in the statement that is asked for next.
          const least = answered;
          const entries = await whole(direction, { limit: '20' }, region);
          if (direction === 'before') {
            entries.reverse();
          }
          expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, index) => index + 1));
          expect(entries.map(({ balance }) => balance)).toEqual(entries.map((_, index) => String(index + 1)));
          expect(entries.length).toBeGreaterThanOrEqual(least);
          reads += 1;
        }
        return reads;
      }),
    );
    const writer = (async () => {
      while (answered < 120) {
        await labs.fill(account, 1);
        answered += 1;
      }
      isDone = true;
    })();
    const reads = await Promise.all(readers);
    await writer;
    expect(Math.min(...reads)).toBeGreaterThan(1);
  });
});

describe('GET /accounts/{account}?at=', () => {
  const balanceAt = async (at: string) => {
    const { status, json } = await get('', { at });
    return status === 200 ? json.balance : json.code;
  };
  const moment = (ms: number) => new Date(ms).toISOString();

  test('is the balance after the last entry whose time is not later, on pages as in the head, and 0 before the first', async () => {
    const times: number[] = [];
    for (let count = 0; count < 3 * KEPT_ENTRIES; count += 1) {
      await move('deposits', { amount: '1' });
      times.push(labs.lab.now.ms);
    }
    expect(await balanceAt(moment((times[0] ?? 0) - 1))).toBe('0');
    expect(await balanceAt('1970-01-01T00:00:00Z')).toBe('0');
    for (const index of [0, 5, KEPT_ENTRIES - 1, KEPT_ENTRIES, 2 * KEPT_ENTRIES, 3 * KEPT_ENTRIES - 1]) {
      const ms = times[index] ?? 0;
      expect(await balanceAt(moment(ms))).toBe(String(index + 1));
      expect(await balanceAt(moment(ms - 1))).toBe(String(index));
    }
    expect(await balanceAt(moment(labs.lab.now.ms))).toBe(String(3 * KEPT_ENTRIES));
    // The same moment, as another place on Earth would say it.
    const there = new Date((times[5] ?? 0) + 2 * 60 * 60_000).toISOString().replace('Z', '+02:00');
    expect(await balanceAt(there)).toBe('6');
  });

  test('is that of the highest entry in time where the clocks of the Regions differ', async () => {
    const ahead = labs.handlerOf('us-east-2', labs.lab.store, { nowMs: () => labs.lab.now.ms + 60_000 });
    const startMs = labs.lab.now.ms;
    await labs.ask(moveEvent(`/accounts/${account}/deposits`, keyAt(startMs), { amount: '1' }), ahead);
    await labs.fill(account, 1);
    expect(await balanceAt(moment(labs.lab.now.ms))).toBe('2');
  });

  test('is 404 for an account without a deposit, also when a refusal is in its book', async () => {
    expect(await balanceAt('2020-01-01T00:00:00Z')).toBe('no_such_account');
    await move('withdrawals', { amount: '1' });
    expect(await balanceAt('2020-01-01T00:00:00Z')).toBe('no_such_account');
  });

  test('is a 400 for a time in the future, and for what is no time', async () => {
    await labs.fill(account, 1);
    expect(await balanceAt(moment(labs.lab.now.ms + 1))).toBe('bad_request');
    for (const at of ['', 'yesterday', '2026-11-27', '2026-02-30T10:00:00Z', '2026-01-01T25:00:00Z', '0']) {
      expect(await balanceAt(at)).toBe('bad_request');
    }
  });
});

describe('GET /accounts', () => {
  let few: HandlerLab;
  beforeAll(async () => {
    few = await createHandlerLab();
    for (const name of ['ann', 'bob', 'joe', 'kim', 'zoe']) {
      await few.fill(name, name === 'kim' ? 3 : 1);
    }
    await few.ask(moveEvent('/accounts/nobody/withdrawals', keyAt(few.lab.now.ms), { amount: '1' }));
  });
  const list = (query: Query) => few.ask(httpEvent({ path: '/accounts', query }));

  test.each([1, 2, 3, 5, 6, 100])(
    'lists all names and balances, %i at a time, but those that were never deposited to',
    async (limit) => {
      const found: { account: string; balance: string }[] = [];
      let after: string | undefined;
      do {
        const { status, json } = await list({
          limit: String(limit),
          ...(after === undefined ? {} : { after }),
        });
        expect(status).toBe(200);
        expect(json.accounts.length).toBeLessThanOrEqual(limit);
        found.push(...json.accounts);
        after = json.next;
      } while (after !== undefined);
      expect(new Map(found.map(({ account, balance }) => [account, balance]))).toEqual(
        new Map([
          ['ann', '1'],
          ['bob', '1'],
          ['joe', '1'],
          ['kim', '3'],
          ['zoe', '1'],
        ]),
      );
      expect(found).toHaveLength(5);
    },
  );

  test('answers soon, however many registers of refunds lie between two accounts', async () => {
    const { ask, fill, lab, mint } = await createHandlerLab();
    await fill('joe', 1);
    // 11 MB, of which DynamoDB reads 1 MB in a request.
    for (let count = 0; count < 30; count += 1) {
      await lab.putItem({ account: `~joe~${mint()}`, balance: 1, filler: 'x'.repeat(380_000) });
    }
    const found: string[] = [];
    const cursors: string[] = [];
    let after: string | undefined;
    do {
      lab.requests.length = 0;
      const { status, json } = await ask(
        httpEvent({ path: '/accounts', query: after === undefined ? {} : { after } }),
      );
      expect(status).toBe(200);
      expect(lab.requests.length).toBeLessThanOrEqual(4);
      found.push(...json.accounts.map(({ account }: { account: string }) => account));
      after = json.next;
      cursors.push(after ?? '');
    } while (after !== undefined);
    expect(found).toEqual(['joe']);
    expect(cursors.join(' '), 'the names of registers').not.toContain('~joe');
  });

  test.each<[string, Query]>([
    ['no limit', { limit: '0' }],
    ['a limit above 100', { limit: '101' }],
    ['a name that no account has', { after: 'a/b' }],
    ['the name of a register', { after: `~joe~${keyAt(0)}` }],
    ['a name that the bank would ignore', { before: 'joe' }],
  ])('with %s is a 400', async (_, query) => {
    expect(await list(query)).toMatchObject(refusal('bad_request'));
  });
});
