import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { keyAt } from '../support/keys.ts';
import { callOf, cancelOf, outcomeOf, plainBank } from '../support/plain-bank.ts';

let lab: Lab;
let proxy: FaultProxy;
beforeAll(async () => {
  lab = await createLab();
  proxy = await startFaultProxy(lab.tables.endpoint);
});
afterAll(() => proxy[Symbol.asyncDispose]());

it('reads heads and pages strongly consistent, but for the list of accounts, and transacts never: DynamoDB Local would not tell the difference', async () => {
  const bank = plainBank(lab.storeAt({ endpoint: proxy.url }), () => lab.now.ms);
  const account = `account-${randomUUID()}`;
  const keys = Array.from({ length: 3 * KEPT_ENTRIES }, (_, index) => keyAt(lab.now.ms - 1000 + index));
  const subject = { account, key: keys[0] ?? '' };
  for (const key of keys) await bank.execute(callOf({ account, key }, 'deposit', 10n), patient());
  await bank.acknowledge(subject, patient());
  expect(outcomeOf(await bank.execute(callOf(subject, 'deposit', 10n), patient()))).toBe(10n);
  await bank.execute(callOf({ account, key: keyAt(lab.now.ms) }, 'withdraw', 9999n), patient());
  const soon = { account, key: keyAt(lab.now.ms + 1e9) };
  expect(outcomeOf(await bank.execute(callOf(soon, 'deposit', 1n), patient()))).toBe('key_in_future');
  await bank.execute(cancelOf({ account, key: keyAt(lab.now.ms - 2000) }), patient());
  await bank.outcome(subject, patient());
  await bank.balance(account, patient());
  await bank.balanceAt(account, lab.now.ms - 5000, patient());
  await bank.entries(account, { before: undefined, limit: 100 }, patient());
  await bank.entries(account, { after: 0, limit: 100 }, patient());
  await bank.accounts({ after: undefined, limit: 10 }, patient());
  await bank.checkHealth(patient());

  const sent = proxy.requests.map(({ headers, body }) => ({
    operation: String(headers['x-amz-target']).split('.')[1],
    ...JSON.parse(body),
  }));
  const { accounts, pages, idempotency } = lab.tables;
  const reads = (operation: string, table: string) =>
    sent.filter((each) => each.operation === operation && each.TableName === table);
  expect(reads('GetItem', accounts).length).toBeGreaterThan(5);
  expect(reads('Query', pages).length).toBeGreaterThan(4);
  for (const each of [...reads('GetItem', accounts), ...reads('Query', pages)]) {
    expect(each).toMatchObject({ ConsistentRead: true });
  }
  // The cache is not MRSC: a strongly consistent read of it would be one of this Region alone. The list says that it may be behind.
  for (const each of [...reads('GetItem', idempotency), ...reads('Scan', accounts)]) {
    expect(each.ConsistentRead).not.toBe(true);
  }
  // What is forbidden for a table with strong consistency: transactions, batches over it, TTL, local indexes.
  const kinds = sent.map(({ operation, TableName, RequestItems = {} }) =>
    [operation, ...[TableName ?? Object.keys(RequestItems)].flat()].join(' '),
  );
  expect([...new Set(kinds)].sort()).toEqual(
    [
      `BatchWriteItem ${idempotency}`,
      `DeleteItem ${idempotency}`,
      `GetItem ${accounts}`,
      `GetItem ${idempotency}`,
      `PutItem ${pages}`,
      `Query ${pages}`,
      `Scan ${accounts}`,
      `UpdateItem ${accounts}`,
    ].sort(),
  );
  expect(sent.filter(({ IndexName }) => IndexName !== undefined)).toEqual([]);
});
