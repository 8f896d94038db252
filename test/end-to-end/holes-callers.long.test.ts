import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RefusedError } from '../../client/index.ts';
import { itemBytes } from '../support/item-size.ts';
import { keyAt, newKey } from '../support/keys.ts';
import { rawPost, say } from '../support/raw-socket.ts';
import { chanceFrom, seedOf } from '../support/seed.ts';
import { besiege } from '../support/siege.ts';
import { rememberedIn, startWiredBank, type WiredBank } from '../support/wired-bank.ts';

/** What callers can do to the tutorial's own system, tried on this bank and its processes. */
let wired: WiredBank;
let account: string;

beforeAll(async () => {
  wired = await startWiredBank();
});
afterAll(() => wired[Symbol.asyncDispose]());
beforeEach(() => {
  account = `account-${randomUUID()}`;
});

/** For tests that are not about time: a busy machine has what it needs. */
const PATIENT = { attemptTimeoutMs: 60_000, callTimeoutMs: 300_000 };

// Each reply stayed for ever, a record of its own.
describe('replies that nobody gives back', () => {
  /** Has a caller keep all its replies, and watches how large the account's item becomes. */
  async function hoard(calls: number, callers: number, mint: (call: number) => string) {
    await using client = wired.client(PATIENT);
    const seen = { executed: 0, refused: 0, most: 0, bytes: 0 };
    let next = 0;
    const work = async () => {
      while (next < calls) {
        next += 1;
        await client.deposit(account, 1n, { key: mint(next) }).then(
          () => {
            seen.executed += 1;
          },
          (error: unknown) => {
            expect(error).toBeInstanceOf(RefusedError);
            expect(error).toMatchObject({ code: 'too_many_unacknowledged' });
            seen.refused += 1;
          },
        );
        if (next % callers === 0) {
          const item = await wired.item(account);
          seen.most = Math.max(seen.most, rememberedIn(item).length);
          seen.bytes = Math.max(seen.bytes, itemBytes(item));
        }
      }
    };
    await Promise.all(Array.from({ length: callers }, work));
    expect((await client.balance(account)).balance).toBe(BigInt(seen.executed));
    return seen;
  }

  it('leave the account once they are old: 250 calls, and never more than 75 are remembered', async () => {
    const mintedMs = Date.now() - 20 * 60_000;
    const seen = await hoard(250, 1, (call) => keyAt(mintedMs + call));
    console.log(`250 old replies, never given back: ${JSON.stringify(seen)}`);
    expect(seen).toMatchObject({ executed: 250, refused: 0 });
    // 25 at once, and those of the calls until one looks, which one in four does by chance: 50 in a row are one in 1.8 million.
    expect(seen.most).toBeLessThanOrEqual(75);
    expect(seen.bytes).toBeLessThan(10_000);
  });

  it('fill the account no further than its cap: then the caller is told, and an item stays far below 400 KB', async () => {
    const seen = await hoard(1050, 8, newKey);
    console.log(`1050 young replies, never given back: ${JSON.stringify(seen)}`);
    expect(seen.refused).toBeGreaterThan(0);
    // Calls that are in flight when the mark is set get through.
    expect(seen.executed).toBeLessThanOrEqual(1000 + 2 * 8);
    expect(seen.bytes).toBeLessThan(200_000);
  });

  it('are at most 25 while the client of this repository works with 16 callers at once, and none when it is closed', async () => {
    const client = wired.client();
    let most = 0;
    const work = async () => {
      for (let call = 0; call < 10; call += 1) {
        await client.deposit(account, 1n);
        most = Math.max(most, rememberedIn(await wired.item(account)).length);
      }
    };
    await Promise.all(Array.from({ length: 16 }, work));
    await client.close();
    console.log(`160 calls by 16 callers of one client: at most ${most} replies remembered`);
    expect(most).toBeLessThanOrEqual(25);
    expect(rememberedIn(await wired.item(account))).toEqual([]);
  });
});

