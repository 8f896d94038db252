import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { TRANSFER_DUE_MS } from '../../functions/bank/limits.ts';
import type { ApiHandler } from '../../functions/http/handler.ts';
import { createHandlerLab, refusal } from '../support/handler-lab.ts';

const HOUR_MS = 3_600_000;

const labs = await createHandlerLab();

const hold = (account: string, amount: number, others: object = {}, key = labs.mint()) =>
  labs.post(`/accounts/${account}/holds`, { amount: String(amount), ...others }, key);
const end = (
  account: string,
  name: string,
  how: string,
  body: object = {},
  key = labs.mint(),
  by?: ApiHandler,
) => labs.post(`/accounts/${account}/holds/${name}/${how}`, body, key, by);
const holds = async (account: string) => (await labs.get(`/accounts/${account}/holds`)).json.holds;

/** An account with 100, of which 40 are held. */
async function withHold(others: object = {}) {
  const account = await labs.accountWith(100);
  const { key: name } = (await hold(account, 40, others)).json;
  return { account, name };
}

describe('a hold', () => {
  test('takes money out of the balance, and is listed', async () => {
    const account = await labs.accountWith(100);
    const key = labs.mint();
    const answer = await hold(account, 40, { expiresInSeconds: 3600, reference: 'room 12' }, key);
    const { at } = answer.json;
    const expiresAt = new Date(Date.parse(at) + HOUR_MS).toISOString();
    expect(answer.json).toEqual({ account, key, balance: '60', held: '40', sequence: 2, at, expiresAt });
    expect(await labs.money(account)).toEqual(['60', '40']);
    expect(await holds(account)).toEqual([
      { hold: key, amount: '40', remaining: '40', expiresAt, reference: 'room 12' },
    ]);
    expect((await labs.statement(account))[1]).toMatchObject({
      type: 'hold',
      change: '-40',
      heldChange: '40',
    });
    expect((await hold(account, 40, { expiresInSeconds: 3600, reference: 'room 12' }, key)).body).toBe(
      answer.body,
    );
    expect(await labs.move(account, 'withdrawals', 61)).toMatchObject(refusal('not_enough_money'));
  });

  test('lasts seven days unless the caller says otherwise', async () => {
    const { account, name } = await withHold();
    const [{ expiresAt }] = await holds(account);
    expect(Date.parse(expiresAt) - labs.lab.now.ms).toBe(7 * 24 * HOUR_MS);
    const again = await hold(account, 40, { expiresInSeconds: 7 * 24 * 3600 }, name);
    expect(again.headers['idempotent-replayed'], 'the default is the same call').toBe('true');
  });

  test('is refused without the money or the account, for ever', async () => {
    const account = await labs.accountWith(10);
    const key = labs.mint();
    expect(await hold(account, 11, {}, key)).toMatchObject(refusal('not_enough_money'));
    await labs.move(account, 'deposits', 5);
    expect(await hold(account, 11, {}, key)).toMatchObject(refusal('not_enough_money'));
    const nobody = `account-${randomUUID()}`;
    expect(await hold(nobody, 1)).toMatchObject(refusal('no_such_account'));
    expect(await end(nobody, key, 'voids')).toMatchObject(refusal('no_such_account'));
    expect(await labs.get(`/accounts/${nobody}/holds`)).toMatchObject(refusal('no_such_account'));
  });

  test('is the hundredth at most of those that are open', async () => {
    const account = await labs.accountWith(1000);
    const names: string[] = [];
    for (let count = 0; count < 100; count += 1) {
      names.push((await hold(account, 1)).json.key);
    }
    const key = labs.mint();
    expect(await hold(account, 1, {}, key)).toMatchObject(refusal('too_many_holds'));
    await end(account, String(names[50]), 'voids');
    expect(await hold(account, 1, {}, key)).toMatchObject(refusal('too_many_holds'));
    expect((await hold(account, 1)).status).toBe(200);
    expect(await labs.money(account)).toEqual(['900', '100']);
  });
});

