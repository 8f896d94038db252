import { describe, expect, inject, test } from 'vitest';
import type { Operation } from '../../client/contract/schemas.ts';
import { mintKey } from '../../client/key.ts';
import { BankCaller } from '../../infra/caller.ts';
import { GRANTABLE, type Grant, invokeResources } from '../../infra/grants.ts';
import { deployed, resourcesOf, type StackTemplate, statementsOfCaller } from '../support/deployment.ts';
import { ACCOUNT, isAllowed, list } from '../support/policies.ts';
import { synthesize } from '../support/synthesize.ts';

/** What a client sends for each operation on an account, and to another one. */
const REQUESTS: Readonly<Record<Operation, (account: string, to: string) => string>> = {
  health: () => 'GET/health',
  accounts: () => 'GET/accounts',
  entries: (account) => `GET/accounts/${account}/entries`,
  deposit: (account) => `POST/accounts/${account}/deposits`,
  withdraw: (account) => `POST/accounts/${account}/withdrawals`,
  batch: (account) => `POST/accounts/${account}/batches`,
  transfer: (account, to) => `POST/accounts/${account}/transfers/${to}`,
  hold: (account) => `POST/accounts/${account}/holds`,
  holds: (account) => `GET/accounts/${account}/holds`,
  capture: (account) => `POST/accounts/${account}/holds/${mintKey()}/captures`,
  captureTo: (account, to) => `POST/accounts/${account}/holds/${mintKey()}/captures/${to}`,
  void: (account) => `POST/accounts/${account}/holds/${mintKey()}/voids`,
  balance: (account) => `GET/accounts/${account}`,
  outcome: (account) => `GET/accounts/${account}/replies/${mintKey()}`,
  acknowledge: (account) => `DELETE/accounts/${account}/replies/${mintKey()}`,
  refund: (account) => `POST/accounts/${account}/refunds/${mintKey()}`,
  setStatus: (account) => `PUT/accounts/${account}/status`,
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

/** Operations that a role's policy in each Region allows on an account, and to another one; fails when the two differ. */
function allowedOn(
  bank: ReturnType<typeof bankWith>,
  account: string,
  { role, to = 'zoe' }: { role?: string; to?: string } = {},
): Operation[] {
  const [one, other] = bank.regions.map((template) =>
    GRANTABLE.filter((operation) => may(template, REQUESTS[operation](account, to), role)),
  );
  expect(one).toEqual(other);
  return one ?? [];
}

/** What `all` does not stand for. */
const BY_NAME: readonly Operation[] = ['accounts', 'setStatus'];
const ALL = GRANTABLE.filter((operation) => !BY_NAME.includes(operation));
const OF_ONE_ACCOUNT = GRANTABLE.filter((operation) => operation !== 'accounts');

test('everything on wallet-* is everything there, and nothing on other accounts', () => {
  const bank = bankWith([{ operations: ['all'], accounts: ['wallet-*'] }]);
  expect(allowedOn(bank, 'wallet-7')).toEqual(ALL);
  expect(allowedOn(bank, 'wallet-')).toEqual(ALL);
  for (const other of ['joe', 'wallet', 'Wallet-7', 'my-wallet-7']) {
    expect(allowedOn(bank, other)).toEqual([]);
  }
});

describe('one operation', () => {
  const extents = { one: 'joe', some: 'jo*', every: '*' };
  const callers = OF_ONE_ACCOUNT.flatMap((operation) =>
    Object.entries(extents).map(([extent, accounts]) => ({
      role: `${operation}-${extent}`,
      grants: [{ operations: [operation], accounts: [accounts] }],
    })),
  );
  const ofOperators = ['accounts', 'all'].map((operation) => ({
    role: operation,
    grants: [{ operations: [operation], accounts: ['*'] }],
  }));
  const bank = synthesize({ callers: [...callers, ...ofOperators] });

  test.each(OF_ONE_ACCOUNT)('is that one alone, on one account, on some and on all: %s', (operation) => {
    for (const extent of Object.keys(extents)) {
      const role = `${operation}-${extent}`;
      expect(allowedOn(bank, 'joe', { role })).toEqual([operation]);
      expect(allowedOn(bank, 'ann', { role })).toEqual(extent === 'every' ? [operation] : []);
    }
  });

  test('of them lists all accounts, and neither the balance of all nor everything on all has it in it', () => {
    expect(allowedOn(bank, 'joe', { role: 'accounts' })).toEqual(['accounts']);
    expect(allowedOn(bank, 'joe', { role: 'balance-every' })).not.toContain('accounts');
    expect(allowedOn(bank, 'joe', { role: 'all' })).toEqual(ALL);
  });

  test('lists all accounts or none: it cannot be granted on some of them', () => {
    for (const accounts of [['wallet-*'], ['*', 'joe']]) {
      const grants: Grant[] = [{ operations: ['accounts'], accounts }];
      expect(() => invokeResources(grants)).toThrow(expect.objectContaining({ code: 'grant_not_exact' }));
    }
  });
});

describe('to freeze accounts', () => {
  test('is granted by name, beside everything else or alone, on some accounts or on all', () => {
    const bank = synthesize({
      callers: [
        { role: 'teller', grants: [{ operations: ['all'], accounts: ['*'] }] },
        { role: 'risk', grants: [{ operations: ['all', 'setStatus'], accounts: ['wallet-*'] }] },
        { role: 'night', grants: [{ operations: ['setStatus'], accounts: ['*'] }] },
      ],
    });
    expect(allowedOn(bank, 'wallet-7', { role: 'teller' })).toEqual(ALL);
    expect(allowedOn(bank, 'wallet-7', { role: 'risk' })).toEqual(OF_ONE_ACCOUNT);
    expect(allowedOn(bank, 'joe', { role: 'risk' })).toEqual([]);
    expect(allowedOn(bank, 'joe', { role: 'night' })).toEqual(['setStatus']);
  });

  test('is no other request, neither one to an account that is called status nor one below an account', () => {
    const bank = bankWith([{ operations: ['setStatus'], accounts: ['*'] }]);
    for (const to of ['status', 'wallet-7']) {
      expect(allowedOn(bank, 'status', { to })).toEqual(['setStatus']);
    }
    const everything = bankWith([{ operations: ['all'], accounts: ['*'] }]);
    for (const account of ['joe', 'status', 'cancellations', 'accounts']) {
      expect(allowedOn(everything, account, { to: 'status' }), account).toEqual(ALL);
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
  expect(allowedOn(bank, 'wallet-7')).toEqual(ALL);
  expect(allowedOn(bank, 'gift-2')).toEqual(['balance', 'deposit', 'outcome']);
  expect(allowedOn(bank, 'gift-22')).toEqual(['deposit']);
});

describe('the balance of accounts behind a *', () => {
  test('is neither their recorded replies nor their holds nor their statements, although a * of IAM matches slashes', () => {
    const bank = bankWith([{ operations: ['balance'], accounts: ['wallet-*'] }]);
    expect(allowedOn(bank, 'wallet-7')).toEqual(['balance']);
  });

  test.each(['outcome', 'entries', 'holds'] as const)(
    'goes with their %s where that is granted on at least as many accounts',
    (operation) => {
      const bank = bankWith([
        { operations: ['balance'], accounts: ['wallet-*'] },
        { operations: [operation], accounts: ['wall*'] },
      ]);
      expect(allowedOn(bank, 'wallet-7')).toEqual(['balance', operation]);
      expect(allowedOn(bank, 'wall-1')).toEqual([operation]);
    },
  );

  test.each(['outcome', 'entries'] as const)('leaves the %s of other accounts alone', (operation) => {
    const bank = bankWith([
      { operations: ['balance'], accounts: ['wallet-*'] },
      { operations: [operation], accounts: ['gift-*'] },
    ]);
    expect(allowedOn(bank, 'wallet-7')).toEqual(['balance']);
    expect(allowedOn(bank, 'gift-7')).toEqual([operation]);
  });

  test.each([
    ['all', 'wallet-*'],
    ['entries', 'joe'],
  ] as const)('cannot be granted with %s on %s alone: no policy says exactly that', (operation, account) => {
    const grants: Grant[] = [
      { operations: ['balance'], accounts: ['*'] },
      { operations: [operation], accounts: [account] },
    ];
    expect(() => bankWith(grants)).toThrow(expect.objectContaining({ code: 'grant_not_exact' }));
    expect(() => invokeResources(grants)).toThrow(
      `cannot grant balance on * and entries on only a part of it (${account})`,
    );
  });
});

describe('a payment', () => {
  const PAYMENTS: Operation[] = ['transfer', 'captureTo'];

  test('is granted by payer and by payee', () => {
    const bank = bankWith([{ operations: PAYMENTS, accounts: ['joe', 'wallet-*'], to: ['shop-*', 'tax'] }]);
    for (const payer of ['joe', 'wallet-7']) {
      for (const to of ['shop-1', 'shop-', 'tax']) {
        expect(allowedOn(bank, payer, { to })).toEqual(PAYMENTS);
      }
      for (const to of ['shop', 'taxi', 'ann', 'my-shop-1']) {
        expect(allowedOn(bank, payer, { to })).toEqual([]);
      }
    }
    expect(allowedOn(bank, 'ann', { to: 'shop-1' })).toEqual([]);
    expect(allowedOn(bank, 'joey', { to: 'shop-1' })).toEqual([]);
  });

  test('may go to every account unless it is said to which, also where everything is granted', () => {
    const bank = bankWith([
      { operations: ['all'], accounts: ['joe'] },
      { operations: ['all'], accounts: ['ann'], to: ['joe'] },
    ]);
    expect(allowedOn(bank, 'joe', { to: 'bob' })).toEqual(ALL);
    expect(allowedOn(bank, 'ann', { to: 'joe' })).toEqual(ALL);
    expect(allowedOn(bank, 'ann', { to: 'bob' })).toEqual(
      ALL.filter((operation) => !PAYMENTS.includes(operation)),
    );
  });

  test('is not what another grant has in it: the account that is paid may be called like the end of a path', () => {
    const others = ALL.filter((operation) => !PAYMENTS.includes(operation));
    const bank = bankWith([{ operations: others, accounts: ['*'] }]);
    for (const to of ['deposits', 'withdrawals', 'holds', 'captures', 'voids', 'entries', 'transfers']) {
      expect(allowedOn(bank, 'joe', { to }), to).toEqual(others);
    }
  });

  test('to an account that is called like the end of a path can be granted where others are, too', () => {
    const bank = bankWith([{ operations: ['all'], accounts: ['*'] }]);
    for (const to of ['deposits', 'captures']) {
      expect(allowedOn(bank, 'joe', { to })).toEqual(ALL);
    }
  });

  test('is what a grant that names accounts to pay must have in it', () => {
    const grants: Grant[] = [{ operations: ['deposit', 'hold'], accounts: ['joe'], to: ['ann'] }];
    expect(() => invokeResources(grants)).toThrow(
      /"to" is ann, but deposit and hold pays no account; remove "to"/,
    );
  });
});

test('a policy speaks of the API of its own Region, by its very id and stage', () => {
  const bank = bankWith([{ operations: ['all'], accounts: ['*'] }]);
  for (const template of bank.regions) {
    const resources = statementsOfCaller(template, 'shop').flatMap(({ Resource }) => list(Resource));
    expect(resources).toHaveLength(ALL.length + 1);
    for (const resource of resources) {
      expect(resource.startsWith(invokeArn(template, ''))).toBe(true);
    }
  }
});

test('only a caller that is named may call', () => {
  for (const template of inject('deployment').regions) {
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

describe('grants that are too long for one policy', () => {
  const allOf = (count: number): Grant => ({
    operations: ['all'],
    accounts: Array.from({ length: count }, (_, index) => `wallet-${index}`),
  });

  test('are in several of at most 6,144 characters, and those that deny come first', () => {
    const bank = bankWith([{ operations: ['deposit'], accounts: ['*'] }, allOf(10)]);
    for (const account of ['wallet-0', 'wallet-9']) {
      expect(allowedOn(bank, account)).toEqual(ALL);
    }
    expect(allowedOn(bank, 'wallet-10')).toEqual(['deposit']);
    for (const template of bank.regions) {
      const policies = resourcesOf(template, 'AWS::IAM::ManagedPolicy');
      expect(policies.length).toBeGreaterThan(1);
      for (const [index, [, { Properties, DependsOn }]] of policies.entries()) {
        const document = JSON.stringify(deployed(template, Properties['PolicyDocument']));
        // In the template, a name in angle brackets stands for the 10 characters of the API's id.
        expect(document.replace(/<[A-Za-z0-9]+>/g, 'abcdefghij').length).toBeLessThanOrEqual(6_144);
        expect(document.includes('"Deny"')).toBe(index === 0);
        expect(DependsOn).toEqual(index === 0 ? undefined : [policies[index - 1]?.[0]]);
      }
    }
  });

  test('are refused if a role cannot take that many policies', () => {
    expect(() => bankWith([allOf(50)])).toThrow(expect.objectContaining({ code: 'grant_too_long' }));
  });
});

test('the role is named and not made, and may ask for the health of a Region, or its client would not return to it', () => {
  const bank = bankWith([{ operations: ['deposit'], accounts: ['joe'] }]);
  for (const template of bank.regions) {
    expect(may(template, 'GET/health')).toBe(true);
    const [[, policy] = []] = resourcesOf(template, 'AWS::IAM::ManagedPolicy');
    expect(deployed(template, policy?.Properties['Roles'])).toEqual(['shop']);
  }
});

test.each(['', '**', 'wal*let', '*-wallet', 'a/b', '-x', '?', '$'])(
  '%j is no name of accounts, neither of those that pay nor of those that are paid',
  (account) => {
    expect(() => bankWith([{ operations: ['all'], accounts: [account] }])).toThrow(/accounts/);
    expect(() => bankWith([{ operations: ['all'], accounts: ['joe'], to: [account] }])).toThrow(/accounts/);
  },
);
