import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { type BankClient, mintKey } from 'twinbank-client';
import { TestBank } from 'twinbank-client/testing';
import { pay } from './http-handler.ts';

let testBank: TestBank;
let bank: BankClient;

beforeEach(async () => {
  testBank = new TestBank();
  bank = testBank.client({ maxAttempts: 2 });
  await bank.deposit('card-1', 5000n);
});

async function post(
  body: object | null,
  headers: Record<string, string>,
): Promise<{ status: number; answer: unknown }> {
  const url = 'https://shop.example.org/payments';
  const response = await pay(bank, new Request(url, { method: 'POST', headers, body: JSON.stringify(body) }));
  return { status: response.status, answer: await response.json() };
}

test('a payment that is sent twice is taken once', async () => {
  const headers = { 'idempotency-key': mintKey() };
  const paid = { status: 200, answer: { paid: 1200, left: 3800, receipt: 2 } };
  assert.deepEqual(await post({ card: 'card-1', cents: 1200 }, headers), paid);
  assert.deepEqual(await post({ card: 'card-1', cents: 1200 }, headers), paid);
});

test('a card with too little is declined', async () => {
  const { status, answer } = await post({ card: 'card-1', cents: 5001 }, { 'idempotency-key': mintKey() });
  assert.deepEqual(
    { status, answer },
    { status: 409, answer: { error: 'not_enough_money', paid: false, retryWith: 'new key' } },
  );
});

test('a payment that cannot be sent, or not be understood, is not paid, and says so', async () => {
  assert.equal((await post({ card: 'card-1', cents: 1 }, {})).status, 400);
  assert.equal((await post({ card: 'card-1', cents: -1 }, { 'idempotency-key': mintKey() })).status, 400);
  assert.equal((await post(null, { 'idempotency-key': mintKey() })).status, 400);
  testBank.kill('us-east-1');
  testBank.kill('us-east-2');
  const { status, answer } = await post({ card: 'card-1', cents: 1 }, { 'idempotency-key': mintKey() });
  assert.deepEqual({ status, answer }, { status: 503, answer: { error: 'try again', paid: false } });
});

test('a payment whose reply is lost is unknown, until it is sent again', async () => {
  const headers = { 'idempotency-key': mintKey() };
  testBank.loseReplies(2);
  assert.equal((await post({ card: 'card-1', cents: 1200 }, headers)).status, 504);
  assert.equal((await post({ card: 'card-1', cents: 1200 }, headers)).status, 200);
  assert.equal((await bank.balance('card-1')).balance, 3800n);
});
