import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createBank } from '../../functions/core/bank.ts';
import { ARCHIVE_AGE_MS, MAX_REMEMBERED_REPLIES } from '../../functions/core/limits.ts';
import type { Store } from '../../functions/core/store.ts';
import { ATTRIBUTES } from '../../functions/store/item.ts';
import { createLab, type Lab, patient } from '../support/dynamodb-lab.ts';
import { keyAt, newKey } from '../support/keys.ts';

let lab: Lab;
/** A store whose writes never bring the whole account back. */
let incurious: Store;

beforeAll(async () => {
  lab = await createLab();
  incurious = lab.storeAt({ inspects: () => false });
});

/** An account that remembers deposits of 1, made this long ago. */
async function remembering(count: number, agoMs: number): Promise<string> {
  const account = `account-${randomUUID()}`;
  const replies = Array.from({ length: count }, (_, index) => {
    const key = keyAt(lab.now.ms - agoMs + index);
    return [
      [ATTRIBUTES.call(key), 'deposit 1'],
      [ATTRIBUTES.reply(key), BigInt(index + 1)],
    ] as const;
  });
  await lab.putItem({ account, balance: BigInt(count), ...Object.fromEntries(replies.flat()) });
  return account;
}

const bankOn = (store: Store) => createBank(store, () => lab.now.ms);
const deposit = (store: Store, account: string) =>
  bankOn(store).move({ account, key: newKey(), move: 'deposit', amountMinor: 1n }, [], patient());

describe('a write that does not bring the whole account back', () => {
  it('brings back what it has recorded, of however many replies the account remembers', async () => {
    const account = await remembering(40, 1000);
    const call = { account, key: newKey(), move: 'deposit', amountMinor: 2n } as const;
    const change = { kind: 'execute', call, acknowledge: [], liftFullMark: false } as const;
    expect(await incurious.write(change, patient())).toEqual({
      written: true,
      recorded: {
        kind: 'call',
        move: 'deposit',
        amountMinor: 2n,
        reply: { kind: 'executed', balanceMinor: 42n },
      },
      account: undefined,
      mayStillBeWritten: false,
    });
  });

  it.each([
    ['a refusal', 'withdraw', 99n, { kind: 'refused', code: 'not_enough_money' }],
    ['a withdrawal', 'withdraw', 2n, { kind: 'executed', balanceMinor: 1n }],
  ] as const)('brings back %s', async (_what, move, amountMinor, reply) => {
    const account = await remembering(3, 1000);
    const call = { account, key: newKey(), move, amountMinor };
    const { answer } = await bankOn(incurious).move(call, [], patient());
    expect(answer).toMatchObject({ replayed: false, recorded: { move, amountMinor, reply } });
  });

  it('brings back a cancellation of an account that nobody has deposited to', async () => {
    const subject = { account: `account-${randomUUID()}`, key: newKey() };
    const { answer } = await bankOn(incurious).cancel(subject, patient());
    expect(answer).toEqual({ kind: 'replied', replayed: false, recorded: { kind: 'cancelled' } });
  });

  it('leaves the housekeeping to one that does', async () => {
    const account = await remembering(30, ARCHIVE_AGE_MS + 1000);
    lab.requests.length = 0;
    expect(await deposit(incurious, account)).toMatchObject({ archived: 0, failure: undefined });
    expect(lab.requests).toEqual(['UpdateItemCommand']);
    expect(await deposit(lab.store, account)).toMatchObject({ archived: 25 });
  });

  it('does not keep a full account from being marked by one that does', async () => {
    const account = await remembering(MAX_REMEMBERED_REPLIES + 5, 1000);
    await deposit(incurious, account);
    expect((await lab.item(account))?.[ATTRIBUTES.full]).toBeUndefined();
    await deposit(lab.store, account);
    expect((await lab.item(account))?.[ATTRIBUTES.full]).toBe(true);
    const { answer } = await deposit(incurious, account);
    expect(answer).toEqual({ kind: 'turned_away', code: 'too_many_unacknowledged' });
  });
});
