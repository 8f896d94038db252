import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { RETENTION_MS } from '../../functions/core/limits.ts';
import { Keeper } from '../../infra/local/keeper.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { keyAt } from '../support/keys.ts';
import { outcomeOf, plainBank } from '../support/plain-bank.ts';

/** DynamoDB Local gets to expired items within ten seconds, and with a hundred tables beside them not within minutes. */
const TTL_LIMIT_MS = 120_000;

let keeper: Keeper;
let lab: Lab;
let account: string;
let key: string;

beforeAll(async () => {
  // One of its own, with these two tables and no others.
  keeper = await Keeper.start({ dataFolder: null });
  lab = await createLab(keeper.endpoint);
});
afterAll(() => keeper.stop());
beforeEach(() => {
  account = `account-${randomUUID()}`;
  key = keyAt(lab.now.ms - 1000);
});

/** Two Regions: two stores on the one table that DynamoDB Local has. */
const regions = () => [1, 2].map(() => plainBank(lab.storeAt({}), () => lab.now.ms));

async function everywhere(): Promise<unknown[]> {
  const call = { account, key, amountMinor: 10n } as const;
  const outcomes: unknown[] = [];
  for (const region of regions()) {
    outcomes.push(
      outcomeOf(await region.move({ ...call, move: 'deposit' }, patient())),
      outcomeOf(await region.move({ ...call, move: 'withdraw' }, patient())),
      outcomeOf(await region.cancel(call, patient())),
    );
  }
  return outcomes;
}

it('answers from the archive until the time has come, and key_expired from then on, in both Regions', async () => {
  const [region] = regions();
  await region?.move({ account, key, move: 'deposit', amountMinor: 10n }, patient());
  await lab.archiveOldest(account, 1);
  expect(await everywhere()).toEqual([10n, 'key_reused', 10n, 10n, 'key_reused', 10n]);
  const startedMs = lab.now.ms;
  lab.now.ms += RETENTION_MS + 1000;
  // DynamoDB has not deleted it: by its own clock the time has not come.
  expect(await everywhere()).toEqual(Array(6).fill('key_expired'));
  lab.now.ms = startedMs;
});

it(
  "lets DynamoDB's own TTL delete an archived reply, and never executes the key again",
  async () => {
    const [region] = regions();
    await region?.move({ account, key, move: 'deposit', amountMinor: 10n }, patient());
    const startedMs = lab.now.ms;
    // Archived as if a retention ago, so that the item's time has come already.
    lab.now.ms -= RETENTION_MS + 2000;
    await lab.archiveOldest(account, 1);
    lab.now.ms = startedMs;
    const direct = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }));
    const read = new GetCommand({ TableName: lab.tables.idempotency, Key: { account, key } });
    await expect
      .poll(async () => (await direct.send(read)).Item, { timeout: TTL_LIMIT_MS, interval: 500 })
      .toBeUndefined();
    expect(await everywhere()).toEqual(Array(6).fill('key_expired'));
    expect(await region?.balance(account, patient())).toBe(10n);
  },
  TTL_LIMIT_MS + 30_000,
);

it('never executes a key older than the retention, even on an account that never archived anything', async () => {
  const startedMs = lab.now.ms;
  const [region] = regions();
  const call = { account, key, move: 'withdraw', amountMinor: 10n } as const;
  expect(outcomeOf((await region?.move(call, patient())) ?? raise())).toBe('no_such_account');
  lab.now.ms += RETENTION_MS + 60_000;
  // Still remembered, so still answered; a key of the same age that nobody knows is not executed.
  expect(outcomeOf((await region?.move(call, patient())) ?? raise())).toBe('no_such_account');
  key = keyAt(startedMs - 2000);
  expect(await everywhere()).toEqual(Array(6).fill('key_expired'));
  lab.now.ms = startedMs;
});

function raise(): never {
  throw new Error('there are two Regions');
}
