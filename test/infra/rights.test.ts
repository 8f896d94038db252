import { beforeAll, describe, expect, inject, test } from 'vitest';
import { createBank } from '../../functions/core/bank.ts';
import { ARCHIVE_BATCH, REMOVAL_MARGIN_MS, RETENTION_MS } from '../../functions/core/limits.ts';
import { sweep } from '../../functions/core/sweep.ts';
import { statementsOfFunction, synthesize } from '../support/deployment.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { keyAt } from '../support/keys.ts';
import { ACCOUNT, isAllowed, list, type Statement } from '../support/policies.ts';

/**
 * The store's own tests run under these policies: what a function's role does not allow, the lab refuses. So nothing can be
 * missing. Here every way through store and sweep is taken once, to see that nothing is spare.
 */
const policies = inject('policies');
const bank = synthesize();

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

test.each(['api', 'sweep'] as const)(
  'the role of %s allows what it did, and nothing that it did not do',
  (name) => {
    const done = [
      ...new Set(
        lab.granted
          .filter(({ role }) => role === name)
          .map(({ action, resource }) => `${action} ${resource}`),
      ),
    ].sort();
    expect(done.length).toBeGreaterThan(4);
    expect(pairsOf(policies[name])).toEqual(done);
  },
);

describe('a role', () => {
  test.each(['api', 'sweep'] as const)('of %s besides writes its own log and sends traces', (name) => {
    const others = policies[name].filter(
      ({ Action }) => !list(Action).some((action) => action.startsWith('dynamodb:')),
    );
    expect(others.map(({ Action }) => Action)).toEqual([
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    ]);
    expect(others[0]?.Resource).toMatch(/^<(Api|Sweep)Log\w+\.Arn>$/);
  });

  test('of protection looks at the tables of its Region, and at their stack where that is, and reads no item', () => {
    for (const template of bank.regions) {
      const arn = (rest: string) => `arn:aws:${rest.replace(':', `:${template.region}:${ACCOUNT}:`)}`;
      expect(pairsOf(statementsOfFunction(template, 'twinbank-protection'))).toEqual([
        `dynamodb:DescribeTable ${arn('dynamodb:table/twinbank-accounts')}`,
        `dynamodb:DescribeTable ${arn('dynamodb:table/twinbank-idempotency')}`,
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
    const { regions } = bank;
    for (const template of regions) {
      for (const name of ['twinbank-api', 'twinbank-sweep']) {
        const statements = statementsOfFunction(template, name);
        const other = regions.find(({ region }) => region !== template.region)?.region;
        const arn = (region: string) => `arn:aws:dynamodb:${region}:${ACCOUNT}:table/twinbank-accounts`;
        expect(isAllowed(statements, 'dynamodb:UpdateItem', arn(template.region))).toBe(true);
        expect(isAllowed(statements, 'dynamodb:UpdateItem', arn(String(other)))).toBe(false);
        expect(isAllowed(statements, 'dynamodb:UpdateItem', `${arn(template.region)}-other`)).toBe(false);
      }
    }
  });

  test('is enforced by the lab: without a right, the store is turned away', async () => {
    const store = lab.storeAt({ denied: ['dynamodb:UpdateItem'] });
    const denied = createBank(store, () => lab.now.ms);
    await expect(denied.balance('ann', patient())).resolves.toBeDefined();
    const call = { move: 'deposit', account: 'ann', key: keyAt(lab.now.ms), amountMinor: 1n } as const;
    await expect(denied.move(call, [], patient())).rejects.toThrow(/AccessDenied/);
  });
});

async function useEveryWayThroughTheStore({ store, sweepStore, now }: Lab): Promise<void> {
  const bank = createBank(store, () => now.ms);
  const startMs = now.ms;
  const deposit = (account: string, key: string, acknowledge: string[] = []) =>
    bank.move({ move: 'deposit', account, key, amountMinor: 1n }, acknowledge, patient());
  const withdraw = (account: string, key: string) =>
    bank.move({ move: 'withdraw', account, key, amountMinor: 100n }, [], patient());

  await bank.checkHealth(patient());
  const first = keyAt(startMs);
  for (let index = 0; index < ARCHIVE_BATCH; index += 1) {
    await deposit('ann', index === 0 ? first : keyAt(startMs));
  }
  // Half an hour later they are old: the next call archives them, and a retry is answered from there.
  now.ms += 30 * 60_000;
  expect(await deposit('ann', keyAt(now.ms))).toMatchObject({ archived: ARCHIVE_BATCH });
  expect(await deposit('ann', first)).toMatchObject({ answer: { replayed: true } });
  expect(await bank.outcome({ account: 'ann', key: first }, patient())).toMatchObject({ kind: 'recorded' });
  expect(await withdraw('ann', keyAt(now.ms))).toMatchObject({ answer: { kind: 'replied' } });
  await bank.cancel({ account: 'ann', key: keyAt(now.ms) }, patient());

  // An account that never was is removed when its one refusal is given back.
  const refused = keyAt(now.ms);
  await withdraw('bob', refused);
  await bank.acknowledge('bob', [refused], patient());
  expect(await store.read('bob', patient())).toBeUndefined();

  // And one whose refusal nobody gives back is removed by the sweep, which archives what is left of the others.
  await withdraw('eve', keyAt(now.ms));
  now.ms += RETENTION_MS + 2 * REMOVAL_MARGIN_MS;
  const parts = { store: sweepStore, segments: 2, nowMs: () => now.ms, hasTime: () => true };
  const report = await sweep({ ...parts, signal: patient() });
  expect(report).toMatchObject({ failures: 0, removed: 1, finished: 2 });
  expect(report.archived).toBeGreaterThan(0);
}
