import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { keyAt } from '../support/keys.ts';
import { plainBank } from '../support/plain-bank.ts';

let lab: Lab;
let proxy: FaultProxy;
beforeAll(async () => {
  lab = await createLab();
  proxy = await startFaultProxy(lab.tables.endpoint);
});
afterAll(() => proxy[Symbol.asyncDispose]());

it('reads accounts strongly consistent, and transacts never: DynamoDB Local would not tell the difference', async () => {
  const bank = plainBank(lab.storeAt({ endpoint: proxy.url }), () => lab.now.ms);
  const account = `account-${randomUUID()}`;
  const key = keyAt(lab.now.ms);
  await bank.move({ account, key, move: 'deposit', amountMinor: 10n }, patient());
  await bank.move({ account, key: keyAt(lab.now.ms), move: 'withdraw', amountMinor: 99n }, patient());
  await bank.balance(account, patient());
  await bank.outcome({ account, key }, patient());
  await bank.move({ account, key: keyAt(lab.now.ms + 1e9), move: 'deposit', amountMinor: 1n }, patient());
  await bank.cancel({ account, key }, patient());
  await bank.acknowledge(account, [key], patient());
  await bank.checkHealth(patient());

  const sent = proxy.requests.map(({ headers, body }) => ({
    operation: String(headers['x-amz-target']).split('.')[1],
    ...JSON.parse(body),
  }));
  const reads = sent.filter(({ operation }) => operation === 'GetItem');
  expect(reads.filter(({ TableName }) => TableName === lab.tables.accounts).length).toBeGreaterThan(3);
  expect(reads.filter(({ ConsistentRead }) => ConsistentRead !== true)).toEqual([]);
  expect([...new Set(sent.map(({ operation }) => operation))].sort()).toEqual(['GetItem', 'UpdateItem']);
});
