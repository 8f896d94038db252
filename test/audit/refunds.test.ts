import { beforeAll, describe, expect, test } from 'vitest';
import type { Asked } from '../../functions/bank/entry.ts';
import { registerOf } from '../../functions/bank/key.ts';
import type { Attributes } from '../../functions/dynamodb/attributes.ts';
import { bytesOf, shortOf } from '../../functions/dynamodb/uuid.ts';
import { auditBook } from '../../infra/tools/books/audit.ts';
import { bookOf } from '../../infra/tools/books/export-books.ts';
import type { TransferFaultCode } from '../../infra/tools/books/transfers.ts';
import type { FaultCode } from '../../infra/tools/books/verdict.ts';
import { newKey } from '../support/keys.ts';
import { prefixOf, Recovery } from '../support/recovery.ts';
import { codesOf, type Heads } from './fault-codes.ts';
import {
  call,
  callOf,
  openBank,
  patient,
  refundOf,
  storeWithout,
  transferOf,
  type UsedBank,
} from './used-bank.ts';

let bank: UsedBank;
/** Joe's refunds: 5 of a withdrawal of 20, and of a transfer of 30 from ann 10, which she has, and 7, which she could not take. */
let after: Heads;
let before: Heads;
let withdrawal: string;
let paid: string;
let received: string;

const ask = (account: string, asked: Asked, by = bank.bank()) => call(by, account, bank.now.ms, asked);

async function headsOf(): Promise<Heads> {
  const names = ['joe', 'ann', paid, received];
  const items = await Promise.all(names.map((name) => bank.items(name)));
  return Object.fromEntries(
    names.flatMap((name, index) => {
      const { head, pages = [] } = items[index] ?? {};
      expect(pages).toEqual([]);
      return head === undefined ? [] : [[name, head]];
    }),
  );
}

beforeAll(async () => {
  bank = await openBank();
  for (const account of ['joe', 'ann']) {
    await bank.bank().execute(callOf(account, bank.now.ms, 'deposit', 100), patient());
  }
  await ask('ann', transferOf('joe', 30));
  withdrawal = await ask('joe', { operation: 'withdraw', amountMinor: 20n, reference: undefined });
  const { entries } = await bank.store.readHead('joe', patient());
  const credit = entries.find(({ body }) => 'asked' in body && body.asked.operation === 'credit')?.key ?? '';
  [paid, received] = [registerOf('joe', withdrawal), registerOf('joe', credit)];
  before = await headsOf();
  await ask('joe', refundOf(withdrawal, 5));
  await ask('joe', refundOf(credit, 10));
  const frozen = { debits: undefined, credits: 'frozen', reference: undefined } as const;
  await ask('ann', { operation: 'setStatus', ...frozen });
  await ask('joe', refundOf(credit, 7));
  after = await headsOf();
});

function add(head: Attributes, name: string, by: number): void {
  head[name] = { N: String(Number(head[name]?.N ?? 0) + by) };
}

/** Rewrites the only entry of a kind, and adds to the balance. */
function rewrite(head: Attributes = {}, kind: RegExp, write: (text: string) => string, by = 0): void {
  const entries = head['entries']?.L ?? [];
  const index = entries.findIndex(({ S }) => kind.test(S ?? ''));
  const text = entries[index]?.S ?? '';
  const written = write(text);
  expect(written, `there is an entry like ${kind}, and it is rewritten`).not.toBe(text);
  entries[index] = { S: written };
  add(head, 'balance', by);
}

function append(head: Attributes = {}, text: string): void {
  head['entries']?.L?.push({ S: text });
  head['keys']?.L?.push({ B: bytesOf(newKey()) });
  add(head, 'sequence', 1);
  add(head, 'balance', Number.parseInt(text, 10));
}

/** Takes the newest entry out. */
function pop(head: Attributes = {}, by: number): void {
  head['entries']?.L?.pop();
  head['keys']?.L?.pop();
  add(head, 'sequence', -1);
  add(head, 'balance', by);
}

