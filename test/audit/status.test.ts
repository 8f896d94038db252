import { describe, expect, test } from 'vitest';
import type { StatusChange } from '../../functions/bank/entry.ts';
import type { Attributes } from '../../functions/dynamodb/attributes.ts';
import { statusOf, withdrawalOf } from '../support/asked.ts';
import { patient } from '../support/dynamodb-lab.ts';
import { newKey } from '../support/keys.ts';
import { append, codesOfBook, type Damages, rowsOf, set } from './damage.ts';
import { call, callOf, openBank } from './used-bank.ts';

const bank = await openBank();

const FROZEN = { debits: 'frozen', credits: undefined } as const;
const OPENED = { debits: 'open', credits: 'open' } as const;

/** An account with 100 whose status was changed. */
async function accountWith(...changes: readonly StatusChange[]): Promise<string> {
  const account = `account-${newKey()}`;
  await bank.bank().execute(callOf(account, bank.now.ms, 'deposit', 100), patient());
  for (const change of changes) {
    await call(bank.bank(), account, bank.now.ms, statusOf(change));
  }
  return account;
}

const DAMAGES: Damages<Attributes> = {
  '': {
    nothing: () => {},
    'the head needs a version that is not known': (head) => set(head, { needs: { N: '9' } }),
    'money is put in': (head) => append(head, '5 m3x8k2ab d'),
  },
  status_wrong: {
    'the head says that debits are open': (head) => delete head['debits'],
    'the head says that credits are frozen, too': (head) => set(head, { credits: { S: 'frozen' } }),
    'the head may be written by older functions': (head) => delete head['needs'],
  },
  frozen_moved: { 'money is taken out': (head) => append(head, '-5 m3x8k2ab w') },
};

describe('an account that is frozen for debits, of which', () => {
  test.each(rowsOf(DAMAGES))('$what', async ({ damage, codes }) => {
    const account = await accountWith(FROZEN);
    const { head = {} } = await bank.items(account);
    damage(head);
    expect(await codesOfBook(account, head)).toEqual(codes);
  });
});

test('money that is put into an account whose credits are frozen is found', async () => {
  const account = await accountWith({ debits: undefined, credits: 'frozen' });
  const { head = {} } = await bank.items(account);
  append(head, '5 m3x8k2ab d');
  expect(await codesOfBook(account, head)).toEqual(['frozen_moved']);
});

test('an account that was opened again may be written by older functions once one call has opened both sides', async () => {
  const inTwoCalls = await accountWith(FROZEN, { debits: 'open', credits: undefined });
  expect(await codesOfBook(inTwoCalls, (await bank.items(inTwoCalls)).head)).toEqual([]);
  const inOneCall = await accountWith(FROZEN, OPENED);
  const { head = {} } = await bank.items(inOneCall);
  expect(await codesOfBook(inOneCall, head)).toEqual([]);
  set(head, { needs: { N: '2' } });
  expect(await codesOfBook(inOneCall, head)).toEqual(['status_wrong']);
});

test('a freeze counts that is on a page, unless a page is missing or an entry cannot be read', async () => {
  const account = await accountWith(FROZEN);
  for (let times = 0; times < 24; times += 1) {
    await call(bank.bank(), account, bank.now.ms, withdrawalOf(5));
  }
  const { head = {}, pages } = await bank.items(account);
  expect(pages).toHaveLength(1);
  expect(await codesOfBook(account, head, pages)).toEqual([]);
  delete head['debits'];
  expect(await codesOfBook(account, head, pages)).toEqual(['status_wrong']);
  expect(await codesOfBook(account, head)).not.toContain('status_wrong');
  const [entry] = pages[0]?.['entries']?.L?.splice(2, 1, { S: '0 m3x8k2ab zz' }) ?? [];
  expect(entry?.S).toMatch(/refused account_frozen wb? 5$/);
  expect(await codesOfBook(account, head, pages)).toEqual([]);
});
