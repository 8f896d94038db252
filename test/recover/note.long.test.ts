import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toAttributes } from '../../functions/dynamodb/attributes.ts';
import { createClient } from '../../functions/dynamodb/client.ts';
import { RECOVERY_NOTE } from '../../infra/recovery-note.ts';
import { checkRecovery, recoveryOf } from '../../infra/tools/deploy/recovery-note.ts';
import { type BookItems, openBank, type UsedBank, use } from '../audit/used-bank.ts';
import { patient } from '../support/dynamodb-lab.ts';
import { Recovery } from '../support/recovery.ts';

/** An hour ago: keys from before it are still valid in the lost bank. */
const KEYS_NOT_BEFORE = new Date(Date.now() - 3600_000).toISOString();

let lost: UsedBank;
let fresh: UsedBank;
let recovery: Recovery;
let joe: BookItems;

beforeEach(async () => {
  [lost, fresh] = await Promise.all([openBank(), openBank()]);
  recovery = new Recovery(fresh.tables);
  await use(lost.bank(), 'joe', 3, Date.parse(KEYS_NOT_BEFORE) - 60_000);
  joe = await lost.items('joe');
});
afterEach(() => recovery[Symbol.dispose]());

const run = ({ tables }: UsedBank = lost) =>
  recovery.run(fresh.tables, [
    ...['--accounts', `table:${tables.accounts}`, '--pages', `table:${tables.pages}`],
    ...['--keys-not-before', KEYS_NOT_BEFORE, '--any-table'],
  ]);

/** What `npm run deploy` knows of the recovery. */
const noted = (table = fresh.tables.idempotency) => recoveryOf(client(), table, patient());
const client = () => createClient({ region: 'us-east-1', endpoint: fresh.tables.endpoint });

test('a deployment cannot open a bank whose recovery has not ended, and knows its keysNotBefore afterwards', async () => {
  expect(await noted()).toBeUndefined();
  expect(await noted('not-there')).toBeUndefined();
  await lost.put('joe', { ...joe, head: { ...joe.head, balance: { N: '1' } } });
  expect((await run()).code).toBe(1);
  const begun = await noted();
  expect(begun).toEqual({ keysNotBefore: KEYS_NOT_BEFORE, isComplete: false });
  expect(() => checkRecovery('twinbank-2', begun)).toThrow(
    /^Nothing was deployed: the recovery of twinbank-2 has not said yet that every book is there and correct\./,
  );

  await lost.put('joe', joe);
  for (const _ of ['the first run that says so', 'and another one']) {
    expect((await run()).code).toBe(0);
    const complete = await noted();
    expect(complete).toEqual({ keysNotBefore: KEYS_NOT_BEFORE, isComplete: true });
    expect(() => checkRecovery('twinbank-2', complete)).not.toThrow();
  }
});

test('a recovery that wrote nothing can begin again from other tables', async () => {
  const empty = await openBank();
  expect((await run(empty)).code).toBe(1);
  await rm(join(recovery.folder, 'progress.json'));
  expect((await run()).code).toBe(0);
  expect(await noted()).toMatchObject({ isComplete: true });
});

test('of two recoveries that found the same bank empty, the one that began first does not say that every book is right', async () => {
  await lost.put('joe', { ...joe, head: { ...joe.head, balance: { N: '1' } } });
  await run();
  const source = { S: 'other tables' };
  const Item = { ...toAttributes(RECOVERY_NOTE), source, keysNotBefore: { S: KEYS_NOT_BEFORE } };
  await client().send(new PutItemCommand({ TableName: fresh.tables.idempotency, Item }));
  await lost.put('joe', joe);
  const { code, stdout, stderr } = await run();
  expect(stdout).toBe('');
  expect(stderr).toContain('another recovery has begun in this bank meanwhile; deploy a fresh one');
  expect(code).toBe(2);
  expect(await noted()).toMatchObject({ isComplete: false });
});
