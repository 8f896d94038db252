import { randomUUID } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import type { Move } from '../../client/contract.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { keyAt, newKey } from '../support/keys.ts';
import { type PlainBank, plainBank } from '../support/plain-bank.ts';

let lab: Lab;
let bank: PlainBank;
const account = `account-${randomUUID()}`;

beforeAll(async () => {
  lab = await createLab();
  bank = plainBank(lab.store, () => lab.now.ms);
});

/** The HTTP requests to DynamoDB that some work takes. */
async function requestsOf(work: () => Promise<unknown>): Promise<string[]> {
  lab.requests.length = 0;
  await work();
  return [...lab.requests];
}

const move = (kind: Move, amountMinor: bigint, key = newKey()) =>
  bank.move({ account, key, move: kind, amountMinor }, patient());

it('takes exactly one request, a write, for a deposit and for a withdrawal', async () => {
  expect(await requestsOf(() => move('deposit', 10n))).toEqual(['UpdateItemCommand']);
  expect(await requestsOf(() => move('deposit', 10n))).toEqual(['UpdateItemCommand']);
  expect(await requestsOf(() => move('withdraw', 5n))).toEqual(['UpdateItemCommand']);
});

it('takes two writes and no read for a refusal', async () => {
  expect(await requestsOf(() => move('withdraw', 999n))).toEqual(['UpdateItemCommand', 'UpdateItemCommand']);
});

it('takes one request for the retry of an answered key, executed or refused', async () => {
  const [executed, refused] = [newKey(), newKey()];
  await move('deposit', 10n, executed);
  await move('withdraw', 999n, refused);
  expect(await requestsOf(() => move('deposit', 10n, executed))).toEqual(['UpdateItemCommand']);
  expect(await requestsOf(() => move('withdraw', 999n, refused))).toEqual(['UpdateItemCommand']);
  expect(await requestsOf(() => move('deposit', 11n, executed))).toEqual(['UpdateItemCommand']);
});

it('takes one read for a balance and one for the health of the Region', async () => {
  expect(await requestsOf(() => bank.balance(account, patient()))).toEqual(['GetItemCommand']);
  expect(await requestsOf(() => bank.checkHealth(patient()))).toEqual(['GetItemCommand']);
});

it('looks into the archive only for a key at or below the watermark', async () => {
  const key = keyAt(lab.now.ms - 60_000);
  await move('deposit', 1n, key);
  await lab.archiveOldest(account, 1);
  expect(await requestsOf(() => move('deposit', 1n, key))).toEqual(['UpdateItemCommand', 'GetItemCommand']);
  expect(await requestsOf(() => move('deposit', 1n))).toEqual(['UpdateItemCommand']);
});
