import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { propertiesOf } from '../support/deployment.ts';
import { coldStart, NODE_OPTIONS } from './cold-start.ts';
import { counts } from './counts.ts';
import { cpu } from './cpu.ts';
import { growth } from './growth.ts';
import { interrupted } from './interrupted.ts';
import { lostRegion } from './lost-region.ts';
import type { Row, Site, Table } from './question.ts';
import { localBank, throughput } from './throughput.ts';

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

/** The cells of one column, all tables together. */
function column(tables: readonly Table[], name: string): unknown[] {
  return tables.flatMap(({ rows }) => rows.map((row) => row[name]));
}

const twice = expect.objectContaining({ median: expect.any(Number), samples: 2 });

describe('the benchmark', () => {
  test('measures calls a second of every contender, in as many rounds as planned', async () => {
    const settings = [{ accounts: 3, callers: 2 }];
    const tables = await throughput.measure({ settings, rounds: 2, warmUpMs: 30, sliceMs: 30 }, site);
    expect(column(tables, 'callsPerSecond')).toEqual([twice, twice, twice, twice]);
    expect(column(tables, 'ratioToBare')[1]).toMatchObject({ median: 1, p25: 1, p75: 1 });
  });

  test('measures the CPU time of the function and of the client', async () => {
    const tables = await cpu.measure({ rounds: 2, calls: 5 }, site);
    expect(column(tables, 'ratio')).toEqual([twice, twice, twice]);
  });

  test('measures cold starts and the sizes of the bundles', async () => {
    const tables = await coldStart.measure({ starts: 2 }, site);
    expect(column(tables, 'ratio')).toEqual([
      twice,
      twice,
      twice,
      twice,
      expect.any(Number),
      expect.any(Number),
    ]);
  });

  test('starts functions with the options of Node that they are deployed with', () => {
    const isApi = ({ FunctionName }: { FunctionName?: unknown }) => FunctionName === 'twinbank-api';
    const { Environment } = propertiesOf(inject('deployment').regions[0], 'AWS::Lambda::Function', isApi) as {
      Environment: { Variables: Record<string, unknown> };
    };
    expect(Environment.Variables['NODE_OPTIONS']).toBe(NODE_OPTIONS);
  });

  test('measures the whole local bank beside bare writes on its DynamoDB', async () => {
    const tables = await localBank.measure({ rounds: 2, warmUpMs: 50, sliceMs: 50 }, site);
    const sides = ['the local bank, over HTTP', 'the same, with batchCalls', 'bare UpdateItem'];
    expect(column(tables, 'contender')).toEqual([...sides, ...sides]);
    expect(column(tables, 'ratioToBare')).toEqual(Array(6).fill(twice));
  });

  test('measures the first answer after a Region was killed or frozen, with hedging and without, and finds no money lost', async () => {
    const tables = await lostRegion.measure({ trials: 1, laterCalls: 1 }, site);
    expect(column(tables, 'region')).toEqual(['killed', 'killed', 'frozen', 'frozen']);
    expect(column(tables, 'firstAnswerMs')).toHaveLength(4);
  });
});

describe('its command line', () => {
  const run = async (...args: string[]) => {
    const command = ['--import', 'tsx', 'test/bench/main.ts', ...args];
    try {
      const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: PROJECT_FOLDER });
      return { code: 0, stdout, stderr: '' };
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string };
    }
  };

  test('explains itself', async () => {
    const { code, stdout } = await run('--help');
    expect(code).toBe(0);
    for (const word of ['counts', 'lost-region', '--quick', '--json <file>']) {
      expect(stdout).toContain(word);
    }
  });

  test.each([['--slow'], ['everything'], ['--json']])('rejects %s with 2', async (argument) => {
    expect(await run(argument)).toMatchObject({ code: 2, stderr: expect.stringContaining(argument) });
  });

  test('prints the answers to the questions that were asked, and writes them as JSON', async () => {
    const file = join(site.folder, 'bench.json');
    const { code, stdout } = await run('counts', '--quick', '--json', file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Commit \S+, a quick run\n.*Node v[\s\S]*Load before: [\s\S]*bare UpdateItem/);
    const { commit, quick, machine, answers } = JSON.parse(await readFile(file, 'utf8'));
    expect({ commit, quick, machine }).toEqual({
      commit: expect.any(String),
      quick: true,
      machine: expect.objectContaining({ node: process.version }),
    });
    expect(Object.keys(answers)).toEqual(['counts']);
    expect(answers.counts.tables[0].rows[0]).toMatchObject({ operation: 'deposit', requests: 1 });
  });
});

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

  test('leave the money correct, except for the bare write, which refuses nothing and executes a retry again', () => {
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