type Damage = readonly [string, (heads: Heads) => void, ...TransferFaultCode[]];

const DAMAGES: readonly Damage[] = [
  ['nothing is wrong', () => {}],
  ['no register counts a refund', (heads) => delete heads[paid], 'reservation_missing'],
  [
    'an account has not begun the refunds that its registers count',
    (heads) => Object.assign(heads, { joe: before['joe'] }),
    ...(['refund_missing', 'refund_missing'] as const),
  ],
  [
    'the payer has neither the money nor the refusal',
    (heads) => Object.assign(heads, { ann: before['ann'] }),
    ...(['credit_missing', 'refusal_missing'] as const),
  ],
  ['a register counts a refund that came back', (heads) => pop(heads[received], 7), 'reservation_left'],
  [
    'a register counts another amount',
    (heads) => rewrite(heads[paid], / g /, (text) => text.replace(/^5 (.*) 5 20$/, '4 $1 4 20'), -1),
    'terms_differ',
  ],
  [
    'a register says that the call moved more',
    (heads) => rewrite(heads[paid], / g /, (text) => text.replace(/20$/, '25')),
    'terms_differ',
  ],
  [
    'the register is that of another call',
    (heads) => {
      heads[registerOf('joe', newKey())] = heads[paid] ?? {};
      delete heads[paid];
    },
    'terms_differ',
  ],
  [
    'the credit could be refunded once more',
    ({ ann }) => rewrite(ann, /^10 .* rf /, (text) => text.replace(' rf ', ' r ')),
    'terms_differ',
  ],
  [
    'a refund is settled and was refused',
    ({ ann }) =>
      rewrite(
        ann,
        /^10 /,
        (text) => text.replace(/^10 (\S+) /, '0 $1 refused balance_too_large ').replace(' rf ', ' rf 10 '),
        -10,
      ),
    'ends_differ',
  ],
];

