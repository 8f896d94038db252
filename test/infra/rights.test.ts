import { beforeAll, describe, expect, inject, test } from 'vitest';
import { type Bank, createBank } from '../../functions/bank/bank.ts';
import type { Intent } from '../../functions/bank/decide.ts';
import type { Asked } from '../../functions/bank/entry.ts';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import type { Store } from '../../functions/bank/store.ts';
import { sweep } from '../../functions/bank/sweep.ts';
import { depositOf, holdOf, intentOf, transferOf } from '../support/asked.ts';
import { storeWithout } from '../support/before-append.ts';
import { statementsOfFunction } from '../support/deployment.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import type { Granted } from '../support/enforcement.ts';
import { keyAt } from '../support/keys.ts';
import { ACCOUNT, isAllowed, list, type Statement } from '../support/policies.ts';

/**
 * The store's own tests run under these policies: what a function's role does not allow, the lab refuses. So nothing can be
 * missing. Here every way through the store is taken once, to see that nothing is spare.
 */
const deployment = inject('deployment');
const policy = statementsOfFunction(deployment.regions[0], 'twinbank-api');

/** Enough entries that some are on pages. */
const SEARCHED_ENTRIES = 7 * KEPT_ENTRIES;

let lab: Lab;
/** What a sweep was allowed that met everything a sweep may meet. */
let sweepGranted: readonly Granted[];

beforeAll(async () => {
  lab = await createLab();
  await useEveryWayThroughTheStore(lab);
  sweepGranted = await grantedInSweep(await createLab());
});

const pairsOf = (statements: readonly Statement[]) =>
  statements
    .filter(({ Action }) => list(Action).some((action) => action.startsWith('dynamodb:')))
    .flatMap(({ Action, Resource }) =>
      list(Action).flatMap((action) => list(Resource).map((resource) => `${action} ${resource}`)),
    )
    .sort();

test.each(['api', 'sweep'])('the role of %s allows what it did, and nothing that it did not do', (name) => {
  const granted = name === 'api' ? lab.granted : sweepGranted;
  const done = [...new Set(granted.map(({ action, resource }) => `${action} ${resource}`))].sort();
  expect(done.length).toBeGreaterThan(4);
  expect(pairsOf(statementsOfFunction(deployment.regions[0], `twinbank-${name}`))).toEqual(done);
});

describe('a role', () => {
  test('of api besides writes its own log and sends traces', () => {
    const others = policy.filter(
      ({ Action }) => !list(Action).some((action) => action.startsWith('dynamodb:')),
    );
    expect(others.map(({ Action }) => Action)).toEqual([
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    ]);
    expect(others[0]?.Resource).toMatch(/^<ApiLog\w+\.Arn>$/);
  });

  test('of sweep finds what is due in the index, and has nothing that the role of api has not', () => {
    for (const template of deployment.regions) {
      const sweep = pairsOf(statementsOfFunction(template, 'twinbank-sweep'));
      const api = pairsOf(statementsOfFunction(template, 'twinbank-api'));
      expect(sweep.filter((pair) => !api.includes(pair))).toEqual([
        `dynamodb:Query arn:aws:dynamodb:${template.region}:${ACCOUNT}:table/twinbank-accounts/index/due`,
      ]);
      expect(sweep).toContain(
        `dynamodb:UpdateItem arn:aws:dynamodb:${template.region}:${ACCOUNT}:table/twinbank-accounts`,
      );
    }
  });

  test('of protection looks at the tables of its Region, and at their stack where that is, and reads no item', () => {
    for (const template of deployment.regions) {
      const arn = (rest: string) => `arn:aws:${rest.replace(':', `:${template.region}:${ACCOUNT}:`)}`;
      expect(pairsOf(statementsOfFunction(template, 'twinbank-protection'))).toEqual([
        `dynamodb:DescribeTable ${arn('dynamodb:table/twinbank-accounts')}`,
        `dynamodb:DescribeTable ${arn('dynamodb:table/twinbank-idempotency')}`,
        `dynamodb:DescribeTable ${arn('dynamodb:table/twinbank-pages')}`,
      ]);
      const others = statementsOfFunction(template, 'twinbank-protection').filter(({ Action }) =>
        list(Action).some((action) => action.startsWith('cloudformation:')),
      );
      expect(others).toEqual(
        template.region === 'us-east-1'
          ? [
              {
                Effect: 'Allow',
                Action: 'cloudformation:DescribeStacks',
                Resource: arn('cloudformation:stack/twinbank-tables/*'),
              },
            ]
          : [],
      );
    }
  });

  test('reaches the tables of its own Region only', () => {
    const { regions } = deployment;
    for (const template of regions) {
      const statements = statementsOfFunction(template, 'twinbank-api');
      const other = regions.find(({ region }) => region !== template.region)?.region;
      const arn = (region: string) => `arn:aws:dynamodb:${region}:${ACCOUNT}:table/twinbank-accounts`;
      expect(isAllowed(statements, 'dynamodb:UpdateItem', arn(template.region))).toBe(true);
      expect(isAllowed(statements, 'dynamodb:UpdateItem', arn(String(other)))).toBe(false);
      expect(isAllowed(statements, 'dynamodb:UpdateItem', `${arn(template.region)}-other`)).toBe(false);
    }
  });

  test('is enforced by the lab: without a right, the store is turned away', async () => {
    const store = lab.storeAt({ denied: ['dynamodb:UpdateItem'] });
    const denied = bankOn(store, lab.now);
    await expect(denied.balance('ann', patient())).resolves.toBeDefined();
    const call = deposit('ann', keyAt(lab.now.ms));
    await expect(denied.execute(call, patient())).rejects.toThrow(/AccessDenied/);
  });
});

