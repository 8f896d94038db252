import { expect, test } from 'vitest';
import type { EntryBody } from '../../../functions/bank/entry.ts';
import { encodeEntry } from '../../../functions/dynamodb/entry-text.ts';
import { newKey } from '../../support/keys.ts';
import { isMidway, operationOf } from './operation.ts';

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
