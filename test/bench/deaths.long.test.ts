import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { awsEnvironment } from '../../infra/local/environment.ts';
import type { BenchTables } from './contenders/tables.ts';
import { createBenchTables } from './contenders/tables.ts';
import { isBusinessWrite } from './deaths/business-write.ts';
import { measureDeaths } from './deaths/measure.ts';
import type { Death } from './deaths/result.ts';

const endpoint = inject('dynamodbEndpoint');
const never = new AbortController().signal;
let tables: BenchTables;

beforeAll(async () => {
  for (const [name, value] of Object.entries(awsEnvironment(endpoint, 'us-east-1'))) vi.stubEnv(name, value);
  tables = await createBenchTables(endpoint, `deaths-${randomUUID()}`);
});

describe('a process that dies after its write, whose call is then retried by another one', () => {
  let deaths: readonly Death[];

  beforeAll(async () => {
    const progress: string[] = [];
    deaths = await measureDeaths(endpoint, tables, (says) => progress.push(says), never);
    console.log(deaths);
    expect(progress).toHaveLength(4);
  });

  const of = (name: Death['contender']) => deaths.find(({ contender }) => contender === name);

  test('has executed once at the bank, and its retry is given the reply', () => {
    const once = { executed: 'once', balanceMinor: 10, stuckMs: null };
    expect(of('bank')).toMatchObject({ ...once, retrySays: 'executed, balance 10' });
  });

  test('has executed twice where nothing guards the write', () => {
    const twice = { executed: 'twice', balanceMinor: 20, stuckMs: null };
    expect(of('bare')).toMatchObject({ ...twice, retrySays: 'executed, balance 20' });
  });

  test('is in the way of its retry with Powertools, which executes it a second time when the first one expires', () => {
    expect(of('powertools')).toMatchObject({
      executed: 'twice',
      balanceMinor: 20,
      stuckMs: expect.any(Number),
      retrySays: 'IdempotencyAlreadyInProgressError',
      lastRetrySays: 'executed, balance 20',
    });
  });

  test('has executed once in a transaction, which does not tell the balance', () => {
    const once = { executed: 'once', balanceMinor: 10, stuckMs: null };
    expect(of('transaction')).toMatchObject({ ...once, retrySays: 'executed, without a balance' });
  });

  test('is not measured any more when the run is given up', async () => {
    const abort = AbortSignal.abort(new Error('given up'));
    await expect(measureDeaths(endpoint, tables, () => {}, abort)).rejects.toThrow('given up');
  });
});

test('the write that moves the money is told from what else a contender writes', () => {
  const request = (operation: string, body: object) => ({
    headers: { 'x-amz-target': `DynamoDB_20120810.${operation}` },
    body: Buffer.from(JSON.stringify(body)),
  });
  const { accounts, idempotency } = tables.powertools;
  const isWrite = (operation: string, body: object) =>
    isBusinessWrite('powertools', tables, request(operation, body));
  expect(isWrite('PutItem', { TableName: idempotency })).toBe(false);
  expect(isWrite('UpdateItem', { TableName: accounts })).toBe(true);
  expect(isWrite('UpdateItem', { TableName: idempotency })).toBe(false);
  const transaction = {
    TransactItems: [
      { Put: { TableName: tables.transaction.idempotency } },
      { Update: { TableName: tables.transaction.accounts } },
    ],
  };
  expect(isBusinessWrite('transaction', tables, request('TransactWriteItems', transaction))).toBe(true);
});
