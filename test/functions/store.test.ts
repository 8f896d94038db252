import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { type CashMove, MAX_AMOUNT_MINOR } from '../../client/contract/schemas.ts';
import { decide } from '../../functions/bank/decide.ts';
import { KEPT_ENTRIES } from '../../functions/bank/limits.ts';
import { createLab, patient } from '../support/dynamodb-lab.ts';
import { keyAt, newKey } from '../support/keys.ts';
import { callOf, outcomeOf, plainBank } from '../support/plain-bank.ts';

const lab = await createLab();
const bank = plainBank(lab.store, () => lab.now.ms);

const freshAccount = () => `account-${randomUUID()}`;

let account: string;
beforeEach(() => {
  account = freshAccount();
});

const move = (
  kind: CashMove,
  amountMinor: bigint,
  key = newKey(),
  others: Parameters<typeof callOf>[3] = {},
) => bank.execute(callOf({ account, key }, kind, amountMinor, others), patient());

describe('deposits and withdrawals', () => {
  test('opens an account with the first deposit and adds the next', async () => {
    expect(outcomeOf(await move('deposit', 10n))).toBe(10n);
    expect(outcomeOf(await move('deposit', 15n))).toBe(25n);
    expect(await bank.balance(account, patient())).toBe(25n);
  });

  test('opens no account with a deposit that says that it must exist, and refuses it for ever', async () => {
    const key = newKey();
    const careful = () => move('deposit', 10n, key, { mustExist: true });
    expect(outcomeOf(await careful())).toBe('no_such_account');
    expect(await bank.balance(account, patient())).toBeUndefined();
    await move('deposit', 1n);
    expect(outcomeOf(await careful())).toBe('no_such_account');
    expect(outcomeOf(await move('deposit', 10n, newKey(), { mustExist: true }))).toBe(11n);
  });

  test('pays out what is there, down to nothing, and the account stays open', async () => {
    await move('deposit', 10n);
    expect(outcomeOf(await move('withdraw', 10n))).toBe(0n);
    expect(await bank.balance(account, patient())).toBe(0n);
    expect(outcomeOf(await move('withdraw', 1n))).toBe('not_enough_money');
  });

  test('has no balance for an account without a deposit, even when a refusal is recorded on it', async () => {
    expect(outcomeOf(await move('withdraw', 1n))).toBe('no_such_account');
    expect(await bank.balance(account, patient())).toBeUndefined();
    expect(outcomeOf(await move('deposit', 3n))).toBe(3n);
  });

  test('keeps a balance of 15 digits exact and refuses one unit more', async () => {
    expect(outcomeOf(await move('deposit', MAX_AMOUNT_MINOR - 1n))).toBe(MAX_AMOUNT_MINOR - 1n);
    expect(outcomeOf(await move('deposit', 2n))).toBe('balance_too_large');
    expect(outcomeOf(await move('deposit', 1n))).toBe(MAX_AMOUNT_MINOR);
    expect(await bank.balance(account, patient())).toBe(MAX_AMOUNT_MINOR);
  });
});

describe('retries', () => {
  test('answers a retry of a deposit from the record, also after the balance has moved on', async () => {
    const key = newKey();
    const first = await move('deposit', 10n, key);
    await move('deposit', 5n);
    expect(await move('deposit', 10n, key)).toEqual({ ...first, replayed: true });
    expect(await bank.balance(account, patient())).toBe(15n);
  });

  test('answers a retry of a withdrawal from the record when the money for another one is no longer there', async () => {
    const key = newKey();
    await move('deposit', 10n);
    expect(outcomeOf(await move('withdraw', 10n, key))).toBe(0n);
    expect(outcomeOf(await move('withdraw', 10n, key))).toBe(0n);
  });

  test.each([
    ['no_such_account', 'withdraw', 100n, 0n, 'deposit', 1000n],
    ['not_enough_money', 'withdraw', 100n, 1n, 'deposit', 1000n],
    ['balance_too_large', 'deposit', 1n, MAX_AMOUNT_MINOR, 'withdraw', MAX_AMOUNT_MINOR],
  ] as const)(
    'answers each retry of a call that was refused with %s in the same way, although a new call would be executed',
    async (code, kind, amountMinor, before, change, later) => {
      const key = newKey();
      if (before > 0n) {
        await move('deposit', before);
      }
      expect(outcomeOf(await move(kind, amountMinor, key))).toBe(code);
      const changed = outcomeOf(await move(change, later));
      expect(outcomeOf(await move(kind, amountMinor, key))).toBe(code);
      expect(await bank.balance(account, patient())).toBe(changed);
      expect(outcomeOf(await move(kind, amountMinor))).toBeTypeOf('bigint');
    },
  );

  test('takes a refusal for a retry only of the same call', async () => {
    const key = newKey();
    await move('withdraw', 10n, key, { reference: 'rent' });
    expect(outcomeOf(await move('withdraw', 10n, key))).toBe('key_reused');
    expect(outcomeOf(await move('withdraw', 10n, key, { reference: 'rent' }))).toBe('no_such_account');
  });

  test('keeps keys apart by account: the same key on another account is another call', async () => {
    const key = newKey();
    expect(outcomeOf(await move('deposit', 10n, key))).toBe(10n);
    account = freshAccount();
    expect(outcomeOf(await move('deposit', 7n, key))).toBe(7n);
  });
});

