import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { itemBytes } from '../support/item-size.ts';
import { newKey } from '../support/keys.ts';
import { chanceFrom, seedOf } from '../support/seed.ts';
import { sendHostileTraffic } from './hostile-connections.ts';
import { rawPost, say } from './raw-socket.ts';
import { keysIn, startWiredBank, type WiredBank } from './wired-bank.ts';

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

// Each reply stayed for ever, a record of its own beside the account, and was never shown to anybody.
test('1,050 replies that no caller acknowledges are 1,050 entries of the statement, and the account stays small', async () => {
  await using client = wired.client(PATIENT);
  const seen = { most: 0, bytes: 0 };
  let next = 0;
  const work = async () => {
    while (next < 1050) {
      next += 1;
      await client.deposit(account, 1n, { key: newKey() });
      if (next % 8 > 0) {
        continue;
      }
      const item = await wired.item(account);
      seen.most = Math.max(seen.most, keysIn(item).length);
      seen.bytes = Math.max(seen.bytes, itemBytes(item));
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  console.log(`1,050 calls of 8 callers: at most ${JSON.stringify(seen)}`);
  // Twenty at rest; more while callers run side by side or a page is slow. Far from the 500 that close it.
  expect(seen.most).toBeLessThan(100);
  expect(seen.bytes).toBeLessThan(8_000);
  let entries = 0;
  for await (const { sequence } of client.entries(account)) {
    expect(sequence).toBe(1050 - entries);
    entries += 1;
  }
  expect(entries).toBe(1050);
  expect((await client.balance(account)).balance).toBe(1050n);
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

  test('is a 400 on the wire of both Regions, deposited or withdrawn, and the account stays as it was', async () => {
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
  test('ends neither process, moves nothing, and every call beside it is answered', async () => {
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
      sendHostileTraffic({ url, path, mintKey: newKey, chance }, Promise.all(calls)),
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
