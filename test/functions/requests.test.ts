import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import type { CashMove } from '../../client/contract/schemas.ts';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import { createLab, patient } from '../support/dynamodb-lab.ts';
import { callOf, plainBank } from '../support/plain-bank.ts';

let account: string;

const lab = await createLab();
const bank = plainBank(lab.store, () => lab.now.ms);
beforeEach(() => {
  account = `account-${randomUUID()}`;
});

/** The HTTP requests to DynamoDB that some work takes. */
async function requestsOf(work: () => Promise<unknown>): Promise<string[]> {
  lab.requests.length = 0;
  await work();
  return [...lab.requests];
}

const { mint } = lab;
const move = (kind: CashMove, amountMinor: bigint, key = mint(), mayRetry = true) =>
  bank.execute(callOf({ account, key }, kind, amountMinor, { mayRetry }), patient());

async function deposits(count: number): Promise<string[]> {
  const keys = Array.from({ length: count }, () => mint());
  for (const key of keys) {
    await move('deposit', 10n, key);
  }
  return keys;
}

test('takes exactly one request, a write, for a deposit and for a withdrawal', async () => {
  expect(await requestsOf(() => move('deposit', 10n))).toEqual(['UpdateItem']);
  expect(await requestsOf(() => move('deposit', 10n))).toEqual(['UpdateItem']);
  expect(await requestsOf(() => move('withdraw', 5n))).toEqual(['UpdateItem']);
});

test('takes two writes and no read for a refusal', async () => {
  expect(await requestsOf(() => move('withdraw', 999n))).toEqual(['UpdateItem', 'UpdateItem']);
});

test('takes one request for a retry while its entry is in the head, executed or refused', async () => {
  const [executed, refused] = [mint(), mint()];
  await move('deposit', 10n, executed);
  await move('withdraw', 999n, refused);
  expect(await requestsOf(() => move('deposit', 10n, executed))).toEqual(['UpdateItem']);
  expect(await requestsOf(() => move('withdraw', 999n, refused))).toEqual(['UpdateItem']);
  expect(await requestsOf(() => move('deposit', 11n, executed))).toEqual(['UpdateItem']);
});

test('takes two for a retry whose reply is cached, and three when it has to be looked for on pages', async () => {
  const [key = ''] = await deposits(2 * KEPT_ENTRIES);
  const retry = () => move('deposit', 10n, key);
  expect(await requestsOf(retry)).toEqual(['UpdateItem', 'GetItem']);
  await bank.acknowledge({ account, key }, patient());
  expect(await requestsOf(retry)).toEqual(['UpdateItem', 'GetItem', 'Query']);
});

test('takes four for a key that is first used when younger ones were turned', async () => {
  const key = mint();
  await deposits(2 * KEPT_ENTRIES);
  expect(await requestsOf(() => move('deposit', 1n, key))).toEqual([
    'UpdateItem',
    'GetItem',
    'Query',
    'UpdateItem',
  ]);
});

test('turns a page with the call that makes it due, and with no other', async () => {
  await deposits(2 * KEPT_ENTRIES - 1);
  expect(await requestsOf(() => move('deposit', 1n, mint(), false))).toEqual([
    'UpdateItem',
    'PutItem',
    'UpdateItem',
    'BatchWriteItem',
  ]);
  expect(await requestsOf(() => deposits(KEPT_ENTRIES - 1))).toEqual(
    Array(KEPT_ENTRIES - 1).fill('UpdateItem'),
  );
});

test('takes one read for a balance and one for the health of the Region', async () => {
  expect(await requestsOf(() => bank.balance(account, patient()))).toEqual(['GetItem']);
  expect(await requestsOf(() => bank.checkHealth(patient()))).toEqual(['GetItem']);
});

test('takes two reads for the first page of a statement, however long the book is', async () => {
  await deposits(13 * KEPT_ENTRIES);
  const first = () => bank.entries(account, { before: undefined, limit: 100 }, patient());
  expect(await requestsOf(first)).toEqual(['GetItem', 'Query']);
});