// A withdrawal of -100 was executed, and 100 more were there.
describe('an amount that is none', () => {
  const AMOUNTS = [
    ...['"-100"', '-100', '"-0"', '"0"', '0', '"00005"', '"+5"', '5'],
    ...['"1.5"', '1.5', '"5."', '".5"', '"1e3"', '1e3', '"1E3"', '"0x64"', '"0b11"', '"1_000"', '"1,000"'],
    ...['"  5"', '"5 "', '"5\\n"', '"5\\u0000"', '"\\ufeff5"', '"5\\u200b"', '"\\u202e5"'],
    ...['"\uff11\uff10\uff10"', '"\u0661\u0660"', '"\u2155"', '"V"', '"\u{1d7d3}"', '"-\u0661"'],
    ...['""', '"NaN"', '"Infinity"', '"1000000000000000"', '1e400', `"${'9'.repeat(400)}"`],
    ...['null', 'true', '["5"]', '[5]', '{"amount":"5"}', '"5","currency":"EUR"', '"5","amount":"-5"'],
  ];

  it('is a 400 on the wire of both Regions, deposited or withdrawn, and the account stays as it was', async () => {
    await using client = wired.client();
    await client.deposit(account, 100n, { key: newKey() });
    const before = await wired.item(account);
    for (const { url } of wired.doors) {
      for (const collection of ['withdrawals', 'deposits']) {
        for (const amount of AMOUNTS) {
          const path = `/accounts/${account}/${collection}`;
          const sent = rawPost(path, { 'idempotency-key': newKey() }, `{"amount":${amount}}`);
          const { status, body } = await say(url, sent);
          expect({ amount, status, code: JSON.parse(body).code }).toEqual({
            amount,
            status: 400,
            code: 'bad_request',
          });
        }
      }
    }
    expect(await wired.item(account)).toEqual(before);
    // The same bytes with an amount that is one do move money, so it was the amount that was refused.
    const good = rawPost(
      `/accounts/${account}/withdrawals`,
      { 'idempotency-key': newKey() },
      '{"amount":"100"}',
    );
    expect((await say(wired.doors[0].url, good)).status).toBe(200);
    expect((await client.balance(account)).balance).toBe(0n);
  });
});

// Thirty idle connections denied both servers to everybody, and 8 MB of input killed them.
describe('garbage on the sockets of both Regions', () => {
  it('ends neither process, moves nothing, and every call beside it is answered', async () => {
    const chance = chanceFrom(seedOf('garbage on the socket'));
    const victim = `victim-${randomUUID()}`;
    await using client = wired.client();
    await client.deposit(victim, 100n, { key: newKey() });
    const before = await wired.item(victim);
    const pids = () => wired.doors.map(({ region }) => wired.bank.region(region).pid);
    const known = pids();

    const path = `/accounts/${victim}/withdrawals`;
    const calls = wired.doors.map(async (door, index) => {
      await using only = wired.clientOfOne(door, PATIENT);
      for (let call = 1; call <= 100; call += 1) {
        const answer = await only.deposit(`${account}-${index}`, 1n);
        expect(answer.balance).toBe(BigInt(call));
      }
    });
    const sieges = wired.doors.map(({ url }) =>
      besiege({ url, path, mintKey: newKey, chance }, Promise.all(calls)),
    );
    const answers = (await Promise.all(sieges)).flat();

    expect(answers.map(({ status }) => status)).toEqual(Array(4).fill(400));
    expect(pids()).toEqual(known);
    expect(wired.bank.events.filter((event) => event.event === 'region' && event.state !== 'up')).toEqual([]);
    expect(await wired.item(victim)).toEqual(before);
    for (const door of wired.doors) {
      await using only = wired.clientOfOne(door);
      expect((await only.balance(victim)).balance).toBe(100n);
    }
  });
});
