import { describe, expect, test } from 'vitest';
import type { EntryBody } from '../../../functions/bank/entry.ts';
import { encodeEntry } from '../../../functions/dynamodb/entry-text.ts';
import { newKey } from '../../support/keys.ts';
import { breachOf, isMidway, type Operation, operationOf } from './operation.ts';
import { openSaboteur, withoutCondition } from './sabotage.ts';

const ACCOUNTS = 'bank-accounts';
const PAGES = 'bank-pages';
const STRONG = [ACCOUNTS, PAGES];
const CACHE = 'bank-idempotency';

function operation(name: string, body: object): Operation {
  return operationOf(`DynamoDB_20120810.${name}`, Buffer.from(JSON.stringify(body)));
}

test('an operation is about the tables that it names, in a transaction, a batch and a statement as well', () => {
  const items = [{ Put: { TableName: CACHE } }, { Update: { TableName: ACCOUNTS } }];
  const statement = [{ Statement: `DELETE FROM "${ACCOUNTS}" WHERE a = 1` }];
  for (const of of [
    operation('GetItem', { TableName: ACCOUNTS }),
    operation('TransactWriteItems', { TransactItems: items }),
    operation('BatchWriteItem', { RequestItems: { [ACCOUNTS]: [] } }),
    operation('ExecuteTransaction', { TransactStatements: statement }),
  ]) {
    expect(of.isAbout([PAGES, ACCOUNTS])).toBe(true);
    expect(of.isAbout([PAGES])).toBe(false);
  }
});

describe('the rules of a strongly consistent global table', () => {
  test.each([
    ['TransactWriteItems', { TransactItems: [{ Put: { TableName: ACCOUNTS } }] }],
    ['TransactGetItems', { TransactItems: [{ Get: { TableName: ACCOUNTS } }] }],
    ['ExecuteTransaction', { TransactStatements: [{ Statement: `SELECT * FROM "${ACCOUNTS}"` }] }],
    ['UpdateTimeToLive', { TableName: ACCOUNTS }],
    ['CreateTable', { TableName: ACCOUNTS, LocalSecondaryIndexes: [] }],
    ['GetItem', { TableName: ACCOUNTS }],
    ['Query', { TableName: PAGES, ConsistentRead: false }],
    ['UpdateTimeToLive', { TableName: PAGES }],
  ])('is broken by %s of %j', (name, body) => {
    expect(breachOf(operation(name, body), STRONG)).toMatch(new RegExp(`^${name}: `));
  });

  test.each([
    ['UpdateItem', { TableName: ACCOUNTS }],
    ['GetItem', { TableName: ACCOUNTS, ConsistentRead: true }],
    ['Scan', { TableName: ACCOUNTS }],
    ['Query', { TableName: ACCOUNTS, IndexName: 'due' }],
    ['GetItem', { TableName: CACHE }],
    ['UpdateTimeToLive', { TableName: CACHE }],
    ['BatchWriteItem', { RequestItems: { [CACHE]: [] } }],
  ])('is kept by %s of %j', (name, body) => {
    expect(breachOf(operation(name, body), STRONG)).toBeUndefined();
  });
});

describe('a sabotaged table', () => {
  const deposit = {
    TableName: ACCOUNTS,
    UpdateExpression: 'SET #balance = :amount',
    ConditionExpression: 'attribute_not_exists(#reply)',
    ExpressionAttributeNames: { '#reply': 'reply:1', '#balance': 'balance' },
    ExpressionAttributeValues: { ':amount': { N: '5' }, ':entries': { L: [{ S: '5 m3x8k2ab d' }] } },
  };
  const free = { ...deposit };
  free.ConditionExpression =
    '(attribute_not_exists(#reply)) OR attribute_exists(#reply) OR attribute_not_exists(#reply)';

  test('makes a deposit whose condition does not hold', () => {
    const bodies = openSaboteur('strip-condition', ACCOUNTS)(operation('UpdateItem', deposit));
    expect(bodies?.map(String).map((body) => JSON.parse(body))).toEqual([free]);
  });

  test('makes one deposit in ten twice', () => {
    const saboteur = openSaboteur('apply-twice', ACCOUNTS);
    const bodies = Array.from({ length: 20 }, () => saboteur(operation('UpdateItem', deposit)));
    expect(bodies.map((each) => each?.length ?? 1)).toEqual(
      Array.from({ length: 20 }, (_, index) => (index % 10 === 9 ? 2 : 1)),
    );
    expect(bodies[9]?.map(String).map((body) => JSON.parse(body))).toEqual([deposit, free]);
  });

  test('leaves everything else alone, and everything when there is no sabotage', () => {
    expect(openSaboteur(undefined, ACCOUNTS)(operation('UpdateItem', deposit))).toBeUndefined();
    const saboteur = openSaboteur('strip-condition', ACCOUNTS);
    expect(saboteur(operation('GetItem', deposit))).toBeUndefined();
    expect(saboteur(operation('UpdateItem', { ...deposit, TableName: CACHE }))).toBeUndefined();
    const withdrawal = { ...deposit, ExpressionAttributeValues: { ':call': { S: 'withdraw 5' } } };
    expect(saboteur(operation('UpdateItem', withdrawal))).toBeUndefined();
    expect(withoutCondition({ TableName: ACCOUNTS })).toBeUndefined();
  });
});

const [key, hold] = [newKey(), newKey()];
const common = { amountMinor: 8n, reference: 'rent' };
const transfer = { operation: 'transfer', to: 'ann', ...common } as const;
const credit = { operation: 'credit', from: 'joe', transfer: key, ...common } as const;
const refund = { operation: 'refund', call: hold, ...common } as const;
const terms = { to: 'ann', amountMinor: 8n, ofMinor: 20n };
const reserve = { operation: 'reserve', refund: key, ofMinor: 20n, mayTakeLess: false, ...common } as const;
const expiring = { operation: 'hold', expiresInSeconds: 60, ...common } as const;

test.each<[boolean, string, EntryBody]>([
  [true, 'that begins a transfer', { kind: 'executed', asked: transfer }],
  [true, 'that makes a credit', { kind: 'executed', asked: credit }],
  [true, 'that begins a refund', { kind: 'executed', asked: refund, terms }],
  [true, 'that reserves a refund', { kind: 'executed', asked: reserve }],
  [false, 'that ends a refund', { kind: 'refunded', refund: key, call: hold, to: 'ann', code: undefined }],
  [false, 'that ends a transfer', { kind: 'settled', transfer: key, to: 'ann' }],
  [false, 'that refuses a transfer', { kind: 'refused', asked: transfer, code: 'not_enough_money' }],
  [false, 'of a hold', { kind: 'executed', asked: expiring }],
  [false, 'of the end of a hold', { kind: 'expired', hold }],
  [false, 'of a deposit', { kind: 'executed', asked: { operation: 'deposit', mustExist: false, ...common } }],
])('it is %s that a write %s is followed by another one', (expected, _, body) => {
  const entry = { key, changeMinor: 8n, heldChangeMinor: 0n, atMs: Date.now(), mayRetry: true, body };
  const values = { ':entries': { L: [{ S: encodeEntry(entry) }] } };
  const request = Buffer.from(JSON.stringify({ TableName: 'accounts', ExpressionAttributeValues: values }));
  expect(isMidway(operationOf('DynamoDB_20120810.UpdateItem', request))).toBe(expected);
});
