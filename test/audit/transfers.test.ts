import { beforeEach, describe, expect, test } from 'vitest';
import type { Attributes } from '../../functions/dynamodb/attributes.ts';
import { beforeAppend, storeWithout } from '../support/before-append.ts';
import { patient } from '../support/dynamodb-lab.ts';
import { audit, linesOf } from '../support/recovery.ts';
import { add, codesOf, type Damages, type Heads, rewrite, rowsOf } from './damage.ts';
import { call, callOf, openBank, trade, transferOf, type UsedBank } from './used-bank.ts';

let bank: UsedBank;

beforeEach(async () => {
  bank = await openBank();
});

async function headsOf(...accounts: readonly string[]): Promise<Heads> {
  const items = await Promise.all(accounts.map((account) => bank.items(account)));
  return Object.fromEntries(accounts.map((account, index) => [account, items[index]?.head ?? {}]));
}

async function open(...accounts: readonly string[]): Promise<void> {
  for (const account of accounts) {
    await bank.bank().execute(callOf(account, bank.now.ms, 'deposit', 100), patient());
  }
}

const transfer = (to: string, amount: number, by = bank.bank()) =>
  call(by, 'joe', bank.now.ms, transferOf(to, amount));

/** Rewrites the newest entry of a head, and adds to its balance. */
function rewriteLast(head: Attributes | undefined, from: RegExp | string, to: string, change: number): void {
  rewrite(head, -1, (text) => text.replace(from, to));
  add(head, { balance: change });
}

/** Damages to the heads after joe's transfers: 10 to ann, which was settled, and 11 to eve, which was returned. */
const DAMAGES: Damages<{ heads: Heads; before: Heads }> = {
  '': { 'nothing is wrong': () => {} },
  credit_missing: {
    'a transfer is settled and has no credit': ({ heads, before }) =>
      Object.assign(heads, { ann: before['ann'] }),
  },
  refusal_missing: { 'a transfer is returned and has no refusal': ({ heads }) => delete heads['eve'] },
  transfer_missing: {
    'a credit has no transfer': ({ heads, before }) => Object.assign(heads, { joe: before['joe'] }),
  },
  ends_differ: {
    'a transfer is settled and was refused': ({ heads: { ann } }) =>
      rewriteLast(ann, /^10 (\S+) r /, '0 $1 refused balance_too_large r 10 ', -10),
    'a transfer is returned and was credited': ({ heads: { eve } }) =>
      rewriteLast(eve, /^0 (\S+) refused \S+ r 11 /, '11 $1 r ', 11),
  },
  terms_differ: {
    'a credit is of another amount': ({ heads: { ann } }) => rewriteLast(ann, '10', '9', -1),
    'a credit is of another payer': ({ heads: { ann } }) => rewriteLast(ann, 'joe', 'bob', 0),
    'two accounts have the same credit': ({ heads }) => Object.assign(heads, { bob: heads['ann'] }),
  },
};

describe('an audit finds when', () => {
  test.each(rowsOf(DAMAGES))('$what', async ({ damage, codes }) => {
    await open('joe', 'ann');
    const before = await headsOf('joe', 'ann');
    await transfer('ann', 10);
    await transfer('eve', 11);
    const heads = await headsOf('joe', 'ann', 'eve');
    damage({ heads, before });
    expect(await codesOf(heads)).toEqual(codes);
  });
});

describe('an audit of transfers', () => {
  test.each(['credited', 'refused', 'neither'])(
    'takes one that is under way and %s for right',
    async (what) => {
      await open('joe', ...(what === 'refused' ? [] : ['ann']));
      const before = await headsOf('ann');
      await transfer('ann', 10, bank.bank({ store: storeWithout(bank.store, 'ann') })).catch(() => {});
      const marked = await headsOf('joe');
      const { marks } = await bank.store.readHead('joe', patient());
      const [key = ''] = marks.keys();
      const cancel = { account: 'joe', key, mayRetry: false, kind: 'cancel' } as const;
      await (await bank.bank().execute(cancel, patient())).remaining?.done;
      const { ann = {} } = what === 'neither' ? before : await headsOf('ann');
      expect(await codesOf({ ...marked, ann })).toEqual([]);
    },
  );

  test('reads a book again that was read before its transfer, in a bank that is in use', async () => {
    await open('joe', 'ann');
    const { joe = {}, ann = {} } = await headsOf('joe', 'ann');
    await transfer('ann', 10);
    const after = await headsOf('joe', 'ann');
    expect(await codesOf({ ...after, ann }, after)).toEqual([]);
    expect(await codesOf({ ...after, joe }, after)).toEqual([]);
  });
});

describe('the report of an audit', () => {
  test('counts transfers, and money once that is held and credited', async () => {
    await trade(bank, 'joe', 'ann');
    const { code, stdout } = await audit(bank.tables);
    expect(stdout).toContain(
      '3 accounts with 1919 in all (held 54), 21 entries: each book is right.\n4 transfers, 1 of them under way: each is right.\n',
    );
    expect(code).toBe(0);
  });

  test('names a transfer that is wrong, and says how much money it took', async () => {
    await open('joe', 'ann');
    const { ann } = await headsOf('ann');
    const key = await transfer('ann', 10);
    await bank.put('ann', { head: ann, pages: [] });
    const { code, stdout } = await audit(bank.tables);
    expect(stdout).toContain(
      `transfer ${key} of 10 from joe to ann: WRONG\n  credit_missing: it is settled, and ann has no credit `,
    );
    expect(stdout).toContain(
      '1 transfers, 0 of them under way: 1 are wrong.\nThe accounts hold 10 less than came into the bank.\n',
    );
    expect(code).toBe(1);

    const lines = linesOf((await audit(bank.tables, '--json')).stdout);
    expect(lines.slice(-2)).toMatchObject([
      { transfer: key, payer: 'joe', payee: 'ann', amount: '10', faults: [{ code: 'credit_missing' }] },
      { wrong: 0, transfers: 1, underWay: 0, wrongTransfers: 1, unexplained: '-10' },
    ]);
  });

  test('takes a credit whose transfer is still held for the same money', async () => {
    await open('joe', 'ann');
    const unsettled = beforeAppend(bank.store, ({ guard }) => {
      if (guard.kind === 'marked') {
        throw new Error('lost');
      }
    });
    await transfer('ann', 10, bank.bank({ store: unsettled })).catch(() => {});
    const { code, stdout } = await audit(bank.tables, '--json');
    expect(linesOf(stdout).at(-1)).toMatchObject({
      balance: '200',
      held: '10',
      unexplained: '0',
      underWay: 1,
    });
    expect(code).toBe(0);
  });
});
