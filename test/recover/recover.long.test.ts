import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { createBank } from '../../functions/core/bank.ts';
import { keyTimeMs } from '../../functions/core/key.ts';
import { ATTRIBUTES } from '../../functions/store/item.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { keyAt } from '../support/keys.ts';
import { Recovery } from '../support/recovery.ts';
import { createTestTables } from '../support/tables.ts';

/** The lost bank. Its tables stand for what was restored of it. */
let lost: Lab;
let fresh: Lab;
let keysNotBeforeMs: number;
let args: string[];

beforeEach(async () => {
  lost = await createLab();
  fresh = await createLab();
  // The clocks of both: the lost bank worked until a minute ago.
  keysNotBeforeMs = Math.floor(lost.now.ms / 1000) * 1000;
  args = [
    ...['--accounts', `table:${lost.tables.accounts}`, '--idempotency', `table:${lost.tables.idempotency}`],
    ...['--keys-not-before', new Date(keysNotBeforeMs).toISOString()],
    // No local table can be consistent across Regions.
    '--any-table',
  ];
  fresh.now.ms = keysNotBeforeMs + 60_000;
});

/** A key that was minted so long before the lost bank's end. */
const mintedBefore = (ms: number) => keyAt(keysNotBeforeMs - ms);
const MINUTE_MS = 60_000;

function bankOf(lab: Lab, floorMs = 0) {
  const bank = createBank(lab.store, () => lab.now.ms, floorMs);
  const call = (move: 'deposit' | 'withdraw', account: string, amountMinor: bigint, key: string) =>
    bank.move({ move, account, key, amountMinor }, [], patient());
  return {
    ...bank,
    deposit: (account: string, amountMinor: bigint, key: string) =>
      call('deposit', account, amountMinor, key),
    withdraw: (account: string, amountMinor: bigint, key: string) =>
      call('withdraw', account, amountMinor, key),
  };
}

describe('a recovered bank', () => {
  test('has every balance, answers the retries that it remembers, and executes nothing from before', async () => {
    const old = bankOf(lost);
    const [executed, refused, cancelled, archived, unknown] = [
      mintedBefore(3000),
      mintedBefore(2000),
      mintedBefore(1000),
      mintedBefore(40 * MINUTE_MS),
      mintedBefore(500),
    ];
    await old.deposit('ann', 70n, archived);
    await lost.archiveOldest('ann', 1);
    const first = await old.deposit('ann', 30n, executed);
    const no = await old.withdraw('ann', 1_000n, refused);
    await old.cancel({ account: 'ann', key: cancelled }, patient());
    const nobody = mintedBefore(100);
    await old.withdraw('nobody', 5n, nobody);

    using recovery = new Recovery(lost.tables);
    const { exitCode, stdout, stderr } = await recovery.run(fresh.tables, args);
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^2 accounts with 100 in all, and 1 archived replies: each is there and the same\./,
    );
    expect(exitCode).toBe(0);

    const bank = bankOf(fresh, keysNotBeforeMs);
    expect(await bank.balance('ann', patient())).toBe(100n);
    expect(await bank.deposit('ann', 30n, executed)).toMatchObject({
      answer: { ...first.answer, replayed: true },
    });
    expect(await bank.withdraw('ann', 1_000n, refused)).toMatchObject({
      answer: { ...no.answer, replayed: true },
    });
    expect(await bank.deposit('ann', 70n, archived)).toMatchObject({ answer: { replayed: true } });
    expect(await bank.deposit('ann', 1n, cancelled)).toMatchObject({
      answer: { recorded: { kind: 'cancelled' } },
    });
    expect(await bank.withdraw('nobody', 5n, nobody)).toMatchObject({ answer: { replayed: true } });
    for (const account of ['ann', 'nobody', 'unheard-of']) {
      expect(await bank.deposit(account, 1n, unknown), account).toMatchObject({
        answer: { kind: 'turned_away', code: 'key_expired' },
      });
    }
    expect(await bank.balance('ann', patient())).toBe(100n);

    expect(await bank.withdraw('ann', 100n, keyAt(keysNotBeforeMs))).toMatchObject({
      answer: { recorded: { reply: { kind: 'executed', balanceMinor: 0n } } },
    });
  });

  test('keeps old keys out by the watermarks alone, where somebody forgot to configure it', async () => {
    await bankOf(lost).deposit('ann', 10n, mintedBefore(1000));
    using recovery = new Recovery(lost.tables);
    expect((await recovery.run(fresh.tables, args)).exitCode).toBe(0);

    const { watermark } = (await fresh.item('ann')) as { watermark: string };
    expect(keyTimeMs(watermark)).toBe(keysNotBeforeMs - 1);
    const forgetful = bankOf(fresh);
    expect(await forgetful.deposit('ann', 10n, mintedBefore(1))).toMatchObject({
      answer: { code: 'key_expired' },
    });
    expect(await forgetful.deposit('ann', 10n, keyAt(keysNotBeforeMs))).toMatchObject({
      answer: { kind: 'replied' },
    });
  });

  test('archives and gives back what it remembers as any other, without its watermark ever falling', async () => {
    const old = bankOf(lost);
    const keys = Array.from({ length: 30 }, (_, index) => mintedBefore(MINUTE_MS + index));
    for (const key of keys) await old.deposit('ann', 1n, key);
    using recovery = new Recovery(lost.tables);
    expect((await recovery.run(fresh.tables, args)).exitCode).toBe(0);
    const { watermark } = (await fresh.item('ann')) as { watermark: string };

    fresh.now.ms += 30 * MINUTE_MS;
    const bank = bankOf(fresh, keysNotBeforeMs);
    expect(await bank.deposit('ann', 1n, keyAt(keysNotBeforeMs))).toMatchObject({ archived: 25 });
    expect((await fresh.item('ann'))?.['watermark']).toBe(watermark);
    for (const key of keys) {
      expect(await bank.deposit('ann', 1n, key)).toMatchObject({ answer: { replayed: true } });
    }
    expect(await bank.balance('ann', patient())).toBe(31n);
  });
});