describe('a capture', () => {
  test('takes all that remains when it names no amount', async () => {
    const { account, name } = await withHold();
    const answer = await end(account, name, 'captures');
    expect(answer.json).toMatchObject({ balance: '60', held: '0', hold: name, amount: '40' });
    expect((await labs.statement(account))[2]).toMatchObject({
      type: 'capture',
      amount: '40',
      change: '0',
      heldChange: '-40',
      hold: name,
    });
    expect(await holds(account)).toEqual([]);
    expect(await labs.lab.item(account)).not.toHaveProperty('dueAt');
  });

  test('of a part releases the rest, unless it is not the final one', async () => {
    const one = await withHold();
    expect((await end(one.account, one.name, 'captures', { amount: '15' })).json).toMatchObject({
      balance: '85',
      held: '0',
      amount: '15',
    });
    const two = await withHold();
    const part = { amount: '15', final: false };
    expect((await end(two.account, two.name, 'captures', part)).json).toMatchObject({
      balance: '60',
      held: '25',
      amount: '15',
    });
    expect(await holds(two.account)).toMatchObject([{ hold: two.name, amount: '40', remaining: '25' }]);
    expect(await end(two.account, two.name, 'captures', { amount: '26' })).toMatchObject(
      refusal('hold_exceeded'),
    );
    expect((await end(two.account, two.name, 'captures')).json).toMatchObject({
      balance: '60',
      amount: '25',
    });
  });

  test('of all that remains ends the hold, final or not', async () => {
    const { account, name } = await withHold();
    await end(account, name, 'captures', { amount: '40', final: false });
    expect(await end(account, name, 'voids')).toMatchObject(refusal('hold_captured'));
    expect(await labs.money(account)).toEqual(['60', '0']);
  });

  test('to another account is a transfer of what was captured', async () => {
    const { account, name } = await withHold();
    const ann = await labs.accountWith(1);
    const key = labs.mint();
    const answer = await end(account, name, `captures/${ann}`, { amount: '30' }, key);
    expect(answer.json).toMatchObject({ balance: '70', held: '30', hold: name, amount: '30', to: ann });
    expect(await labs.balances(account, ann)).toEqual(['70/0', '31/0']);
    expect((await labs.statement(account)).slice(2)).toMatchObject([
      {
        type: 'capture',
        amount: '30',
        change: '10',
        heldChange: '-10',
        hold: name,
        other: ann,
        transfer: key,
      },
      { type: 'settled', change: '0', heldChange: '-30', other: ann, transfer: key },
    ]);
    expect((await end(account, name, `captures/${ann}`, { amount: '30' }, key)).body).toBe(answer.body);
    expect((await end(account, name, `captures/${account}`)).status).toBe(400);
  });

  test('to an account that does not exist comes back into the balance', async () => {
    const { account, name } = await withHold();
    const key = labs.mint();
    const nobody = `account-${randomUUID()}`;
    const answer = await end(account, name, `captures/${nobody}`, { amount: '30', final: false }, key);
    expect(answer).toMatchObject(refusal('no_such_destination'));
    expect(await labs.money(account)).toEqual(['90', '10']);
    expect((await end(account, name, `captures/${nobody}`, { amount: '30', final: false }, key)).body).toBe(
      answer.body,
    );
  });

  test('to another account whose function died is ended by the sweep', async () => {
    const { account, name } = await withHold();
    const ann = await labs.accountWith(1);
    const key = labs.mint();
    await labs.dying({ at: 1, when: 'after' }, (by) => end(account, name, `captures/${ann}`, {}, key, by))
      .died;
    labs.lab.now.ms += TRANSFER_DUE_MS;
    expect(await labs.sweep()).toMatchObject({ transfers: 1 });
    expect(await labs.balances(ann, account)).toEqual(['41/0', '60/0']);
  });
});

