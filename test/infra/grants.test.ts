import { describe, expect, test } from 'vitest';
import { mintKey } from '../../client/key.ts';
import { BankCaller } from '../../infra/caller.ts';
import { type Grant, invokeResources, OPERATIONS, type Operation } from '../../infra/grants.ts';
import {
  deployed,
  resourcesOf,
  type StackTemplate,
  statementsOfCaller,
  synthesize,
} from '../support/deployment.ts';
import { ACCOUNT, isAllowed, list } from '../support/policies.ts';

/** What a client sends for each operation. */
const REQUESTS: Readonly<Record<Operation, (account: string) => string>> = {
  deposit: (account) => `POST/accounts/${account}/deposits`,
  withdraw: (account) => `POST/accounts/${account}/withdrawals`,
  balance: (account) => `GET/accounts/${account}`,
  outcome: (account) => `GET/accounts/${account}/replies/${mintKey()}`,
  acknowledge: (account) => `DELETE/accounts/${account}/replies/${mintKey()}`,
  cancel: (account) => `PUT/accounts/${account}/cancellations/${mintKey()}`,
};

function bankWith(grants: readonly Grant[]) {
  return synthesize({ callers: [{ role: 'shop', grants }] });
}

/** The API's own part of the address of a request. */
function invokeArn(template: StackTemplate, request: string): string {
  const [[api = ''] = []] = resourcesOf(template, 'AWS::ApiGatewayV2::Api');
  return `arn:aws:execute-api:${template.region}:${ACCOUNT}:<${api}>/$default/${request}`;
}

function may(template: StackTemplate, request: string, role = 'shop'): boolean {
  const statements = statementsOfCaller(template, role);
  return isAllowed(statements, 'execute-api:Invoke', invokeArn(template, request));
}

/** Operations that a role's policy in each Region allows on an account; fails when the two differ. */
function allowedOn(bank: ReturnType<typeof bankWith>, account: string, role?: string): Operation[] {
  const [one, other] = bank.regions.map((template) =>
    OPERATIONS.filter((operation) => may(template, REQUESTS[operation](account), role)),
  );
  expect(one).toEqual(other);
  return one ?? [];
}

test('deposit on every account is that, in both Regions, and nothing else', () => {
  const bank = bankWith([{ operations: ['deposit'], accounts: ['*'] }]);
  expect(allowedOn(bank, 'joe')).toEqual(['deposit']);
  expect(allowedOn(bank, 'wallet-7')).toEqual(['deposit']);
});

test('everything on wallet-* is everything there, and nothing on other accounts', () => {
  const bank = bankWith([{ operations: ['all'], accounts: ['wallet-*'] }]);
  expect(allowedOn(bank, 'wallet-7')).toEqual([...OPERATIONS]);
  expect(allowedOn(bank, 'wallet-')).toEqual([...OPERATIONS]);
  for (const other of ['joe', 'wallet', 'Wallet-7', 'my-wallet-7'])
    expect(allowedOn(bank, other)).toEqual([]);
});

describe('one operation', () => {
  const extents = { one: 'joe', some: 'jo*', every: '*' };
  const callers = OPERATIONS.flatMap((operation) =>
    Object.entries(extents).map(([extent, accounts]) => ({
      role: `${operation}-${extent}`,
      grants: [{ operations: [operation], accounts: [accounts] }],
    })),
  );
  const bank = synthesize({ callers });

  test.each(OPERATIONS)('is that one alone, on one account, on some and on all: %s', (operation) => {
    for (const extent of Object.keys(extents)) {
      const role = `${operation}-${extent}`;
      expect(allowedOn(bank, 'joe', role)).toEqual([operation]);
      expect(allowedOn(bank, 'ann', role)).toEqual(extent === 'every' ? [operation] : []);
    }
  });
});

test('grants add up', () => {
  const bank = bankWith([
    { operations: ['deposit'], accounts: ['*'] },
    { operations: ['all'], accounts: ['wallet-*'] },
    { operations: ['balance', 'outcome'], accounts: ['gift-1', 'gift-2'] },
  ]);
  expect(allowedOn(bank, 'joe')).toEqual(['deposit']);
  expect(allowedOn(bank, 'wallet-7')).toEqual([...OPERATIONS]);
  expect(allowedOn(bank, 'gift-2')).toEqual(['deposit', 'balance', 'outcome']);
  expect(allowedOn(bank, 'gift-22')).toEqual(['deposit']);
});