describe('a recovery', () => {
  /** Enough of them that it can be interrupted. */
  const MANY = 3000;

  async function fill(lab: Lab, count: number): Promise<void> {
    const put = async (index: number) =>
      lab.putItem({ [ATTRIBUTES.account]: `account-${index}`, [ATTRIBUTES.balance]: BigInt(index) });
    for (let start = 0; start < count; start += 50) {
      await Promise.all(Array.from({ length: Math.min(50, count - start) }, (_, each) => put(start + each)));
    }
  }

  test('that is killed at any moment is gone on with, and comes to the same', async () => {
    await fill(lost, MANY);
    using recovery = new Recovery(lost.tables);
    let interruptions = 0;
    for (const signal of ['SIGKILL', 'SIGINT', 'SIGKILL'] as const) {
      // What the one before had noted when it was gone: only what comes after that says that this one is at work.
      const before = await notes(recovery);
      const { child, ended } = recovery.start(fresh.tables, args);
      await Promise.race([nextNote(recovery, before), ended]);
      child.kill(signal);
      const { exitCode, stderr } = await ended;
      if (exitCode === 0) break;
      interruptions += 1;
      if (signal === 'SIGINT') expect(stderr).toContain('Run the same command again to go on.');
    }
    expect(interruptions).toBeGreaterThan(0);

    const { exitCode, stdout } = await recovery.run(fresh.tables, [...args, '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      accounts: MANY,
      balanceMinor: String((MANY * (MANY - 1)) / 2),
      replies: 0,
      faults: [],
      faultCount: 0,
      complete: true,
    });
  });

  /** Resolves when another page has been noted than the last time. */
  async function nextNote(recovery: Recovery, last: string): Promise<void> {
    for (let tries = 0; tries < 1000; tries += 1) {
      const text = await notes(recovery);
      if (text !== '' && text !== last) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  function notes({ folder }: Recovery): Promise<string> {
    return readFile(join(folder, 'progress.json'), 'utf8').catch(() => '');
  }

  test('names each item that it cannot use, carries over the others, and goes on once they are mended', async () => {
    const good = { account: 'good', balance: 5n };
    await lost.putItem(good);
    const bad = [
      { account: 'negative', balance: -1n },
      { account: 'a/b', balance: 1n },
      { account: 'half', balance: 1n, [`reply:${mintedBefore(1)}`]: 1n },
      { account: 'strange', balance: 1n, colour: 'red' },
      {
        account: 'late',
        balance: 1n,
        [`call:${keyAt(keysNotBeforeMs)}`]: 'deposit 1',
        [`reply:${keyAt(keysNotBeforeMs)}`]: 1n,
      },
      { account: 'watermarked', balance: 1n, watermark: keyAt(keysNotBeforeMs + 1) },
      { account: 'text', balance: 'ten' },
    ];
    for (const item of bad) await lost.putItem(item);
    using recovery = new Recovery(lost.tables);
    const first = await recovery.run(fresh.tables, args);
    expect(first.exitCode).toBe(1);
    expect(first.stdout).toBe('');
    for (const { account } of bad)
      expect(first.stderr).toContain(`${JSON.stringify(account)} cannot be used`);
    expect(first.stderr).toContain(
      '7 faults. See to them and run the same command again; do not open the bank.',
    );
    expect(await fresh.item('good')).toMatchObject(good);
    expect(await fresh.item('negative')).toBeUndefined();

    const direct = bankOf(lost);
    expect(await direct.balance('good', patient())).toBe(5n);
    for (const { account } of bad) await lost.putItem({ account, balance: 1n });
    await lost.putItem({ account: 'a/b', balance: 1n });
    const second = await recovery.run(fresh.tables, args);
    // A name that no account can have stays one.
    expect(second.stderr).toMatch(/^"a\/b" cannot be used[^\n]*\n1 faults/);
  });

  test('overwrites nothing that is different, and leaves nothing unsaid', async () => {
    await lost.putItem({ account: 'ann', balance: 5n });
    await fresh.putItem({ account: 'ann', balance: 6n });
    using recovery = new Recovery(lost.tables);
    const { exitCode, stderr } = await recovery.run(fresh.tables, args);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('"ann" is in');
    expect((await fresh.item('ann'))?.['balance']).toBe(6n);
  });

  test('sees an account that comes from nowhere, and one that has changed under it', async () => {
    await lost.putItem({ account: 'ann', balance: 5n });
    using recovery = new Recovery(lost.tables);
    expect((await recovery.run(fresh.tables, args)).exitCode).toBe(0);

    await fresh.putItem({ account: 'eve', balance: 1_000n });
    const extra = await recovery.run(fresh.tables, args);
    expect(extra.exitCode).toBe(1);
    expect(extra.stderr).toContain('holds 2 accounts, and 1 were carried over');

    await fresh.putItem({ account: 'ann', balance: 500n });
    const changed = await recovery.run(fresh.tables, args);
    expect(changed.exitCode).toBe(1);
    expect(changed.stderr).toContain('"ann" is different in');
  });

  test('does not go on where another one stopped', async () => {
    await lost.putItem({ account: 'ann', balance: 5n });
    using recovery = new Recovery(lost.tables);
    expect((await recovery.run(fresh.tables, args)).exitCode).toBe(0);
    const other = await createTestTables();
    const { exitCode, stderr } = await recovery.run(other, args);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('belongs to a recovery with target');
  });

  test('wants a table that is strongly consistent across Regions, and another one than it reads', async () => {
    using recovery = new Recovery(lost.tables);
    const ordinary = await recovery.run(
      fresh.tables,
      args.filter((each) => each !== '--any-table'),
    );
    expect(ordinary.exitCode).toBe(2);
    expect(ordinary.stderr).toContain('has no multi-Region strong consistency, so no bank can run on it');

    const itself = await recovery.run(lost.tables, args);
    expect(itself.exitCode).toBe(2);
    expect(itself.stderr).toContain('cannot be recovered into itself');
  });

  test.each([
    [['--accounts', 'restored'], 'is neither table:NAME nor export:FOLDER'],
    [['--keys-not-before', 'yesterday'], 'is not a time'],
    [['--to', ''], '--to is missing'],
    [['--speed', '9'], '--speed'],
  ])('says what is wrong with %j', async (wrong, message) => {
    using recovery = new Recovery(lost.tables);
    const { exitCode, stderr } = await recovery.run(fresh.tables, [...args, ...wrong]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain('npm run recover --');
  });
});
