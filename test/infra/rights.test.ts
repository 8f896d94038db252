import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { type Bank, createBank } from '../../functions/bank/bank.ts';
import type { Intent } from '../../functions/bank/decide.ts';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import type { Store } from '../../functions/bank/store.ts';
import { statementsOfFunction } from '../support/deployment.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
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

beforeAll(async () => {
  lab = await createLab();
  await useEveryWayThroughTheStore(lab);
});

const pairsOf = (statements: readonly Statement[]) =>
  statements
    .filter(({ Action }) => list(Action).some((action) => action.startsWith('dynamodb:')))
    .flatMap(({ Action, Resource }) =>
      list(Action).flatMap((action) => list(Resource).map((resource) => `${action} ${resource}`)),
    )
    .sort();

test('the role of api allows what it did, and nothing that it did not do', () => {
  const done = [...new Set(lab.granted.map(({ action, resource }) => `${action} ${resource}`))].sort();
  expect(done.length).toBeGreaterThan(4);
  expect(pairsOf(policy)).toEqual(done);
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
    const { turning } = await bank.execute(deposit('ann', key), patient());
    await turning?.done;
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

  const { accounts } = await bank.accounts({ after: undefined, limit: 10 }, patient());
  expect(accounts).toEqual([{ account: 'ann', balanceMinor: BigInt(SEARCHED_ENTRIES + 1) }]);
}

function bankOn(store: Store, now: Lab['now']): Bank {
  return createBank({ store, randomBytes, nowMs: () => now.ms, keysNotBeforeMs: 0 });
}

function deposit(account: string, key: string): Intent {
  const asked = { operation: 'deposit', amountMinor: 1n, reference: undefined, mustExist: false } as const;
  return { kind: 'execute', account, key, mayReturn: true, asked };
}
