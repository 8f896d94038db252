import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePorts } from '../../infra/local/free-ports.ts';
import { BankLab, balance, deposit, FIRST, SECOND } from '../support/bank-lab.ts';
import { newKey } from '../support/keys.ts';
import { containers, descendants, survivors } from '../support/leftovers.ts';
import { call, type StartedBank } from '../support/started-bank.ts';

const lab = new BankLab();
afterAll(() => lab.close());

describe('a running bank', () => {
  let folder: string;
  let ports: [number, number];
  let bank: StartedBank;
  let first: string;
  let second: string;

  beforeAll(async () => {
    folder = await lab.folder();
    ports = await freePorts();
    first = `http://127.0.0.1:${ports[0]}`;
    second = `http://127.0.0.1:${ports[1]}`;
    bank = await (await lab.start(folder, ['--ports', ports.join()])).ready();
  });

  afterEach(() => bank.heal(FIRST, SECOND));

  test('says where both Regions are, and then that it is ready, one object a line', () => {
    const up = (region: string, url: string) =>
      JSON.stringify({ event: 'region', region, url, pid: bank.region(region).pid, state: 'up' });
    expect(bank.lines.slice(0, 2).sort()).toEqual([up(FIRST, first), up(SECOND, second)]);
    expect(bank.lines.slice(2)).toEqual(['{"event":"ready"}']);
    expect(bank.stderr).toBe('');
  });

  test('is one bank with two doors, each of which says which it is and what time it has', async () => {
    expect(await deposit(first, '10')).toBe('10');
    const { status, headers, body } = await call('GET', `${second}/accounts/joe`);
    expect({ status, body }).toEqual({ status: 200, body: { account: 'joe', balance: '10', held: '0' } });
    expect(headers['bank-region']).toBe(SECOND);
    expect(Date.parse(String(headers['date']))).not.toBeNaN();
  });

  test('refuses a body that API Gateway would refuse, before the function sees it', async () => {
    const answer = await call('POST', `${first}/accounts/joe/deposits`, {
      key: newKey(),
      body: 'x'.repeat(11_000_000),
    });
    expect(answer).toMatchObject({ status: 413, body: { message: 'Request Entity Too Large' } });
    expect(await balance(first)).toBe('10');
  });

  test('refuses connections in a Region that was killed, and goes on in the other', async () => {
    const before = bank.region(FIRST).pid;
    await bank.order('kill', FIRST);
    expect(bank.region(FIRST).pid).toBeNull();
    await expect(call('GET', `${first}/health`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await deposit(second, '5')).toBe('15');

    await bank.order('start', FIRST);
    expect(bank.region(FIRST).pid).not.toBe(before);
    expect(await balance(first)).toBe('15');
  });

  test('reports a Region down that ended by itself', async () => {
    bank.killProcessOf(SECOND);
    await bank.reports(SECOND, 'down');
  });

  test('keeps a caller of a frozen Region waiting, and answers once it has thawed', async () => {
    await bank.order('freeze', FIRST);
    let answered = false;
    const waiting = balance(first).finally(() => {
      answered = true;
    });
    for (let calls = 0; calls < 10; calls += 1) {
      expect(await balance(second)).toBe('15');
    }
    expect(answered).toBe(false);

    bank.say(`thaw ${FIRST}`);
    expect(await waiting).toBe('15');
    await bank.reports(FIRST, 'up');
  });

  test('sweeps in each Region, but not in one that is frozen', async () => {
    const sweeps = async (region: string) => {
      const log = await readFile(join(folder, `${region}.log`), 'utf8');
      return log.split('\n').filter((line) => line.includes('"message":"sweep"')).length;
    };
    /** Waits until a Region has swept this many more times. */
    const sweepMore = async (region: string, more: number) => {
      const before = await sweeps(region);
      await vi.waitFor(
        async () => expect(await sweeps(region)).toBeGreaterThanOrEqual(before + more),
        30_000,
      );
    };
    await Promise.all([FIRST, SECOND].map((region) => sweepMore(region, 1)));

    await bank.order('freeze', FIRST);
    const before = await sweeps(FIRST);
    await sweepMore(SECOND, 2);
    expect(await sweeps(FIRST)).toBe(before);

    bank.say(`thaw ${FIRST}`);
    await sweepMore(FIRST, 1);
  });

  test('writes that a hold has expired, without a call', async () => {
    const ann = (path: string, body: object) =>
      call('POST', `${first}/accounts/ann/${path}`, { key: newKey(), body });
    await ann('deposits', { amount: '7' });
    expect(await ann('holds', { amount: '3', expiresInSeconds: 1 })).toMatchObject({ status: 200 });
    await vi.waitFor(async () => {
      const { body } = await call('GET', `${second}/accounts/ann/entries`);
      expect(body).toMatchObject({ entries: [{ type: 'expired', balance: '7' }, {}, {}] });
    }, 30_000);
  });

  test('can kill a Region that is frozen', async () => {
    bank.say(`freeze ${SECOND}`);
    await bank.order('kill', SECOND);
  });

  test('says how both Regions are when asked', async () => {
    const before = bank.lines.length;
    bank.say('status');
    await bank.until(() => bank.lines.length === before + 2);
    expect(bank.events.slice(before)).toEqual([bank.region(FIRST), bank.region(SECOND)]);
  });

  test.each([
    ['dance', 'command_unknown'],
    [`kill ${FIRST} ${SECOND}`, 'command_unknown'],
    ['kill', 'region_unknown'],
    ['kill eu-west-1', 'region_unknown'],
    [`start ${FIRST}`, 'region_state'],
    [`thaw ${FIRST}`, 'region_state'],
  ])('answers "%s" with one line and goes on', async (line, code) => {
    const before = bank.lines.length;
    bank.say(line);
    await bank.until(() => bank.lines.length > before);
    expect(bank.events.slice(before)).toEqual([
      { event: 'error', code, message: expect.stringMatching(/^.+[.]$/) },
    ]);
  });

  test('does not share its folder with a second bank', async () => {
    const other = await lab.start(folder);
    expect(await other.exit).toBe(1);
    expect(other.events).toMatchObject([{ event: 'error', code: 'data_folder_in_use' }]);
    expect(other.stderr.trim().split('\n')).toEqual([expect.stringContaining(folder)]);
    expect(await balance(first)).toBe('15');
  });

  test('does not share a port with a second bank, of which nothing is left', async () => {
    const folderOfOther = await lab.folder();
    const [free] = await freePorts();
    const other = await lab.start(folderOfOther, ['--ports', `${free},${ports[1]}`]);
    expect(await other.exit).toBe(1);
    expect(other.events.at(-1)).toMatchObject({ event: 'error', code: 'port_taken' });
    expect(other.stderr.trim().split('\n')).toEqual([expect.stringContaining(String(ports[1]))]);
    await expect(call('GET', `http://127.0.0.1:${free}/health`)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    expect(await containers(folderOfOther)).toEqual([]);
  });

  test('goes on when its input ends, and keeps balances over a stop and a start', async () => {
    bank.endInput();
    expect(await balance(first)).toBe('15');
    const known = await descendants(bank.pid);
    expect(known.length).toBeGreaterThanOrEqual(3);
    bank.signal('SIGTERM');
    expect(await bank.exit).toBe(0);
    expect(await survivors(known)).toEqual([]);
    expect(await containers(folder)).toEqual([]);

    bank = await (await lab.start(folder, ['--ports', ports.join()])).ready();
    expect(await balance(second)).toBe('15');
  });
});

test.each([
  ['version 1, which did not say so', '1', undefined],
  ['a later version', '3', '3'],
])('a folder with balances of %s is refused by name, and left as it is', async (_, version, said) => {
  const folder = await lab.folder();
  const database = join(folder, 'dynamodb', 'shared-local-instance.db');
  await mkdir(join(folder, 'dynamodb'));
  await writeFile(database, 'balances');
  if (said !== undefined) {
    await writeFile(join(folder, 'version'), said);
  }
  const bank = await lab.start(folder);
  expect(await bank.exit).toBe(1);
  const refused = { event: 'error', code: 'data_folder_version', message: expect.stringContaining(folder) };
  expect(bank.events).toEqual([refused]);
  expect(bank.stderr).toContain(`version ${version} of the bank`);
  expect(await readFile(database, 'utf8')).toBe('balances');
});