describe('a refusal', () => {
  /** The refusal of a call by a function that has seen another balance than there is. */
  const refuse = async (operation: CashMove, amountMinor: bigint, seen: bigint | undefined, item: object) => {
    await lab.putItem({ account, ...item });
    const head = await lab.store.readHead(account, patient());
    const step = decide(
      callOf({ account, key: newKey() }, operation, amountMinor),
      { ...head, balanceMinor: seen },
      {
        age: 'usable',
        nowMs: lab.now.ms,
        guard: { kind: 'above_watermark' },
        ending: undefined,
        refundedCall: undefined,
      },
    );
    if (step.kind !== 'append') {
      throw new Error(`not an append, but ${step.kind}`);
    }
    expect(step.append.entries[0].body.kind).toBe('refused');
    const { written } = await lab.store.append(step.append, patient());
    expect(await lab.item(account)).toEqual({ account, ...item });
    return written;
  };

  test('is not recorded when it has become untrue since: the call then gets another chance', async () => {
    expect(await refuse('withdraw', 5n, 4n, { balance: 10n })).toBe(false);
    expect(await refuse('withdraw', 5n, undefined, { balance: 10n })).toBe(false);
    expect(await refuse('deposit', 5n, MAX_AMOUNT_MINOR, { balance: 10n })).toBe(false);
  });
});

describe('the page of an old call', () => {
  /** Puts the pages of a book, the last one first, and returns their starts. */
  async function putPages(account: string, watermarks: readonly string[]): Promise<readonly number[]> {
    const pages = watermarks.map((watermark, index) => ({
      start: index * KEPT_ENTRIES,
      openingMinor: 0n,
      openingHeldMinor: 0n,
      entries: [],
      watermark,
    }));
    for (const page of pages.toReversed()) {
      await lab.store.putPage(account, page, patient());
    }
    return pages.map(({ start }) => start);
  }

  const find = (account: string, key: string) => lab.store.findPage({ account, key }, patient());

  test('is the first one whose watermark is not below the key, in the book of its account', async () => {
    const [old, one, between, other, late] = [1, 2, 3, 4, 5].map((hour) => keyAt(hour * 3_600_000)) as [
      string,
      string,
      string,
      string,
      string,
    ];
    await putPages(freshAccount(), [old, between, late]);
    const [first, second] = await putPages(account, [one, other]);
    expect(await find(account, old)).toBe(first);
    expect(await find(account, one)).toBe(first);
    expect(await find(account, between)).toBe(second);
    expect(await find(account, other)).toBe(second);
    expect(await find(account, late)).toBeUndefined();
    expect(await find(freshAccount(), old)).toBeUndefined();
  });

  test('is the first one of those that share a watermark, which a key of a clock that is ahead gives them', async () => {
    const [before, ahead, after] = [1, 2, 3].map((hour) => keyAt(hour * 3_600_000)) as [
      string,
      string,
      string,
    ];
    const starts = await putPages(account, [before, ...Array.from({ length: 20 }, () => ahead), after]);
    expect(await find(account, ahead)).toBe(starts[1]);
    expect(await find(account, after)).toBe(starts.at(-1));
  });
});

test('what is due is listed in parts, in the order of its time, from either end', async () => {
  const swept = lab.storeAt({ role: 'sweep' });
  const due = Array.from({ length: 120 }, (_, index) => ({
    account: `${account}-${index}`,
    dueAtMs: 100 + index,
  }));
  for (const { account, dueAtMs } of due) {
    await lab.putItem({ account, dueShard: 3, dueAt: dueAtMs });
  }
  await lab.putItem({ account: `${account}-later`, dueShard: 3, dueAt: 220 });
  await lab.putItem({ account: `${account}-elsewhere`, dueShard: 4, dueAt: 100 });
  for (const latestFirst of [false, true]) {
    const which = { shard: 3, atMs: 219, latestFirst };
    const first = await swept.listDue({ ...which, after: undefined }, patient());
    const second = await swept.listDue({ ...which, after: first.next }, patient());
    expect(second.next).toBeUndefined();
    expect([...first.accounts, ...second.accounts]).toEqual(latestFirst ? due.toReversed() : due);
  }
});
