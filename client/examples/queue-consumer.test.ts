import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import type { BankClient } from 'twinbank-client';
import { TestBank } from 'twinbank-client/testing';
import { createConsumer, type Payout } from './queue-consumer.ts';

let testBank: TestBank;
let bank: BankClient;
let refused: string[];
let consume: ReturnType<typeof createConsumer>;

beforeEach(async () => {
  testBank = new TestBank();
  bank = testBank.client({ maxAttempts: 2 });
  await bank.deposit('shop', 100n);
  await bank.deposit('ann', 1n);
  refused = [];
  consume = createConsumer(bank, ({ id }, { code }) => Promise.resolve(refused.push(`${id}: ${code}`)));
});

const payout = (id: string, cents: number): Payout => {
  return { id, decidedAt: new Date(testBank.nowMs).toISOString(), from: 'shop', to: 'ann', cents };
};
/** A batch as SQS delivers it, as far as the consumer reads it. */
const batch = (...bodies: readonly unknown[]): SQSEvent => {
  const records = bodies.map((body, index) => ({ messageId: `m${index + 1}`, body: JSON.stringify(body) }));
  return { Records: records as SQSRecord[] };
};

test('a batch that is delivered twice is paid once', async () => {
  const event = batch(payout('p1', 30), payout('p2', 20));
  assert.deepEqual(await consume(event), { batchItemFailures: [] });
  assert.deepEqual(await consume(event), { batchItemFailures: [] });
  assert.equal((await bank.balance('shop')).balance, 50n);
  assert.equal((await bank.balance('ann')).balance, 51n);
});

test('what the bank refuses is reported, and does not come again', async () => {
  assert.deepEqual(await consume(batch(payout('p1', 101))), { batchItemFailures: [] });
  assert.deepEqual(refused, ['p1: not_enough_money']);
});

test('a payout from a clock that is ahead comes again, until the bank takes its key', async () => {
  const event = batch({ ...payout('p1', 30), decidedAt: new Date(testBank.nowMs + 600_000).toISOString() });
  assert.deepEqual(await consume(event), { batchItemFailures: [{ itemIdentifier: 'm1' }] });
  testBank.advance(600_000);
  assert.deepEqual(await consume(event), { batchItemFailures: [] });
  assert.deepEqual({ refused, balance: (await bank.balance('shop')).balance }, { refused: [], balance: 70n });
});

test('only the messages that got no answer, or make no sense, come again', async () => {
  const result = await consume(batch(payout('p1', 30), { id: 'p2' }));
  assert.deepEqual(result, { batchItemFailures: [{ itemIdentifier: 'm2' }] });

  const event = batch(payout('p3', 10));
  testBank.loseReplies(2);
  assert.deepEqual(await consume(event), { batchItemFailures: [{ itemIdentifier: 'm1' }] });
  assert.deepEqual(await consume(event), { batchItemFailures: [] });
  assert.equal((await bank.balance('shop')).balance, 60n);
});
