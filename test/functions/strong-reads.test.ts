import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import type { Store } from '../../functions/bank/store.ts';
import { StoreUnavailableError } from '../../functions/bank/unavailable.ts';
import { refundOf as askedRefundOf, intentOf } from '../support/asked.ts';
import { createLab, patient } from '../support/dynamodb-lab.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { keyAt } from '../support/keys.ts';
import { callOf, cancelOf, outcomeOf, plainBank } from '../support/plain-bank.ts';

const lab = await createLab();
let proxy: FaultProxy;
beforeAll(async () => {
  proxy = await startFaultProxy(lab.tables.endpoint);
});
afterAll(() => proxy[Symbol.asyncDispose]());

const refundOf = (account: string, call: string, amountMinor?: bigint) =>
  intentOf({ account, key: keyAt(lab.now.ms) }, askedRefundOf(call, amountMinor), false);

test('every read of a head or a page is strongly consistent, except for the list of accounts and the index of pages, and nothing is a transaction', async () => {
  const bank = plainBank(lab.storeAt({ endpoint: proxy.url }), () => lab.now.ms);
  const account = `account-${randomUUID()}`;
  const keys = Array.from({ length: 3 * KEPT_ENTRIES }, (_, index) => keyAt(lab.now.ms - 1000 + index));
  const subject = { account, key: keys[0] ?? '' };
  for (const key of keys) {
    await bank.execute(callOf({ account, key }, 'deposit', 10n), patient());
  }
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
  const refund = await bank.execute(refundOf(account, subject.key), patient());
  expect(outcomeOf(refund)).toBe('not_refundable');

  const sent = proxy.requests.map(({ headers, body }) => ({
    operation: String(headers['x-amz-target']).split('.')[1],
    ...JSON.parse(body),
  }));
  const { accounts, pages, idempotency } = lab.tables;
  const reads = (operation: string, table: string) =>
    sent.filter((each) => each.operation === operation && each.TableName === table);
  expect(reads('GetItem', accounts).length).toBeGreaterThan(5);
  expect(reads('Query', pages).length).toBeGreaterThan(4);
  // DynamoDB refuses a strongly consistent read of a global index.
  const [indexed] = reads('Query', pages).filter(({ IndexName }) => IndexName !== undefined);
  expect(indexed.ConsistentRead).not.toBe(true);
  for (const each of [...reads('GetItem', accounts), ...reads('Query', pages)]) {
    if (each !== indexed) {
      expect(each).toMatchObject({ ConsistentRead: true });
    }
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
});

const INDEXES: readonly (readonly [what: string, findPage: Store['findPage']])[] = [
  ['is behind', async () => undefined],
  ['names the first page', async () => 0],
  ['names a page behind the call', async () => 3 * KEPT_ENTRIES],
  ['names a page that there is not', async () => 1_000_000],
  ['does not answer', () => Promise.reject(new StoreUnavailableError('no', 'the index does not answer'))],
];

test.each(INDEXES)(
  'decides nothing from the index of pages: one that %s changes no answer',
  async (_, findPage) => {
    const bank = plainBank({ ...lab.store, findPage }, () => lab.now.ms);
    const account = `account-${randomUUID()}`;
    const deposit = () => bank.execute(callOf({ account, key: lab.mint() }, 'deposit', 10n), patient());
    for (let done = 0; done < KEPT_ENTRIES; done += 1) {
      await deposit();
    }
    const paid = { account, key: lab.mint() };
    await bank.execute(callOf(paid, 'withdraw', 100n), patient());
    const never = lab.mint();
    for (let done = 0; done < 4 * KEPT_ENTRIES; done += 1) {
      await deposit();
    }
    lab.now.ms += 1;

    const [balance = 0n] = [await bank.balance(account, patient())];
    const refund = async (call: string, amountMinor?: bigint) =>
      outcomeOf(await bank.execute(refundOf(account, call, amountMinor), patient()));
    expect(await refund(never)).toBe('no_such_call');
    await refund(paid.key, 30n);
    expect(await refund(paid.key, 71n)).toBe('refund_exceeded');
    await refund(paid.key);
    expect(await bank.balance(account, patient())).toBe(balance + 100n);
  },
);