describe('the balance of accounts behind a *', () => {
  test('is not their recorded replies, although a * of IAM matches slashes', () => {
    const bank = bankWith([{ operations: ['balance'], accounts: ['wallet-*'] }]);
    expect(allowedOn(bank, 'wallet-7')).toEqual(['balance']);
  });

  test('goes with their replies where those are granted on at least as many accounts', () => {
    const bank = bankWith([
      { operations: ['balance'], accounts: ['wallet-*'] },
      { operations: ['outcome'], accounts: ['wall*'] },
    ]);
    expect(allowedOn(bank, 'wallet-7')).toEqual(['balance', 'outcome']);
    expect(allowedOn(bank, 'wall-1')).toEqual(['outcome']);
  });

  test('leaves the replies of other accounts alone', () => {
    const bank = bankWith([
      { operations: ['balance'], accounts: ['wallet-*'] },
      { operations: ['outcome'], accounts: ['gift-*'] },
    ]);
    expect(allowedOn(bank, 'wallet-7')).toEqual(['balance']);
    expect(allowedOn(bank, 'gift-7')).toEqual(['outcome']);
  });

  test('cannot be granted with the replies of some of them: no policy says exactly that', () => {
    const grants: Grant[] = [
      { operations: ['balance'], accounts: ['*'] },
      { operations: ['all'], accounts: ['wallet-*'] },
    ];
    expect(() => bankWith(grants)).toThrow(expect.objectContaining({ code: 'grant_not_exact' }));
    expect(() => invokeResources(grants)).toThrow(/balance is granted on \* and outcome on wallet-\*/);
  });
});

test('every caller may ask for the health of a Region, or its client would never return to it', () => {
  const bank = bankWith([{ operations: ['deposit'], accounts: ['joe'] }]);
  for (const template of bank.regions) expect(may(template, 'GET/health')).toBe(true);
});

test('a policy speaks of the API of its own Region, by its very id and stage', () => {
  const bank = bankWith([{ operations: ['all'], accounts: ['*'] }]);
  for (const template of bank.regions) {
    const resources = statementsOfCaller(template, 'shop').flatMap(({ Resource }) => list(Resource));
    expect(resources.length).toBeGreaterThan(OPERATIONS.length);
    for (const resource of resources) expect(resource.startsWith(invokeArn(template, ''))).toBe(true);
  }
});

test('nobody may call who is not named', () => {
  for (const template of synthesize().regions) {
    expect(resourcesOf(template, 'AWS::IAM::ManagedPolicy')).toEqual([]);
    expect(template.text).not.toContain('execute-api:Invoke');
  }
});

test('a program grants with the construct what cdk.json grants with words', () => {
  const grants: Grant[] = [{ operations: ['deposit'], accounts: ['*'] }];
  const byProgram = synthesize({}, (bank) => new BankCaller(bank, 'Shop', { role: 'shop', grants }));
  const byWords = bankWith(grants);
  for (const index of [0, 1] as const) {
    expect(statementsOfCaller(byProgram.regions[index], 'shop')).toEqual(
      statementsOfCaller(byWords.regions[index], 'shop'),
    );
  }
});

test('the role is named and not made, so that whoever calls is somebody who exists', () => {
  const bank = bankWith([{ operations: ['deposit'], accounts: ['*'] }]);
  for (const template of bank.regions) {
    const [[, policy] = []] = resourcesOf(template, 'AWS::IAM::ManagedPolicy');
    expect(deployed(template, policy?.Properties['Roles'])).toEqual(['shop']);
  }
});

test.each(['', '**', 'wal*let', '*-wallet', 'a/b', '-x', '?', '$'])(
  '%j stands for no accounts',
  (account) => {
    expect(() => bankWith([{ operations: ['all'], accounts: [account] }])).toThrow(/accounts/);
  },
);