describe('an audit finds when', () => {
  const rows = DAMAGES.map(([what, damage, ...codes]) => ({ what, damage, codes }));
  test.each(rows)('$what', async ({ damage, codes }) => {
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

type BookDamage = readonly [string, (heads: Heads) => [string, ...FaultCode[]]];

const BOOK_DAMAGES: readonly BookDamage[] = [
  [
    'a register counts more than its call moved',
    (heads) => {
      rewrite(heads[paid], / g /, (text) => text.replace(/20$/, '4'));
      return [paid, 'refund_wrong'];
    },
  ],
  [
    'a register counts more than was asked',
    (heads) => {
      rewrite(heads[paid], / g /, (text) => text.replace(/^5/, '6'), 1);
      return [paid, 'entry_wrong'];
    },
  ],
  [
    'a register takes back what it never counted',
    (heads) => {
      append(heads[paid], `-6 m3x8k2ab n ${shortOf(newKey())}`);
      return [paid, 'negative'];
    },
  ],
  [
    'a register has a deposit',
    (heads) => {
      append(heads[paid], '5 m3x8k2ab d');
      return [paid, 'entry_wrong'];
    },
  ],
  [
    'an account has a reservation',
    ({ joe }) => {
      append(joe, `5 m3x8k2ab g ${shortOf(newKey())} 5 20`);
      return ['joe', 'refund_wrong', 'entry_wrong'];
    },
  ],
  [
    'a register is of no call',
    (heads) => {
      heads['~joe'] = heads[paid] ?? {};
      return ['~joe', 'bad_name'];
    },
  ],
  [
    'a refund is of more than the call moved',
    ({ joe }) => {
      rewrite(joe, / e\S* .* 20$/, (text) => text.replace(/20$/, '21'));
      return ['joe', 'refund_wrong'];
    },
  ],
  [
    'a refund is of a call that moved nothing out',
    ({ joe }) => {
      const [deposit] = joe?.['keys']?.L ?? [];
      const other = Buffer.from(deposit?.B ?? []).toString('base64url');
      for (const kind of [/ eb? /, / zb? /]) {
        rewrite(joe, kind, (text) => text.replace(shortOf(withdrawal), other));
      }
      return ['joe', 'refund_wrong'];
    },
  ],
  [
    'a refund goes to another account than the transfer came from',
    ({ joe }) => {
      rewrite(joe, / eb? .* ann 10 /, (text) => text.replace(' ann ', ' bob '));
      rewrite(joe, / zb? .* ann$/, (text) => text.replace(/ann$/, 'bob'));
      return ['joe', 'refund_wrong'];
    },
  ],
];

describe('an audit of one book finds when', () => {
  test.each(BOOK_DAMAGES)('%s', async (_, damage) => {
    const heads = structuredClone(after);
    const [account, ...codes] = damage(heads);
    const { faults } = await auditBook(bookOf(account, heads[account], []));
    expect(
      faults.map(({ code }) => code),
      JSON.stringify(faults),
    ).toEqual(codes);
  });
});

test('an audit finds a refund of a call that is on a page, unless the page is missing', async () => {
  const withdraw = { operation: 'withdraw', amountMinor: 2n, reference: undefined } as const;
  await bank.bank().execute(callOf('bob', bank.now.ms, 'deposit', 100), patient());
  const first = await ask('bob', withdraw);
  for (let times = 0; times < 24; times += 1) {
    await ask('bob', withdraw);
  }
  await ask('bob', refundOf(first));
  const { head = {}, pages } = await bank.items('bob');
  expect(pages).toHaveLength(1);
  const codes = async (some: typeof pages) =>
    (await auditBook(bookOf('bob', head, some))).faults.map(({ code }) => code);
  expect(await codes(pages)).toEqual([]);
  rewrite(head, / eb? /, (text) => text.replace(/2$/, '3'));
  expect(await codes(pages)).toEqual(['refund_wrong']);
  expect(await codes([])).toEqual(['last_page_missing']);
});

test('an audit finds a refund under way without its mark, and one with another', async () => {
  await bank.bank().execute(callOf('eve', bank.now.ms, 'deposit', 100), patient());
  const key = await ask('eve', { operation: 'withdraw', amountMinor: 9n, reference: undefined });
  const cutOff = bank.bank({ store: storeWithout(bank.store, registerOf('eve', key)) });
  await ask('eve', refundOf(key), cutOff).catch(() => {});
  const { head = {} } = await bank.items('eve');
  const codes = async (damaged: Attributes) =>
    (await auditBook(bookOf('eve', damaged, []))).faults.map(({ code }) => code);
  expect(await codes(head)).toEqual([]);
  const [name = ''] = Object.keys(head).filter((each) => each.startsWith('mark:'));
  expect(await codes({ ...head, [name]: { S: (head[name]?.S ?? '').replace(' 9 9 ', ' 8 9 ') } })).toEqual([
    'mark_wrong',
  ]);
  const { [name]: _, ...unmarked } = head;
  expect(await codes(unmarked)).toContain('mark_wrong');
});

test('the report of an audit names accounts, counts refunds, and has no money of registers', async () => {
  using program = new Recovery(bank.tables);
  const args = ['--from', prefixOf(bank.tables), '--region', 'us-east-1'];
  const { code, stdout } = await program.audit(args);
  expect(stdout).not.toContain('~');
  expect(stdout).toMatch(
    /\n\d accounts with .*: each book is right\.\n1 transfers and \d refunds, \d of them under way: each is right\.\n$/,
  );
  expect(code).toBe(0);
  await bank.put('joe', { head: before['joe'], pages: [] });
  const wrong = await program.audit(args);
  expect(wrong.stdout).toMatch(
    /refund \S+ of 10 by joe: WRONG\n {2}refund_missing: ann has the credit \S+, and joe has no refund /,
  );
  expect(wrong.code).toBe(1);
});
