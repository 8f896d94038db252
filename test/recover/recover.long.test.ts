import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import type { Attributes } from '../../functions/dynamodb/attributes.ts';
import { createClient } from '../../functions/dynamodb/client.ts';
import { NOTHING } from '../../infra/tools/recover/completion.ts';
import { callOf, openBank, type UsedBank, use } from '../audit/used-bank.ts';
import { listen } from '../support/dead-endpoints.ts';
import { patient } from '../support/dynamodb-lab.ts';
import { keyAt, newKey } from '../support/keys.ts';
import { audit, linesOf, Recovery } from '../support/recovery.ts';

/** The lost bank. Its tables stand for what was restored of it. */
let lost: UsedBank;
let fresh: UsedBank;
let keysNotBeforeMs: number;
let args: string[];
let recovery: Recovery;

beforeEach(async () => {
  lost = await openBank();
  fresh = await openBank();
  keysNotBeforeMs = Math.floor(lost.now.ms / 1000) * 1000;
  args = [
    ...['--accounts', `table:${lost.tables.accounts}`, '--pages', `table:${lost.tables.pages}`],
    ...['--keys-not-before', new Date(keysNotBeforeMs).toISOString()],
    // No local table can be consistent across Regions.
    '--any-table',
  ];
  fresh.now.ms = keysNotBeforeMs + 60_000;
  recovery = new Recovery(lost.tables);
  return () => recovery[Symbol.dispose]();
});

/** Recovers the lost bank into the fresh one. */
const run = (...more: readonly string[]) => recovery.run(fresh.tables, [...args, ...more]);

/** Calls an account of the lost bank. */
const useLost = (account: string, calls: number) => use(lost.bank(), account, calls, keysNotBeforeMs);

/** An account's items, with a balance and one entry. */
function smallHead(balance: number): Attributes {
  return {
    balance: { N: String(balance) },
    sequence: { N: '1' },
    entries: { L: [{ S: `${balance} m3x8k2ab d` }] },
    keys: { L: [{ B: Buffer.from(keyAt(keysNotBeforeMs - 5000).replaceAll('-', ''), 'hex') }] },
  };
}

describe('a recovered bank', () => {
  test('has every book as it was, answers every key in it, and executes none from before', async () => {
    const made = await useLost('ann', 49);
    await lost.bank().execute(callOf('nobody', keysNotBeforeMs - 100, 'withdraw', 5), patient());
    const { code, stdout, stderr } = await run();
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^2 accounts with 19074 in all \(held 0\), 50 entries and 3 pages: all are there and correct\./,
    );
    expect(code).toBe(0);
    for (const account of ['ann', 'nobody']) {
      expect(await fresh.items(account)).toEqual(await lost.items(account));
    }

    const bank = fresh.bank({ keysNotBeforeMs });
    for (const { intent, answer } of made) {
      const { answer: again } = await bank.execute(intent, patient());
      expect(again).toEqual({ ...answer, replayed: true });
    }
    for (const account of ['ann', 'nobody', 'unheard-of']) {
      const { answer } = await bank.execute(callOf(account, keysNotBeforeMs - 1, 'deposit', 1), patient());
      expect(answer, account).toMatchObject({ line: { entry: { body: { code: 'key_expired' } } } });
    }
    expect(await bank.balance('ann', patient())).toEqual({
      balanceMinor: 19074n,
      heldMinor: 0n,
      status: { debits: 'open', credits: 'open' },
    });
    const { answer } = await bank.execute(callOf('ann', keysNotBeforeMs, 'withdraw', 19074), patient());
    expect(answer).toMatchObject({ line: { balanceMinor: 0n, entry: { body: { kind: 'executed' } } } });
    await use(bank, 'ann', 40, fresh.now.ms);
    expect((await audit(fresh.tables)).code).toBe(0);
  });
});

