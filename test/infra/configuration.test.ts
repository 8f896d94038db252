import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { STRONGLY_CONSISTENT_REGIONS } from '../../infra/aws-regions.ts';
import { ConfigurationError, MEMBER_NAMES, resolveConfiguration } from '../../infra/configuration.ts';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';

const good = { prefix: 'twinbank', regions: ['us-east-1', 'us-east-2'], witness: 'us-west-2' };

function codeOf(context: unknown): string {
  try {
    resolveConfiguration({ context });
    return 'accepted';
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return error.code;
    }
    throw error;
  }
}

test('what is not said has a default, all but what the bank is called and where it lives', () => {
  expect(resolveConfiguration({ context: good })).toEqual({
    ...good,
    account: null,
    alarmEmail: null,
    removalPolicy: 'retain',
    deletionProtection: true,
    latencyBudgetMs: 500,
    requestsPerSecond: 1000,
    burstRequests: 2000,
    corsOrigins: [],
    reservedConcurrency: null,
    logRetentionDays: 90,
    faultInjection: false,
    keysNotBefore: null,
    callers: [],
  });
});

test('what cdk.json says is complete, so that a reader finds every choice there', () => {
  const { context } = JSON.parse(readFileSync(join(PROJECT_FOLDER, 'cdk.json'), 'utf8'));
  expect(Object.keys(context.twinbank).sort()).toEqual([...MEMBER_NAMES].sort());
  expect(resolveConfiguration({ context: context.twinbank })).toEqual(context.twinbank);
});

test('any three of the Regions with strongly consistent tables will do, across continents too', () => {
  const regions = [...STRONGLY_CONSISTENT_REGIONS];
  expect(regions).toHaveLength(15);
  for (const [index, first] of regions.entries()) {
    const second = regions[(index + 4) % regions.length];
    const witness = regions[(index + 9) % regions.length];
    expect(codeOf({ ...good, regions: [first, second], witness, burstRequests: 1250 })).toBe('accepted');
  }
});

test.each(['us-west-1', 'sa-east-1', 'us-gov-west-1', 'eu-south-1'])(
  '%s has no strongly consistent tables, neither for a replica nor for a witness',
  (region) => {
    expect(codeOf({ ...good, regions: [region, 'us-east-2'] })).toBe('region_not_offered');
    expect(codeOf({ ...good, regions: ['us-east-1', region] })).toBe('region_not_offered');
    expect(codeOf({ ...good, witness: region })).toBe('region_not_offered');
  },
);

test('a gateway is not asked to let in more than its Region lets in by default', () => {
  const spain = { ...good, regions: ['eu-west-1', 'eu-south-2'] };
  expect(codeOf(spain)).toBe('above_gateway_quota');
  expect(codeOf({ ...spain, burstRequests: 1250, requestsPerSecond: 2501 })).toBe('above_gateway_quota');
  expect(codeOf({ ...spain, burstRequests: 1250, requestsPerSecond: 2500 })).toBe('accepted');
  expect(codeOf({ ...good, witness: 'eu-south-2' })).toBe('accepted');
});

const WRONG = {
  regions_equal: [{ regions: ['us-east-1', 'us-east-1'] }],
  witness_is_region: [{ witness: 'us-east-1' }, { witness: 'us-east-2' }],
  bad_prefix: [undefined, '', 'x', 'Twinbank', '1bank', 'bank_one', 'a'.repeat(33), 7].map((prefix) => ({
    prefix,
  })),
  bad_region: [
    ...[undefined, '', 'oregon', 3].map((witness) => ({ witness })),
    ...[undefined, 'us-east-1', [], ['us-east-1'], ['us-east-1', 'Ohio']].map((regions) => ({ regions })),
    { regions: ['us-east-1', 'us-east-2', 'us-west-2'] },
  ],
  bad_value: [
    ...[{ account: 123456789012 }, { account: '1234' }, { alarmEmail: 'joe' }, { removalPolicy: 'snapshot' }],
    ...[{ latencyBudgetMs: 0 }, { latencyBudgetMs: 1.5 }, { requestsPerSecond: 0 }, { burstRequests: 5001 }],
    ...[['*'], ['https://*'], ['https://*.shop.example'], ['https://shop.example/'], 'shop.example'].map(
      (corsOrigins) => ({ corsOrigins }),
    ),
    ...[{ reservedConcurrency: 0 }, { logRetentionDays: 91 }, { faultInjection: 'yes' }, { callers: {} }],
    ...[{ keysNotBefore: 'yesterday' }, { regoins: [] }],
  ],
};

