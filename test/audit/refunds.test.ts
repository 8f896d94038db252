import { describe, expect, test } from 'vitest';
import type { Asked } from '../../functions/bank/entry.ts';
import { registerOf } from '../../functions/bank/key.ts';
import type { Attributes } from '../../functions/dynamodb/attributes.ts';
import { shortOf } from '../../functions/dynamodb/uuid.ts';
import { refundOf, statusOf, withdrawalOf } from '../support/asked.ts';
import { storeWithout } from '../support/before-append.ts';
import { patient } from '../support/dynamodb-lab.ts';
import { newKey } from '../support/keys.ts';
import { audit } from '../support/recovery.ts';
import {
  add,
  append,
  codesOf,
  codesOfBook,
  cut,
  type Damages,
  type Heads,
  keysOf,
  rewrite,
  rowsOf,
} from './damage.ts';
import { call, callOf, openBank, transferOf } from './used-bank.ts';

const bank = await openBank();
const ask = (account: string, asked: Asked, by = bank.bank()) => call(by, account, bank.now.ms, asked);

async function headsOf(): Promise<Heads> {
  const heads: Heads = {};
  for (const name of ['joe', 'ann', paid, received]) {
    const { head, pages } = await bank.items(name);
    expect(pages).toEqual([]);
    Object.assign(heads, head && { [name]: head });
  }
  return heads;
}

for (const account of ['joe', 'ann']) {
  await bank.bank().execute(callOf(account, bank.now.ms, 'deposit', 100), patient());
}
await ask('ann', transferOf('joe', 30));
const withdrawal = await ask('joe', withdrawalOf(20));
const { entries } = await bank.store.readHead('joe', patient());
const credit = entries.find(({ body }) => 'asked' in body && body.asked.operation === 'credit')?.key ?? '';
const [paid, received] = [registerOf('joe', withdrawal), registerOf('joe', credit)];
const before = await headsOf();
// Of the withdrawal of 20, joe refunds 5; of the transfer of 30 from ann 10, which she has, and 7, which she cannot take.
await ask('joe', refundOf(withdrawal, 5));
await ask('joe', refundOf(credit, 10));
await ask('ann', statusOf({ credits: 'frozen' }));
await ask('joe', refundOf(credit, 7));
const after = await headsOf();

/** Takes the newest entry out, and adds to the balance. */
function pop(head: Attributes | undefined, by: number): void {
  cut(head, -1);
  add(head, { sequence: -1, balance: by });
}

const DAMAGES: Damages<Heads> = {
  '': { 'nothing is wrong': () => {} },
  reservation_missing: { 'no register counts a refund': (heads) => delete heads[paid] },
  'refund_missing refund_missing': {
    'an account has not begun the refunds that its registers count': (heads) =>
      Object.assign(heads, { joe: before['joe'] }),
  },
  'credit_missing refusal_missing': {
    'the payer has neither the money nor the refusal': (heads) =>
      Object.assign(heads, { ann: before['ann'] }),
  },
  reservation_left: { 'a register counts a refund that came back': (heads) => pop(heads[received], 7) },
  terms_differ: {
    'a register counts another amount': (heads) => {
      rewrite(heads[paid], / g /, (text) => text.replace(/^5 (.*) 5 20$/, '4 $1 4 20'));
      add(heads[paid], { balance: -1 });
    },
    'a register says that the call moved more': (heads) =>
      rewrite(heads[paid], / g /, (text) => text.replace(/20$/, '25')),
    'the register is that of another call': (heads) => {
      heads[registerOf('joe', newKey())] = heads[paid] ?? {};
      delete heads[paid];
    },
    'the credit could be refunded once more': ({ ann }) =>
      rewrite(ann, /^10 .* rf /, (text) => text.replace(' rf ', ' r ')),
  },
  ends_differ: {
    'a refund is settled and was refused': ({ ann }) => {
      rewrite(ann, /^10 /, (text) =>
        text.replace(/^10 (\S+) /, '0 $1 refused balance_too_large ').replace(' rf ', ' rf 10 '),
      );
      add(ann, { balance: -10 });
    },
  },
};

describe('an audit finds when', () => {
  test.each(rowsOf(DAMAGES))('$what', async ({ damage, codes }) => {
    const heads = structuredClone(after);
    damage(heads);
    expect(await codesOf(heads)).toEqual(codes);
  });
});

test('an audit of a bank that is in use reads each book again that was read before the refund', async () => {
  const names = Object.keys(after);
  for (let chosen = 0; chosen < 2 ** names.length; chosen += 1) {
    const early = names.filter((_, index) => chosen & (2 ** index));
    const heads = { ...after };
    for (const name of early) {
      delete heads[name];
    }
    for (const name of early) {
      Object.assign(heads, before[name] && { [name]: before[name] });
    }
    expect(await codesOf(heads, after), early.join()).toEqual([]);
  }
});

