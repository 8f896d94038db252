import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import { counts } from './counts.ts';
import { growth } from './growth.ts';
import { interrupted } from './interrupted.ts';
import type { Row, Site, Table } from './question.ts';

let site: Site;
beforeAll(async () => {
  site = {
    endpoint: inject('dynamodbEndpoint'),
    folder: await mkdtemp(join(tmpdir(), 'twinbank-bench-test-')),
    onProgress: () => {},
    signal: new AbortController().signal,
  };
});
afterAll(() => rm(site.folder, { recursive: true, force: true }));

describe('the requests and units of a call', () => {
  let table: Table | undefined;
  beforeAll(async () => {
    [table] = await counts.measure({ accounts: 5 }, site);
  });

  const numberOf = (operation: string, name: string) =>
    Number(table?.rows.find((row) => row['operation'] === operation)?.[name]);

  test.each([
    ['the bank', 'deposit', { requests: 1, writeUnits: 1, readUnits: 0 }],
    ['the bank', 'withdrawal', { requests: 1, writeUnits: 1, readUnits: 0 }],
    ['the bank', 'refusal', { requests: 2, writeUnits: 2, readUnits: 0 }],
    ['the bank', 'retry', { requests: 1, writeUnits: 1, readUnits: 0 }],
    ['the bank', 'balance', { requests: 1, writeUnits: 0, readUnits: 1 }],
    ['the bank', 'statement', { requests: 2, writeUnits: 0 }],
    ['bare UpdateItem', 'deposit', { requests: 1, writeUnits: 1, readUnits: 0 }],
    ['Powertools Idempotency', 'deposit', { requests: 3, writeUnits: 3, readUnits: 0 }],
    ['Powertools Idempotency', 'retry', { requests: 1, writeUnits: 1, readUnits: 0 }],
    ['TransactWriteItems', 'deposit', { requests: 1, writeUnits: 6, readUnits: 0 }],
    ['TransactWriteItems', 'long run', { requests: 1, writeUnits: 6, readUnits: 0 }],
  ])('are for %s and a %s %o', (contender, operation, work) => {
    expect(table?.rows).toContainEqual(expect.objectContaining({ contender, operation, ...work }));
  });

  test('are little more for the bank in a long run, with every page that its calls make due', () => {
    expect(numberOf('long run', 'requests')).toBeCloseTo(1 + 2 / KEPT_ENTRIES, 5);
    expect(numberOf('long run', 'writeUnits')).toBeGreaterThanOrEqual(1.16);
    expect(numberOf('long run', 'writeUnits')).toBeLessThanOrEqual(1.35);
  });

  test('are a twelfth of a request and one unit more for callers whose replies are cached', () => {
    const more = (name: string) => numberOf('long run, replies cached', name) - numberOf('long run', name);
    expect(more('requests')).toBeCloseTo(1 / KEPT_ENTRIES, 5);
    expect(more('writeUnits')).toBeGreaterThan(0.9);
    // Such entries are a little longer, so that a head can pass 1 KB while a page is turned.
    expect(more('writeUnits')).toBeLessThanOrEqual(1.5);
  });

  test('leave the money correct, but for the bare write, which refuses nothing and executes a retry again', () => {
    const wrong = table?.rows.filter(({ money }) => money === 'wrong') ?? [];
    expect(wrong.map(({ contender, operation }) => [contender, operation])).toEqual([
      ['bare UpdateItem', 'refusal'],
      ['bare UpdateItem', 'retry'],
    ]);
  });
});

describe('what a call takes as a book gets longer', () => {
  const plan = { entries: [1_300, 3_000], callers: [1, 20], rounds: 2, calls: 2 * KEPT_ENTRIES };
  let tables: readonly Table[];
  beforeAll(async () => {
    tables = await growth.measure(plan, site);
  });

  const rowsOf = (title: RegExp) => tables.find((table) => title.test(table.title))?.rows ?? [];

  test('is one request, and two more to turn a page in twelve calls', () => {
    const requests = expect.closeTo(1 + 2 / KEPT_ENTRIES, 5);
    const [few, many] = rowsOf(/^A deposit$/);
    expect(few).toMatchObject({ entries: 1_300, requests, headEntries: 2 * KEPT_ENTRIES });
    expect(many).toMatchObject({
      entries: 3_000,
      requests,
      headEntries: 2 * KEPT_ENTRIES,
      writeUnits: few?.['writeUnits'],
    });
  });

  test.each([
    { title: /^A retry after/, writeUnits: 1 },
    { title: /entries of a statement$/, writeUnits: 0 },
  ])('is two requests for $title', ({ title, writeUnits }) => {
    const two = expect.objectContaining({ requests: 2, writeUnits });
    expect(rowsOf(title)).toEqual([two, two]);
  });

  test('is a search of the pages of 20 minutes for a key that is as old', () => {
    const [few, many] = rowsOf(/^A deposit with a key/);
    expect(Number(few?.['requests'])).toBeGreaterThan(5);
    expect(many?.['requests']).toBe(few?.['requests']);
  });

  test('is measured with one caller of an account and with many, whose head has two pages and what they add', () => {
    const rows = rowsOf(/^A deposit to one account/);
    expect(rows.map(({ callers }) => callers)).toEqual([1, 20]);
    // How many calls come while a page is turned depends on the machine.
    expect(Math.min(...rows.map(({ headEntries }) => Number(headEntries)))).toBeGreaterThanOrEqual(20);
  });
});

describe('a process that dies after its write', () => {
  let rows: readonly Row[] = [];
  beforeAll(async () => {
    rows = (await interrupted.measure(undefined, site))[0]?.rows ?? [];
  });

  test.each([
    ['the bank', { executed: 'once', firstRetry: 'executed, balance 10' }],
    ['bare UpdateItem', { executed: 'twice', firstRetry: 'executed, balance 20' }],
    [
      'Powertools Idempotency',
      {
        executed: 'twice',
        firstRetry: 'IdempotencyAlreadyInProgressError',
        lastRetry: 'executed, balance 20',
      },
    ],
    ['TransactWriteItems', { executed: 'once', firstRetry: 'executed' }],
  ])('has, with %s, executed %o', (contender, outcome) => {
    expect(rows).toContainEqual(expect.objectContaining({ contender, ...outcome }));
  });
});