describe('a hold that has ended', () => {
  test.each([
    ['captures', {}, 'hold_captured'],
    ['captures', { amount: '1' }, 'hold_captured'],
    ['voids', {}, 'hold_voided'],
  ])('by %s %o is reported for ever, also from a page', async (how, body, code) => {
    const { account, name } = await withHold();
    const key = labs.mint();
    const first = await end(account, name, how, body, key);
    expect(first.status).toBe(200);
    const refused = labs.mint();
    expect((await end(account, name, 'captures', {}, refused)).json).toMatchObject({ code });
    await labs.turnPages(account);
    expect((await end(account, name, how, body, key)).body, 'its own retry is answered').toBe(first.body);
    expect((await end(account, name, 'voids')).json).toMatchObject({ code });
    expect((await end(account, name, 'captures', {}, refused)).json).toMatchObject({ code });
  });

  test('never was one when another call has its key, or nothing has', async () => {
    const account = await labs.accountWith(100);
    const deposit = (await labs.statement(account))[0].key;
    for (const name of [deposit, labs.mint()]) {
      expect(await end(account, name, 'captures')).toMatchObject(refusal('no_such_hold'));
    }
    await labs.turnPages(account);
    expect(await end(account, deposit, 'voids')).toMatchObject(refusal('no_such_hold'));
    expect(await end(account, 'x', 'voids')).toMatchObject({ status: 400 });
  });
});

describe('a hold that has expired', () => {
  async function expired() {
    const { account, name } = await withHold({ expiresInSeconds: 60 });
    labs.lab.now.ms += 60_000;
    return { account, name };
  }

  test('counts as available at once, and the write that needs the money releases it', async () => {
    const { account, name } = await expired();
    expect(await labs.money(account)).toEqual(['100', '0']);
    expect(await holds(account)).toEqual([]);
    expect((await labs.move(account, 'withdrawals', 30)).json, 'the stored balance is enough').toMatchObject({
      balance: '30',
    });
    expect((await labs.move(account, 'withdrawals', 70)).json).toMatchObject({ balance: '0' });
    expect((await labs.statement(account)).slice(2)).toMatchObject([
      { type: 'withdrawal', change: '-30' },
      { type: 'expired', change: '40', heldChange: '-40', hold: name },
      { type: 'withdrawal', change: '-70', balance: '0' },
    ]);
  });

  test('cannot be captured or voided any more', async () => {
    const { account, name } = await expired();
    const key = labs.mint();
    expect(await end(account, name, 'captures', {}, key)).toMatchObject(refusal('hold_expired'));
    expect(await end(account, name, 'voids')).toMatchObject(refusal('hold_expired'));
    expect(await end(account, name, 'captures', {}, key)).toMatchObject(refusal('hold_expired'));
    expect(await labs.money(account)).toEqual(['100', '0']);
  });

  test('is written by the sweep, which looks again when the next one is due', async () => {
    const { account, name } = await withHold({ expiresInSeconds: 60 });
    await hold(account, 5, { expiresInSeconds: 600 });
    labs.lab.now.ms += 59_000;
    expect(await labs.sweep()).toMatchObject({ expired: 0 });
    labs.lab.now.ms += 1_000;
    expect(await labs.sweep()).toMatchObject({ expired: 1, failed: 0 });
    expect((await labs.statement(account)).at(-1)).toMatchObject({ type: 'expired', hold: name });
    expect(await labs.money(account)).toEqual(['95', '5']);
    labs.lab.now.ms += 540_000;
    expect(await labs.sweep()).toMatchObject({ expired: 1 });
    expect(await labs.lab.item(account)).not.toHaveProperty('dueShard');
  });

  test('is found in time when it was made after one that lasts longer', async () => {
    const account = await labs.accountWith(100);
    await hold(account, 5, { expiresInSeconds: 6000 });
    await hold(account, 5, { expiresInSeconds: 60 });
    labs.lab.now.ms += 60_000;
    expect(await labs.sweep()).toMatchObject({ expired: 1 });
    expect(await labs.money(account)).toEqual(['95', '5']);
  });
});