test.each(Object.entries(WRONG).flatMap(([code, changes]) => changes.map((change) => ({ code, change }))))(
  '$change is refused with $code',
  ({ code, change }) => {
    expect(codeOf({ ...good, ...change })).toBe(code);
  },
);

test.each([undefined, null, 7, []])('%j is not a context', (context) => {
  expect(codeOf(context)).toBe('bad_prefix');
});

test('an error says where to look and what was found', () => {
  expect(() => resolveConfiguration({ context: { ...good, witness: 'us-east-1' } })).toThrow(
    /^cdk\.json, context\.twinbank: .*us-east-1/,
  );
});

test('a member that does not exist is named, with those that do', () => {
  expect(() => resolveConfiguration({ context: { ...good, regoins: [] } })).toThrow(
    /unknown option regoins; the options are prefix, account, regions/,
  );
});

test('a mistake in a caller says where it is', () => {
  const callers = [{ role: 'shop', grants: [{ operations: ['steal'], accounts: ['*'] }] }];
  expect(() => resolveConfiguration({ context: { ...good, callers } })).toThrow(
    /0\.grants\.0\.operations\.0 is not valid: operations are accounts, balance/,
  );
});

test('a role that is named twice is a mistake, because one policy could take away what the other gives', () => {
  const caller = { role: 'shop', grants: [{ operations: ['deposit'], accounts: ['*'] }] };
  expect(codeOf({ ...good, callers: [caller, caller] })).toBe('bad_value');
});

test('single members are overridden from the command line, as text', () => {
  const overrides = {
    prefix: '123bank'.slice(3),
    account: '111122223333',
    regions: 'eu-west-1,eu-central-1',
    witness: 'eu-north-1',
    alarmEmail: 'on-call@example.org',
    reservedConcurrency: '50',
    faultInjection: 'true',
    callers: '[{"role":"shop","grants":[{"operations":["all"],"accounts":["*"]}]}]',
  };
  expect(resolveConfiguration({ context: good, overrides })).toMatchObject({
    prefix: 'bank',
    account: '111122223333',
    regions: ['eu-west-1', 'eu-central-1'],
    witness: 'eu-north-1',
    alarmEmail: 'on-call@example.org',
    reservedConcurrency: 50,
    faultInjection: true,
    callers: [{ role: 'shop' }],
  });
  expect(
    resolveConfiguration({
      context: { ...good, reservedConcurrency: 50, account: '111122223333' },
      overrides: { reservedConcurrency: 'null', account: 'null', prefix: 'null' },
    }),
  ).toMatchObject({ reservedConcurrency: null, account: null, prefix: 'null' });
});

test('the account is that of the credentials where none is named', () => {
  const credentialsAccount = '111122223333';
  expect(resolveConfiguration({ context: good, credentialsAccount })).toMatchObject({
    account: '111122223333',
  });
  const named = { ...good, account: '444455556666' };
  expect(resolveConfiguration({ context: named, credentialsAccount })).toMatchObject({
    account: '444455556666',
  });
});

test('templates need no account, a deployment does', () => {
  expect(resolveConfiguration({ context: good })).toMatchObject({ account: null });
  expect(() => resolveConfiguration({ context: good, accountRequired: true })).toThrow(
    expect.objectContaining({ code: 'missing_account', message: expect.stringMatching(/log in to AWS/) }),
  );
});

test.each(['2026-11-22T13:00:00Z', '2026-11-22T14:00:00.5+01:00'])(
  'keys can be refused before %s',
  (keysNotBefore) => {
    expect(codeOf({ ...good, keysNotBefore })).toBe('accepted');
  },
);

test.each(['2026-11-22T13:00:00+01', '2026-02-31T13:00:00Z', '2026-11-22T13:00Z', '22 November 2026'])(
  'keysNotBefore %s is refused here, because the function could not read it, or would take it for another day',
  (keysNotBefore) => {
    expect(codeOf({ ...good, keysNotBefore })).toBe('bad_value');
  },
);