describe('tables of different moments', () => {
  test('of which the pages are later give the bank of the accounts’ moment, whose pages can be turned', async () => {
    await useLost('ann', 29);
    const { head } = await lost.items('ann');
    await useLost('ann', 30);
    await useLost('bob', 3);
    await lost.put('ann', { head, pages: [] });
    const { code, stdout, stderr } = await run();
    expect(stderr).toBe(
      "The two tables are of different moments: of 1 accounts, pages are later than the head. The bank is that of the accounts' moment; 2 pages were left out.\n",
    );
    expect(stdout).toMatch(
      /^2 accounts with \d+ in all \(held 0\), 32 entries and 1 pages: all are there and correct\./,
    );
    expect(code).toBe(0);
    expect((await fresh.items('ann')).pages).toHaveLength(1);

    await use(fresh.bank({ keysNotBeforeMs }), 'ann', 40, fresh.now.ms + 60_000);
    expect((await fresh.items('ann')).head?.['turned']?.N).toBe(String(4 * KEPT_ENTRIES));
    expect((await audit(fresh.tables)).code).toBe(0);
  });

  test('of which the pages are earlier are named, and no head is written without its pages', async () => {
    await useLost('ann', 29);
    const { pages } = await lost.items('ann');
    await useLost('ann', 30);
    const { head } = await lost.items('ann');
    await lost.put('late', { head, pages });
    await useLost('bob', 3);
    const { code, stdout, stderr } = await run();
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(`"late": entries ${KEPT_ENTRIES + 1} to ${3 * KEPT_ENTRIES} are on no page\n`);
    expect(stderr).toContain(
      'of 1 accounts, pages are earlier than the head, and entries are missing. Restore pages to the moment of accounts, or to a later one.',
    );
    expect(await fresh.items('late')).toEqual({ head: undefined, pages: [] });
  });

  test('are not reported where a page is half turned; the page is left out, and is turned again', async () => {
    const dying = { ...lost.store, dropPage: () => Promise.resolve() };
    await use(lost.bank({ store: dying }), 'ann', 3 * KEPT_ENTRIES - 1, keysNotBeforeMs);
    expect((await lost.items('ann')).pages).toHaveLength(1);
    const { code, stdout, stderr } = await run('--json');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ accounts: 1, pages: 0, leftOut: 1, pagesLater: 0 });
    await use(fresh.bank({ keysNotBeforeMs }), 'ann', 1, fresh.now.ms + 60_000);
    expect((await fresh.items('ann')).head?.['turned']?.N).toBe(String(2 * KEPT_ENTRIES));
  });

  test('leave pages without a head, which is a fault until they are removed: the head may as well be lost', async () => {
    await useLost('ann', 29);
    const { pages } = await lost.items('ann');
    await lost.put('opened-later', { head: undefined, pages });
    const { code, stderr } = await run();
    expect(code).toBe(1);
    expect(stderr).toContain(
      '"opened-later": there are pages, but no head. If pages were restored to a later moment than accounts, ',
    );
    const client = createClient({ region: 'us-east-1', endpoint: lost.tables.endpoint });
    for (const { first = { N: '' } } of pages) {
      const Key = { account: { S: 'opened-later' }, first };
      await client.send(new DeleteItemCommand({ TableName: lost.tables.pages, Key }));
    }
    expect((await run()).code).toBe(0);
    expect(await fresh.items('opened-later')).toEqual({ head: undefined, pages: [] });
  });
});