const damagesOfRegister: Damages<Heads> = {
  refund_wrong: {
    'counts more than its call moved': (heads) =>
      rewrite(heads[paid], / g /, (text) => text.replace(/20$/, '4')),
  },
  entry_wrong: {
    'counts more than was asked': (heads) => {
      rewrite(heads[paid], / g /, (text) => text.replace(/^5/, '6'));
      add(heads[paid], { balance: 1 });
    },
    'has a deposit': (heads) => append(heads[paid], '5 m3x8k2ab d'),
  },
  negative: {
    'takes back what it never counted': (heads) => append(heads[paid], `-6 m3x8k2ab n ${shortOf(newKey())}`),
  },
};

const damagesOfAccount: Damages<Heads> = {
  'entry_wrong refund_wrong': {
    'has a reservation': ({ joe }) => append(joe, `5 m3x8k2ab g ${shortOf(newKey())} 5 20`),
  },
  refund_wrong: {
    'has a refund of more than the call moved': ({ joe }) =>
      rewrite(joe, / e\S* .* 20$/, (text) => text.replace(/20$/, '21')),
    'has a refund of a call that moved nothing out': ({ joe }) => {
      const [deposit] = keysOf(joe);
      const other = Buffer.from(deposit?.B ?? []).toString('base64url');
      for (const kind of [/ eb? /, / zb? /]) {
        rewrite(joe, kind, (text) => text.replace(shortOf(withdrawal), other));
      }
    },
    'refunds to another account than the transfer came from': ({ joe }) => {
      rewrite(joe, / eb? .* ann 10 /, (text) => text.replace(' ann ', ' bob '));
      rewrite(joe, / zb? .* ann$/, (text) => text.replace(/ann$/, 'bob'));
    },
  },
};

describe('an audit of one book finds that', () => {
  test.each([
    ...rowsOf(damagesOfRegister).map((row) => ({ book: 'a register', nameOf: () => paid, ...row })),
    ...rowsOf(damagesOfAccount).map((row) => ({ book: 'an account', nameOf: () => 'joe', ...row })),
  ])('$book $what', async ({ nameOf, damage, codes }) => {
    const heads = structuredClone(after);
    damage(heads);
    expect(await codesOfBook(nameOf(), heads[nameOf()])).toEqual(codes);
  });

  test('a register is of no call', async () => {
    expect(await codesOfBook('~joe', after[paid])).toEqual(['bad_name']);
  });
});

test('an audit finds a refund of a call that is on a page, unless the page is missing', async () => {
  await bank.bank().execute(callOf('bob', bank.now.ms, 'deposit', 100), patient());
  const first = await ask('bob', withdrawalOf(2));
  for (let times = 0; times < 24; times += 1) {
    await ask('bob', withdrawalOf(2));
  }
  await ask('bob', refundOf(first));
  const { head = {}, pages } = await bank.items('bob');
  expect(pages).toHaveLength(1);
  expect(await codesOfBook('bob', head, pages)).toEqual([]);
  rewrite(head, / eb? /, (text) => text.replace(/2$/, '3'));
  expect(await codesOfBook('bob', head, pages)).toEqual(['refund_wrong']);
  expect(await codesOfBook('bob', head)).toEqual(['last_page_missing']);
});

test('an audit finds a refund under way without its mark, and one with another', async () => {
  await bank.bank().execute(callOf('eve', bank.now.ms, 'deposit', 100), patient());
  const key = await ask('eve', withdrawalOf(9));
  const cutOff = bank.bank({ store: storeWithout(bank.store, registerOf('eve', key)) });
  await ask('eve', refundOf(key), cutOff).catch(() => {});
  const { head = {} } = await bank.items('eve');
  expect(await codesOfBook('eve', head)).toEqual([]);
  const [name = ''] = Object.keys(head).filter((each) => each.startsWith('mark:'));
  const { [name]: mark, ...unmarked } = head;
  const other = { S: (mark?.S ?? '').replace(' 9 9 ', ' 8 9 ') };
  expect(await codesOfBook('eve', { ...head, [name]: other })).toEqual(['mark_wrong']);
  expect(await codesOfBook('eve', unmarked)).toContain('mark_wrong');
});

test('the report of an audit names accounts, counts refunds, and has no money of registers', async () => {
  const { code, stdout } = await audit(bank.tables);
  expect(stdout).not.toContain('~');
  expect(stdout).toMatch(
    /\n\d accounts with .*: each book is right\.\n1 transfers and \d refunds, \d of them under way: each is right\.\n$/,
  );
  expect(code).toBe(0);
  await bank.put('joe', { head: before['joe'], pages: [] });
  const wrong = await audit(bank.tables);
  expect(wrong.stdout).toMatch(
    /refund \S+ of 10 by joe: WRONG\n {2}refund_missing: ann has the credit \S+, and joe has no refund /,
  );
  expect(wrong.code).toBe(1);
});
