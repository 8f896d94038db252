import { describe, expect, test } from 'vitest';
import { type Operation, operationOf } from './operation.ts';
import { openSaboteur, withoutCondition } from './sabotage.ts';
import { breachOf } from './table-rules.ts';

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