describe('a recovery', () => {
  /** Enough that each of the four parts of the accounts takes more than one read of 200, so that places inside of a part are noted. */
  const MANY = 1000;

  test('that is killed at any moment can be continued, never leaves a head without its pages, and has the same result', async () => {
    await useLost('ann', 49);
    const ann = await lost.items('ann');
    for (let start = 0; start < MANY; start += 50) {
      const put = (index: number) =>
        index % 10 === 0
          ? lost.put(`account-${index}`, ann)
          : lost.put(`account-${index}`, { head: smallHead(index), pages: [] });
      await Promise.all(Array.from({ length: 50 }, (_, each) => put(start + each)));
    }
    /** What was noted at each interruption. */
    const points: string[] = [];
    for (const signal of ['SIGKILL', 'SIGINT', 'SIGKILL'] as const) {
      // A later note than that of the one before shows that this one is at work.
      const before = await notes();
      const { child, ended } = recovery.start(fresh.tables, args);
      await Promise.race([nextNote(before), ended]);
      child.kill(signal);
      const { code, stderr } = await ended;
      if (code === 0) {
        break;
      }
      points.push(await notes());
      if (signal === 'SIGINT') {
        expect(stderr).toContain('Run the same command again to continue.');
      }
      const { stdout } = await audit(fresh.tables, '--json');
      const codes = linesOf(stdout).flatMap(({ faults = [] }) =>
        faults.map(({ code }: { code: string }) => code),
      );
      expect(codes.filter((code: string) => code !== 'no_head')).toEqual([]);
    }
    expect(points.length, 'it was interrupted more than once').toBeGreaterThan(1);
    expect(new Set(points).size, 'each interruption is at another place').toBe(points.length);
    expect(points.join(), 'one is inside of a part').toContain('"at"');

    const { code, stdout } = await run('--json');
    expect(code).toBe(0);
    const small = Array.from({ length: MANY }, (_, index) => (index % 10 === 0 ? 0 : index));
    expect(JSON.parse(stdout)).toEqual({
      accounts: MANY + 1,
      entries: MANY * 0.9 + (MANY * 0.1 + 1) * 49,
      pages: (MANY * 0.1 + 1) * 3,
      balanceMinor: String(small.reduce((sum, each) => sum + each, (MANY * 0.1 + 1) * 19074)),
      heldMinor: '0',
      leftOut: 0,
      pagesLater: 0,
      pagesEarlier: 0,
      registers: 0,
      ...NOTHING,
      coveredMinor: '0',
      faults: [],
      faultCount: 0,
      complete: true,
    });
  });

  /** Resolves when another place has been noted than the last time. */
  async function nextNote(last: string): Promise<void> {
    for (let tries = 0; tries < 6000; tries += 1) {
      const text = await notes();
      if (text.includes('"kind"') && text !== last) {
        return;
      }
      await sleep(10);
    }
    throw new Error('the recovery has noted nothing for a minute');
  }

  function notes(): Promise<string> {
    return readFile(join(recovery.folder, 'progress.json'), 'utf8').catch(() => '');
  }

  test('names each book that it cannot use, carries over the others, and goes on once they are repaired', async () => {
    await useLost('good', 49);
    const { head, pages } = await lost.items('good');
    await lost.put('gap', { head, pages: pages.slice(1) });
    await lost.put('richer', { head: { ...head, balance: { N: '1' } }, pages });
    await lost.put('a/b', { head: smallHead(1), pages: [] });
    await lost.put('text', { head: { ...head, balance: { S: 'ten' } }, pages });
    await lost.put('late', { head: smallHead(1), pages: [] });
    await lost.bank().execute(callOf('late', keysNotBeforeMs, 'deposit', 1), patient());
    const first = await run();
    expect(first.code).toBe(1);
    expect(first.stdout).toBe('');
    for (const fault of [
      `"gap": entries 1 to ${KEPT_ENTRIES} are on no page`,
      '"richer": the balance is 1, and the book comes to 19074',
      '"a/b": no account can have this name',
      '"text": the head: ',
      '"late": it has the key ',
    ]) {
      expect(first.stderr).toContain(fault);
    }
    expect(first.stderr).toContain(
      '5 faults. Correct them and run the same command again. Do not open the bank.',
    );
    expect(await fresh.items('good')).toEqual({ head, pages });
    for (const bad of ['gap', 'richer', 'text', 'late']) {
      expect(await fresh.items(bad)).toEqual({ head: undefined, pages: [] });
    }

    for (const bad of ['gap', 'richer', 'text']) {
      await lost.put(bad, { head, pages });
    }
    await lost.put('late', { head: smallHead(1), pages: [] });
    const second = await run();
    // A name that no account can have stays one.
    expect(second.stderr).toMatch(/^"a\/b": [^\n]*\n1 faults/);
  });

  test('overwrites nothing that is different', async () => {
    await useLost('ann', 49);
    const { head, pages } = await lost.items('ann');
    await lost.put('ann', { head: { ...head, balance: { N: '1' } }, pages });
    await lost.put('bob', { head: { ...smallHead(1), balance: { N: '2' } }, pages: [] });
    expect((await run()).code).toBe(1);

    await lost.put('ann', { head, pages });
    await lost.put('bob', { head: smallHead(1), pages: [] });
    const other = { ...pages[1], opening: { N: '1' } };
    await fresh.put('ann', { head: undefined, pages: [other] });
    await fresh.put('bob', { head: smallHead(6), pages: [] });
    const { code, stderr } = await run();
    expect(code).toBe(1);
    expect(stderr).toContain(
      `"ann": ${fresh.tables.pages} already has something else in place of its page of entry ${KEPT_ENTRIES + 1}; it was left as it is\n`,
    );
    expect(stderr).toContain(
      `"bob": ${fresh.tables.accounts} already has something else in place of its head; `,
    );
    expect((await fresh.items('ann')).pages[1]).toMatchObject(other);
    expect((await fresh.items('ann')).head).toBeUndefined();
    expect((await fresh.items('bob')).head?.['balance']?.N).toBe('6');
  });

  test('reports items that it did not write, and items that changed meanwhile', async () => {
    await useLost('ann', 49);
    const { head, pages } = await lost.items('ann');
    expect((await run()).code).toBe(0);
    const faults = async () => {
      const { code, stderr } = await run();
      expect(code).toBe(1);
      return stderr;
    };

    await fresh.put('eve', { head: smallHead(1000), pages: pages.slice(0, 1) });
    const extra = await faults();
    expect(extra).toContain(`${fresh.tables.accounts} has 2 items, but 1 were copied`);
    expect(extra).toContain(`${fresh.tables.pages} has 4 items, but 3 were copied`);

    await fresh.put('ann', { head: undefined, pages: [{ ...pages[1], opening: { N: '1' } }] });
    expect(await faults()).toContain(`"ann": its pages are different in ${fresh.tables.pages}`);
    await fresh.put('ann', { head: { ...head, balance: { N: '1' } }, pages });
    expect(await faults()).toContain(`"ann": it is different in ${fresh.tables.accounts}`);
    await lost.put('bob', { head: smallHead(1), pages: [] });
    expect(await faults()).toContain(`"bob": it is missing in ${fresh.tables.accounts}`);
  });

  test('refuses to begin in a bank that has accounts, pages or cached replies, and to continue in another bank than it began with', async () => {
    await useLost('ann', 49);
    const { head, pages } = await lost.items('ann');
    const expectRefused = async (
      target: UsedBank,
      expected: number,
      message: string,
      more: string[] = [],
    ) => {
      const { code, stderr } = await recovery.run(target.tables, [...args, ...more]);
      expect(stderr).toContain(message);
      expect(code).toBe(expected);
    };
    for (const table of ['accounts', 'pages', 'idempotency'] as const) {
      const used = await openBank();
      const cached = { account: 'eve', key: newKey() };
      if (table === 'idempotency') {
        await used.store.noteSearch(cached, { start: 0, end: 1 }, patient());
      } else {
        await used.put('eve', table === 'accounts' ? { head, pages: [] } : { head: undefined, pages });
      }
      await expectRefused(used, 2, `${used.tables[table]} is not empty, and `);
      expect((await used.items('ann')).head).toBeUndefined();
    }

    expect((await run()).code).toBe(0);
    await expectRefused(await openBank(), 1, 'belongs to a recovery with accounts arn:aws:dynamodb:');
    await expectRefused(fresh, 1, 'belongs to a recovery with keysNotBefore', [
      ...['--keys-not-before', new Date(keysNotBeforeMs + 1000).toISOString()],
    ]);
    await expectRefused(fresh, 1, 'belongs to a recovery with source', [
      ...['--accounts', `table:${(await openBank()).tables.accounts}`],
    ]);
    const file = join(recovery.folder, 'progress.json');
    const noted = JSON.parse(await readFile(file, 'utf8'));
    expect(noted).toMatchObject({
      region: 'us-east-1',
      accounts: expect.stringMatching(`:table/${fresh.tables.accounts} of 20`),
      pages: expect.stringMatching(`:table/${fresh.tables.pages} of 20`),
    });
    await writeFile(file, JSON.stringify({ ...noted, region: 'us-east-2' }));
    await expectRefused(fresh, 1, 'belongs to a recovery with region us-east-2, not us-east-1');
    await writeFile(file, JSON.stringify({ ...noted, pages: noted.pages.replace('000000000000', '1') }));
    await expectRefused(fresh, 1, 'belongs to a recovery with pages arn:aws:dynamodb:ddblocal:1:');
    await writeFile(file, '{}');
    await expectRefused(fresh, 1, 'is not the progress of a recovery');
  });

  test('requires both tables to be strongly consistent across Regions, and to differ from those that it reads', async () => {
    const strict = args.filter((each) => each !== '--any-table');
    const message = 'has no multi-Region strong consistency, so no bank can run on it';
    const ordinary = await recovery.run(fresh.tables, strict);
    expect(ordinary.code).toBe(2);
    expect(ordinary.stderr).toContain(`${fresh.tables.accounts} ${message}`);
    const half = createServer(async (request, response) => {
      const { TableName } = JSON.parse(await text(request));
      const isStrong = TableName === fresh.tables.accounts;
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end(JSON.stringify({ Table: isStrong ? { MultiRegionConsistency: 'STRONG' } : {} }));
    });
    using elsewhere = new Recovery({ ...lost.tables, endpoint: await listen(half) });
    const pages = await elsewhere.run(fresh.tables, strict);
    half.close();
    expect(pages.code).toBe(2);
    expect(pages.stderr).toContain(`${fresh.tables.pages} ${message}`);

    for (const [table, other] of [
      ['accounts', 'pages'],
      ['pages', 'accounts'],
    ] as const) {
      const [own, lostOne] = [`table:${fresh.tables[table]}`, `table:${lost.tables[other]}`];
      const { code, stderr } = await run(`--${table}`, own, `--${other}`, lostOne);
      expect(code).toBe(2);
      expect(stderr).toContain(`${fresh.tables[table]} cannot be recovered into itself`);
    }
  });
});