async function useEveryWayThroughTheStore({ store, now }: Lab): Promise<void> {
  const bank = bankOn(store, now);
  const startMs = now.ms;
  const first = keyAt(startMs);
  await bank.checkHealth(patient());
  for (let index = 0; index < SEARCHED_ENTRIES; index += 1) {
    now.ms = startMs + index;
    const key = index === 0 ? first : keyAt(now.ms);
    const { remaining } = await bank.execute(deposit('ann', key), patient());
    await remaining?.done;
  }

  // A retry is answered from the cache, and when it is acknowledged from its page.
  const retry = { answer: { kind: 'recorded', replayed: true } };
  expect(await bank.execute(deposit('ann', first), patient())).toMatchObject(retry);
  await bank.acknowledge({ account: 'ann', key: first }, patient());
  expect(await bank.execute(deposit('ann', first), patient())).toMatchObject(retry);

  // A key that is older than the book is looked for on every page. With more than 272 pages that would be noted on the way.
  const old = deposit('ann', keyAt(startMs - 60_000));
  expect(await bank.execute(old, patient())).toMatchObject({ answer: { replayed: false } });
  await store.noteSearch(old, { start: 0, end: 10 }, patient());

  await store.findPage(old, patient());

  const { accounts } = await bank.accounts({ after: undefined, limit: 10 }, patient());
  expect(accounts).toEqual([{ account: 'ann', balanceMinor: BigInt(SEARCHED_ENTRIES + 1) }]);
}

/** A transfer that was left half done, to an account that has turned pages since, and a hold that has expired beside one that has not. */
async function grantedInSweep({ storeAt, store, granted, now, item }: Lab): Promise<readonly Granted[]> {
  const bank = bankOn(store, now);
  const startMs = now.ms;
  const call = async (account: string, index: number, asked: Asked) => {
    now.ms = startMs + index;
    const { remaining } = await bank.execute(intentOf({ account, key: keyAt(now.ms) }, asked), patient());
    await remaining?.done;
  };
  // One less than a page, so that the end of the transfer makes it due.
  for (let index = 0; index < 2 * KEPT_ENTRIES - 4; index += 1) {
    await call('ann', index, DEPOSIT);
  }
  await call('ann', 100, holdOf(1, 1));
  await call('ann', 101, holdOf(1));
  await call('bob', 102, DEPOSIT);

  now.ms = startMs + 103;
  const halfway = bankOn(storeWithout(store, 'bob'), now);
  const transfer = intentOf({ account: 'ann', key: keyAt(now.ms) }, transferOf('bob', 5));
  await expect(halfway.execute(transfer, patient())).rejects.toThrow();
  for (let index = 0; index < SEARCHED_ENTRIES; index += 1) {
    await call('bob', 200 + index, DEPOSIT);
  }

  now.ms = startMs + 60_000;
  const before = granted.length;
  const sweeping = storeAt({ role: 'sweep', limits: { requestTimeoutMs: 30_000 } });
  const parts = { store: sweeping, nowMs: () => now.ms, keysNotBeforeMs: 0 };
  const failures: unknown[] = [];
  const report = await sweep(parts, patient(), (_, error) => failures.push(error));
  expect(failures).toEqual([]);
  expect(report).toMatchObject({ transfers: 1, expired: 1, failed: 0 });
  expect(await item('ann')).toHaveProperty('open', 1n);
  // With more than 272 pages, the search for the credit would be noted on the way, and look into the index.
  await sweeping.noteSearch({ account: 'bob', key: keyAt(startMs) }, { start: 0, end: 10 }, patient());
  await sweeping.findPage({ account: 'bob', key: keyAt(startMs) }, patient());
  return granted.slice(before);
}

function bankOn(store: Store, now: Lab['now']): Bank {
  return createBank({ store, nowMs: () => now.ms, keysNotBeforeMs: 0 });
}

const DEPOSIT = depositOf(1);

function deposit(account: string, key: string): Intent {
  return intentOf({ account, key }, DEPOSIT);
}
